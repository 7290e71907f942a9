"""Approximate nearest neighbours by FAISS, for more vectors than can all be compared; what it finds is scored
exactly.
"""

from collections.abc import Iterator
from enum import StrEnum
from math import log2, sqrt
from typing import Any

import numpy as np
from jaxtyping import Int64

from interlingua.errors import ConfigError
from interlingua.types import Embeddings

TRAINING = 64
"""Vectors a cell is fitted to."""
PROBED = 8
"""One in so many cells is looked into."""
LOOKED_AT = 4
"""Times k: candidates that are scored exactly."""
FEWEST = 10_000
"""Vectors below which there is nothing to gain, nor enough to fit an index to."""


class IndexType(StrEnum):
    """How neighbours are searched."""

    exact = "exact"
    """Every vector is compared with every other."""
    ivf = "ivf"
    """Vectors in cells, one byte a coordinate."""
    hnsw = "hnsw"
    """A graph of near vectors, one byte a coordinate."""


def build(
    kind: IndexType, count: int, width: int, sample: Embeddings, blocks: Iterator[Embeddings], memory: int
) -> Any:
    """An index of `count` vectors, which come in `blocks`. `memory` is in bytes. Raises ConfigError where it does
    not suffice.
    """
    import faiss

    cells = int(max(1, min(2 ** round(log2(4 * sqrt(count))), len(sample) // 39)))
    recipe, each = {
        IndexType.ivf: (f"IVF{cells},SQ8", width + 16),
        IndexType.hnsw: ("HNSW32,SQ8", width + 320),
    }[kind]
    needed = count * each + sample.nbytes * 2
    if needed > memory:
        raise ConfigError(
            f"--index {kind} of {count:,} vectors needs {needed / 2**20:.0f} MB, --memory leaves {memory / 2**20:.0f} "
            "MB"
        )
    index: Any = faiss.index_factory(width, recipe, faiss.METRIC_INNER_PRODUCT)
    index.train(sample)
    for block in blocks:
        index.add(block)
    if kind is IndexType.hnsw:
        index.hnsw.efSearch = 128
    else:
        faiss.extract_index_ivf(index).nprobe = max(1, cells // PROBED)
    return index


def sample_size(count: int) -> int:
    """How many vectors an index of `count` is fitted to."""
    return int(TRAINING * 2 ** round(log2(4 * sqrt(max(1, count)))))


def candidates(index: Any, queries: Embeddings, k: int) -> tuple[Int64[np.ndarray, " P"], Int64[np.ndarray, " P"]]:
    """Places of queries and rows of the vectors that may be their neighbours."""
    _, rows = index.search(queries, LOOKED_AT * k)
    places, columns = np.nonzero(rows >= 0)
    return places, rows[places, columns]
