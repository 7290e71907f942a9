"""An alignment as a table that a person corrects, and the pairs of the corrected table."""

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import accumulate, chain, groupby
from pathlib import Path

import numpy as np

from interlingua.errors import DataError
from interlingua.formats import Format, read_rows, writer_of
from interlingua.mining.align import Link, align
from interlingua.mining.documents import Alignment, Document, embedded, size_of_links
from interlingua.mining.filters import Filter, reason, usual_ratio
from interlingua.outputs import check_writable
from interlingua.progress import log
from interlingua.types import Encode
from interlingua.vectors import cosines, verified

HEADER = ("number", "status", "score", "flags", "source", "target")
FENCE = 1.5
"""A score is low where it lies so many interquartile ranges below the lower quartile (Tukey's fence)."""
BROKEN = re.compile(r"#(?:NAME\?|VALUE!|REF!|DIV/0!|NUM!|NULL!|N/A)|Err:\d{3}")
"""What a spreadsheet makes of a text that it takes for a formula, such as "- Why?" in a CSV file."""


class Status(StrEnum):
    """What a person writes beside a row; nothing, where it stays."""

    keep = ""
    redo = "redo"
    """To be aligned anew, between the rows around it."""
    drop = "drop"
    """To be left out."""


@dataclass(frozen=True)
class Row:
    """A row of the table. A side that is empty has no counterpart."""

    source: str
    target: str
    score: float = 0.0
    flags: tuple[str, ...] = ()
    status: Status = Status.keep
    number: float = 0.0
    line: int = 0

    @property
    def is_pair(self) -> bool:
        """Whether it has texts on both sides."""
        return bool(self.source and self.target)


def rows_of(alignment: Alignment) -> list[Row]:
    """Every link of an alignment, those without a counterpart too, in its order, with what is remarkable about it."""
    return flagged([_row(alignment, link) for link in alignment.links])


def _row(alignment: Alignment, link: Link, *flags: str) -> Row:
    sizes = tuple(stop - start for start, stop in (link.source, link.target))
    size = (f"{sizes[0]} to {sizes[1]}",) if link.joins and sizes != (1, 1) else ()
    return Row(*alignment.texts(link), link.score if link.joins else 0.0, (*flags, *size))


def flagged(rows: Sequence[Row]) -> list[Row]:
    """Rows with their flags: a side that is missing, a low score, other numbers, an unusual ratio of lengths."""
    pairs = [row for row in rows if row.is_pair]
    usual = usual_ratio((row.source, row.target) for row in pairs)
    lower, upper = np.quantile([row.score for row in pairs], (0.25, 0.75)) if pairs else (0.0, 0.0)
    least = lower - FENCE * (upper - lower)
    return [replace(row, flags=(*row.flags, *_flags(row, least, usual))) for row in rows]


def _flags(row: Row, least: float, usual: float) -> Iterator[str]:
    if not row.is_pair:
        yield "no counterpart"
        return
    if row.score < least:
        yield "low score"
    for one in (Filter.number, Filter.length, Filter.address):
        if reason(row.source, row.target, (one,), usual):
            yield one.value


def check_table(path: Path) -> None:
    """Find out before the work whether the table can be written. Raises ConfigError or DataError where not."""
    _writer(path)
    check_writable(path)


def _writer(path: Path) -> Format:
    return writer_of(path, lambda one: one.is_table, "tables to review", False)


def write(path: Path, rows: Sequence[Row]) -> None:
    """Write rows as a table, whole or not at all. Raises ConfigError for a name that is no table's."""
    table = _writer(path)
    assert table.write_rows is not None
    cells = ((row.status, f"{row.score:.4f}" if row.is_pair else "", ", ".join(row.flags)) for row in rows)
    table.write_rows(
        path,
        HEADER,
        (
            (str(number), *some, row.source, row.target)
            for number, (some, row) in enumerate(zip(cells, rows, strict=True), 1)
        ),
    )


def read(path: Path) -> list[Row]:
    """The rows of a corrected table in the order of their numbers, however it is sorted; a row without a number belongs
    behind the one before it.

    Raises DataError, with the line, for a table without the columns source and target, for an unknown status, and for a
    number that is none.
    """
    rows, number, with_status = list[Row](), 0.0, True
    for row in read_rows(path):
        named = {name.strip().lower(): value for name, value in row.columns.items()}
        if not {"source", "target"} <= named.keys():
            columns = ", ".join(row.columns)
            raise DataError(f"the columns source and target are needed; the columns are {columns}", path, row.line)
        status = named.get("status", "").strip().lower()
        with_status = "status" in named
        if status not in set(Status):
            raise DataError(f"the status {status!r}: write redo or drop, or leave it empty", path, row.line)
        number = _number(named.get("number", ""), number)
        if not math.isfinite(number):
            raise DataError(f"the number {named['number']!r} is none: leave it empty", path, row.line)
        source, target = (_in_one_line(named[side]) for side in ("source", "target"))
        if source or target:
            rows.append(Row(source, target, status=Status(status), number=number, line=row.line))
    if not rows:
        raise DataError("no rows in this table", path)
    if not with_status:
        log(f"{path}: no column is named status: no row is aligned anew, and none is left out")
    return sorted(rows, key=lambda row: row.number)


def _number(cell: str, before: float) -> float:
    """The number in a cell, or that of the row before; not a number where it is none. Spreadsheets of many languages
    write 2,5 for 2.5; 1,000 might be either.
    """
    try:
        return float(re.sub(r",(?!\d{3}$)", ".", cell.strip()) or before)
    except ValueError:
        return math.nan


def _in_one_line(cell: str) -> str:
    """A cell without the line breaks that a person typed. No other space changes: in French one before ! is its own."""
    return re.sub(r"[^\S\n]*[\t\n\v\f\r\x85\u2028\u2029]\s*", " ", cell.strip())


def check_cells(path: Path, rows: Sequence[Row], source: Document, target: Document) -> None:
    """Raise DataError, with the line, for a text that a spreadsheet has replaced by the error of a formula, and for a
    table of which no text stands in the documents.
    """
    known = {*source.sentences, *target.sentences}
    for row in rows:
        for text in (row.source, row.target):
            if row.status is not Status.drop and BROKEN.fullmatch(text) and text not in known:
                raise DataError(
                    f"{text} in the place of a text: a spreadsheet took it for a formula; write the text again, with ' "
                    "before it, or review an .xlsx table",
                    path,
                    row.line,
                )
    sides = _Text(source), _Text(target)
    kept = [row for row in rows if row.status is not Status.drop]
    texts = [(side, text) for row in kept for side, text in zip(sides, (row.source, row.target), strict=True) if text]
    if texts and not any(side.has(text) for side, text in texts):
        raise DataError("none of its texts stands in its document: are these others, or in another order?", path)


@dataclass(frozen=True)
class Reviewed:
    """What a corrected table says."""

    rows: list[Row]
    """With new scores; those aligned anew in the place of the rows to redo."""
    counts: dict[str, int]

    @property
    def pairs(self) -> list[tuple[float, str, str]]:
        """Score, source and target of what is kept."""
        return [(row.score, row.source, row.target) for row in self.rows if row.is_pair]


def reviewed(rows: Sequence[Row], source: Document, target: Document, encode: Encode, max_size: int = 4) -> Reviewed:
    """The rows of a corrected table with what it asks for done. Rows that stay are anchors: what is aligned anew is
    aligned between them, and their texts count, also where they are not those of the documents.

    Raises what `align` raises.
    """
    encode = verified(encode)
    sides = _Text(source), _Text(target)
    edited = sum(
        row.status is Status.keep
        and not all(side.has(text) for side, text in zip(sides, (row.source, row.target), strict=True))
        for row in rows
    )
    done = _redone([row for row in rows if row.status is not Status.drop], sides, encode, max_size)
    pairs = [row for row in done if row.is_pair]
    scores = iter(())
    if pairs:
        vectors = [encode([getattr(row, name) for row in pairs], side.language) for name, side in
                   (("source", source), ("target", target))]  # fmt: skip
        scores = iter(cosines(*vectors).tolist())
    done = flagged([replace(row, score=next(scores) if row.is_pair else 0.0) for row in done])
    counts = {
        "rows": len(rows),
        "edited": edited,
        "redone": sum(row.status is Status.redo for row in rows),
        "dropped": sum(row.status is Status.drop for row in rows),
        "without_counterpart": len(done) - len(pairs),
        "pairs": len(pairs),
    }
    return Reviewed(done, counts)


def _redone(rows: list[Row], sides: "tuple[_Text, _Text]", encode: Encode, max_size: int) -> list[Row]:
    """The rows with those to redo aligned anew: as parts of the whole, by which the costs of links are measured."""
    redo = [row for row in rows if row.status is Status.redo]
    if not (any(row.source for row in redo) and any(row.target for row in redo)):
        return [replace(row, status=Status.keep) for row in rows]
    found = [(sides[0].sentences(row.source), sides[1].sentences(row.target)) for row in rows]
    texts = [
        Document(tuple(chain.from_iterable(some)), (), side.document.language)
        for side, some in zip(sides, zip(*found, strict=True), strict=True)
    ]
    max_size = size_of_links(max_size, *texts)
    spans, whole = [embedded(text, encode, max_size) for text in texts], Alignment(texts[0], texts[1], [])
    done, places = list[Row](), (0, 0)
    for status, some in groupby(zip(rows, found, strict=True), key=lambda one: one[0].status):
        run = list(some)
        ends = tuple(place + sum(len(one[1][n]) for one in run) for n, place in enumerate(places))
        group = (places[0], ends[0]), (places[1], ends[1])
        if status is Status.redo and all(begin < end for begin, end in group):
            links = align(spans[0], spans[1], max_size, [group])
            done += [_row(whole, link, "redone") for link in links]
        else:
            done += [replace(row, status=Status.keep) for row, _ in run]
        places = ends[0], ends[1]
    return done


class _Text:
    """A document without its spaces, in which the texts of cells are found again."""

    def __init__(self, document: Document) -> None:
        self.document = document
        bare = [_bare(sentence) for sentence in document.sentences]
        self._text, self._ends, self._last = "".join(bare), list(accumulate(map(len, bare))), 0
        self._bounds = {0, *self._ends}

    def has(self, text: str) -> bool:
        """Whether it stands in the document."""
        return self._find(_bare(text)) >= 0

    def sentences(self, text: str) -> list[str]:
        """The sentences of a text as the document has them; one, where it is not made of whole ones."""
        if not (bare := _bare(text)):
            return []
        if (place := self._find(bare, whole=True)) < 0:
            return [text]
        first, last = bisect_right(self._ends, place), bisect_left(self._ends, place + len(bare))
        return list(self.document.sentences[first : last + 1])

    def _find(self, bare: str, whole: bool = False) -> int:
        """Its place: behind the text that was found last, or else anywhere; -1 where there is none."""
        for start in (self._last, 0):
            place = self._text.find(bare, start)
            while whole and place >= 0 and not {place, place + len(bare)} <= self._bounds:
                place = self._text.find(bare, place + 1)
            if place >= 0:
                self._last = place + len(bare)
                return place
        return -1


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text)
