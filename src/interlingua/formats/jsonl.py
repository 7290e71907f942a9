"""JSON lines: one object a line."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from interlingua.errors import DataError
from interlingua.files import read_lines
from interlingua.formats import Format
from interlingua.languages import is_language
from interlingua.outputs import create_text
from interlingua.types import Row
from interlingua.units.holds import Holds
from interlingua.units.tables import about_of, header_of, record_of, restored, texts_of, unit_of
from interlingua.units.unit import About, Memory, Unit

HOLDS = Holds(
    attributes=True, notes=True, properties=("",), note_attributes=("",), dialects=("tmx", "xliff 1", "xliff 2"),
    languages=True,
    variants=True, unfinished=True, untranslated=True, header=True,
)  # fmt: skip
NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
HALF = re.compile(r"\\u[dD][89a-fA-F]")
TRANSLATION = "translation"
UNIT = "unit"
"""The key under which a record keeps what a unit holds beyond its texts."""


def read(path: Path) -> Iterator[Row]:
    """Rows by key; numbers become text, null is an empty text, nested values are left out but for texts by language
    under "translation".

    Raises DataError, with the line, for what is no object.
    """
    for record, line in _records(path):
        yield _row(record, line)


def _records(path: Path) -> Iterator[tuple[dict[str, Any], int]]:
    for line, text in read_lines(path):
        if not text.strip():
            continue
        record = parsed(text, path, line)
        if not isinstance(record, dict):
            raise DataError(f"a JSON {type(record).__name__}, an object with named columns is expected", path, line)
        yield record, line


def parsed(text: str, path: Path, line: int) -> Any:
    """JSON as Python values. Raises DataError, with the line, for what is no JSON, is nested too deep, or holds a
    number of thousands of digits, a NUL or half a character.
    """
    try:
        value = json.loads(text)
        if HALF.search(text):  # an escape such as \ud800, which the other half may follow
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise DataError("half of a surrogate pair, which is no character, as \\u escape", path, line) from error
    except json.JSONDecodeError as error:
        raise DataError(f"not JSON ({error}); one object a line is expected", path, line) from error
    except RecursionError as error:
        raise DataError("not JSON of ours: nested too deep; one object a line is expected", path, line) from error
    except ValueError as error:
        raise DataError("a number of thousands of digits; write it as text, in quotes", path, line) from error
    if NUL.search(text):
        raise DataError("a NUL character, as \\u escape, which no text has; remove it", path, line)
    return value


def flattened(record: dict[str, Any]) -> dict[str, Any]:
    """A record whose texts do not stand by language under a key of their own, as those of many parallel sets do."""
    texts = record.get(TRANSLATION)
    return {**texts, **record} if isinstance(texts, dict) and all(map(is_language, texts)) else record


def _row(record: dict[str, Any], line: int) -> Row:
    flat = {
        key: value for key, value in flattened(record).items() if not isinstance(value, dict | list)
    }  # SNLI lists its annotators' votes
    return Row({key: _text(value) for key, value in flat.items()}, line)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def keeps_units(path: Path) -> bool:
    """Whether `write_memory` made this file of units that hold more than texts."""
    return any(isinstance(record.get(UNIT), dict) for record, _ in islice(_records(path), 100))


def memory(path: Path, source_language: str = "", target_language: str = "") -> Memory:
    """The records as units, with all that `write_memory` kept. Raises DataError, with the line."""
    record, line = next(_records(path), ({}, 0))
    first = record.get(UNIT)
    about = about_of(first, path, line) if isinstance(first, dict) else About()
    named = {"srclang": source_language} if source_language else {}
    return Memory(
        About(named | about.attributes, about.remarks, about.root),
        partial(_units, path, source_language, target_language),
    )


def _units(path: Path, source_language: str, target_language: str) -> Iterator[Unit]:
    for record, line in _records(path):
        row, more = _row(record, line), record.get(UNIT)
        if isinstance(more, dict):
            yield restored(row, more, path, source_language, target_language)
        else:
            yield unit_of(row, path, source_language, target_language)


def write_memory(path: Path, memory: Memory) -> None:
    """Write a memory, one object a unit: its texts by language and, where there is more, all of that under "unit".

    Streaming, whole or not at all. Raises DataError where the file cannot be written.
    """
    header = header_of(memory)
    with create_text(path) as stream:
        for number, unit in enumerate(memory):
            texts = {name: text for name, text in zip(header, texts_of(unit, header), strict=True) if text}
            more = record_of(unit, None if number else memory.about, header)
            stream.write(_line(texts | ({UNIT: more} if more else {})))


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write rows as objects, whole or not at all."""
    with create_text(path) as stream:
        for fields in rows:
            stream.write(_line(dict(zip(header, fields, strict=True))))


def _line(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False) + "\n"


FORMAT = Format(
    suffixes=(".jsonl", ".ndjson"),
    holds=HOLDS,
    read=read,
    memory=memory,
    write_memory=write_memory,
    write_rows=write,
    keeps_units=keeps_units,
)
