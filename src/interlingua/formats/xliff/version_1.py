"""A unit of XLIFF 1.2: <trans-unit>."""

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
from interlingua.formats.xliff.texts import (
    between,
    content,
    is_segment,
    is_segmented,
    segments_of,
    template_of,
    variant,
)
from interlingua.formats.xliff.vocabulary import (
    DIALECTS,
    FINER,
    OF_SOURCE,
    OF_TARGET,
    OF_UNIT,
    OURS,
    REFERRING,
    SEGMENT,
    XML,
    Named,
)
from interlingua.units.catalogue import CONTEXT, REFERENCES
from interlingua.units.markup import all_text, attributes, escape, name_of, serialise
from interlingua.units.states import XLIFF_1, State, state_of
from interlingua.units.unit import Remark, Unit, Variant, prop, sides, value_of

DIALECT = DIALECTS[0]
SEGMENTED = re.compile(r"<([\w.-]+:)?seg-source\b")
STATES = {
    State.initial: "new", State.needs_work: "needs-review-translation", State.translated: "translated",
    State.reviewed: "signed-off", State.final: "final",
}  # fmt: skip


def read(
    element: Element, languages: tuple[str, str], place: list[Remark], line: int, scope: Mapping[str, str]
) -> Iterator[Unit]:
    """The unit, or its segments where it is divided; what belongs to the whole stands with the first of them."""
    ours = OURS[DIALECT]
    parts = texts_of(element)
    segments = segments_of(parts["seg-source"]) if _is_divided(parts) else {}
    remarks, groups, states = list[Remark](), dict[str, Named](), dict[str, list[Remark]]()
    for child in element:
        if child in (parts.get("source"), parts.get("target")) or (segments and child is parts["seg-source"]):
            declare(child, scope)
        elif name_of(child) == "note":
            declare(child, scope)
            remarks.append(note_of(all_text(child), child.attrib, DIALECT))
        elif name_of(child) == "context-group" and (known := list(_contexts(child))):
            remarks += known
        elif name_of(child) == "prop-group" and child.get("name") in (*OF_UNIT, *OF_SOURCE, *OF_TARGET):
            groups |= groups_of(child, "name", "prop-type")
        else:
            states |= _trados(child)
            declare(child, scope)
            for one in child.iter():  # what they name is in the header, which is not kept
                for name in REFERRING:
                    one.attrib.pop(name, None)
            remarks.append(prop(ours + XML, serialise(child)))
    bare = Element(element.tag, element.attrib)
    declare(bare, scope)
    remarks = [*(prop(ours + name, value) for name, value in bare.attrib.items() if name != "id"), *remarks]
    remarks += [prop(*item) for item in groups.get(OF_UNIT[1], [])]
    named = named_of(element.get("id", ""), groups, place)
    if not segments:
        texts = [
            variant(parts[tag], language, DIALECT, parts[tag].attrib, (groups.get(of[0], []), groups.get(of[1], [])))
            for tag, language, of in zip(("source", "target"), languages, (OF_SOURCE, OF_TARGET), strict=True)
            if tag in parts
        ]
        yield Unit(tuple(texts), named, (*place, *remarks), line)
        return
    yield from _segments(parts, segments, languages, groups, Unit((), named, (*place, *remarks), line), states, place)


def segments_in(element: Element) -> list[str]:
    """The segments that a unit is read as, by their mid; none where it is read as one."""
    parts = texts_of(element)
    return list(segments_of(parts["seg-source"])) if _is_divided(parts) else []


def texts_of(element: Element) -> dict[str, Element]:
    """The source and target of a unit, and the source in segments, by their names."""
    tags = ("source", "seg-source", "target")
    return {name_of(child): child for child in reversed(element) if name_of(child) in tags}


def _is_divided(parts: dict[str, Element]) -> bool:
    """Whether the marks of segments are the whole of the texts, each once, and each in the target in the source too;
    otherwise the unit is read as one text.
    """
    if "seg-source" not in parts:
        return False
    texts = [parts.get(tag, Element(tag)) for tag in ("seg-source", "target")]
    marks = [[mark for mark in text.iter() if is_segment(mark)] for text in texts]
    source, target = ([mark.get("mid", "") for mark in some] for some in marks)
    nested = any(is_segment(one) for some in marks for mark in some for one in list(mark.iter())[1:])
    whole = "source" not in parts or _letters(parts["source"]) == _letters(parts["seg-source"])
    unmarked = "target" in parts and not target and bool(_letters(parts["target"])) and len(source) > 1
    between = [outside for text, some in zip(texts, marks, strict=True) if some for outside in _between(text)]
    return (
        bool(source) and all(source) and len({*source}) == len(source) and len({*target}) == len(target)
        and {*target} <= {*source} and whole and not nested and not unmarked and not any(map(str.strip, between))
    )  # fmt: skip


def _letters(text: Element) -> str:
    """All that a text says, without white space."""
    return "".join(all_text(text).split())


def _between(text: Element) -> list[str]:
    """The texts outside of segments."""
    if is_segment(text):
        return []
    return [text.text or "", *(piece for child in text for piece in [*_between(child), child.tail or ""])]


def _segments(
    parts: dict[str, Element],
    segments: dict[str, Element],
    languages: tuple[str, str],
    groups: dict[str, Named],
    whole: Unit,
    states: dict[str, list[Remark]],
    place: list[Remark],
) -> Iterator[Unit]:
    ours = parts["seg-source"].attrib | (parts["source"].attrib if "source" in parts else {})
    theirs = segments_of(parts["target"]) if "target" in parts else {}
    lone = "target" in parts and not theirs and len(segments) == 1  # not marked, it is that of the only one
    base, remarks = whole.attributes.get("tuid", ""), whole.remarks
    for number, (segment, mark) in enumerate(segments.items()):
        known = {} if number else groups
        more = [(known.get(of[0], []), known.get(of[1], [])) for of in (OF_SOURCE, OF_TARGET)]
        template = "" if number else template_of(parts["seg-source"])
        texts = [variant(mark, languages[0], DIALECT, ours, more[0], template)]
        target = parts["target"] if lone else theirs.get(segment)
        if target is not None:
            template = template_of(parts["target"]) if target is next(iter(theirs.values()), None) else ""
            texts.append(variant(target, languages[1], DIALECT, parts["target"].attrib, more[1], template))
        identity = {"tuid": f"{base}/{segment}" if len(segments) > 1 else base}
        attributes = (whole.attributes if not number else {}) | (identity if base else {})
        remarks = (*remarks, prop(SEGMENT, segment), *states.get(segment, []))
        yield Unit(tuple(texts), attributes, remarks, whole.line)
        remarks = (*place, *(r for r in whole.remarks if r.name == OURS[DIALECT] + "translate"))


def _contexts(group: Element) -> Iterator[Remark]:
    """The contexts of a catalogue in a group that has nothing else: those that only repeat its notes are not told."""
    found = [(context.get("context-type", ""), all_text(context)) for context in group]
    kinds = [kind for kind, _ in found]
    plain = not any(len(context) or len(context.attrib) > 1 for context in group)
    ours = group.get("name", "").startswith("po-") or "name" not in group.attrib
    if plain and ours and kinds == ["x-po-msgctxt"]:
        yield prop(CONTEXT, found[0][1])
    elif plain and ours and kinds in (["sourcefile"], ["sourcefile", "linenumber"]):
        yield prop(REFERENCES, ":".join(text for _, text in found))


def _trados(element: Element) -> dict[str, list[Remark]]:
    """What SDLXLIFF says of each segment: its state, whether it is locked."""
    if name_of(element) != "seg-defs":
        return {}
    told = {"conf": "x-sdl-conf", "locked": "x-sdl-locked"}
    return {
        one.get("id", ""): [prop(told[name], one.get(name, "")) for name in told if one.get(name)]
        for one in element
        if name_of(one) == "seg"
    }


def write(units: list[Unit], source_language: str, identity: str, kept: Named, catalogue: bool) -> str:
    """The segments of a unit as one element; finished ones of a `catalogue` are approved."""
    units = with_codes(units, DIALECT)
    segmented = is_segmented(units, source_language)
    unit = merged(units)
    texts = _texts(units, source_language, catalogue, segmented)
    groups = "".join(
        f'<prop-group name="{name}">'
        + "".join(f"<prop{attributes({'prop-type': n})}>{escape(v)}</prop>" for n, v in items)
        + "</prop-group>\n"
        for name, items in groups_to_write(unit, source_language, DIALECT, kept, segmented)
    )
    contexts = "".join(_context([("x-po-msgctxt", r.text)], "information") for r in unit.remarks if r.name == CONTEXT)
    for place in (line for r in unit.remarks if r.name == REFERENCES for line in r.text.split("\n")):
        file, _, number = place.rpartition(":")
        named = [("sourcefile", file), ("linenumber", number)] if number.isdigit() else [("sourcefile", place)]
        contexts += _context(named, "location")
    notes = "".join(
        f"<note{attributes(named)}>{escape(text)}</note>\n"
        for text, named in notes_to_write(unit, source_language, DIALECT, catalogue)
    )
    elements = elements_of(unit, DIALECT)
    xml = "".join(f"{xml}\n" for xml in elements if not SEGMENTED.match(xml))
    texts = texts.replace("<target", "".join(f"{xml}\n" for xml in elements if SEGMENTED.match(xml)) + "<target", 1)
    named = attributes({"id": identity} | own_attributes(unit, DIALECT) | _approved(unit, source_language, catalogue))
    return f"<trans-unit{named}>\n{texts}{contexts}{groups}{notes}{xml}</trans-unit>\n"


def _texts(units: list[Unit], source_language: str, catalogue: bool, segmented: bool) -> str:
    parts = list[str]()
    for side, tag in enumerate(("source", "target")):
        variants = [one for unit in units for one in sides(unit, source_language)[side][:1]]
        if not variants:
            continue
        own = own_attributes(variants[0], DIALECT) | {"xml:space": "preserve"}
        if tag == "target" and len({state_of(unit) for unit in units}) == 1:  # where segments agree
            own = _state(units[0], variants[0], catalogue) | own
        inside = between(units, side, source_language, DIALECT, marked=bool(side)) if segmented else ""
        parts.append(f"<{tag}{attributes(own)}>{inside if segmented else content(variants[0], DIALECT)}</{tag}>\n")
        if segmented and not side:
            prefixes = {name: value for name, value in own.items() if name.startswith("xmlns:")}
            marked = between(units, 0, source_language, DIALECT)
            parts.append(f"<seg-source{attributes(prefixes)}>{marked}</seg-source>\n")
    return "".join(parts)


def _state(unit: Unit, target: Variant, catalogue: bool) -> dict[str, str]:
    """Of a target that has none of its own; where it had one before it became XLIFF 2, that."""
    state = state_to_write(unit, catalogue and bool(target.text))
    finer = value_of(unit.remarks, OURS[DIALECTS[1]] + "subState").removeprefix(FINER)
    if state is None:
        return {}
    still = finer in XLIFF_1 and max(XLIFF_1[finer], State.needs_work) == max(state, State.needs_work)
    return {"state": finer if still else STATES[state]}


def _approved(unit: Unit, source_language: str, catalogue: bool) -> dict[str, str]:
    target = sides(unit, source_language)[1][:1]
    state = state_to_write(unit, catalogue and bool(target and target[0].text))
    if not target or value_of(unit.remarks, OURS[DIALECT] + "approved"):
        return {}
    if state == State.final or (catalogue and state is not None and state >= State.translated):
        return {"approved": "yes"}
    return {"approved": "no"} if state == State.needs_work and catalogue else {}


def _context(named: list[tuple[str, str]], purpose: str) -> str:
    inside = "".join(f"<context{attributes({'context-type': kind})}>{escape(text)}</context>" for kind, text in named)
    return f'<context-group purpose="{purpose}">{inside}</context-group>\n'
