"""The matches of segments in a translation memory, written for people, programs and CAT tools."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from interlingua.formats import Format, format_of, writer_of
from interlingua.languages import UNKNOWN
from interlingua.memories.lookup import Entry, Match
from interlingua.memories.proposals import memory_of
from interlingua.units.proposal import Proposal

HEADER = (
    "number", "segment", "score", "cosine", "kind", "surface", "source", "target", "unit", "tool", "author", "date",
    "properties", "line",
)  # fmt: skip


def languages_of(entry: Entry, source_language: str, target_language: str) -> tuple[str, str]:
    """The languages of segments and translations: those asked for, else those of the memory."""
    variants = entry.unit.variants
    source = next((v.language for v in variants if v.text == entry.source), UNKNOWN)
    target = next((v.language for v in variants if v.text == entry.target and v.language != source), UNKNOWN)
    return source_language or source, target_language or target


def writer(output: Path) -> Format:
    """The format in which matches are written to a file of this name. Raises ConfigError for one that is not."""
    return writer_of(output, lambda one: one.writes_proposals, "matches")


def write(
    output: Path,
    segments: Sequence[str],
    matches: Sequence[Sequence[Match]],
    memory: Path,
    languages: tuple[str, str],
    document: Path | None = None,
) -> None:
    """Write the matches of each segment: a table, a file for CAT tools, or a memory of the translations proposed.

    The `document` that the segments came from, a file for CAT tools, comes back as it was, with proposals added, where
    the output is of its format. Whole or not at all.
    """
    written = writer(output)
    if written.write_rows is not None:
        rows = _table(segments, [[as_row(match, memory) for match in some] for some in matches])
        written.write_rows(output, HEADER, rows)
        return
    proposals = [
        [Proposal(m.score, m.entry.source, m.entry.target, memory.name, _facts(m)) for m in some] for some in matches
    ]
    proposed = list(zip(segments, proposals, strict=True))
    if written.write_proposals is not None:
        origin = document if document is not None and format_of(document) is written else None
        written.write_proposals(output, proposed, languages, origin)
    else:
        written.write_memory(output, memory_of(proposed, languages))


def as_row(match: Match, memory: Path) -> dict[str, Any]:
    """A match with its provenance, by name."""
    entry = match.entry
    return {
        "score": match.score, "cosine": match.cosine, "kind": match.kind.value, "surface": match.surface,
        "source": entry.source, "target": entry.target,
        "memory": memory.name, "line": entry.unit.line, **entry.provenance(),
    }  # fmt: skip


def _facts(match: Match) -> dict[str, str]:
    """What a CAT tool is told of a match."""
    told: dict[str, Any] = match.entry.provenance()
    properties = told.pop("properties", {})
    facts = {"kind": match.kind.value, "cosine": f"{match.cosine:.4f}", "surface": f"{match.surface:.2f}"}
    return facts | told | properties


def _table(segments: Sequence[str], rows: Sequence[Sequence[dict[str, Any]]]) -> Iterator[list[str]]:
    for number, (text, some) in enumerate(zip(segments, rows, strict=True), 1):
        for row in some or [{}]:
            properties = "; ".join(f"{name}={value}" for name, value in row.get("properties", {}).items())
            named = row | {"number": number, "segment": text, "properties": properties}
            named |= {"unit": row.get("tuid", ""), "tool": row.get("creationtool", "")}
            named |= {"author": row.get("changeid", row.get("creationid", ""))}
            yield [str(named.get(column, "")) for column in HEADER]
