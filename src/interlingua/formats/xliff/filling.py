"""Proposals that become the translations of segments which have none."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from xml.etree.ElementTree import Element

from interlingua.formats.xliff.texts import emptied, segments_of
from interlingua.formats.xliff.version_1 import segments_in, texts_of
from interlingua.formats.xliff.vocabulary import DIALECTS, FINER
from interlingua.units.inline import Parts, data_in
from interlingua.units.inline_writing import Data, markup_in
from interlingua.units.markup import Part, attributes, element_of, local, name_of
from interlingua.units.proposal import Filling, Proposal

REVIEW = "needs-review-translation"
LANGUAGE = {"file": ("source-language", "target-language"), "xliff": ("srcLang", "trgLang")}
"""Where each version names the languages."""


def chosen(proposals: Sequence[Proposal]) -> Proposal | None:
    """The one that fills the segment, if one does."""
    return next((proposal for proposal in proposals if proposal.filling is not None), None)


def named_target(part: Part, language: str) -> str:
    """The markup between units, with the language of the targets where it does not say it."""
    source, target = LANGUAGE.get(part.opened, ("", ""))
    if source not in part.attributes or target in part.attributes:
        return part.xml
    return f"{part.xml[:-1]}{attributes({target: language})}>"


def put_text(element: Element, text: str, codes: Parts, dialect: str, data: Data | None = None) -> None:
    """Fill an element with a text, with its codes where it has some."""
    found = element_of(markup_in(codes, dialect, data)) if codes else None
    if found is None:
        element.text, element[:] = text, []
        return
    prefix = _prefix(element)
    for code in found.iter():
        code.tag = prefix + code.tag
    element.text, element[:] = found.text, found[:]


def _prefix(element: Element) -> str:
    return element.tag[: -len(local(element.tag))]


def fill_trans_unit(unit: Element, filled: Mapping[str, Proposal]) -> None:
    """XLIFF 1.2: fill the segments of these mid, or "" for a unit that is not divided."""
    if not filled:
        return
    texts, divided = texts_of(unit), segments_in(unit)
    target = texts.get("target")
    if target is None:
        target = _target_after(unit, texts.get("seg-source", texts.get("source")))
    marks = _marks(texts["seg-source"], target, filled) if divided else {"": target}
    for segment, proposal in filled.items():
        put_text(marks[segment], proposal.target, proposal.target_parts, DIALECTS[0])
    if unit.get("approved") == "yes":
        unit.set("approved", "no")
    if "mq:status" in unit.attrib:
        unit.set("mq:status", "Pretranslated")
    if not _define(unit, filled):
        empty = any(not (len(mark) or (mark.text or "").strip()) for mark in marks.values())
        _mark(target, [proposal.filling for proposal in filled.values()], len(filled) == len(marks), empty)


def _target_after(parent: Element, source: Element | None) -> Element:
    """A new target behind the source, laid out as that is."""
    target = Element(_prefix(parent) + "target")
    if source is not None:
        target.tail = source.tail
        target.attrib |= {name: value for name, value in source.attrib.items() if name == "xml:space"}
    parent.insert(0 if source is None else list(parent).index(source) + 1, target)
    return target


def _marks(source: Element, target: Element, wanted: Mapping[str, Proposal]) -> dict[str, Element]:
    """The marked segments of a target, all those of the source if one that is wanted has no mark yet."""
    known = segments_of(target)
    if wanted.keys() <= known.keys():
        return known
    frame = emptied(source)
    for segment, mark in segments_of(frame).items():
        if segment in known:
            mark.text, mark[:] = known[segment].text, known[segment][:]
            mark.attrib = known[segment].attrib
    target.text, target[:] = frame.text, frame[:]
    return segments_of(target)


def _define(unit: Element, filled: Mapping[str, Proposal]) -> bool:
    """Say it where SDLXLIFF does, for each segment. False where a unit has no such place."""
    found = False
    for segment in (one for child in unit if name_of(child) == "seg-defs" for one in child):
        found, proposal = True, filled.get(segment.get("id", ""))
        if proposal is not None and proposal.filling is not None:
            state = "Translated" if proposal.filling.is_sure else "Draft"
            segment.attrib |= {"conf": state, "origin": "tm", "percent": f"{100 * proposal.score:.0f}"}
    return found


def _mark(target: Element, fillings: Sequence[Filling | None], is_whole: bool, has_empty: bool) -> None:
    """Give a target its state; where it also holds other translations, a sure one leaves that as it was."""
    known = [one for one in fillings if one is not None]
    sure = all(one.is_sure for one in known) and not has_empty
    if is_whole or not sure:
        target.set("state", "translated" if sure else REVIEW)
    target.attrib.pop("state-qualifier", None)
    if is_whole and len(kinds := {one.by for one in known}) == 1:
        target.set("state-qualifier", kinds.pop())


def fill_unit(unit: Element, filled: Sequence[tuple[Element, Proposal]]) -> None:
    """XLIFF 2: fill these segments; native content of codes that the unit did not have is added to it."""
    if not filled:
        return
    held = next((child for child in unit if name_of(child) == "originalData"), None)
    data = Data({} if held is None else data_in(deepcopy(held)))
    for segment, proposal in filled:
        source = next((child for child in segment if name_of(child) == "source"), None)
        target = next((child for child in segment if name_of(child) == "target"), None)
        target = _target_after(segment, source) if target is None else target
        put_text(target, proposal.target, proposal.target_parts, DIALECTS[1], data)
        sure = proposal.filling is not None and proposal.filling.is_sure
        segment.set("state", "translated" if sure else "initial")
        segment.attrib.pop("subState", None)
        if not sure:
            segment.set("subState", FINER + REVIEW)
    if data.added and held is None:
        held = Element(_prefix(unit) + "originalData")
        place = next(k for k, child in enumerate(unit) if name_of(child) in ("segment", "ignorable"))
        unit.insert(place, held)
    for name, native in data.added.items():
        assert held is not None
        one = Element(_prefix(unit) + "data", {"id": name})
        one.text = native
        held.append(one)
