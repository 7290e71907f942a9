"""m:n alignment of two sequences of embedded spans, in linear time from coarse to fine (Thompson & Koehn 2019,
"Vecalign", section 3).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Float32, Int64

from interlingua.errors import ConfigError, DataError
from interlingua.vectors import first_not_finite, unit, vectors_of

SMALL = 600
"""Sequences up to this long are aligned without a coarser look first."""
WIDTH = 10
"""Positions looked at on either side of the coarser path."""
LEFT_OUT = 0.45
"""What leaving one sentence unaligned costs; a link between sentences put together at random costs 1 on average.
Chosen on news."""
LARGER = 1e-4
"""What each further sentence of a link costs, so that of equal covers the one in smaller pieces is chosen."""
INSERTED = -1


class Link(NamedTuple):
    """Source sentences [start, stop) and target sentences [start, stop) that say the same; one side may be empty."""

    source: tuple[int, int]
    target: tuple[int, int]
    score: float
    """The cosine of the two spans; 0 where a side is empty."""

    @property
    def joins(self) -> bool:
        """Whether it has sentences on both sides."""
        return self.source[0] < self.source[1] and self.target[0] < self.target[1]


@dataclass(frozen=True)
class Spans:
    """Embeddings of the spans of a text: `vectors[s - 1, n]` is that of the `s` sentences from `n` on, of unit
    length.
    """

    vectors: Float32[np.ndarray, "S N D"]

    @cached_property
    def mean(self) -> Float32[np.ndarray, " D"]:
        """Of the spans of all sizes: the average of what a span of the other text would meet at random."""
        sizes, length, _ = self.vectors.shape
        count = sum(max(0, length - size) for size in range(sizes))
        return self.vectors.sum(axis=(0, 1)) / max(1, count)

    def __len__(self) -> int:
        return self.vectors.shape[1]


def spans(singles: Float[np.ndarray, "N D"], longer: Sequence[Float[np.ndarray, "_ D"]] = ()) -> Spans:
    """The spans of one sentence, then (n sentences have n - 1 spans of two) those of two, three and so on, each made of
    unit length.

    Raises DataError for a row that is not finite.
    """
    singles, longer = vectors_of(singles), [vectors_of(vectors) for vectors in longer]
    sums = np.zeros((1 + len(longer), *singles.shape), np.float32)
    for size, vectors in enumerate((singles, *longer)):
        if vectors.shape != (max(0, len(singles) - size), singles.shape[1]):
            raise DataError(
                f"{len(singles)} sentences have spans of {size + 1} with embeddings of shape {vectors.shape}"
            )
        if first_not_finite(vectors) is not None:
            raise DataError(f"an embedding of a span of {size + 1} sentences is not finite")
        sums[size, : len(vectors)] = unit(vectors)
    return Spans(sums)


def align(
    source: Spans,
    target: Spans,
    max_size: int = 4,
    groups: Sequence[tuple[tuple[int, int], tuple[int, int]]] | None = None,
) -> list[Link]:
    """The links of least cost that cover both texts in order, every sentence once.

    A link joins at most `max_size` sentences of both sides together (4: 1-1, 1-2, 2-1, 2-2, 1-3, 3-1, and 1-0, 0-1).
    Its cost is 2 (1 - cosine) over the mean distances of both spans to all spans of the other text, times the sentences
    of either side; a sentence left out costs `LEFT_OUT`, where the paper takes a quantile of random links
    (docs/decisions/0016). A span whose embedding is zeros is in no link. With `groups`, ranges of both texts that
    correspond, no link leaves its group. Raises ConfigError where `max_size` is below 2, or needs longer spans than
    there are.
    """
    if max_size < 2 or max_size - 1 > min(len(source.vectors), len(target.vectors)):
        raise ConfigError(f"links of {max_size} sentences need spans of up to {max_size - 1}, and at least 2 sentences")
    costs = _Costs(source, target)
    links: list[Link] = []
    for (s0, s1), (t0, t1) in groups or [((0, len(source)), (0, len(target)))]:
        inner = costs.part(slice(s0, s1), slice(t0, t1))
        for (a, b), (c, d) in _links(inner, _types(max_size)):
            cosine = (
                float(source.vectors[b - a - 1, s0 + a] @ target.vectors[d - c - 1, t0 + c]) if b > a and d > c else 0.0
            )
            links.append(Link((s0 + a, s0 + b), (t0 + c, t0 + d), cosine))
    return links


def _types(max_size: int) -> list[tuple[int, int]]:
    """How many sentences of either side a link may join, smallest first; (1, 0) leaves one out."""
    return [(1, 0), *sorted(((a, b) for a in range(1, max_size) for b in range(1, max_size - a + 1)), key=sum)]


class _Costs:
    """What it costs to link spans of two texts."""

    def __init__(self, source: Spans, target: Spans) -> None:
        self.source, self.target = source.vectors, target.vectors
        self.source_distance = 1 - self.source @ target.mean
        self.target_distance = 1 - self.target @ source.mean
        self.source_empty = np.asarray(np.all(self.source == 0, axis=2), bool)
        self.target_empty = np.asarray(np.all(self.target == 0, axis=2), bool)

    def part(self, source: slice, target: slice) -> "_Costs":
        """The same costs for a range of both texts: distances stay those to the whole."""
        part = object.__new__(_Costs)
        part.source, part.source_distance = self.source[:, source], self.source_distance[:, source]
        part.target, part.target_distance = self.target[:, target], self.target_distance[:, target]
        part.source_empty, part.target_empty = self.source_empty[:, source], self.target_empty[:, target]
        return part

    def row(self, a: int, n: int, b: int, start: int, stop: int) -> Float32[np.ndarray, " W"]:
        """The costs of linking the `a` source sentences from `n` on with `b` target sentences from each of `start`
        to `stop` on.
        """
        cosine = self.target[b - 1, start:stop] @ self.source[a - 1, n]
        distance = self.source_distance[a - 1, n] + self.target_distance[b - 1, start:stop] + 1e-6
        prices = 2 * a * b * (1 - cosine) / distance + LARGER * (a + b - 2)
        return np.where(self.source_empty[a - 1, n] | self.target_empty[b - 1, start:stop], np.float32(np.inf), prices)


Path = list[tuple[tuple[int, int], tuple[int, int]]]
Band = tuple[Int64[np.ndarray, " R"], Int64[np.ndarray, " R"]]
"""For each row (0 to N source sentences done) the first and the last column (0 to M target sentences done) that is
looked at."""


def _links(costs: _Costs, types: list[tuple[int, int]]) -> Path:
    n, m = costs.source.shape[1], costs.target.shape[1]
    if max(n, m) <= SMALL:
        return _path(costs, types, (np.zeros(n + 1, np.int64), np.full(n + 1, m)))
    coarse = _Costs(_halved(costs.source[0]), _halved(costs.target[0]))
    return _path(costs, types, _band(_links(coarse, [(1, 0), (1, 1)]), n, m))


def _halved(vectors: Float32[np.ndarray, "N D"]) -> Spans:
    """Every two sentences as one: the mean of their vectors."""
    return spans(np.add.reduceat(vectors, np.arange(0, len(vectors), 2), axis=0)) if len(vectors) else spans(vectors)


def _band(path: Path, n: int, m: int) -> Band:
    """The columns near the path of the halved texts."""
    rows = path[-1][0][1] + 1
    lowest, highest = np.full(rows, m), np.zeros(rows, np.int64)
    for (_, i), (_, j) in [((0, 0), (0, 0)), *path]:
        lowest[i], highest[i] = min(lowest[i], j), max(highest[i], j)
    every = np.arange(n + 1)
    first = np.maximum(0, 2 * lowest[every // 2] - WIDTH)
    last = np.minimum(m, 2 * highest[np.minimum((every + 1) // 2, rows - 1)] + WIDTH)
    return np.where(every == n, np.minimum(first, m), first), np.where(every == n, m, last)


def _path(costs: _Costs, types: list[tuple[int, int]], band: Band) -> Path:
    """The cheapest path from nothing to everything within the band."""
    firsts, lasts = band
    kept: list[np.ndarray] = []
    steps: list[np.ndarray] = []
    for i, (first, last) in enumerate(zip(firsts.tolist(), lasts.tolist(), strict=True)):
        best, step = np.full(last - first + 1, np.inf), np.full(last - first + 1, INSERTED)
        if i == 0:
            best[0] = 0.0
        for number, (a, b) in enumerate(types):
            if i < a:
                continue
            before = int(firsts[i - a])
            start, stop = max(first, before + b), min(last, int(lasts[i - a]) + b) + 1
            if start >= stop:
                continue
            cost = kept[i - a][start - b - before : stop - b - before] + (
                costs.row(a, i - a, b, start - b, stop - b) if b else LEFT_OUT
            )
            part = slice(start - first, stop - first)
            better = cost < best[part]
            best[part], step[part] = np.where(better, cost, best[part]), np.where(better, number, step[part])
        prices = np.arange(len(best)) * LEFT_OUT
        inserted = np.minimum.accumulate(best - prices) + prices  # any number of target sentences left out on the way
        better = inserted < best - 1e-9
        best, step = np.where(better, inserted, best), np.where(better, INSERTED, step)
        kept.append(best)
        if i >= max(a for a, _ in types):
            kept[i - max(a for a, _ in types)] = np.empty(0)  # no longer needed
        steps.append(step.astype(np.int64))
    return _traced(steps, firsts, types, int(lasts[-1]))


def _traced(
    steps: list[Int64[np.ndarray, "_"]], firsts: Int64[np.ndarray, " R"], types: list[tuple[int, int]], m: int
) -> Path:
    i, j = len(steps) - 1, m
    path: Path = []
    while i or j:
        number = int(steps[i][j - firsts[i]])
        a, b = (0, 1) if number == INSERTED else types[number]
        path.append(((i - a, i), (j - b, j)))
        i, j = i - a, j - b
    return path[::-1]
