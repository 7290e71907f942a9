"""ICU messages (`{n, plural, one {# file} other {# files}}`): what of them must be the same in each language."""

import re
from collections.abc import Iterator

from interlingua.units.placeholders import spans

BEGINNING = re.compile(r"\{\s*([\w.\-]+)\s*,\s*(plural|select|selectordinal)\s*,\s*(?:offset:\s*\d+\s*)?")
FORM = re.compile(r"\s*(=?[\w\-]+)\s*(?=\{)")


def parts_of(message: str) -> list[str]:
    """Its argument and kind, `other` of the forms, with `select` each of them, and the placeholders in its forms, each
    once: languages differ in how many forms there are. Empty for what is no such message.
    """
    begin = BEGINNING.match(message)
    if begin is None:
        return []
    found = dict.fromkeys([f"{begin[1]}, {begin[2]}"])
    for name, text in _forms(message, begin.end()):
        if name == "other" or begin[2] == "select":
            found[f"{name} {{}}"] = None
        for first, last in spans(text):
            inner = text[first:last]
            found |= dict.fromkeys(parts_of(inner) or [inner])
    return list(found)


def _forms(message: str, at: int) -> Iterator[tuple[str, str]]:
    """The forms by their names, as far as they are well formed."""
    while named := FORM.match(message, at):
        begin = at = named.end()
        depth = 0
        for brace in re.finditer("[{}]", message[begin:]):
            depth += 1 if brace[0] == "{" else -1
            if not depth:
                at = begin + brace.end()
                break
        else:
            return
        yield named[1], message[begin + 1 : at - 1]
