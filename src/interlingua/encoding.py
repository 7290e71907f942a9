"""Texts in any order and number to embeddings: alike-long texts share a batch, repeated texts are embedded once, the order is kept."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from jaxtyping import Bool, Float32, Int, Int32, Int64

from interlingua.progress import track
from interlingua.types import Embeddings

Ids: TypeAlias = Int32[np.ndarray, " _"]
Embed: TypeAlias = Callable[[Int64[np.ndarray, "B T"], Bool[np.ndarray, "B T"]], Float32[np.ndarray, "B D"]]

COLUMNS = 4
"""Fewer different shapes: oneDNN compiles and keeps a kernel for each, which costs time and, over a long training, gigabytes."""
CHUNK = 16_384
"""Texts tokenised and sorted together."""


def by_length(lengths: Sequence[int], max_tokens: int) -> list[Int[np.ndarray, " _"]]:
    """Group texts, longest first, so that no group computes more than `max_tokens` tokens, padding included.

    A text that is longer than that stands alone. Returns the positions of each group's texts.
    """
    order = np.argsort(-np.asarray(lengths, np.int64), kind="stable")
    groups: list[Int[np.ndarray, " _"]] = []
    start = 0
    while start < len(order):
        longest = max(1, int(lengths[order[start]]))
        stop = start + max(1, max_tokens // longest)
        groups.append(order[start:stop])
        start = stop
    return groups


def pad(rows: Sequence[Ids], value: int) -> tuple[Int64[np.ndarray, "B T"], Bool[np.ndarray, "B T"]]:
    """Ids as one array, padded with `value` to the longest row (rounded up to a multiple of COLUMNS), and the mask of real tokens."""
    lengths = np.array([len(row) for row in rows])
    mask = np.arange(max(1, -(-lengths.max() // COLUMNS)) * COLUMNS) < lengths[:, None]
    ids = np.full(mask.shape, value, np.int64)
    ids[mask] = np.concatenate(rows)
    return ids, mask


def encode(
    texts: Sequence[str],
    tokenize: Callable[[Sequence[str]], list[Ids]],
    embed: Embed,
    *,
    width: int,
    padding: int,
    max_tokens: int = 4096,
    label: str = "encoding",
) -> Embeddings:
    """Embed `texts` in the order given: (N, width). No texts give (0, width); an empty text has an embedding like any other.

    `max_tokens` bounds the tokens of one call of `embed`.
    """
    position = {text: row for row, text in enumerate(dict.fromkeys(texts))}
    unique = list(position)
    found = np.empty((len(unique), width), np.float32)
    with track(len(unique), label, "texts") as progress:
        for start in range(0, len(unique), CHUNK):
            ids = tokenize(unique[start : start + CHUNK])
            for group in by_length([len(row) for row in ids], max_tokens):
                found[start + group] = embed(*pad([ids[row] for row in group], padding))
                progress.advance(len(group))
    if len(unique) == len(texts):
        return found
    return found[[position[text] for text in texts]]
