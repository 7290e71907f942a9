"""A unit of XLIFF 2: <unit> with its segments."""

import re
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from interlingua.formats.xliff.codes import with_codes
from interlingua.formats.xliff.remarks import (
    elements_of,
    groups_of,
    groups_to_write,
    merged,
    named_of,
    note_of,
    notes_to_write,
    own_attributes,
    state_to_write,
)
from interlingua.formats.xliff.structure import declare
from interlingua.formats.xliff.texts import content, pieces, placeholder, variant
from interlingua.formats.xliff.vocabulary import (
    DIALECTS,
    FINER,
    NMTOKEN,
    OF_SOURCE,
    OF_TARGET,
    OF_UNIT,
    OURS,
    SEGMENT,
    XML,
    Named,
)
from interlingua.units.markup import attributes, escape, inner, name_of, serialise
from interlingua.units.states import State
from interlingua.units.unit import Remark, Unit, prop, sides, value_of

DIALECT = DIALECTS[1]
STATES = {
    State.initial: "initial", State.needs_work: "initial", State.translated: "translated", State.reviewed: "reviewed",
    State.final: "final",
}  # fmt: skip
DATA = re.compile(r"<([\w.-]+:)?originalData\b")
PRESERVE = ' xml:space="preserve"'
OF_SEGMENT = ("state", "subState", "canResegment")
"""What a segment has of its own."""


def read(
    element: Element, languages: tuple[str, str], place: list[Remark], line: int, scope: Mapping[str, str]
) -> Iterator[Unit]:
    """The segments; what belongs to the unit stands with the first of them, what their codes point to with each."""
    ours = OURS[DIALECT]
    remarks, codes, groups = list[Remark](), list[Remark](), dict[str, Named]()
    for child in element:
        if name_of(child) == "notes":
            remarks += [note_of(note.text or "", note.attrib, DIALECT) for note in child]
        elif name_of(child) == "metadata" and all(
            group.get("category") in (*OF_UNIT, *OF_SOURCE, *OF_TARGET) for group in child
        ):
            for group in child:
                groups |= groups_of(group, "category", "type")
        elif name_of(child) not in ("segment", "ignorable"):
            declare(child, scope)
            (codes if name_of(child) == "originalData" else remarks).append(prop(ours + XML, serialise(child)))
    bare = Element(element.tag, element.attrib)
    declare(bare, scope)
    remarks = [*(prop(ours + name, value) for name, value in bare.attrib.items() if name != "id"), *remarks]
    remarks += [prop(*item) for item in groups.get(OF_UNIT[1], [])]
    templates = _templates(element)
    segments = [child for child in element if name_of(child) == "segment"]
    attributes = named_of(element.get("id", ""), groups, place)
    base = attributes.get("tuid", "")
    for number, segment in enumerate(segments, 1):
        identity = segment.get("id", str(number))
        named = [prop(ours + name, value) for name, value in segment.attrib.items() if name != "id"]
        if "id" in segment.attrib or len(segments) > 1:
            named = [prop(SEGMENT, identity), *named]
        texts = list[tuple[Element, str, tuple[str, str], str]]()
        for child in segment:
            if name_of(child) in ("source", "target"):
                declare(child, scope)
                side = ("source", "target").index(name_of(child))
                template = templates[side] if number == 1 and len(templates[side]) > 1 else []
                texts.append((child, languages[side], (OF_SOURCE, OF_TARGET)[side], "".join(template)))
        variants = [
            variant(text, language, DIALECT, text.attrib, (groups.get(of[0], []), groups.get(of[1], [])), template)
            for text, language, of, template in texts
        ]
        if base and len(segments) > 1:
            attributes["tuid"] = f"{base}/{identity}"
        yield Unit(tuple(variants), attributes, (*place, *remarks, *codes, *named), line)
        remarks, groups, attributes = [r for r in remarks if r.name == ours + "translate"], {}, {}


def _templates(element: Element) -> tuple[list[str], list[str]]:
    """Where segments belong, and what is between them, in the source and in the target."""
    templates = list[str](), list[str]()
    number = 0
    for child in element:
        if name_of(child) == "segment":
            number += 1
            for template in templates:
                template.append(placeholder(child.get("id", str(number))))
        elif name_of(child) == "ignorable":
            for template, tag in zip(templates, ("source", "target"), strict=True):
                template += [inner(text) for text in child if name_of(text) == tag]
    return templates


def write(units: list[Unit], source_language: str, identity: str, kept: Named, catalogue: bool) -> str:
    """The segments as one unit."""
    units = with_codes(units, DIALECT)
    unit = merged(units)
    groups = "".join(
        f'<mda:metaGroup category="{name}">'
        + "".join(f"<mda:meta{attributes({'type': n})}>{escape(v)}</mda:meta>" for n, v in items)
        + "</mda:metaGroup>"
        for name, items in groups_to_write(unit, source_language, DIALECT, kept, segmented=True)
    )
    groups = f"<mda:metadata>{groups}</mda:metadata>\n" if groups else ""
    notes = "".join(
        f"<note{attributes(named)}>{escape(text)}</note>\n"
        for text, named in notes_to_write(unit, source_language, DIALECT, catalogue)
    )
    notes = f"<notes>{notes}</notes>\n" if notes else ""
    own = {name: value for name, value in own_attributes(unit, DIALECT).items() if name not in OF_SEGMENT}
    elements = elements_of(unit, DIALECT)
    data = "".join(f"{xml}\n" for xml in elements if DATA.match(xml))
    xml = "".join(f"{xml}\n" for xml in elements if not DATA.match(xml))
    inside = _inside(units, source_language, catalogue)
    return f"<unit{attributes({'id': identity} | own)}>\n{groups}{xml}{notes}{data}{inside}</unit>\n"


def _inside(units: list[Unit], source_language: str, catalogue: bool) -> str:
    """Segments, and what is between them."""
    by_segment = {value_of(unit.remarks, SEGMENT): unit for unit in units}
    sources = pieces(units, 0, source_language, DIALECT)
    gaps = [xml for segment, xml in pieces(units, 1, source_language, DIALECT) if not segment and xml]
    found = list[str]()
    for segment, xml in sources:
        if segment in by_segment and (segment or not xml):
            found.append(_segment(by_segment.pop(segment), source_language, catalogue))
        elif xml:
            target = f"<target{PRESERVE}>{gaps.pop(0)}</target>" if gaps else ""
            found.append(f"<ignorable><source{PRESERVE}>{xml}</source>{target}</ignorable>\n")
    return "".join((*found, *(_segment(unit, source_language, catalogue) for unit in by_segment.values())))


def _segment(unit: Unit, source_language: str, catalogue: bool) -> str:
    source, target = (texts[:1] for texts in sides(unit, source_language))
    own, preserve = own_attributes(unit, DIALECT), {"xml:space": "preserve"}
    named = {"id": value_of(unit.remarks, SEGMENT)} if NMTOKEN.fullmatch(value_of(unit.remarks, SEGMENT)) else {}
    named |= _state(unit, bool(catalogue and target and target[0].text))
    named |= {name: own[name] for name in OF_SEGMENT if name in own}
    texts = "".join(
        f"<{tag}{attributes(own_attributes(one, DIALECT) | preserve)}>{content(one, DIALECT)}</{tag}>\n"
        for tag, variants in (("source", source), ("target", target))
        for one in variants
    )
    texts = texts if source else f"<source{PRESERVE}></source>\n{texts}"  # which it must have
    return f"<segment{attributes(named)}>\n{texts}</segment>\n"


def _state(unit: Unit, finished: bool) -> dict[str, str]:
    """Of a unit that has none of its own; the finer one of XLIFF 1.2 stands below it."""
    state = state_to_write(unit, finished)
    if state is None:
        return {}
    remarks = [remark for variant in unit.variants for remark in variant.remarks]
    finer = value_of(remarks, OURS[DIALECTS[0]] + "state")
    named = {"state": STATES[state]}
    return named | {"subState": f"{FINER}{finer}"} if finer not in ("", STATES[state]) else named
