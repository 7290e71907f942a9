"""Apple's .strings (a key and a text a line) and .stringsdict (a property list of plural forms)."""

import plistlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

from interlingua.documents import Passage, Reader
from interlingua.documents._text import paired
from interlingua.errors import DataError
from interlingua.files import bare_suffix, whole_text

TOKEN = re.compile(
    r"""(?P<space>[\s\ufeff]+|/\*.*?\*/|//[^\n]*)|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[\w.$/:-]+)|(?P<mark>[=;{}])""",
    re.DOTALL,
)
ESCAPE = re.compile(r"\\(?:[Uu]([0-9a-fA-F]{4})|([0-7]{1,3})|(.))", re.DOTALL)
CONTROLS = {"n": "\n", "t": "\t", "r": "\r"}
VARIABLE = re.compile(r"%(?:\d+\$)?#@[^@]*@")
"""In the text around plural forms: where one of them stands."""
ENTRY = """an entry "key" = "text";"""


def passages(path: Path) -> Iterator[Passage]:
    """Every text by its key; plural forms by key, variable and form, as in files.count.one, and texts for a width
    likewise; a text around them by its key. UTF-8 or UTF-16. Raises DataError, with the line, for what is
    none of these files.
    """
    text = whole_text(path)
    if text.lstrip().startswith(("<?xml", "<!DOCTYPE plist", "<plist")):
        yield from _listed(text, path)
    elif bare_suffix(path) == ".stringsdict":
        raise DataError("no XML property list, which a .stringsdict is", path)
    else:
        yield from _lines(text, path)


def _lines(text: str, path: Path) -> Iterator[Passage]:
    waiting: list[str] = []
    place, line, begun = 0, 1, 1
    while place < len(text):
        found = TOKEN.match(text, place)
        if found is None:
            raise DataError(f"{ENTRY} is expected, not {text[place : place + 20]!r}", path, line)
        if found["space"] is None:
            begun = begun if waiting else line
            waiting.append(found["mark"] or "".join(("'", _plain(found["quoted"] or found["bare"] or ""))))
            if found["mark"] == ";":
                yield from _entry(waiting, path, begun)
                waiting = []
        line, place = line + found[0].count("\n"), found.end()
    if waiting:
        raise DataError("the entry that begins here has no ';' at its end", path, begun)


def _entry(tokens: list[str], path: Path, line: int) -> Iterator[Passage]:
    """An entry of texts (behind a quote) and marks; a key alone is its own text."""
    if len(tokens) == 4 and tokens[1] == "=" and tokens[0][0] == tokens[2][0] == "'":
        key, text = tokens[0][1:], tokens[2][1:]
    elif len(tokens) == 2 and tokens[0][0] == "'":
        key = text = tokens[0][1:]
    else:
        raise DataError(f"{ENTRY} is expected", path, line)
    if text.strip():
        yield Passage(text, f"line {line:,}", key or f"line {line}")


def _plain(text: str) -> str:
    def read(found: re.Match[str]) -> str:
        code, octal, other = found.groups()
        return chr(int(code, 16)) if code else chr(int(octal, 8)) if octal else CONTROLS.get(other, other)

    return paired(ESCAPE.sub(read, text))


def _listed(text: str, path: Path) -> Iterator[Passage]:
    try:
        content: Any = plistlib.loads(text.encode(), fmt=plistlib.FMT_XML)
    except (ExpatError, ValueError, TypeError, LookupError, AttributeError, RecursionError, OverflowError) as error:
        line = getattr(error, "lineno", None)
        raise DataError(f"not a property list of texts ({error})", path, line) from error
    if not isinstance(content, dict):
        raise DataError("not a property list of texts: a <dict> is expected", path)
    for key, value in content.items():
        if isinstance(value, str):
            yield from _named(value, key)
        elif isinstance(value, dict):
            frame = value.get("NSStringLocalizedFormatKey")
            if isinstance(frame, str) and any(map(str.isalpha, VARIABLE.sub("", frame))):
                yield from _named(frame, key)
            for name, rule in value.items():
                forms: dict[str, Any] = rule if isinstance(rule, dict) else {}
                for form, one in forms.items():
                    if not form.startswith("NSString"):  # what kind of rule it is
                        yield from _named(one, f"{key}.{name}.{form}")


def _named(text: Any, key: str) -> Iterator[Passage]:
    if isinstance(text, str) and text.strip():
        yield Passage(text, key, key)


READER = Reader(suffixes=(".strings", ".stringsdict"), passages=passages)
