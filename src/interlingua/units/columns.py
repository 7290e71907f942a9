"""Columns of Arrow as rows of Python values, some at a time: a block of rows may hold more text than memory should."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from interlingua.files import LONGEST_RECORD, Expansion, too_long
from interlingua.shapes import Int64


def records(batch: Any, path: Path, line: int, expansion: Expansion) -> Iterator[dict[str, Any]]:
    """The rows of a record batch, of which the first is row `line` of the file, as dictionaries by column.

    Raises DataError, with the row, for one of more than LONGEST_RECORD bytes, and where `expansion` refuses.
    """
    sizes = np.zeros(batch.num_rows, np.int64)
    for column in batch.columns:
        sizes += _bytes(column)
    ends = np.cumsum(sizes)
    start = 0
    while start < batch.num_rows:
        before = int(ends[start - 1]) if start else 0
        stop = int(np.searchsorted(ends, before + LONGEST_RECORD, "right"))
        if stop == start:
            raise too_long("row", path, line + start)
        expansion.add(int(ends[stop - 1]) - before)
        yield from _plain(batch.slice(start, stop - start)).to_pylist()
        start = stop


def _bytes(column: Any) -> Int64[np.ndarray, " N"]:
    """The bytes of text in each row."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.types as kinds

    if kinds.is_struct(column.type):
        return sum(map(_bytes, column.flatten()), np.zeros(len(column), np.int64))
    if kinds.is_dictionary(column.type):
        found = pa.array(_bytes(column.dictionary)).take(column.indices).fill_null(0)
    elif kinds.is_string(column.type) or kinds.is_large_string(column.type):
        found = pc.fill_null(pc.binary_length(column), 0)  # pyright: ignore[reportAttributeAccessIssue]
    elif kinds.is_string_view(column.type):
        return _bytes(column.cast(pa.large_string()))
    else:
        return np.zeros(len(column), np.int64)
    return found.to_numpy(zero_copy_only=False).astype(np.int64)


def _plain(batch: Any) -> Any:
    """Without dictionaries, whose values Arrow makes Python's one by one."""
    import pyarrow as pa
    import pyarrow.types as kinds

    columns = [one.dictionary_decode() if kinds.is_dictionary(one.type) else one for one in batch.columns]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)
