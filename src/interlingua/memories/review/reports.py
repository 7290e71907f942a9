"""A review as its reader gets it: a page to work through, a table, a few lines."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from interlingua.errors import ConfigError
from interlingua.files import bare_suffix
from interlingua.formats import by_suffix, writer_of
from interlingua.memories.review import page
from interlingua.memories.review.findings import HEADER, Kind
from interlingua.memories.review.review import Review
from interlingua.outputs import check_writable

PAGE = ".html"
NAMED = 5
"""Places that a line of text names."""


def check(files: Sequence[Path]) -> None:
    """Raise ConfigError for a name that is neither that of a page nor of a table, DataError where it cannot be
    written: before the work, not after.
    """
    for file in files:
        tables = sorted(suffix for suffix, one in by_suffix().items() if one.is_table)
        if bare_suffix(file) not in (PAGE, *tables):
            raise ConfigError(f"{file}: a report is a page ({PAGE}) or a table ({', '.join(tables)}); name it so")
        check_writable(file)


def write(files: Sequence[Path], review: Review, reviewed: Sequence[Path]) -> None:
    """Write a finished review to each of these files, each whole or not at all."""
    for file in files:
        if bare_suffix(file) == PAGE:
            page.write(file, review, reviewed)
            continue
        table = writer_of(file, lambda one: one.is_table, "findings")
        assert table.write_rows is not None
        table.write_rows(file, HEADER, (finding.cells() for finding in review.findings()))


def text(review: Review, files: Sequence[Path]) -> str:
    """What a terminal shows: how many findings of each kind, and where the first stand."""
    counts = review.counts
    lines = [f"review of {review.pairs:,} pairs: {sum(counts.values()):,} findings"]
    for kind in Kind:
        if count := counts[kind]:
            places = [f"{one.file}:{one.line}" for one in islice(review.of(kind), NAMED)]
            lines.append(f"  {kind.value:<12} {count:>7,}  {', '.join(places)}{', ...' if count > NAMED else ''}")
    return "\n".join([*lines, *(f"  written to {file}" for file in files)])
