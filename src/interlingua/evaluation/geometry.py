"""How embeddings fill their space: the signs of collapse."""

import numpy as np

from interlingua.types import Embeddings


def unit(embeddings: Embeddings) -> Embeddings:
    """Rows at length 1; a row of zeros stays as it is."""
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    return np.divide(embeddings, lengths, out=np.zeros_like(embeddings), where=lengths > 0)


def effective_rank(embeddings: Embeddings) -> float:
    """exp(entropy of the singular values, as shares of their sum) of the centred embeddings (Roy & Vetterli 2007).

    Between 0 (all rows alike) and min(N, D) (all directions used equally).
    """
    centred = embeddings.astype(np.float64) - embeddings.mean(axis=0, dtype=np.float64)
    gram = centred.T @ centred if centred.shape[0] >= centred.shape[1] else centred @ centred.T
    singular = np.sqrt(np.clip(np.linalg.eigvalsh(gram), 0, None))
    if singular.sum() < 1e-9:
        return 0.0
    shares = singular / singular.sum()
    return float(np.exp(-np.sum(shares * np.log(np.where(shares > 0, shares, 1)))))


def mean_cosine(embeddings: Embeddings) -> float:
    """Mean cosine of two different rows: near 0 where directions are spread, 1 where all texts look alike."""
    rows = unit(embeddings).astype(np.float64)
    n = len(rows)
    if n < 2:
        return 0.0
    total = rows.sum(axis=0)
    return float((total @ total - (rows * rows).sum()) / (n * (n - 1)))
