"""Files between translation tools: XLIFF 1.2 and 2.x, read and written as a stream."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple
from xml.etree.ElementTree import Element

from interlingua.errors import ConfigError
from interlingua.files import create_text
from interlingua.formats import Format
from interlingua.languages import UNKNOWN
from interlingua.types import Row
from interlingua.units.markup import attributes, escape, inner, local, name_of, parts, serialise, visible
from interlingua.units.unit import NOTE, OTHER, PROPERTY, About, Holds, Memory, Remark, Unit, Variant, prop, sides

Version = Literal["1.2", "2.1"]
UNITS = frozenset({"trans-unit", "unit"})
SHOWN = frozenset({"g", "mrk", "sub", "pc"})
"""Inline elements whose content is text."""
DIALECTS = ("xliff 1", "xliff 2")
HOLDS = Holds(attributes=True, notes=True, properties=("",), note_attributes=("",), unfinished=True)
OURS = {"xliff 1": "x-xliff1-", "xliff 2": "x-xliff2-"}
"""Properties that stand for what only a unit of that version has: its attributes, and (XML) its further elements."""
XML, ORIGINAL, SEGMENT = "xml", "x-xliff-original", "x-xliff-segment"
GROUP, OUR_FILE = "x-xliff-group", "interlingua"
OF_UNIT, OF_SOURCE, OF_TARGET = (
    ("attributes", "properties"),
    ("source-attributes", "source-properties"),
    ("target-attributes", "target-properties"),
)
"""Names of the groups in which a unit keeps what TMX has and XLIFF has not."""
Named = list[tuple[str, str]]


def read(path: Path) -> Iterator[Row]:
    """Rows of source, target and their languages, one a segment, inline codes left out and white space made one space.

    Entities and external references are refused. Raises DataError, with the line.
    """
    for unit in units(path):
        source, target = unit.variants[0], unit.variants[1] if len(unit.variants) > 1 else Variant(UNKNOWN, "")
        texts = (re.sub(r"[ \t\r\n]+", " ", variant.text).strip(" ") for variant in (source, target))
        languages = {"source_language": source.language, "target_language": target.language}
        yield Row(dict(zip(("source", "target"), texts, strict=True)) | languages, unit.line)


def memory(path: Path, source_language: str = "", target_language: str = "") -> Memory:
    """The segments with their notes, properties, attributes, states and inline codes; the languages where the file
    names none.

    What an element of the file holds beyond that stands in properties named x-xliff. Raises DataError, with the line.
    """
    named, remarks = source_language, list[Remark]()
    for part in parts(path, "xliff", UNITS):
        named = part.attributes.get("source-language", part.attributes.get("srcLang", named))
        if part.opened in ("header", "skeleton"):
            remarks.append(Remark(OTHER, part.xml, {"dialect": "xliff"}))
        if part.element is not None:
            break
    return Memory(
        About({"srclang": named} if named else {}, tuple(remarks)),
        partial(units, path, source_language, target_language),
    )


def units(path: Path, source_language: str = "", target_language: str = "") -> Iterator[Unit]:
    """The segments of all files in the document, in order. Raises DataError, with the line."""
    named = source_language or UNKNOWN, target_language or UNKNOWN
    original, groups = list[Remark](), list[str]()
    for part in parts(path, "xliff", UNITS):
        if part.opened in ("xliff", "file"):
            found = part.attributes
            named = (
                found.get("source-language", found.get("srcLang", named[0])),
                found.get("target-language", found.get("trgLang", named[1])),
            )
            original = [prop(ORIGINAL, found["original"])] if found.get("original", OUR_FILE) != OUR_FILE else []
        elif part.opened == "group":
            groups.append(part.attributes.get("resname", part.attributes.get("name", part.attributes.get("id", ""))))
        elif part.closed == "group":
            groups.pop()
        elif part.element is not None and local(part.element.tag) == "trans-unit":
            yield _trans_unit(part.element, named, [*original, *(prop(GROUP, name) for name in groups)], part.line)
        elif part.element is not None:
            yield from _segments(part.element, named, [*original, *(prop(GROUP, name) for name in groups)], part.line)


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
    found: list[Variant] = []
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
        found.append(
            Variant(
                text.get("xml:lang", language), _shown(text), codes, dialect if codes else "",
                dict(groups.get(of_attributes, [])), tuple(remarks),
            )
        )  # fmt: skip
    return tuple(found)


def _shown(text: Element) -> str:
    for code in text.iter():
        if name_of(code) == "cp":  # a character that XML cannot hold, by its number
            number = (
                int(code.get("hex", "fffd"), 16) if re.fullmatch("[0-9a-fA-F]{1,6}", code.get("hex", "")) else 0xFFFD
            )
            code.tail = (chr(number) if number <= 0x10FFFF and not 0xD800 <= number < 0xE000 else "\ufffd") + (
                code.tail or ""
            )
    return visible(text, SHOWN)


def write_memory(path: Path, found: Memory, version: Version = "1.2") -> None:
    """Write a bilingual memory as XLIFF, streaming, whole or not at all; "-" prints it, .gz and .zst are compressed.

    Raises ConfigError where the memory has not one source and one target language, DataError where it cannot be
    written.
    """
    languages = found.languages()
    if UNKNOWN in languages or len(languages) > 2 or not languages:
        said = ", ".join(languages) or "none"
        raise ConfigError(
            f"XLIFF has one source and one target language, found {said}; choose with --source-language and "
            "--target-language"
        )
    with create_text(path) as stream:
        _document(stream.write, found, [*languages, ""][:2], version)


def _document(put: Callable[[str], object], found: Iterable[Unit], languages: list[str], version: Version) -> None:
    put('<?xml version="1.0" encoding="UTF-8"?>\n')
    if version == "1.2":
        named = {
            "original": OUR_FILE,
            "source-language": languages[0],
            "target-language": languages[1],
            "datatype": "plaintext",
        }
        put('<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">\n')
        put(f"<file{_filled(named)}>\n<body>\n")
    else:
        named = {"srcLang": languages[0], "trgLang": languages[1], "xmlns:mda": "urn:oasis:names:tc:xliff:metadata:2.0"}
        put(f'<xliff version="2.1" xmlns="urn:oasis:names:tc:xliff:document:2.0"{_filled(named)}>\n<file id="f1">\n')
    for number, unit in enumerate(found, 1):
        put((_as_1 if version == "1.2" else _as_2)(unit, languages[0], number))
    put("</body>\n</file>\n</xliff>\n" if version == "1.2" else "</file>\n</xliff>\n")


def _filled(named: dict[str, str]) -> str:
    return attributes({name: value for name, value in named.items() if value})


class _Pieces(NamedTuple):
    """A unit taken apart for one version."""

    identity: str
    named: dict[str, str]
    """Attributes of its element."""
    groups: list[tuple[str, Named]]
    notes: str
    xml: str
    texts: str
    """The elements source and target."""


def _pieces(unit: Unit, source_language: str, number: int, dialect: str, points_to: str) -> _Pieces:
    ours = OURS[dialect]
    chosen = [variants[0] if variants else None for variants in sides(unit, source_language)]
    identity, kept = unit.attributes.get("tuid", ""), [item for item in unit.attributes.items() if item[0] != "tuid"]
    if not identity or (dialect == DIALECTS[1] and not re.fullmatch(r"[\w.:-]+", identity)):
        kept += [("tuid", identity)]
        identity = f"u{number}"
    named = {
        r.name.removeprefix(ours): r.text for r in unit.remarks if r.name.startswith(ours) and r.name != ours + XML
    }
    groups = [(OF_UNIT[0], kept), (OF_UNIT[1], _properties(unit.remarks, ours))]
    notes = [(remark, "") for remark in unit.remarks if remark.kind == NOTE]
    texts = ""
    for tag, variant, of in zip(("source", "target"), chosen, (OF_SOURCE, OF_TARGET), strict=True):
        if variant is not None:
            groups += [(of[0], list(variant.attributes.items())), (of[1], _properties(variant.remarks, ours))]
            notes += [(remark, tag) for remark in variant.remarks if remark.kind == NOTE]
            own = {r.name.removeprefix(ours): r.text for r in variant.remarks if r.name.startswith(ours)} | {
                "xml:space": "preserve"
            }
            content = variant.markup if variant.markup and variant.dialect == dialect else escape(variant.text)
            texts += f"<{tag}{attributes(own)}>{content}</{tag}>\n"
    written = "".join(
        f"<note{attributes(remark.attributes | ({points_to: tag} if tag else {}))}>{escape(remark.text)}</note>\n"
        for remark, tag in notes
    )
    xml = "".join(f"{remark.text}\n" for remark in unit.remarks if remark.name == ours + XML)
    return _Pieces(identity, named, [group for group in groups if group[1]], written, xml, texts)


def _properties(remarks: Iterable[Remark], ours: str) -> Named:
    known = (ours, ORIGINAL, SEGMENT, GROUP)
    return [
        (remark.name, remark.text)
        for remark in remarks
        if remark.kind == PROPERTY and not remark.name.startswith(known)
    ]


def _as_1(unit: Unit, source_language: str, number: int) -> str:
    """A unit of XLIFF 1.2."""
    found = _pieces(unit, source_language, number, DIALECTS[0], "annotates")
    groups = "".join(
        f'<prop-group name="{name}">'
        + "".join(f"<prop{attributes({'prop-type': n})}>{escape(v)}</prop>" for n, v in items)
        + "</prop-group>\n"
        for name, items in found.groups
    )
    named = attributes({"id": found.identity} | found.named)
    return f"<trans-unit{named}>\n{found.texts}{groups}{found.notes}{found.xml}</trans-unit>\n"


def _as_2(unit: Unit, source_language: str, number: int) -> str:
    """A unit of one segment of XLIFF 2."""
    found = _pieces(unit, source_language, number, DIALECTS[1], "appliesTo")
    segment = {name: found.named.pop(name) for name in ("state", "subState", "canResegment") if name in found.named}
    groups = "".join(
        f'<mda:metaGroup category="{name}">'
        + "".join(f"<mda:meta{attributes({'type': n})}>{escape(v)}</mda:meta>" for n, v in items)
        + "</mda:metaGroup>"
        for name, items in found.groups
    )
    groups = f"<mda:metadata>{groups}</mda:metadata>\n" if groups else ""
    notes = f"<notes>{found.notes}</notes>\n" if found.notes else ""
    texts = f"<segment{attributes(segment)}>\n{found.texts}</segment>\n"
    return f"<unit{attributes({'id': found.identity} | found.named)}>\n{groups}{notes}{found.xml}{texts}</unit>\n"


FORMAT = Format(
    suffixes=(".xlf", ".xliff", ".sdlxliff", ".mqxliff", ".mxliff"),
    holds=HOLDS,
    read=read,
    memory=memory,
    write_memory=write_memory,
    options=("version",),
    names_columns=True,
)
