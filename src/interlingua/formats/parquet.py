"""Parquet tables, read and written a batch of rows at a time."""

import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from interlingua.errors import DataError
from interlingua.files import COMPRESSIONS, Expansion, open_bytes
from interlingua.formats import Format, jsonl
from interlingua.languages import is_language
from interlingua.outputs import create_bytes
from interlingua.types import Row
from interlingua.units.columns import records
from interlingua.units.tables import about_of, header_of, record_of, restored, texts_of, unit_of
from interlingua.units.unit import About, Memory, Unit

ROWS = 10_000
"""Rows written together, and the most that are read together."""
BLOCK = 1 << 26
"""Bytes of rows that are read together, by their average size."""


def read(path: Path) -> Iterator[Row]:
    """Rows by column name; numbers become text, null is an empty text; `line` counts rows.

    Nested and binary columns (embeddings, images) hold no text and are left out, but for texts by language under
    "translation". Raises DataError for a damaged file, for one without any other column, for pages that unpack to
    absurd sizes, and for a row of more than LONGEST_RECORD bytes.
    """
    yield from (row for row, _ in _rows(path))


def _rows(path: Path) -> Iterator[tuple[Row, str | None]]:
    """Rows, and what the column `unit` of a memory holds beside each."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    with _seekable(path) as stream:
        try:
            file = pq.ParquetFile(stream, page_checksum_verification=True)
            columns = _columns(file.schema_arrow, path)
            kept = [jsonl.UNIT] if _is_ours(file.schema_arrow) else []
            rows = _block(file.metadata, path)
            # as dictionaries: a long text that stands in many rows is there once
            nested = [field.name for field in file.schema_arrow if _by_language(field)]
            leaves = [leaf for name in (*columns, *kept) for leaf in _leaves(file.schema_arrow.field(name))]
            file = pq.ParquetFile(stream, read_dictionary=leaves, page_checksum_verification=True)
            expansion = Expansion(path)
            for batch in file.iter_batches(rows, columns=[*columns, *kept]):
                for record in records(batch, path, number + 1, expansion):
                    number += 1
                    more = record.pop(jsonl.UNIT, None) if kept else None
                    texts = {
                        name: "" if value is None else str(value)
                        for name, value in jsonl.flattened(record).items()
                        if name not in nested
                    }
                    row = Row(texts, number)
                    if any("\0" in text for text in row.columns.values()):
                        raise DataError("a NUL character, which no text has; remove it", path, number)
                    yield row, (more or {}).get("json")
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise DataError(
                f"not a readable Parquet file ({str(error).splitlines()[0]})", path, number + 1 if number else None
            ) from error


def _block(metadata: Any, path: Path) -> int:
    """How many rows to decode together: about BLOCK bytes. Raises DataError where pages unpack to absurd sizes."""
    expansion, widest = Expansion(path), 1
    for group in map(metadata.row_group, range(metadata.num_row_groups)):
        size = max(0, group.total_byte_size)  # not that of its columns: pyarrow aborts where one of them is damaged
        expansion.add(size)
        widest = max(widest, size // max(1, group.num_rows))
    return max(1, min(ROWS, BLOCK // widest))


def _columns(schema: Any, path: Path) -> list[str]:
    import pyarrow.types as kinds

    if len(set(schema.names)) < len(schema.names):
        raise DataError(f"each column must be named once, found {', '.join(schema.names)}", path)
    _check_names(schema.names, path)
    binary = (kinds.is_binary, kinds.is_large_binary, kinds.is_fixed_size_binary, kinds.is_binary_view, kinds.is_nested)
    columns = [
        field.name for field in schema if _by_language(field) or not any(is_kind(field.type) for is_kind in binary)
    ]
    if not columns:
        fields = ", ".join(f"{field.name} ({field.type})" for field in schema)
        raise DataError(f"no column holds text, found {fields}; store each text in a column of its own", path)
    return columns


def _check_names(names: Sequence[str], path: Path) -> None:
    """Raise DataError for the name of a column that no other format could hold."""
    for name in names:
        if "\0" in name:
            raise DataError(f"a NUL character in the name of column {name!r}; rename it", path)


def _by_language(field: Any) -> bool:
    """Whether a column holds a text for each of several languages."""
    import pyarrow.types as kinds

    if field.name != jsonl.TRANSLATION or not kinds.is_struct(field.type):
        return False
    return all(is_language(inner.name) and kinds.is_string(inner.type) for inner in field.type)


def _leaves(field: Any) -> list[str]:
    """What Parquet calls the columns of a field."""
    import pyarrow.types as kinds

    return [f"{field.name}.{inner.name}" for inner in field.type] if kinds.is_struct(field.type) else [field.name]


@contextmanager
def _seekable(path: Path) -> Iterator[BinaryIO]:
    """Parquet is read from its end: a compressed file is unpacked first."""
    with open_bytes(path) as stream:
        if path.suffix.lower() not in COMPRESSIONS:
            yield stream
            return
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(stream, copy)
            copy.seek(0)
            yield copy


def _is_ours(schema: Any) -> bool:
    """Whether the column `unit` is the one that `write_memory` makes."""
    import pyarrow as pa

    return jsonl.UNIT in schema.names and schema.field(jsonl.UNIT).type == pa.struct([("json", pa.string())])


def keeps_units(path: Path) -> bool:
    """Whether `write_memory` made this file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with _seekable(path) as stream:
        try:
            return _is_ours(pq.read_schema(stream))
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise DataError(f"not a readable Parquet file ({str(error).splitlines()[0]})", path) from error


def memory(path: Path, source_language: str = "", target_language: str = "") -> Memory:
    """The rows as units, with all that `write_memory` kept. Raises DataError for a damaged file."""
    first = next(_rows(path), (None, None))[1]
    about = about_of(_record(first, path, 1), path, 1) if first else About()
    named = {"srclang": source_language} if source_language else {}
    return Memory(
        About(named | about.attributes, about.remarks, about.root),
        partial(_units, path, source_language, target_language),
    )


def _units(path: Path, source_language: str, target_language: str) -> Iterator[Unit]:
    for row, more in _rows(path):
        if more:
            yield restored(row, _record(more, path, row.line), path, source_language, target_language)
        else:
            yield unit_of(row, path, source_language, target_language)


def _record(more: str, path: Path, line: int) -> dict[str, Any]:
    record = jsonl.parsed(more, path, line)
    return record if isinstance(record, dict) else {}


def write_memory(path: Path, memory: Memory) -> None:
    """Write a memory, one row a unit: a column for each language, and a column `unit` with all a unit holds beyond its
    texts, as JSON.

    Streaming, whole or not at all. Raises DataError where the file cannot be written.
    """
    header = header_of(memory)

    def rows() -> Iterator[list[str | None]]:
        for number, unit in enumerate(memory):
            more = record_of(unit, None if number else memory.about, header)
            yield [*texts_of(unit, header), json.dumps(more, ensure_ascii=False) if more else None]

    _write(path, header, rows(), with_unit=True)


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write rows of text, streaming, whole or not at all. Raises DataError where the file cannot be written."""
    _write(path, list(header), rows, with_unit=False)


def _write(path: Path, header: list[str], rows: Iterable[Sequence[str | None]], with_unit: bool) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    _check_names(header, path)
    kinds = [(name, pa.string()) for name in header] + (
        [(jsonl.UNIT, pa.struct([("json", pa.string())]))] if with_unit else []
    )
    schema = pa.schema(kinds)
    with create_bytes(path) as stream, pq.ParquetWriter(stream, schema, write_page_checksum=True) as writer:
        for block in _blocks(rows):
            columns = [list(column) for column in zip(*block, strict=True)]
            if with_unit:
                columns[-1] = [None if more is None else {"json": more} for more in columns[-1]]
            writer.write_batch(
                pa.record_batch(
                    [pa.array(c, field.type) for c, field in zip(columns, schema, strict=True)], schema=schema
                )
            )


def _blocks(rows: Iterable[Sequence[str | None]]) -> Iterator[list[Sequence[str | None]]]:
    remaining = iter(rows)
    while block := list(islice(remaining, ROWS)):
        yield block


FORMAT = Format(
    suffixes=(".parquet",),
    holds=jsonl.HOLDS,
    read=read,
    memory=memory,
    write_memory=write_memory,
    write_rows=write,
    keeps_units=keeps_units,
)
