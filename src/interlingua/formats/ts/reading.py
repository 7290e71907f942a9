"""TS as units."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from xml.etree.ElementTree import Element

from interlingua.errors import DataError
from interlingua.formats.ts.vocabulary import (
    BETWEEN,
    COMMENT,
    EXTRA,
    EXTRAS,
    IDENTITY,
    LENGTHS,
    PLURAL_SOURCE,
    PREVIOUS_CONTEXT,
    TEXTS,
    joined,
    parted,
)
from interlingua.languages import UNKNOWN, is_language, spelled
from interlingua.types import Row
from interlingua.units.catalogue import CONTEXT, FLAGS, FUZZY, OBSOLETE, PLURAL, REFERENCES, is_fuzzy, is_obsolete
from interlingua.units.markup import Part, all_text, name_of, parts, serialise
from interlingua.units.unit import NOTE, OTHER, TARGET, About, Memory, Remark, Unit, Variant, prop, value_of

DIALECT = "ts"
GONE = ("vanished", "obsolete")
"""Types of translations of what the program no longer has: finished ones, and others."""
LINE = re.compile(r"([+-]?)(\d{1,9})", re.ASCII)
MOST_FILES = 100_000
NO_LANGUAGE = ("", "C", "POSIX")


def read(path: Path) -> Iterator[Row]:
    """Rows of source, target and the languages that the file names: the finished translations, plural forms as rows of
    their own. Raises DataError, with the line.
    """
    named = zip(("source_language", "target_language"), _languages(path), strict=True)
    languages = {name: language for name, language in named if language}
    for unit in memory(path):
        source, plural, target = [v for v in unit.variants if not _form(v)], _of(unit, "id"), unit.variants[1:]
        forms = [variant for variant in target if _form(variant) not in ("", "id")]
        pairs = [(source[0], variant) for variant in target if not _form(variant)]
        if plural is not None and forms:
            pairs = [(source[0], forms[0]), *((plural, forms[-1]) for _ in forms[1:2])]
        for one, other in pairs if not (is_fuzzy(unit) or is_obsolete(unit)) else ():
            if one.text and other.text:
                yield Row({"source": one.text, "target": other.text, **languages}, unit.line)


def _form(variant: Variant) -> str:
    return value_of(variant.remarks, PLURAL)


def _of(unit: Unit, form: str) -> Variant | None:
    return next((variant for variant in unit.variants if _form(variant) == form), None)


def memory(path: Path, source_language: str = "", target_language: str = "") -> Memory:
    """All messages, those without a translation, unfinished and obsolete ones among them, with what translators see, in
    the words of catalogues; "en" is the source language where nothing names one. Raises DataError, with the line.
    """
    source, target = _languages(path)
    source, target = source or source_language or "en", target or target_language or UNKNOWN
    remarks = [prop(TARGET, target)] if target != UNKNOWN else []
    around = (name for part in _header(path) if (name := part.opened) not in ("", "TS", "context"))
    remarks += [Remark(OTHER, f"<{name}/>", {"dialect": DIALECT}) for name in around]  # it tells that there is more
    return Memory(About({"srclang": source}, tuple(remarks)), partial(_units, path, source, target))


def _parts(path: Path) -> Iterator[Part]:
    return parts(path, "TS", frozenset({"message", "name"}))


def _header(path: Path) -> Iterator[Part]:
    """What stands before the first message."""
    for part in _parts(path):
        if part.element is not None:
            return
        yield part


def _languages(path: Path) -> tuple[str, str]:
    """Those that the file names, or "". Raises DataError for what is no language."""
    part = next((part for part in _header(path) if part.opened == "TS"), Part(1))
    found = list[str]()
    for name in ("sourcelanguage", "language"):
        code = part.attributes.get(name, "").strip().partition("@")[0]
        language = "" if code in NO_LANGUAGE else spelled(code)
        if language and not is_language(language):
            raise DataError(f"{name}={code!r} is no language; write it as in de or pt_BR", path, part.line)
        found.append(language)
    return found[0], found[1]


def _units(path: Path, source: str, target: str) -> Iterator[Unit]:
    contexts, places = list[str](), _Places(path)
    for part in _parts(path):
        if part.opened == "context":
            contexts.append("")
        elif part.closed == "context":
            contexts.pop()
        elif part.element is not None and name_of(part.element) == "name":
            contexts[-1:] = [_text(part.element)] * len(contexts[-1:])
        elif part.element is not None:
            message = part.element
            variants = tuple(_variants(message, source, target, path, part.line))
            context = contexts[-1] if contexts else ""
            remarks = [*_context(message, context), *_state(message, variants), *places.of(message, part.line)]
            remarks += _others(message, context)
            yield Unit(variants, remarks=tuple(remarks), line=part.line)


def _text(element: Element | None) -> str:
    """The text of an element, with the characters that stand in it as their numbers."""
    if element is None:
        return ""
    for one in element.iter():
        if name_of(one) == "byte":
            value = one.get("value", "")
            number = int(value[1:], 16) if re.fullmatch("x[0-9a-fA-F]{1,6}", value) else 0
            number = int(value) if re.fullmatch("[0-9]{1,7}", value) else number
            one.text = chr(number) if 0 < number < 0xD800 or 0xDFFF < number < 0x110000 else "\ufffd"
    return all_text(element)


def _child(message: Element, name: str) -> Element | None:
    return next((child for child in message if name_of(child) == name), None)


def _variants(message: Element, source: str, target: str, path: Path, line: int) -> Iterator[Variant]:
    text, translation = _text(_child(message, "source")), _child(message, "translation")
    yield Variant(source, text)
    if message.get("numerus") != "yes":
        if translation is not None and (_text(translation) or "type" not in translation.attrib):
            yield _variant(translation, target)
        return
    plural = _child(message, PLURAL_SOURCE)
    yield Variant(source, text if plural is None else _text(plural), remarks=(prop(PLURAL, "id"),))
    forms = [] if translation is None else [one for one in translation if name_of(one) == "numerusform"]
    if translation is not None and not forms and _text(translation).strip():
        forms = [translation]
    for number, form in enumerate(forms):
        yield _variant(form, target, prop(PLURAL, str(number)))


def _variant(element: Element, language: str, *remarks: Remark) -> Variant:
    lengths = [_text(one) for one in element if name_of(one) == "lengthvariant"]
    if element.get("variants") != "yes" or not lengths:
        return Variant(language, _text(element), remarks=remarks)
    shorter = [prop(LENGTHS, BETWEEN.join(lengths[1:]))] if lengths[1:] else []
    return Variant(language, lengths[0], remarks=(*remarks, *shorter))


def _context(message: Element, name: str) -> Iterator[Remark]:
    comment = _text(_child(message, "comment"))
    if context := joined(name, comment):
        yield prop(CONTEXT, context)
    if parted(context) != (name, comment):
        yield prop(COMMENT, comment)


def _state(message: Element, variants: tuple[Variant, ...]) -> Iterator[Remark]:
    translation = _child(message, "translation")
    kind = "" if translation is None else translation.get("type", "")
    flags = _text(_child(message, "extra-po-flags"))
    said = any(variant.text for variant in variants if _form(variant) != "id" and variant is not variants[0])
    if kind in ("unfinished", "obsolete") and said:
        flags = f"{FUZZY}, {flags}" if flags else FUZZY
    if flags:
        yield prop(FLAGS, flags)
    if kind in GONE:
        yield prop(OBSOLETE, "yes")


def _others(message: Element, context: str) -> Iterator[Remark]:
    if "id" in message.attrib:
        yield prop(IDENTITY, message.get("id", ""))
    known = (*TEXTS, "translatorcomment", "oldcomment")
    for child in message:
        name = name_of(child)
        if name in known and not _text(child):
            continue
        if name in TEXTS:
            yield prop(TEXTS[name], _text(child))
        elif name == "translatorcomment":
            yield Remark(NOTE, _text(child), {})
        elif name == "oldcomment":
            yield prop(PREVIOUS_CONTEXT, joined(context, _text(child)))
        elif name in EXTRAS and name != "extra-po-flags":
            yield prop(EXTRAS[name], _text(child))
        elif name.startswith("extra-") and name not in (PLURAL_SOURCE, "extra-po-flags"):
            yield prop(EXTRA + name.removeprefix("extra-"), _text(child))
        elif name not in ("", "location", "source", "comment", "translation", PLURAL_SOURCE, "extra-po-flags"):
            yield Remark(OTHER, serialise(child), {"dialect": DIALECT})


class _Places:
    """Where messages stand in the program. A line may be counted from the one before it in its file."""

    def __init__(self, path: Path) -> None:
        self._path, self._file, self._lines = path, "", dict[str, int]()

    def of(self, message: Element, line: int) -> Iterator[Remark]:
        """The references of a message, if it has any."""
        found, file = list[str](), self._file
        for location in message:
            if name_of(location) != "location":
                continue
            if "filename" in location.attrib:
                file = location.get("filename", "")
                self._file = self._file if found else file
            number = self._line(file, location.get("line", ""), line)
            found.append(file if number is None else f"{file}:{number}")
        if found:
            yield prop(REFERENCES, "\n".join(found))

    def _line(self, file: str, written: str, line: int) -> int | None:
        match = LINE.fullmatch(written.strip())
        if match is None:
            return None
        if not match[1]:
            return int(match[2])
        number = max(0, self._lines.get(file, 0) + int(match[0]))
        self._lines[file] = number
        if len(self._lines) > MOST_FILES:
            raise DataError(f"refused: lines counted in more than {MOST_FILES:,} files", self._path, line)
        return number
