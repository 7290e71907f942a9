"""From neighbours both ways to pairs: margin scores, one of four ways to choose, a threshold (1811.01136, section
3).
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from jaxtyping import Bool, Float32, Int64

from interlingua.mining.margin import Margin, margin_scores

ROUNDS = 32
"""Of choosing at once whatever is best on both its sides; chains that are longer are finished one pair at a time."""


class Retrieval(StrEnum):
    """Which pairs of neighbours are kept."""

    forward = "forward"
    """For each source its best target."""
    backward = "backward"
    """For each target its best source."""
    intersection = "intersection"
    """The pairs that are both."""
    max = "max"
    """The pairs that are either, best first, each text used once."""


@dataclass(frozen=True)
class Candidates:
    """Pairs of row numbers and their scores."""

    source: Int64[np.ndarray, " P"]
    target: Int64[np.ndarray, " P"]
    score: Float32[np.ndarray, " P"]

    def part(self, kept: Bool[np.ndarray, " P"] | Int64[np.ndarray, " _"] | slice) -> "Candidates":
        """Some of them."""
        return Candidates(self.source[kept], self.target[kept], self.score[kept])

    def __len__(self) -> int:
        return len(self.source)


def mean_cosine(cosines: Float32[np.ndarray, "N K"]) -> Float32[np.ndarray, " N"]:
    """What a margin holds a row's cosines against: their mean."""
    return cosines.mean(axis=1, dtype=np.float64).astype(np.float32)


def best(
    cosines: Float32[np.ndarray, "N K"], rows: Int64[np.ndarray, "N K"], own: Float32[np.ndarray, " N"],
    others: Float32[np.ndarray, " M"],
    margin: Margin,
) -> tuple[Int64[np.ndarray, " N"], Float32[np.ndarray, " N"]]:  # fmt: skip
    """Of each row's neighbours the one of the highest score, of equals the lower row number; and that score.

    `own` and `others` are the mean cosines of this side's and of the other side's rows.
    """
    scores = margin_scores(cosines, own[:, None], others[rows], margin)
    highest = scores.max(axis=1, keepdims=True)
    return np.where(scores == highest, rows, np.iinfo(np.int64).max).min(axis=1), highest[:, 0]


def choose(
    forward: tuple[Int64[np.ndarray, " N"], Float32[np.ndarray, " N"]],
    backward: tuple[Int64[np.ndarray, " M"], Float32[np.ndarray, " M"]],
    retrieval: Retrieval,
    threshold: float | None = None,
) -> Candidates:
    """The pairs that `retrieval` keeps, best first, of the best target of each source and the best source of each
    target.

    Only finite scores above `threshold` count. Equal scores are ordered by row numbers.
    """
    (targets, forward_scores), (sources, backward_scores) = forward, backward
    every_source, every_target = np.arange(len(targets)), np.arange(len(sources))
    match retrieval:
        case Retrieval.forward:
            candidates = Candidates(every_source, targets, forward_scores)
        case Retrieval.backward:
            candidates = Candidates(sources, every_target, backward_scores)
        case Retrieval.intersection:
            both = sources[targets] == every_source
            candidates = Candidates(every_source[both], targets[both], forward_scores[both])
        case Retrieval.max:
            joined = (
                np.r_[every_source, sources],
                np.r_[targets, every_target],
                np.r_[forward_scores, backward_scores],
            )
            candidates = Candidates(*joined)
    kept = np.isfinite(candidates.score)
    if threshold is not None:
        kept &= candidates.score > threshold
    candidates = candidates.part(kept)
    candidates = candidates.part(np.lexsort((candidates.target, candidates.source, -candidates.score)))
    if retrieval is not Retrieval.max:
        return candidates
    return candidates.part(each_once(candidates.source, candidates.target))


def each_once(source: Int64[np.ndarray, " P"], target: Int64[np.ndarray, " P"]) -> Int64[np.ndarray, " _"]:
    """Positions of the pairs, best first, that use each source and each target once.

    A pair that is the first of its source and of its target is kept whatever else is; then the next round is about what
    is left.
    """
    sides = tuple((rows, np.ones(int(rows.max(initial=-1)) + 1, bool)) for rows in (source, target))
    left, kept = np.arange(len(source)), list[Int64[np.ndarray, " _"]]()
    for _ in range(ROUNDS):
        if len(left) == 0:
            break
        first = np.ones(len(left), bool)
        for rows, free in sides:
            leader = np.empty(len(free), np.int64)
            leader[rows[left[::-1]]] = left[::-1]  # the last one written, the best, stays
            first &= leader[rows[left]] == left
        kept.append(left[first])
        for rows, free in sides:
            free[rows[left[first]]] = False
        left = left[sides[0][1][source[left]] & sides[1][1][target[left]]]
    rest: list[int] = []
    for pair in left.tolist():
        if all(free[rows[pair]] for rows, free in sides):
            rest.append(pair)
            for rows, free in sides:
                free[rows[pair]] = False
    return np.sort(np.concatenate([*kept, np.array(rest, np.int64)]))
