"""JSON lines: one object a line."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from interlingua.errors import DataError
from interlingua.files import read_lines, write_whole
from interlingua.types import Row

SUFFIXES = (".jsonl", ".ndjson")


def read(path: Path) -> Iterator[Row]:
    """Rows by key; numbers become text, null is an empty text, nested values are left out.

    Raises DataError, with the line, for what is no object.
    """
    for line, text in read_lines(path):
        if not text.strip():
            continue
        try:
            record: dict[str, Any] | Any = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise DataError(f"not JSON ({error}); one object a line is expected", path, line) from error
        if not isinstance(record, dict):
            raise DataError(f"a JSON {type(record).__name__}, an object with named columns is expected", path, line)
        flat = {key: value for key, value in record.items() if not isinstance(value, dict | list)}  # SNLI lists its annotators' votes
        yield Row({key: _text(key, value, path, line) for key, value in flat.items()}, line)


def _text(key: str, value: Any, path: Path, line: int) -> str:
    if not isinstance(value, str):
        return "" if value is None else json.dumps(value)
    try:
        value.encode()  # an escape such as \ud800 can name half a character
    except UnicodeEncodeError as error:
        raise DataError(f"column {key!r} has half of a surrogate pair, which is no character", path, line) from error
    return value


def write(path: Path, records: Iterable[Mapping[str, object]]) -> None:
    """Write one object a line, whole or not at all."""
    with write_whole(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        for record in records:
            stream.write(json.dumps(record, ensure_ascii=False) + "\n")
