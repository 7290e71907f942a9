"""Vectors in numpy: unit length and cosines."""

import numpy as np

from interlingua.shapes import Float32
from interlingua.types import Embeddings


def unit(embeddings: Embeddings) -> Embeddings:
    """Rows at length 1; a row of zeros stays as it is."""
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    return np.divide(embeddings, lengths, out=np.zeros_like(embeddings), where=lengths > 0)


def cosines(one: Embeddings, other: Embeddings) -> Float32[np.ndarray, " N"]:
    """The cosine of each row with the row of the same number; 0 for rows of zeros."""
    return (unit(one) * unit(other)).sum(axis=1)


def mean_cosine(embeddings: Embeddings) -> float:
    """Mean cosine of two different rows: near 0 where directions are spread, 1 where all texts look alike."""
    rows = unit(embeddings).astype(np.float64)
    n = len(rows)
    if n < 2:
        return 0.0
    total = rows.sum(axis=0)
    return float((total @ total - (rows * rows).sum()) / (n * (n - 1)))


def are_unit(embeddings: Embeddings) -> bool:
    """Whether rows have length 1, as far as the first thousand tell."""
    return bool(np.allclose(np.linalg.norm(embeddings[:1000], axis=1), 1, atol=1e-3))
