"""Proposed translations beside the segments of an XLIFF, as CAT tools read them."""

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement

from interlingua.formats.xliff.filling import chosen, fill_trans_unit, fill_unit, named_target, put_text
from interlingua.formats.xliff.version_1 import segments_in
from interlingua.formats.xliff.vocabulary import DIALECTS, UNITS
from interlingua.formats.xliff.writing import write_memory
from interlingua.outputs import create_text
from interlingua.units.inline import Parts
from interlingua.units.inline_writing import Data
from interlingua.units.markup import local, name_of, parts, serialise
from interlingua.units.proposal import Proposal, Proposed
from interlingua.units.unit import About, Memory, Unit, Variant

MATCHES = "urn:oasis:names:tc:xliff:matches:2.0"
BEFORE = ("source", "seg-source", "target", "context-group", "count-group", "prop-group", "note", "alt-trans")
"""What may stand before a proposal in a unit of XLIFF 1.2."""


def write_proposals(path: Path, proposed: Proposed, languages: tuple[str, str], origin: Path | None = None) -> None:
    """Write the XLIFF `origin`, which the segments came from, with the proposals added and all else as it was; without
    one, the segments as XLIFF 1.2. Proposals that have a `filling` also become the translation of their segment.

    In XLIFF 1.2 proposals are <alt-trans>, in 2.x <mtc:match>. Whole or not at all. Raises DataError, with the line.
    """
    if origin is not None:
        _add(origin, path, [proposals for _, proposals in proposed], languages)
        return
    source, target = languages
    units = [
        Unit((Variant(source, segment), Variant(target, "")), {"tuid": str(number)})
        for number, (segment, _) in enumerate(proposed, 1)
    ]
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "segments.xlf"
        write_memory(plain, Memory(About({"srclang": source}), lambda: iter(units)))
        _add(plain, path, [proposals for _, proposals in proposed], languages)


def _add(path: Path, output: Path, proposals: Sequence[Sequence[Proposal]], languages: tuple[str, str]) -> None:
    left = iter(proposals)
    fills = any(chosen(some) for some in proposals)
    with create_text(output) as stream:
        stream.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        for part in parts(path, "xliff", UNITS):
            if part.element is None:
                stream.write(named_target(part, languages[1]) if fills else part.xml)
                continue
            if local(part.element.tag) == "trans-unit":
                _add_alternatives(part.element, left, languages)
            else:
                _add_matches(part.element, left)
            stream.write(serialise(part.element))


def _sides(proposal: Proposal) -> tuple[tuple[str, str, Parts], tuple[str, str, Parts]]:
    return ("source", proposal.source, proposal.source_parts), ("target", proposal.target, proposal.target_parts)


def _add_alternatives(unit: Element, left: Iterator[Sequence[Proposal]], languages: tuple[str, str]) -> None:
    prefix = unit.tag[: -len(local(unit.tag))]
    before = (k + 1 for k, child in enumerate(unit) if name_of(child) in BEFORE)
    place = max(before, default=0)
    found = {segment: next(left) for segment in segments_in(unit) or [""]}
    proposed = [(segment, proposal) for segment, some in found.items() for proposal in some]
    for k, (segment, proposal) in enumerate(proposed):
        named = {"match-quality": f"{100 * proposal.score:.0f}%", "origin": proposal.origin, "tool": "interlingua"}
        element = Element(prefix + "alt-trans", ({"mid": segment} if segment else {}) | named)
        for (tag, text, codes), language in zip(_sides(proposal), languages, strict=True):
            put_text(SubElement(element, prefix + tag, {"xml:lang": language}), text, codes, DIALECTS[0])
        if proposal.about:
            group = SubElement(element, prefix + "prop-group")
            for name, value in proposal.about.items():
                SubElement(group, prefix + "prop", {"prop-type": name}).text = value
        element.tail = "\n"
        unit.insert(place + k, element)
    fill_trans_unit(unit, {segment: one for segment, some in found.items() if (one := chosen(some))})


def _add_matches(unit: Element, left: Iterator[Sequence[Proposal]]) -> None:
    prefix = unit.tag[: -len(local(unit.tag))]
    segments = [child for child in unit if name_of(child) == "segment"]
    taken = {element.get("id") for element in unit.iter()}
    matches = Element("mtc:matches", {"xmlns:mtc": MATCHES})
    filled = list[tuple[Element, Proposal]]()
    for number, segment in enumerate(segments, 1):
        if segment.get("id") is None:
            segment.set("id", next(f"s{n}" for n in range(number, number + len(taken) + 1) if f"s{n}" not in taken))
            taken.add(segment.get("id"))
        some = next(left)
        filled += [(segment, one)] if (one := chosen(some)) else []
        for proposal in some:
            named = {
                "ref": f"#{segment.get('id')}",
                "matchQuality": f"{100 * proposal.score:.2f}",
                "origin": proposal.origin,
            }
            match = SubElement(matches, "mtc:match", named)
            if proposal.about:
                metadata = SubElement(match, "mda:metadata", {"xmlns:mda": "urn:oasis:names:tc:xliff:metadata:2.0"})
                group = SubElement(metadata, "mda:metaGroup")
                for name, value in proposal.about.items():
                    SubElement(group, "mda:meta", {"type": name}).text = value
            data = Data()
            original = SubElement(match, prefix + "originalData")
            for tag, text, codes in _sides(proposal):
                put_text(SubElement(match, prefix + tag), text, codes, DIALECTS[1], data)
            for name, native in data.added.items():
                SubElement(original, prefix + "data", {"id": name}).text = native
            if not data.added:
                match.remove(original)
    fill_unit(unit, filled)
    if len(matches):
        unit.insert(0, matches)
