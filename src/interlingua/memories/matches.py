"""The matches of segments in a translation memory, written for people, programs and CAT tools."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from interlingua.files import bare_suffix
from interlingua.formats import format_of, tmx, tsv, xliff
from interlingua.languages import UNKNOWN
from interlingua.memories.lookup import Entry, Match
from interlingua.memories.proposals import Proposal, add_to_xliff, new_tmx, new_xliff

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


def is_written(output: Path) -> bool:
    """Whether matches can be written to a file of this name."""
    return str(output) == "-" or bare_suffix(output) in (".tsv", *tmx.FORMAT.suffixes, *xliff.FORMAT.suffixes)


def write(
    output: Path,
    segments: Sequence[str],
    matches: Sequence[Sequence[Match]],
    memory: Path,
    languages: tuple[str, str],
    xliff_of_segments: Path | None = None,
) -> None:
    """Write the matches of each segment: a table (TSV), a TMX, or an XLIFF of proposals.

    An XLIFF that the segments came from comes back as it was, with proposals added. Whole or not at all.
    """
    written = format_of(Path("-.tsv") if str(output) == "-" else output)
    if written is tsv.FORMAT:
        tsv.write(output, HEADER, _table(segments, [[as_row(match, memory) for match in some] for some in matches]))
        return
    proposals = [
        [Proposal(m.score, m.entry.source, m.entry.target, memory.name, _facts(m)) for m in some] for some in matches
    ]
    if written is tmx.FORMAT:
        new_tmx(output, segments, proposals, languages)
    elif xliff_of_segments is not None:
        add_to_xliff(xliff_of_segments, output, proposals, languages)
    else:
        new_xliff(output, segments, proposals, languages)


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
