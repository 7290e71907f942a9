"""Parquet tables, read a batch of rows at a time."""

from collections.abc import Iterator
from pathlib import Path

from interlingua.errors import DataError
from interlingua.types import Row

SUFFIXES = (".parquet",)


def read(path: Path) -> Iterator[Row]:
    """Rows by column name; numbers become text, null is an empty text; `line` counts rows. Raises DataError for a damaged file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            number = 0
            for batch in file.iter_batches():
                for record in batch.to_pylist():
                    number += 1
                    yield Row({key: "" if value is None else str(value) for key, value in record.items()}, number)
    except FileNotFoundError as error:
        raise DataError("there is no such file", path) from error
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"not a readable Parquet file ({str(error).splitlines()[0]})", path) from error
