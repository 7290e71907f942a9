"""Embeddings of a stream of texts, written as JSON lines, Parquet or NumPy."""

import json
from collections.abc import Iterator
from pathlib import Path

from interlingua.encoding.streaming import COORDINATE, MEMORY, encoded
from interlingua.outputs import write_whole
from interlingua.types import Encode


def lines(
    encode: Encode, texts: Iterator[str], *, width: int, language: str = "und", memory: int = MEMORY
) -> Iterator[str]:
    """JSON objects of text and embedding, one a line: encoded as they come, some thousands at a time."""
    for some, embeddings in encoded(encode, texts, language, 0, 4096, memory, COORDINATE * width):
        for text, row in zip(some, embeddings, strict=True):
            record = {"text": text, "embedding": [round(float(value), 7) for value in row]}
            yield json.dumps(record, ensure_ascii=False) + "\n"


def to_parquet(
    encode: Encode, texts: Iterator[str], output: Path, *, width: int, language: str = "und", memory: int = MEMORY
) -> int:
    """Write columns text and embedding (`width` float32), whole or not at all, and return the number of rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    done = 0
    schema = pa.schema([("text", pa.string()), ("embedding", pa.list_(pa.float32(), width))])
    with write_whole(output) as temporary, pq.ParquetWriter(temporary, schema, write_page_checksum=True) as writer:
        for some, embeddings in encoded(encode, texts, language, memory=memory, each=COORDINATE * width):
            column = pa.FixedSizeListArray.from_arrays(pa.array(embeddings.ravel()), width)
            writer.write_table(pa.Table.from_arrays([pa.array(some, pa.string()), column], schema=schema))
            done += len(some)
    return done
