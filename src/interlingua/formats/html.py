"""Tables of web pages (.html, .htm, .xhtml): the first that has rows beneath a header of two columns or more.

A page without a table is a document of one language (`documents.html`).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path

from interlingua.documents._tags import Piece, pieces
from interlingua.documents._text import tell, tidy
from interlingua.documents.html import BLOCKS, READER, SKIPPED, is_xml, source_of
from interlingua.errors import ConfigError, DataError
from interlingua.formats import table, tsv
from interlingua.outputs import create_text
from interlingua.types import Row
from interlingua.units.holds import Holds

MOST_COLUMNS, DEEPEST = 1000, 100
"""Columns of a table, and tables in each other."""
ABSURD = f"refused: a table of more than {MOST_COLUMNS:,} columns"
CELLS, SECTIONS = ("td", "th"), ("thead", "tbody", "tfoot")
TABLE = re.compile("<table[\\s>]", re.IGNORECASE)
HEAD = """<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<title>Table</title>
<style>
body { font: 1rem/1.4 system-ui, sans-serif; margin: 1rem }
table { border-collapse: collapse }
th, td { border: 1px solid #8888; padding: .3rem .6rem; text-align: start; vertical-align: top }
th { position: sticky; top: 0; background: Canvas }
pre { font: inherit; margin: 0; white-space: pre-wrap }
</style>
</head>
<body>
<table>
"""
TAIL = "</tbody>\n</table>\n</body>\n</html>\n"


class _Cell:
    """A cell: its text as it comes, how many columns and rows it is over."""

    def __init__(self, given: dict[str, str]) -> None:
        self._text, self._is_exact = list[str](), False
        self.columns, self.rows = (_count(given.get(name, "")) for name in ("colspan", "rowspan"))

    def add(self, piece: Piece, is_exact: bool) -> None:
        """Put the text of a piece, or the line end that a tag stands for, behind the others."""
        self._is_exact = self._is_exact or is_exact
        name = piece.opened or piece.closed
        text = piece.text if is_exact else re.sub(r"[\r\n]", " ", piece.text)
        self._text.append("\n" if name == "br" or (name in BLOCKS and name != "pre") else text)

    @property
    def text(self) -> str:
        """What people see: exactly that of a <pre>, but for the line end that it may begin with."""
        text = "".join(self._text)
        return text.strip(" ").removeprefix("\n") if self._is_exact else tidy(text)


class _Table:
    """The row of a table that is read, and what stands in rows to come."""

    def __init__(self, path: Path) -> None:
        self.header: tuple[int, list[str]] | None = None
        """The first row."""
        self.has_rows = False
        """Whether others are beneath it."""
        self._path, self._line, self._cells = path, 0, list[_Cell]()
        self._is_open = False
        """Whether texts belong to the last cell."""
        self._over = dict[int, tuple[int, str]]()
        """By column: in how many rows to come a cell stands, and its text."""

    def take(self, piece: Piece, line: int, is_exact: bool) -> None:
        """What a tag or a text between the table's own tags does to the row."""
        name = piece.opened or piece.closed
        if name in ("tr", *SECTIONS) or piece.closed in CELLS:
            self._is_open = False
        elif piece.opened in CELLS:
            self._cells.append(_Cell(piece.attributes))
            self._is_open = True
            if len(self._cells) > MOST_COLUMNS:
                raise DataError(ABSURD, self._path, line)
        elif self._is_open:
            self._cells[-1].add(piece, is_exact)
        if piece.opened == "tr" or (piece.opened in CELLS and not self._line):
            self._line = line

    def done(self) -> tuple[int, list[str]] | None:
        """The row ends: its line and its texts, one for each column. A cell over several rows stands in each, one over
        several columns in the first. Headings over all columns and empty rows are none. Raises DataError for an absurd
        number of columns.
        """
        line, cells = self._line, self._cells
        if not line:
            return None
        is_heading = len(cells) == 1 and cells[0].columns > 1
        texts, left, over = list[str](), cells[::-1], dict[int, tuple[int, str]]()
        if sum(cell.columns for cell in cells) + len(self._over) > MOST_COLUMNS:
            raise DataError(ABSURD, self._path, line)
        while left or len(texts) in self._over:
            if len(texts) in self._over:
                count, text = self._over[len(texts)]
                span = [text]
            else:
                cell = left.pop()
                count, span = cell.rows, [cell.text, *[""] * (cell.columns - 1)]
            if count > 1:
                over |= {len(texts) + n: (count - 1, text) for n, text in enumerate(span)}
            texts += span
        self._over, self._cells, self._line = over, [], 0
        return None if is_heading or not any(texts) else (line, texts)


def _count(written: str) -> int:
    """What a colspan says; 1 for what is no number, as browsers have it."""
    found = re.match(r"\s{0,9}([1-9][0-9]{0,4})", written, re.ASCII)
    return int(found[1]) if found else 1


def read(path: Path) -> Iterator[Row]:
    """Rows by the names of the header. Line ends are those that people see. Raises DataError, with the line, where a
    row has another number of cells than the header, and for a page without such a table.
    """
    yield from tsv.named(path, _rows(path))


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    chosen, others, empty = None, 0, None
    for one, row in _all_rows(path):
        if one.header is None:
            one.header = row
            empty = empty or (row if len(row[1]) > 1 else None)
            continue
        if one is chosen:
            yield row
        elif chosen is None and len(one.header[1]) > 1:
            chosen = one
            yield from (one.header, row)
        elif len(one.header[1]) > 1 and not one.has_rows:
            others += 1
        one.has_rows = True
    if chosen is None and empty is None:
        raise DataError("no table with a header of two columns or more", path)
    if chosen is None and empty is not None:
        yield empty
    if others:
        tell(f"{path}: read the first table; left out {others:,} more")


def _all_rows(path: Path) -> Iterator[tuple[_Table, tuple[int, list[str]]]]:
    """The rows of all tables of a page, where they end."""
    source = source_of(path)
    is_open, skipped, exact = list[_Table](), "", 0
    line, at = 1, 0
    for piece in pieces(source, is_xml(path, source)):
        line, at = line + source.count("\n", at, max(at, piece.at)), max(at, piece.at)
        name = piece.opened or piece.closed
        if skipped:
            skipped = "" if piece.closed == skipped else skipped
            continue
        if is_open and (name in ("tr", *SECTIONS) or piece.closed == "table") and (row := is_open[-1].done()):
            yield is_open[-1], row
        if piece.opened in SKIPPED and not piece.empty:
            skipped = piece.opened
        elif name == "table":
            if piece.opened:
                is_open.append(_Table(path))
            elif is_open:
                is_open.pop()
            exact = 0
        elif is_open:
            exact = max(0, exact + (1 if piece.opened else -1)) if name == "pre" else exact
            is_open[-1].take(piece, line, exact > 0)
        if len(is_open) > DEEPEST:
            raise DataError(f"refused: tables nested more than {DEEPEST} deep", path, line)
    for one in reversed(is_open):
        if row := one.done():
            yield one, row


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a page with a table whole or not at all, which loads nothing and can be read back exactly. Raises
    ConfigError for a table of one column, which would be read as a page without one.
    """
    tsv.check_header(path, header)
    if len(header) < 2:
        raise ConfigError(f"{path}: one column ({', '.join(header)}) is no table in a page; write a .tsv")
    with create_text(path) as stream:
        stream.write(HEAD)
        stream.write(f"<thead><tr>{''.join(f'<th>{_html(name)}</th>' for name in header)}</tr></thead>\n<tbody>\n")
        for cells in rows:
            stream.write(f"<tr>{''.join(f'<td dir=auto>{_html(text)}</td>' for text in cells)}</tr>\n")
        stream.write(TAIL)


def _html(text: str) -> str:
    """A text as it is read back: in a <pre> where its white space would be another."""
    written = escape(text, quote=False).replace("\r", "&#13;")
    return written if text == tidy(text) and "\n" not in text else f"<pre>\n{written}</pre>"


def _holds_a_table(path: Path) -> bool:
    return not path.is_file() or TABLE.search(source_of(path)) is not None


FORMAT = table(read, write, suffixes=READER.suffixes, holds=Holds(languages=True), owns=_holds_a_table)
