"""The matches of segments in a translation memory, written for people, programs and CAT tools."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from interlingua.files import bare_suffix
from interlingua.formats import Format, by_suffix, format_of, writer_of
from interlingua.memories.conversion import convert
from interlingua.memories.edits import What
from interlingua.memories.lookup import Kind, Match, best_of
from interlingua.memories.proposals import memory_of
from interlingua.units.inline import Code, parts_of
from interlingua.units.proposal import Filling, Proposal, Proposed

HEADER = (
    "number", "segment", "score", "cosine", "kind", "surface", "source", "target", "memory", "unit", "tool", "author",
    "date", "properties", "line",
)  # fmt: skip

SHOWN = 3
"""Edits of a kind that are named."""


def writer(output: Path) -> Format:
    """The format in which matches are written to a file of this name. Raises ConfigError for one that is not."""
    return writer_of(output, lambda one: one.writes_proposals, "matches")


Filled = tuple[Match, Filling]
"""The match that becomes the translation of its segment."""


def filler(output: Path, job: Path) -> Format:
    """The format in which a job is written with translations filled in. Raises ConfigError for a file of this name that
    cannot hold them: it may be one for CAT tools, or of the format of the job itself.
    """
    own = by_suffix().get(bare_suffix(job))
    what = "segments with translations filled in"
    return writer_of(output, lambda one: one.fills and (one.write_proposals is not None or one is own), what, False)


def filled(proposed: Sequence[Sequence[Match]], waits: Sequence[bool], least: float) -> list[Filled | None]:
    """For each segment that waits for a translation the best match, if it scores at least so much. It is sure where the
    text is the same and nothing else is proposed for it with that right.
    """
    return [_filled(some, least) if wanted else None for some, wanted in zip(proposed, waits, strict=True)]


def _filled(matches: Sequence[Match], least: float) -> Filled | None:
    best = best_of(matches)
    if best is None or best.score < least:
        return None
    if best.kind not in (Kind.context, Kind.exact):
        return best, Filling("fuzzy-match", False)
    equal = sum((one.score, one.kind) == (best.score, best.kind) for one in matches)
    by = "id-match" if best.kind is Kind.context and best.entry.context else "exact-match"
    return best, Filling(by, best.score == 1 and equal == 1)


def write(
    output: Path,
    segments: Sequence[str],
    matches: Sequence[Sequence[Match]],
    languages: tuple[str, str],
    document: Path | None = None,
    why: bool = False,
    fillings: Sequence[Filled | None] = (),
    places: Sequence[str] = (),
) -> None:
    """Write the matches of each segment: a table (with the `places` of segments in their document, where they have
    any), a file for CAT tools, or a memory of the translations proposed.

    The `document` that the segments came from, a file for CAT tools, comes back as it was, with proposals added, where
    the output is of its format; `fillings` become translations. Whole or not at all.
    """
    written = format_of(output) if fillings else writer(output)
    if written.write_rows is not None:
        header = (*HEADER, *(["why"] if why else []), *(["place"] if any(places) else []))
        rows = [list(map(as_row, some)) for some in matches]
        written.write_rows(output, header, _table(segments, rows, header, places or [""] * len(segments)))
        return
    proposals = [
        [_proposal(match, filling[1] if filling and filling[0] is match else None) for match in some]
        for some, filling in zip(matches, fillings or [None] * len(matches), strict=True)
    ]
    proposed = list(zip(segments, proposals, strict=True))
    if written.write_proposals is not None:
        origin = document if document is not None and format_of(document) is written else None
        written.write_proposals(output, proposed, languages, origin)
    elif fillings and document is not None:
        _fill_back(output, document, proposed, languages)
    else:
        written.write_memory(output, memory_of(proposed, languages))


def _fill_back(output: Path, document: Path, proposed: Proposed, languages: tuple[str, str]) -> None:
    """Write a job of another format, which became the XLIFF `document`, in its own: there all that is filled in is to
    be reviewed.
    """
    unsure = [
        (text, [replace(one, filling=one.filling._replace(is_sure=False)) for one in some if one.filling is not None])
        for text, some in proposed
    ]
    with tempfile.TemporaryDirectory(prefix="interlingua-") as folder:
        filled = Path(folder) / "filled.xlf"
        write_proposals = format_of(filled).write_proposals
        assert write_proposals is not None
        write_proposals(filled, unsure, languages, document)
        convert(filled, output)


def _proposal(match: Match, filling: Filling | None) -> Proposal:
    source, target = parts_of(match.entry.source), match.parts
    coded = [any(isinstance(part, Code) for part in parts) for parts in (source, target)]
    return Proposal(
        match.score, match.entry.source.text, match.target.text, match.memory, _facts(match),
        source if coded[0] else (), target if coded[1] else (), filling,
    )  # fmt: skip


def as_row(match: Match) -> dict[str, Any]:
    """A match with its provenance, by name."""
    entry = match.entry
    return {
        "score": match.score, "cosine": match.cosine, "kind": match.kind.value, "surface": match.surface,
        "source": entry.source.text, "target": match.target.text, "why": reasons(match),
        "memory": match.memory, "line": entry.line, **entry.provenance,
    }  # fmt: skip


def reasons(match: Match) -> list[str]:
    """What differs, and what was taken off for it."""
    points = {one.what: f"-{one.points:g}" for one in match.deductions}
    told: list[str] = []
    for what in dict.fromkeys(edit.what for edit in match.edits):
        places = [edit for edit in match.edits if edit.what is what]
        shown = ", ".join(f"{edit.known or '(nothing)'} > {edit.segment or '(nothing)'}" for edit in places[:SHOWN])
        more = f" and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
        done = " (carried over)" if what is What.number and match.carried else ""
        told.append(" ".join(filter(None, (what.value, points.get(what, ""), shown + more + done))))
    return [*told, f"penalty -{match.penalty:g}"] if match.penalty else told


def _facts(match: Match) -> dict[str, str]:
    """What a CAT tool is told of a match."""
    told = match.entry.provenance
    properties = told.pop("properties", {})
    facts = {"kind": match.kind.value, "cosine": f"{match.cosine:.4f}", "surface": f"{match.surface:.2f}"}
    why = reasons(match)
    return facts | ({"why": "; ".join(why)} if why else {}) | told | properties


def _table(
    segments: Sequence[str], rows: Sequence[Sequence[dict[str, Any]]], header: Sequence[str], places: Sequence[str]
) -> Iterator[list[str]]:
    for number, (text, some, place) in enumerate(zip(segments, rows, places, strict=True), 1):
        for row in some or [{}]:
            properties = "; ".join(f"{name}={value}" for name, value in row.get("properties", {}).items())
            named = row | {"number": number, "segment": text, "properties": properties, "place": place}
            named |= {"unit": row.get("tuid", ""), "tool": row.get("creationtool", "")}
            named |= {"author": row.get("changeid", row.get("creationid", "")), "why": "; ".join(row.get("why", []))}
            yield [str(named.get(column, "")) for column in header]
