"""Tables with a header row: TSV (tabs, no quoting) and CSV (commas, quotes)."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from interlingua.errors import DataError
from interlingua.files import bare_suffix, read_lines, write_whole
from interlingua.types import Row

SUFFIXES = (".tsv", ".csv")


def read(path: Path) -> Iterator[Row]:
    """Rows by the names of the header. Raises DataError, with the line, where a row has another number of fields than the header."""
    header: list[str] = []
    for line, fields in _fields(path):
        if not header:
            header = [name.strip() for name in fields]
            if len(set(header)) < len(header) or not all(header):
                raise DataError(f"the header must name each column once, found {header}", path, line)
        elif len(fields) != len(header):
            raise DataError(f"{len(fields)} fields, the header names {len(header)} ({', '.join(header)})", path, line)
        else:
            yield Row(dict(zip(header, fields, strict=True)), line)
    if not header:
        raise DataError("the file is empty; a header row and data rows are needed", path)


def _fields(path: Path) -> Iterator[tuple[int, list[str]]]:
    if bare_suffix(path) != ".csv":
        yield from ((line, text.split("\t")) for line, text in read_lines(path))
        return
    reader = csv.reader((text + "\n" for _, text in read_lines(path)), strict=True)
    line = 1
    try:
        for fields in reader:
            if fields:  # a blank line is no record; an empty text of a single column is written ""
                yield line, fields
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"not CSV ({error})", path, line) from error


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a TSV whole or not at all; tabs and line ends inside a field become spaces."""
    with write_whole(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        for fields in chain([header], rows):
            stream.write("\t".join(re.sub(r"[\t\r\n]+", " ", field) for field in fields) + "\n")
