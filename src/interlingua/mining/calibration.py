"""How precise are mined pairs above a threshold? Estimated from the scores alone, by taking the partners away.

Where a text's translation is taken out of the other side, the best that is left is a wrong pair; so the pairs of
highest score, which are right, show how wrong pairs score (the target-decoy idea of Elias & Gygi 2007,
doi:10.1038/nmeth1019, with the corpus as its own decoy). Their share above a threshold, times the texts without a
translation, is how many wrong pairs to expect there. What it cannot see: wrong pairs that look better than translations
do, as parallel text with one changed number does.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Float32, Int64

from interlingua.errors import ConfigError
from interlingua.mining.margin import Margin
from interlingua.mining.selection import Candidates, Retrieval, best, mean_cosine
from interlingua.vectors import DECIMALS, GRID

FEWEST = 50
"""Confident pairs that an estimate needs."""
MOST = 20_000
CONFIDENT = 0.9
"""Precision of the pairs whose partners are taken away."""
TAIL = 0.1
"""Share of the decoys whose tail is fitted by an exponential."""
RARE = 0.05
"""Share of wrong candidates up to which those with a translation are counted."""
Take = Callable[[Int64[np.ndarray, " P"]], tuple[Float32[np.ndarray, "P K"], Int64[np.ndarray, "P K"]]]


@dataclass(frozen=True)
class Side:
    """One side of a search: how many texts, their k + 1 nearest by row (`take`), and their mean cosine to the first
    k.
    """

    count: int
    take: Take
    means: Float32[np.ndarray, " N"]


@dataclass(frozen=True)
class Calibration:
    """Estimates at each score that a kept pair has, best first."""

    score: Float32[np.ndarray, " P"]
    precision: Float[np.ndarray, " P"]
    """Estimated share of right pairs among those of this score and above; never rises as the score falls."""
    right: float
    """Estimated number of right pairs among all candidates."""

    def threshold(self, precision: float) -> float:
        """The threshold that keeps most at this estimated precision. Raises ConfigError where none has it."""
        enough = np.flatnonzero(self.precision >= precision)
        if len(enough) == 0:
            raise ConfigError(
                f"no threshold reaches an estimated precision of {precision:g}; the highest is {self.precision[0]:.3f}"
                "; in a small pile the estimate is low: give a lower --precision, or a --threshold"
            )
        last = int(enough[-1])
        below = float(np.nextafter(self.score[last], np.float32(-np.inf)))
        return min(round(float(self.score[last]) - GRID / 2, DECIMALS + 1), below)

    def at(self, threshold: float) -> float:
        """The estimated precision above a threshold, 1 where nothing is kept."""
        kept = int(np.searchsorted(-self.score, -threshold, side="left"))
        return float(self.precision[kept - 1]) if kept else 1.0


def require(candidates: int) -> None:
    """Raise ConfigError where so many candidates are too few to tell."""
    if candidates < 2 * FEWEST:
        raise ConfigError(f"{candidates} candidate pairs are too few to estimate their precision; give a --threshold")


def calibrate(candidates: Candidates, source: Side, target: Side, margin: Margin, retrieval: Retrieval) -> Calibration:
    """Estimate the precision of the pairs `found` by `retrieval` without a threshold, best first.

    Raises ConfigError where there are too few confident pairs to tell.
    """
    require(len(candidates))
    confident = max(FEWEST, len(candidates) // 20)
    estimate = _estimate(candidates, confident, source, target, margin, retrieval)
    for _ in range(3):
        enough = np.flatnonzero(estimate.precision >= CONFIDENT)
        following = max(FEWEST, int(enough[-1]) + 1 if len(enough) else 0)
        if following == confident:
            break
        confident = following
        estimate = _estimate(candidates, confident, source, target, margin, retrieval)
    if estimate.precision[FEWEST - 1] < 0.5:
        hint = "; absolute cosines seldom do, ratio and distance are made for it" if margin is Margin.absolute else ""
        raise ConfigError(f"the best {FEWEST} pairs do not stand out from wrong ones{hint}. Remedy: give a --threshold")
    return estimate


def _estimate(
    candidates: Candidates, confident: int, source: Side, target: Side, margin: Margin, retrieval: Retrieval
) -> Calibration:
    pairs = candidates.part(np.unique(np.linspace(0, confident - 1, min(confident, MOST)).astype(np.int64)))
    sides = [(source, target, pairs, candidates), (target, source, _turned(pairs), _turned(candidates))]
    if retrieval in (Retrieval.forward, Retrieval.backward):
        sides = sides[:1] if retrieval is Retrieval.forward else sides[1:]
    competing = retrieval in (Retrieval.max, Retrieval.intersection)
    shares = [_share(candidates.score, *_decoys(*side, margin, competing)) for side in sides]
    kept = np.arange(1, len(candidates) + 1)
    rights = [_right(kept, side[0].count, share) for side, share in zip(sides, shares, strict=True)]
    right = min(max(0.0, float(np.mean(rights))), *(side[0].count for side in sides))
    wrong = np.mean([(side[0].count - right) * share for side, share in zip(sides, shares, strict=True)], axis=0)
    if retrieval is Retrieval.max:
        wrong = wrong / _seen(candidates, confident, sides, margin)
    precision = np.minimum.accumulate(np.clip(1 - wrong / kept, 0, 1))
    score = candidates.score
    equal = np.searchsorted(-score, -score, side="right") - 1  # equal scores are kept or left together
    return Calibration(score, precision[equal], right)


def _right(kept: Int64[np.ndarray, " P"], count: int, share: Float[np.ndarray, " P"]) -> float:
    """Of `count` texts those with a translation: where r are right, r + (count - r) share is what is kept."""
    clear = share <= RARE
    return float(np.max((kept[clear] - count * share[clear]) / (1 - share[clear]), initial=0))


def _turned(pairs: Candidates) -> Candidates:
    return replace(pairs, source=pairs.target, target=pairs.source)


def _decoys(
    side: Side, other: Side, pairs: Candidates, candidates: Candidates, margin: Margin, competing: bool
) -> tuple[Float32[np.ndarray, " P"], Bool[np.ndarray, " P"]]:
    """The best score of each pair's source without its target, and whether that is kept: its new partner is not in a
    better pair.
    """
    cosines, rows = side.take(pairs.source)
    if rows.shape[1] < 2:
        raise ConfigError("one text on a side: nothing to calibrate; give a --threshold")
    order = np.argsort(rows == pairs.target[:, None], axis=1, kind="stable")[:, :-1]
    cosines, rows = np.take_along_axis(cosines, order, 1), np.take_along_axis(rows, order, 1)
    partners, scores = best(cosines, rows, mean_cosine(cosines), other.means, margin)
    if not competing:
        return scores, np.ones(len(scores), bool)
    taken = np.full(other.count, -np.inf, np.float32)
    taken[candidates.target] = candidates.score
    return scores, scores >= taken[partners]


def _share(
    scores: Float32[np.ndarray, " P"], decoys: Float32[np.ndarray, " Q"], kept: Bool[np.ndarray, " Q"]
) -> Float[np.ndarray, " P"]:
    """For each score, the share of decoys above it; beyond the highest tenth by an exponential of their mean excess."""
    ordered = np.sort(decoys[kept])
    share = (len(ordered) - np.searchsorted(ordered, scores, side="left")) / len(decoys)
    tail = ordered[-max(1, int(TAIL * len(decoys))) :]
    if len(tail) < 2:
        return np.maximum(share, 1 / len(decoys))
    start = float(tail[0])
    excess = max(float(np.mean(tail - tail[0])), 1e-9)
    smooth = len(tail) / len(decoys) * np.exp(-np.maximum(0.0, scores.astype(np.float64) - start) / excess)
    return np.where(scores > start, smooth, share)


def _seen(
    candidates: Candidates, confident: int, sides: list[tuple[Side, Side, Candidates, Candidates]], margin: Margin
) -> float:
    """The share of the less confident pairs in which a text is with the best of its own neighbours, which is all
    that decoys show.
    """
    rest = candidates.part(slice(confident, None))
    rest = (
        rest.part(np.unique(np.linspace(0, len(rest) - 1, min(len(rest), MOST)).astype(np.int64)))
        if len(rest)
        else rest
    )
    if len(rest) == 0:
        return 1.0
    shares: list[float] = []
    for (side, other, _, _), pairs in zip(sides, (rest, _turned(rest)), strict=True):
        cosines, rows = side.take(pairs.source)
        k = max(1, rows.shape[1] - 1)
        partners, _ = best(cosines[:, :k], rows[:, :k], side.means[pairs.source], other.means, margin)
        shares.append(float(np.mean(partners == pairs.target)))
    return max(0.5, float(np.mean(shares)))
