"""Tables with a header row, tabs between the fields and no quoting."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from interlingua.errors import ConfigError, DataError
from interlingua.files import read_lines
from interlingua.formats import table
from interlingua.outputs import create_text
from interlingua.types import Row
from interlingua.units.holds import Holds

OURS = ("source", "target", "source_language", "target_language")
"""Names by which columns are known whatever their capitals."""


def read(path: Path) -> Iterator[Row]:
    """Rows by the names of the header. Raises DataError, with the line, where a row has another number of fields
    than the header.
    """
    yield from named(path, ((line, text.split("\t")) for line, text in read_lines(path)))


def named(path: Path, rows: Iterable[tuple[int, list[str]]]) -> Iterator[Row]:
    """Rows by the names that the first of them gives. Raises DataError as `read` does."""
    header: list[str] = []
    for line, fields in rows:
        if not header:
            header = [_without_capitals(name.strip()) for name in fields]
            if any("\r" in name for name in header):
                raise DataError(
                    "lone carriage returns as line ends; make them line feeds (tr '\\r' '\\n' < OLD > NEW)", path, line
                )
            if len(set(header)) < len(header) or not all(header):
                raise DataError(f"the header must name each column once, found {header}", path, line)
        elif len(fields) != len(header):
            raise DataError(f"{len(fields)} fields, the header names {len(header)} ({', '.join(header)})", path, line)
        else:
            yield Row(dict(zip(header, fields, strict=True)), line)
    if not header:
        raise DataError("the file is empty; a header row and data rows are needed", path)


def _without_capitals(name: str) -> str:
    """A name that says what a column is, as spreadsheets have it: Source, TARGET."""
    return name.lower() if name.lower() in OURS else name


def check_header(path: Path, header: Sequence[str]) -> None:
    """Raise ConfigError for names of columns that could not be read back."""
    names = [re.sub(r"[\t\r\n]+", " ", name).strip() for name in header]
    if len(set(names)) < len(names) or not all(names):
        raise ConfigError(
            f"{path}: each column needs a name of its own, found {names}; rename them, or choose languages with "
            "--source-language and --target-language"
        )


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table whole or not at all; "-" prints it, .gz and .zst are compressed. Tabs and line ends inside a field
    become spaces.
    """
    check_header(path, header)
    with create_text(path) as stream:
        for fields in chain([header], rows):
            stream.write("\t".join(re.sub(r"[\t\r\n]+", " ", field) for field in fields) + "\n")


FORMAT = table(read, write, suffixes=(".tsv",), holds=Holds(languages=True, flattened="\t\r\n"))
