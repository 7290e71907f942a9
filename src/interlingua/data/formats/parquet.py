"""Parquet tables, read a batch of rows at a time."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from interlingua.errors import DataError
from interlingua.files import COMPRESSIONS, open_bytes
from interlingua.types import Row

SUFFIXES = (".parquet",)


def read(path: Path) -> Iterator[Row]:
    """Rows by column name; numbers become text, null is an empty text; `line` counts rows.

    Nested and binary columns (embeddings, images) hold no text and are left out. Raises DataError for a damaged file and for one
    without any other column.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    with _seekable(path) as stream:
        try:
            file = pq.ParquetFile(stream)
            columns = _columns(file.schema_arrow, path)
            for batch in file.iter_batches(columns=columns):
                for record in batch.to_pylist():
                    number += 1
                    yield Row({name: "" if value is None else str(value) for name, value in record.items()}, number)
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise DataError(f"not a readable Parquet file ({str(error).splitlines()[0]})", path, number + 1 if number else None) from error


def _columns(schema: Any, path: Path) -> list[str]:
    import pyarrow.types as kinds

    if len(set(schema.names)) < len(schema.names):
        raise DataError(f"each column must be named once, found {', '.join(schema.names)}", path)
    binary = (kinds.is_binary, kinds.is_large_binary, kinds.is_fixed_size_binary, kinds.is_binary_view, kinds.is_nested)
    columns = [field.name for field in schema if not any(is_kind(field.type) for is_kind in binary)]
    if not columns:
        found = ", ".join(f"{field.name} ({field.type})" for field in schema)
        raise DataError(f"no column holds text, found {found}; store each text in a column of its own", path)
    return columns


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
