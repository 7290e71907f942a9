"""JSON lines: one object a line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from interlingua.errors import DataError
from interlingua.files import read_lines
from interlingua.types import Row

SUFFIXES = (".jsonl", ".ndjson")


def read(path: Path) -> Iterator[Row]:
    """Rows by key; numbers become text, null is an empty text. Raises DataError, with the line, for anything but flat objects."""
    for line, text in read_lines(path):
        if not text.strip():
            continue
        try:
            record: Any = json.loads(text)
        except ValueError as error:
            raise DataError(f"not JSON ({error}); one object a line is expected", path, line) from error
        if not isinstance(record, dict):
            raise DataError(f"a JSON {type(record).__name__}, an object with named columns is expected", path, line)
        nested = [key for key, value in record.items() if isinstance(value, dict | list)]
        if nested:
            raise DataError(f"column {nested[0]!r} is nested, text or a number is expected", path, line)
        yield Row({key: "" if value is None else str(value) for key, value in record.items()}, line)
