"""Units as TS."""

from collections.abc import Iterator
from pathlib import Path

from interlingua.errors import ConfigError
from interlingua.formats.gettext.writing import DEVELOPERS
from interlingua.formats.ts.vocabulary import (
    BETWEEN,
    COMMENT,
    EXTRA,
    EXTRAS,
    IDENTITY,
    LENGTHS,
    NAME,
    PLACE,
    PLURAL_SOURCE,
    PREVIOUS_CONTEXT,
    TEXTS,
    parted,
)
from interlingua.languages import UNKNOWN, is_language
from interlingua.outputs import create_text
from interlingua.units.catalogue import (
    CONTEXT,
    EXTRACTED,
    FUZZY,
    PLURAL,
    REFERENCES,
    flags_of,
    is_fuzzy,
    is_obsolete,
    is_plural,
)
from interlingua.units.markup import NO_XML, attributes, escape
from interlingua.units.states import State, state_of
from interlingua.units.unit import ALL, NOTE, TARGET, Memory, Remark, Unit, Variant, sides, value_of

__all__ = ["DEVELOPERS", "write_memory"]


def write_memory(path: Path, memory: Memory) -> None:
    """Write a bilingual memory as TS 2.1, streaming, whole or not at all; "-" prints it, .gz and .zst are compressed.

    Messages of one context that follow each other stand in one element. Raises ConfigError for what is no language,
    DataError where it cannot be written.
    """
    source = memory.about.attributes.get("srclang", "")
    first = next((sides(unit, source) for unit in memory if len(unit.variants) > 1), ([], []))
    source = source if source != ALL else next((one.language for one in first[0]), "")
    target = value_of(memory.about.remarks, TARGET) or next((one.language for one in first[1]), "")
    named = {"language": target, "sourcelanguage": source}
    for language in named.values():
        if language and not is_language(language):
            raise ConfigError(f"{path}: {language!r} is no language; choose with --source- and --target-language")
    known = {name: code.replace("-", "_") for name, code in named.items() if code not in ("", UNKNOWN)}
    with create_text(path) as stream:
        stream.write('<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n')
        stream.write(f"<TS{attributes({'version': '2.1'} | known)}>\n")
        open_context: str | None = None
        for unit in memory:
            name, comment = _context(unit)
            if name != open_context:
                stream.write("</context>\n" if open_context is not None else "")
                stream.write(f"<context>\n    <name>{_content(name)}</name>\n")
                open_context = name
            stream.write(_message(unit, source, name, comment))
        stream.write("</context>\n</TS>\n" if open_context is not None else "</TS>\n")


def _context(unit: Unit) -> tuple[str, str]:
    """The context and the comment of a message."""
    whole = value_of(unit.remarks, CONTEXT)
    comment = value_of(unit.remarks, COMMENT, "\0")
    if comment == "":
        return whole, ""
    return (whole.removesuffix(f"|{comment}"), comment) if whole.endswith(f"|{comment}") else parted(whole)


def _message(unit: Unit, source_language: str, context: str, comment: str) -> str:
    source, target = sides(unit, source_language)
    plural = next((one.text for one in source if value_of(one.remarks, PLURAL) == "id"), None)
    text = source[0].text if source else ""
    named = {"id": value_of(unit.remarks, IDENTITY)} if value_of(unit.remarks, IDENTITY) else {}
    lines = [f"        {line}\n" for line in _locations(unit)]
    lines += _element("source", text, needed=True)
    everything = [*unit.remarks, *(remark for one in (*source, *target) for remark in one.remarks)]
    notes = [remark for remark in everything if remark.kind == NOTE]
    spoken = [note for note in notes if note.attributes.get("from", note.attributes.get("category")) in DEVELOPERS]
    known = {tag: value_of(unit.remarks, name) for tag, name in TEXTS.items()}
    extracted = [r.text for r in unit.remarks if r.name == EXTRACTED] + [note.text for note in spoken]
    previous_context = value_of(unit.remarks, PREVIOUS_CONTEXT)
    previous, old = parted(previous_context)
    lines += _element("oldsource", known["oldsource"])
    lines += _element("comment", comment)
    lines += _element("oldcomment", old if previous == context else "")
    lines += _element("extracomment", "\n".join(extracted))
    lines += _element("translatorcomment", "\n".join(note.text for note in notes if note not in spoken))
    lines.append(f"        {_translation(unit, target)}\n")
    lines += _element("userdata", known["userdata"])
    lines += _element(PLURAL_SOURCE, plural if plural is not None and plural != text else "")
    lines += _extras(unit.remarks, previous_context if previous != context or not old else "")
    numerus = {"numerus": "yes"} if is_plural(unit) else {}
    return f"    <message{attributes(named | numerus)}>\n{''.join(lines)}    </message>\n"


def _locations(unit: Unit) -> Iterator[str]:
    for place in (place for r in unit.remarks if r.name == REFERENCES for place in r.text.split("\n")):
        found = PLACE.fullmatch(place)
        named = {"filename": place} if found is None else {"filename": found[1], "line": str(int(found[2]))}
        yield f"<location{attributes(named)}/>"


def _element(name: str, text: str, needed: bool = False) -> list[str]:
    return [f"        <{name}>{_content(text)}</{name}>\n"] if text or needed else []


def _content(text: str) -> str:
    """A text; characters that XML cannot hold are numbers, as Qt writes them, and half characters U+FFFD."""
    place, written = 0, list[str]()
    for found in NO_XML.finditer(text):
        number = ord(found[0])
        is_one = number and not 0xD800 <= number < 0xE000
        written += [escape(text[place : found.start()]), f'<byte value="x{number:x}"/>' if is_one else "\ufffd"]
        place = found.end()
    return "".join([*written, escape(text[place:])])


def _translation(unit: Unit, target: list[Variant]) -> str:
    forms = {value_of(one.remarks, PLURAL): one for one in target} if is_plural(unit) else {}
    numbers = [int(form) for form in forms if form.isascii() and form.isdigit() and len(form) < 3]
    written = [forms.get(str(number), Variant(UNKNOWN, "")) for number in range(max(numbers, default=-1) + 1)]
    said = any(one.text for one in written) if is_plural(unit) else bool(target)
    state = state_of(unit)
    unfinished = is_fuzzy(unit) or not said or (state is not None and state < State.translated)
    kind = ("obsolete" if unfinished else "vanished") if is_obsolete(unit) else "unfinished" if unfinished else ""
    named = {"type": kind} if kind else {}
    if is_plural(unit):
        inside = "".join(f"\n            {_lengths('numerusform', {}, one)}" for one in written)
        return f"<translation{attributes(named)}>{inside}\n        </translation>"
    return _lengths("translation", named, target[0] if target else Variant(UNKNOWN, ""))


def _lengths(tag: str, named: dict[str, str], variant: Variant) -> str:
    """A text, with shorter variants where it has some."""
    shorter = value_of(variant.remarks, LENGTHS, "\0")
    if shorter == "\0":
        return f"<{tag}{attributes(named)}>{_content(variant.text)}</{tag}>"
    texts = [variant.text, *shorter.split(BETWEEN)]
    inside = "".join(f"<lengthvariant>{_content(text)}</lengthvariant>" for text in texts)
    return f"<{tag}{attributes(named | {'variants': 'yes'})}>{inside}</{tag}>"


def _extras(remarks: tuple[Remark, ...], previous_context: str) -> list[str]:
    flags = ", ".join(flag for flag in flags_of(Unit((), remarks=remarks)) if flag != FUZZY)
    found = {tag: value_of(remarks, name) for tag, name in EXTRAS.items()}
    found |= {"extra-po-flags": flags, "extra-po-previous_context": previous_context}
    for remark in remarks:
        name = "extra-" + remark.name.removeprefix(EXTRA)
        if remark.name.startswith(EXTRA) and NAME.fullmatch(name):
            found.setdefault(name, remark.text)
    return [line for name, text in found.items() for line in _element(name, text)]
