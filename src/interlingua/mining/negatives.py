"""Hard negatives: texts an encoder finds near to an anchor and that are no answer to it, found in bounded memory.

Rank window and the guard by margin: Xiong et al. 2020 (ANCE); de Souza P. Moreira et al. 2024 (NV-Retriever,
positive-aware mining).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Int64

from interlingua.errors import ConfigError
from interlingua.folding import canonical
from interlingua.quantities import require_fields
from interlingua.search.knn import neighbours
from interlingua.texts import texts_of
from interlingua.types import Embeddings, Encode, Example
from interlingua.vectors import unit, verified

BLOCK = 4096
"""Anchors looked at together: memory holds the candidates' embeddings and one block's neighbours, never a matrix of
all scores."""


@dataclass(frozen=True, kw_only=True)
class Hardness:
    """Which neighbours of an anchor are hard negatives. Ranks count candidates that are no answers, from 1."""

    count: int = 1
    """Negatives of an anchor."""
    first: int = 1
    """The nearest rank that may be one."""
    last: int = 100
    """The furthest rank that may be one."""
    margin: float = 0.05
    """The guard against false negatives: a candidate must be less alike than the positive by this much (cosine)."""
    lists: int = 0
    """Cells of an approximate search; 0 searches exactly."""
    probe: int = 1
    """Cells that are searched; all of them find what the exact search finds."""

    def __post_init__(self) -> None:
        require_fields(self)
        if self.count < 1 or not 1 <= self.first <= self.last or self.last - self.first + 1 < self.count:
            raise ConfigError(f"ranks {self.first} to {self.last} have no room for {self.count} negatives")
        if self.lists < 0 or self.probe < 1:
            raise ConfigError("lists must not be negative, probe at least 1")


Search = Callable[[Embeddings, int], tuple[Float32[np.ndarray, "N K"], Int64[np.ndarray, "N K"]]]
Judge = Callable[[Sequence[tuple[str, str]]], Float32[np.ndarray, " N"]]


def searching(keys: Embeddings, hardness: Hardness) -> Search:
    """The nearest rows of `keys` (M, D) to queries: exactly, or in the `probe` nearest of `lists` cells."""
    if not hardness.lists:
        return lambda queries, k: neighbours(queries, keys, k)
    import faiss

    index = faiss.IndexIVFFlat(
        faiss.IndexFlatIP(keys.shape[1]), keys.shape[1], min(hardness.lists, len(keys)), faiss.METRIC_INNER_PRODUCT
    )
    index.cp.min_points_per_centroid = 1
    index.train(keys)
    index.add(keys)
    index.nprobe = hardness.probe

    def search(queries: Embeddings, k: int) -> tuple[Float32[np.ndarray, "N K"], Int64[np.ndarray, "N K"]]:
        scores, rows = index.search(queries, min(k, len(keys)))
        order = np.lexsort((rows, -scores), axis=1)
        return np.take_along_axis(scores, order, 1), np.take_along_axis(
            rows, order, 1
        )  # rows of -1 where cells held too few

    return search


def choose(
    scores: Float32[np.ndarray, "N K"],
    rows: Int64[np.ndarray, "N K"],
    own: Float32[np.ndarray, " N"],
    answers: Bool[np.ndarray, "N K"],
    hardness: Hardness,
) -> Bool[np.ndarray, "N K"]:
    """Which neighbours may be negatives: within the ranks, below the guard, and no answers.

    `own` is the cosine of each anchor's positive; `answers` are neighbours known to be right.
    """
    there = (rows >= 0) & ~answers
    rank = there.cumsum(axis=1)
    return there & (hardness.first <= rank) & (rank <= hardness.last) & (scores < own[:, None] - hardness.margin)


def hard_negatives(
    pairs: Sequence[Example],
    encode: Encode,
    hardness: Hardness,
    *,
    candidates: Iterable[str] = (),
    judge: Judge | None = None,
    judge_margin: float = 0.0,
) -> Iterator[tuple[str, ...]]:
    """Anchor, positive, and its `hardness.count` hardest negatives, hardest first; pairs with fewer are left out.

    Negatives come from `candidates`, by default all positives. The text of the anchor and every positive of the same
    anchor are answers, never negatives. With `judge`, a cross-encoder's scores of pairs, a candidate must also score
    less than the positive by `judge_margin`.
    """
    encode = verified(encode)
    known: dict[str, str] = {}
    for text in texts_of(candidates, "candidates") or [pair.texts[1] for pair in pairs]:
        known.setdefault(canonical(text), text)
    texts, place = list(known.values()), {text: row for row, text in enumerate(known)}
    right: dict[str, set[int]] = {}
    for pair in pairs:
        anchor, positive = map(canonical, pair.texts[:2])
        right.setdefault(anchor, set()).update(place[text] for text in (anchor, positive) if text in place)
    search = searching(unit(encode(texts)), hardness)
    wanted = hardness.last + max(map(len, right.values()), default=0)
    for start in range(0, len(pairs), BLOCK):
        block = pairs[start : start + BLOCK]
        anchors, positives = (unit(encode([pair.texts[side] for pair in block])) for side in (0, 1))
        scores, rows = search(anchors, wanted)
        answers = np.array(
            [np.isin(row, list(right[canonical(pair.texts[0])])) for row, pair in zip(rows, block, strict=True)]
        )
        may = choose(scores, rows, (anchors * positives).sum(1), answers, hardness)
        if judge is not None:
            may &= _judged(judge, judge_margin, block, rows, may, texts)
        enough = np.flatnonzero(may.sum(axis=1) >= hardness.count)
        for row in enough.tolist():
            chosen = rows[row, np.flatnonzero(may[row])[: hardness.count]]
            yield (*block[row].texts[:2], *(texts[column] for column in chosen))


def _judged(
    judge: Judge,
    margin: float,
    block: Sequence[Example],
    rows: Int64[np.ndarray, "N K"],
    may: Bool[np.ndarray, "N K"],
    texts: Sequence[str],
) -> Bool[np.ndarray, "N K"]:
    """Which of the candidates the cross-encoder too finds worse than the positive."""
    where: list[tuple[int, int]] = [(row, column) for row, column in np.argwhere(may).tolist()]
    allowed = np.zeros_like(may)
    if where:
        own = judge([(pair.texts[0], pair.texts[1]) for pair in block])
        scores = judge([(block[row].texts[0], texts[int(rows[row, column])]) for row, column in where])
        for (row, column), score in zip(where, scores, strict=True):
            allowed[row, column] = score < own[row] - margin
    return allowed
