"""Units as XLIFF 1.2 or 2.1."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from interlingua.errors import ConfigError
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
    XML,
    Named,
    Version,
)
from interlingua.languages import UNKNOWN
from interlingua.outputs import create_text
from interlingua.units.markup import attributes, escape
from interlingua.units.unit import NOTE, PROPERTY, Memory, Remark, Unit, sides


def write_memory(path: Path, memory: Memory, version: Version = "1.2") -> None:
    """Write a bilingual memory as XLIFF, streaming, whole or not at all; "-" prints it, .gz and .zst are compressed.

    Raises ConfigError where the memory has not one source and one target language, DataError where it cannot be
    written.
    """
    languages = memory.languages()
    if UNKNOWN in languages or len(languages) > 2 or not languages:
        said = ", ".join(languages) or "none"
        raise ConfigError(
            f"{path}: XLIFF has one source and one target language, found {said}; choose with --source-language and "
            "--target-language"
        )
    with create_text(path) as stream:
        _document(stream.write, memory, [*languages, ""][:2], version)


def _document(put: Callable[[str], object], units: Iterable[Unit], languages: list[str], version: Version) -> None:
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
    for number, unit in enumerate(units, 1):
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
    pieces = _pieces(unit, source_language, number, DIALECTS[0], "annotates")
    groups = "".join(
        f'<prop-group name="{name}">'
        + "".join(f"<prop{attributes({'prop-type': n})}>{escape(v)}</prop>" for n, v in items)
        + "</prop-group>\n"
        for name, items in pieces.groups
    )
    named = attributes({"id": pieces.identity} | pieces.named)
    return f"<trans-unit{named}>\n{pieces.texts}{groups}{pieces.notes}{pieces.xml}</trans-unit>\n"


def _as_2(unit: Unit, source_language: str, number: int) -> str:
    """A unit of one segment of XLIFF 2."""
    pieces = _pieces(unit, source_language, number, DIALECTS[1], "appliesTo")
    segment = {name: pieces.named.pop(name) for name in ("state", "subState", "canResegment") if name in pieces.named}
    groups = "".join(
        f'<mda:metaGroup category="{name}">'
        + "".join(f"<mda:meta{attributes({'type': n})}>{escape(v)}</mda:meta>" for n, v in items)
        + "</mda:metaGroup>"
        for name, items in pieces.groups
    )
    groups = f"<mda:metadata>{groups}</mda:metadata>\n" if groups else ""
    notes = f"<notes>{pieces.notes}</notes>\n" if pieces.notes else ""
    texts = f"<segment{attributes(segment)}>\n{pieces.texts}</segment>\n"
    return f"<unit{attributes({'id': pieces.identity} | pieces.named)}>\n{groups}{notes}{pieces.xml}{texts}</unit>\n"
