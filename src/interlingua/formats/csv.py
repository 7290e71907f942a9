"""Tables with a header row, commas between the fields and quotes around what needs them; read also with the semicolons
or tabs of spreadsheets.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from interlingua.errors import DataError
from interlingua.files import LONGEST_RECORD, read_lines, too_long
from interlingua.formats import table, tsv
from interlingua.outputs import create_text
from interlingua.types import Row
from interlingua.units.holds import Holds

DELIMITERS = ",;\t"


def read(path: Path) -> Iterator[Row]:
    """Rows by the names of the header. Raises DataError, with the line, for what is not CSV, for a row of more than
    LONGEST_RECORD bytes, and where a row has another number of fields than the header.
    """
    yield from tsv.named(path, _fields(path))


def _fields(path: Path) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(LONGEST_RECORD)
    line, size = 1, 0

    def lines() -> Iterator[str]:
        nonlocal size
        for _, text in read_lines(path):
            size += len(text) + 1
            if size > LONGEST_RECORD:  # a quote that nothing closes takes in all that follows
                raise too_long("row", path, line)
            yield text + "\n"

    rows = lines()
    first = list(islice(rows, 1))
    reader = csv.reader(chain(first, rows), strict=True, delimiter=_delimiter("".join(first)))
    try:
        for fields in reader:
            size = 0
            if fields:  # a blank line is no record; an empty text of a single column is written ""
                yield line, fields
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"not CSV ({error})", path, line) from error


def _delimiter(header: str) -> str:
    """What stands between the names of the columns: of a comma, a semicolon and a tab, what gives most of them."""

    def columns(delimiter: str) -> int:
        try:
            return len(next(csv.reader([header], delimiter=delimiter), []))
        except csv.Error:  # which reading tells, with its line
            return 0

    return max(DELIMITERS, key=columns)


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table whole or not at all; "-" prints it, .gz and .zst are compressed."""
    tsv.check_header(path, header)
    with create_text(path) as stream:
        csv.writer(_Lines(stream.write), lineterminator="\r\n").writerows(chain([header], rows))


class _Lines:
    """Ends rows with a line feed alone. Before Python 3.13 `csv` quotes a field for its line ends only where they are
    of the row's own, so that a carriage return in a text needs rows that end with one.
    """

    def __init__(self, write: Callable[[str], int]) -> None:
        self._write = write

    def write(self, row: str) -> int:
        return self._write(row.removesuffix("\r\n") + "\n")


FORMAT = table(read, write, suffixes=(".csv",), holds=Holds(languages=True))
