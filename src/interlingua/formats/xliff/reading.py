"""XLIFF 1.2 and 2.x as a stream of units."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from xml.etree.ElementTree import Element

from interlingua.errors import DataError
from interlingua.formats.xliff.vocabulary import (
    DIALECTS,
    GROUP,
    OF_SOURCE,
    OF_TARGET,
    OF_UNIT,
    ORIGINAL,
    OUR_FILE,
    OURS,
    SEGMENT,
    UNITS,
    XML,
    Named,
    Version,
)
from interlingua.languages import UNKNOWN, spelled
from interlingua.types import Row
from interlingua.units.markup import Part, inner, local, name_of, parts, serialise, visible
from interlingua.units.unit import NOTE, OTHER, About, Memory, Remark, Unit, Variant, prop

SHOWN = frozenset({"g", "mrk", "sub", "pc"})
"""Inline elements whose content is text."""


def read(path: Path) -> Iterator[Row]:
    """Rows of source, target and their languages, one a segment, inline codes left out and white space made one space.

    Entities and external references are refused. Raises DataError, with the line.
    """
    for unit in units(path):
        source, target = (*unit.variants, *[Variant(UNKNOWN, "")] * 2)[:2]  # a segment may lack both
        texts = (re.sub(r"[ \t\r\n]+", " ", variant.text).strip(" ") for variant in (source, target))
        languages = {"source_language": source.language, "target_language": target.language}
        yield Row(dict(zip(("source", "target"), texts, strict=True)) | languages, unit.line)


def version_of(path: Path) -> Version:
    """The version to write that is nearest to that of a file. Raises DataError, with the line, for what is no XLIFF."""
    root = next((part.attributes for part in parts(path, "xliff", UNITS) if part.opened == "xliff"), {})
    return "2.1" if root.get("version", "").startswith("2") else "1.2"


def memory(path: Path, source_language: str = "", target_language: str = "") -> Memory:
    """The segments with their notes, properties, attributes, states and inline codes; the languages where the file
    names none.

    What an element of the file holds beyond that stands in properties named x-xliff. Raises DataError, with the line.
    """
    named, remarks = source_language, list[Remark]()
    for part in _parts(path):
        named = part.attributes.get("source-language", part.attributes.get("srcLang", named))
        if part.opened in ("header", "skeleton") and not remarks:  # one tells that there are some
            remarks.append(Remark(OTHER, part.xml, {"dialect": "xliff"}))
        if part.element is not None:
            break
    return Memory(
        About({"srclang": spelled(named)} if named else {}, tuple(remarks)),
        partial(units, path, source_language, target_language),
    )


def units(path: Path, source_language: str = "", target_language: str = "") -> Iterator[Unit]:
    """The segments of all files in the document, in order. Raises DataError, with the line."""
    named = source_language or UNKNOWN, target_language or UNKNOWN
    original, groups = list[Remark](), list[str]()
    for part in _parts(path):
        if part.opened in ("xliff", "file"):
            attributes = part.attributes
            named = (
                spelled(attributes.get("source-language", attributes.get("srcLang", named[0]))),
                spelled(attributes.get("target-language", attributes.get("trgLang", named[1]))),
            )
            original = (
                [prop(ORIGINAL, attributes["original"])] if attributes.get("original", OUR_FILE) != OUR_FILE else []
            )
        elif part.opened == "group":
            groups.append(part.attributes.get("resname", part.attributes.get("name", part.attributes.get("id", ""))))
        elif part.closed == "group":
            groups.pop()
        elif part.element is not None and local(part.element.tag) == "trans-unit":
            yield _trans_unit(part.element, named, [*original, *(prop(GROUP, name) for name in groups)], part.line)
        elif part.element is not None:
            yield from _segments(part.element, named, [*original, *(prop(GROUP, name) for name in groups)], part.line)


def _parts(path: Path) -> Iterator[Part]:
    """What the file is made of. Raises DataError for a version that is not known."""
    for part in parts(path, "xliff", UNITS):
        version = part.attributes.get("version", "1.2") if part.opened == "xliff" else "1.2"
        if version.split(".")[0] not in ("1", "2"):
            raise DataError(f"XLIFF {version} is not known; convert it to XLIFF 1.2 or 2.1", path, part.line)
        yield part


def _trans_unit(element: Element, languages: tuple[str, str], remarks: list[Remark], line: int) -> Unit:
    """A unit of XLIFF 1.2."""
    ours = OURS[DIALECTS[0]]
    remarks = [*remarks, *(prop(ours + name, value) for name, value in element.attrib.items() if name != "id")]
    groups: dict[str, Named] = {}
    for child in element:
        if name_of(child) in ("source", "target"):
            continue
        if name_of(child) == "note":
            remarks.append(Remark(NOTE, "".join(child.itertext()), dict(child.attrib)))
        elif name_of(child) == "prop-group" and child.get("name") in (*OF_UNIT, *OF_SOURCE, *OF_TARGET):
            groups[child.get("name", "")] = [(item.get("prop-type", ""), item.text or "") for item in child]
        else:
            remarks.append(prop(ours + XML, serialise(child)))
    remarks += [prop(*item) for item in groups.get(OF_UNIT[1], [])]
    return Unit(
        _variants(element, languages, DIALECTS[0], groups), _named(element.get("id", ""), groups), tuple(remarks), line
    )


def _segments(element: Element, languages: tuple[str, str], remarks: list[Remark], line: int) -> Iterator[Unit]:
    """The segments of a unit of XLIFF 2; what belongs to the unit stands with the first of them, what their codes
    point to with each.
    """
    ours = OURS[DIALECTS[1]]
    remarks = [*remarks, *(prop(ours + name, value) for name, value in element.attrib.items() if name != "id")]
    codes: list[Remark] = []
    groups: dict[str, Named] = {}
    for child in element:
        if name_of(child) == "notes":
            remarks += [Remark(NOTE, note.text or "", dict(note.attrib)) for note in child]
        elif name_of(child) == "metadata" and all(
            group.get("category") in (*OF_UNIT, *OF_SOURCE, *OF_TARGET) for group in child
        ):
            groups |= {
                group.get("category", ""): [(item.get("type", ""), item.text or "") for item in group]
                for group in child
            }
        elif name_of(child) == "originalData":
            codes.append(prop(ours + XML, serialise(child)))
        elif name_of(child) != "segment":
            remarks.append(prop(ours + XML, serialise(child)))
    remarks += [prop(*item) for item in groups.get(OF_UNIT[1], [])]
    segments = [child for child in element if name_of(child) == "segment"]
    for number, segment in enumerate(segments, 1):
        place = "" if len(segments) == 1 else f"/{segment.get('id', number)}"
        named = [prop(SEGMENT if name == "id" else ours + name, value) for name, value in segment.attrib.items()]
        variants = _variants(segment, languages, DIALECTS[1], groups)
        yield Unit(variants, _named(element.get("id", "") + place, groups), (*remarks, *codes, *named), line)
        remarks, groups = [], {}


def _named(identity: str, groups: dict[str, Named]) -> dict[str, str]:
    """The attributes of a unit; one that had no id of its own has it from its place."""
    named = {"tuid": identity} | dict(groups.get(OF_UNIT[0], []))
    return named if named["tuid"] else {name: value for name, value in named.items() if name != "tuid"}


def _variants(
    element: Element, languages: tuple[str, str], dialect: str, groups: dict[str, Named]
) -> tuple[Variant, ...]:
    variants: list[Variant] = []
    for tag, language, (of_attributes, of_properties) in zip(
        ("source", "target"), languages, (OF_SOURCE, OF_TARGET), strict=True
    ):
        text = next((child for child in element if name_of(child) == tag), None)
        if text is None:
            continue
        named = {name: value for name, value in text.attrib.items() if name not in ("xml:lang", "xml:space")}
        remarks = [prop(OURS[dialect] + name, value) for name, value in named.items()]
        remarks += [prop(*item) for item in groups.get(of_properties, [])]
        codes = inner(text) if len(text) else ""
        variants.append(
            Variant(
                spelled(text.get("xml:lang") or language) or UNKNOWN, _shown(text), codes, dialect if codes else "",
                dict(groups.get(of_attributes, [])), tuple(remarks),
            )
        )  # fmt: skip
    return tuple(variants)


def _shown(text: Element) -> str:
    for code in text.iter():
        if name_of(code) == "cp":  # a character that XML cannot hold, by its number
            number = (
                int(code.get("hex", "fffd"), 16) if re.fullmatch("[0-9a-fA-F]{1,6}", code.get("hex", "")) else 0xFFFD
            )
            code.tail = (chr(number) if 0 < number <= 0x10FFFF and not 0xD800 <= number < 0xE000 else "\ufffd") + (
                code.tail or ""
            )
    return visible(text, SHOWN)
