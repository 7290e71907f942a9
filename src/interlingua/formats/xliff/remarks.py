"""What is known of a unit beside its texts: its names, notes, properties and state, in the words of one version."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from xml.etree.ElementTree import Element

from interlingua.formats.xliff.structure import is_place
from interlingua.formats.xliff.vocabulary import (
    FINER,
    GROUP,
    INVENTED,
    NAMES,
    OF_SOURCE,
    OF_TARGET,
    OF_UNIT,
    OURS,
    REFERRING,
    SEGMENT,
    TEMPLATES,
    XML,
    Named,
    other,
)
from interlingua.units.catalogue import CONTEXT, EXTRACTED, FLAGS, FUZZY, REFERENCES, flags_in
from interlingua.units.markup import is_content
from interlingua.units.states import XLIFF_1, XLIFF_2, State, state_of
from interlingua.units.unit import NOTE, PROPERTY, Remark, Unit, Variant, sides

DEVELOPER, TRANSLATOR = "developer", "po-translator"
"""Who speaks in a note."""
PLACED = {"xliff 1": (EXTRACTED, CONTEXT, REFERENCES), "xliff 2": (EXTRACTED,)}
"""What a catalogue knows of an entry and a version has a place for."""
BY_OTHERS = ("x-sdl-",)
"""Properties that say again what an element of another tool says."""


def groups_of(element: Element, group_name: str, item_name: str) -> dict[str, Named]:
    """A group of named values."""
    return {element.get(group_name, ""): [(item.get(item_name, ""), item.text or "") for item in element]}


def named_of(identity: str, groups: Mapping[str, Named], place: Sequence[Remark]) -> dict[str, str]:
    """The attributes of a unit: its identity among them, but for one that was made on writing a file of ours."""
    invented = re.fullmatch(INVENTED, identity) and not any(
        is_place(remark.name) and remark.name != GROUP for remark in place
    )
    named = {"tuid": "" if invented else identity} | dict(groups.get(OF_UNIT[0], []))
    return named if named["tuid"] else {name: value for name, value in named.items() if name != "tuid"}


def note_of(text: str, named: Mapping[str, str], dialect: str) -> Remark:
    """A note; that a translator wrote it is what is taken of any note of whom nothing is said."""
    speaker = "from" if dialect == "xliff 1" else "category"
    kept = {
        name: value
        for name, value in named.items()
        if (name, value) != (speaker, TRANSLATOR) and not name.startswith("xmlns")
    }
    return Remark(NOTE, text, kept)


def own_attributes(of: Unit | Variant, dialect: str) -> dict[str, str]:
    """The attributes that a unit or text has in this version: its own, and what the other calls otherwise."""
    mine, theirs = OURS[dialect], OURS[other(dialect)]
    names = NAMES[other(dialect)].units if isinstance(of, Unit) else {}
    found = {
        names[remark.name.removeprefix(theirs)]: remark.text
        for remark in of.remarks
        if remark.name.startswith(theirs) and remark.name.removeprefix(theirs) in names
    }
    others = (mine + XML, mine + "id", *(mine + name for name in REFERRING))
    return found | {
        remark.name.removeprefix(mine): remark.text
        for remark in of.remarks
        if remark.name.startswith(mine) and remark.name not in others
    }


def elements_of(unit: Unit, dialect: str) -> list[str]:
    """The further elements of a unit in this version, but for what other formats made of them that is no XML."""
    return [r.text for r in unit.remarks if r.name == OURS[dialect] + XML and is_content(r.text)]


def state_to_write(unit: Unit, finished: bool) -> State | None:
    """A unit's state; where nothing is said of it, that of a `finished` one, if it is."""
    state = state_of(unit)
    return State.translated if state is None and finished else state


def merged(units: list[Unit]) -> Unit:
    """The segments of a unit, with all that is known of any of them."""
    remarks = list(units[0].remarks)
    for unit in units[1:]:
        remarks += [remark for remark in unit.remarks if remark not in remarks]
    return replace(units[0], remarks=tuple(remarks))


def groups_to_write(
    unit: Unit, source_language: str, dialect: str, kept: Named, segmented: bool
) -> list[tuple[str, Named]]:
    """Names and values of what this version has no place for, of the unit and of its texts; `kept` is added."""
    named = [(name, value) for name, value in unit.attributes.items() if name != "tuid"]
    groups = [(OF_UNIT[0], [*named, *kept]), (OF_UNIT[1], _properties(unit.remarks, dialect, segmented))]
    for texts, of in zip(sides(unit, source_language), (OF_SOURCE, OF_TARGET), strict=True):
        for one in texts[:1]:
            groups += [(of[0], list(one.attributes.items())), (of[1], _properties(one.remarks, dialect, segmented))]
    return [group for group in groups if group[1]]


def _properties(remarks: Iterable[Remark], dialect: str, segmented: bool) -> Named:
    ours, theirs = OURS[dialect], OURS[other(dialect)]
    said = tuple(theirs + name for name in NAMES[other(dialect)].units)
    known = (*said, SEGMENT, TEMPLATES[dialect]) if segmented else said
    found = list[tuple[str, str]]()
    for name, text in ((remark.name, remark.text) for remark in remarks if remark.kind == PROPERTY):
        referring = name in (ours + one for one in REFERRING)
        if name == FLAGS:
            text = ", ".join(flag for flag in flags_in(text) if flag != FUZZY)
        mapped = (name == theirs + "state" and text in {**XLIFF_1, **XLIFF_2}) or text.startswith(FINER)
        written = mapped or (name.startswith((ours, *BY_OTHERS)) and not referring)
        if not written and name not in (*known, *PLACED[dialect]) and not is_place(name) and (text or name != FLAGS):
            found.append((name, text))
    return found


def notes_to_write(unit: Unit, source_language: str, dialect: str, catalogue: bool) -> list[tuple[str, dict[str, str]]]:
    """The notes of a unit and of its texts, with their attributes; of a `catalogue` each says who speaks."""
    speaker, points_to = ("from", "annotates") if dialect == "xliff 1" else ("category", "appliesTo")
    notes = [(r.text, {speaker: DEVELOPER}) for r in unit.remarks if r.name == EXTRACTED]
    notes += [
        (r.text, _named(r.attributes, dialect) or ({speaker: TRANSLATOR} if catalogue else {}))
        for r in unit.remarks
        if r.kind == NOTE
    ]
    for texts, tag in zip(sides(unit, source_language), ("source", "target"), strict=True):
        for one in texts[:1]:
            notes += [(r.text, _named(r.attributes, dialect) | {points_to: tag}) for r in one.remarks if r.kind == NOTE]
    return notes


def _named(named: Mapping[str, str], dialect: str) -> dict[str, str]:
    """Attributes of a note that this version knows."""
    renamed = {NAMES[other(dialect)].notes.get(name, name): value for name, value in named.items()}
    allowed = (*NAMES[dialect].notes, "xml:lang")
    if renamed.get("appliesTo") not in ("source", "target"):  # "general" is what nothing says in XLIFF 2
        renamed.pop("appliesTo", None)
    return {name: value for name, value in renamed.items() if name in allowed or ":" in name}
