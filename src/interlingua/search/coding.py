"""Vectors as 8-bit integers whose product is never below what it stands for.

With x = m + s q + e (m the mean of its side, q integers, e the rest) and likewise y = n + t p + f:

    x.y  =  s t q.p  +  e.(y - n) + (s q).f  +  (x - m).n + m.(y - n)  +  m.n

The first term is an integer product. The second and third are at most |e| max|y - n| and |f| max|s q| (Cauchy-Schwarz),
which like the fourth and fifth depend on one row each. Each row's own part is written, rounded up, in base 127 into a
few more integers that meet a constant on the other side. So one integer product, times s t, plus the constant m.n, is
an upper bound on the inner product.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Int8, UInt8

from interlingua.errors import DataError
from interlingua.search.integer_product import ZERO, levels

DIGIT = 127
CUTS = (3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0, 9.0, 12.0)
"""Coordinates further than this many root mean squares from 0 are cut; what is cut counts as rest."""
SAMPLE = 4096
MOST_DIGITS = 32
SOME = 256
STEEP = 4.0
"""Scores are about normal, and near 4 standard deviations as many lie above x as exp(-4 x) says, x in standard
deviations."""
AT_ONCE = 1024
"""Rows coded together, so that they stay in the cache."""
SAFE = 1 + 1e-4
"""Covers the rounding of lengths."""


@dataclass(frozen=True)
class Coding:
    """What is common to all rows of a search. It decides how fast a search is, never what it finds."""

    means: tuple[Float32[np.ndarray, " D"], Float32[np.ndarray, " D"]]
    steps: tuple[float, float]
    """Size of an integer step on the source and the target side."""
    lengths: tuple[float, float]
    """Expected greatest length of a source row's s q, and of a target row's y - n."""
    digits: int

    @property
    def unit(self) -> float:
        """What one unit of the integer product is worth."""
        return self.steps[0] * self.steps[1]

    @property
    def constant(self) -> float:
        """The part of every inner product that the integers leave out."""
        return float(self.means[0].astype(np.float64) @ self.means[1].astype(np.float64))


@dataclass(frozen=True)
class Coded:
    """Rows of one side as integers (N, D + 2 digits, rounded up to 4), and what a bound needs besides."""

    integers: UInt8[np.ndarray, "N _"] | Int8[np.ndarray, "N _"]
    rest: Float32[np.ndarray, " N"]
    """Length of what the integers leave out of each row."""
    missing: Float32[np.ndarray, " N"]
    """By how much the digits were too few for the row's own part: mostly 0."""
    longest: float
    """The greatest length, of s q on the source side, of y - n on the target side."""
    norm: float
    """Times the other side's: in proportion to all float32 rounding."""

    def part(self, rows: slice) -> "Coded":
        """Some of the rows."""
        return Coded(self.integers[rows], self.rest[rows], self.missing[rows], self.longest, self.norm)


def fit(source: Float[np.ndarray, "N D"], target: Float[np.ndarray, "M _"]) -> Coding:
    """Choose means, steps and digits from a sample of both sides."""
    samples = [sample(rows) for rows in (source, target)]
    means = [some.mean(axis=0) for some in samples]
    centred = [some - mean for some, mean in zip(samples, means, strict=True)]
    lengths = [1.05 * float(np.linalg.norm(rows, axis=1).max(initial=0)) for rows in centred]
    spread = max(1e-12, float(np.std(centred[0][:SOME] @ centred[1][:SOME].T)))
    coded = [
        _step(rows, largest, STEEP / spread * other)
        for rows, largest, other in zip(centred, (DIGIT, levels()), lengths[::-1], strict=True)
    ]
    own = [
        float((np.abs(rows @ mean) + rests * length).max(initial=0))
        for rows, mean, (_, rests), length in zip(centred, means[::-1], coded, lengths[::-1], strict=True)
    ]
    steps = coded[0][0], coded[1][0]
    digits = min(MOST_DIGITS, 1 + int(min(1e6, 2 * max(own) / (steps[0] * steps[1] * DIGIT * levels()))))
    return Coding((means[0], means[1]), steps, (lengths[0], lengths[1]), digits)


def sample(rows: Float[np.ndarray, "N D"]) -> Float32[np.ndarray, "S D"]:
    """Some rows. One that is not finite is left to `code`, which names it."""
    some = np.asarray(rows[:: max(1, len(rows) // SAMPLE)], np.float32)
    finite = np.isfinite(some).all(axis=1)
    return some[finite] if finite.any() else np.zeros((1, rows.shape[1]), np.float32)


def _step(centred: Float32[np.ndarray, "N D"], largest: int, steep: float) -> tuple[float, Float32[np.ndarray, " N"]]:
    """The step that lets fewest pairs pass, and the length of what it leaves out of each row.

    What is left out of a row lowers what is asked of its pairs, and about exp(steep x length) times as many pass.
    """
    typical = float(np.sqrt(np.mean(centred.astype(np.float64) ** 2))) if centred.size else 0.0
    highest = float(np.abs(centred).max(initial=0))
    tried: list[tuple[float, float, Float32[np.ndarray, " N"]]] = []
    for limit in sorted({min(cut * typical, highest) for cut in CUTS}):
        step = max(limit / largest, 1e-12)
        rest = centred - np.clip(np.rint(centred / np.float32(step)), -largest, largest) * np.float32(step)
        lengths = np.linalg.norm(rest, axis=1)
        tried.append((float(np.exp(np.minimum(steep * lengths, 60)).mean()) if len(lengths) else 0.0, step, lengths))
    _, step, lengths = min(tried, key=lambda each: each[0])
    return step, lengths


def code(coding: Coding, rows: Float[np.ndarray, "N D"], side: int, first: int = 0) -> Coded:
    """Code rows of the source (side 0, unsigned integers) or the target (side 1). `first` is the number of the first of
    them.

    Raises DataError for a row that is not finite.
    """
    mean, other, step = coding.means[side], coding.means[1 - side], coding.steps[side]
    largest, opposite = ((DIGIT, levels()), (levels(), DIGIT))[side]
    width, digits, count = len(mean), coding.digits, len(rows)
    own_place, other_place = slice(width, width + digits), slice(width + digits, width + 2 * digits)
    if side == 1:
        own_place, other_place = other_place, own_place
    integers = np.zeros((count, -(-(width + 2 * digits) // 4) * 4), np.int8)
    integers[:, other_place] = largest
    rests, missing = np.empty(count, np.float32), np.empty(count, np.float32)
    longest = norm = 0.0
    for start in range(0, count, AT_ONCE):
        here = slice(start, start + AT_ONCE)
        block = np.asarray(rows[here], np.float32)
        squares = np.vecdot(block, block)
        if not np.isfinite(squares).all():
            bad = first + start + int(np.flatnonzero(~np.isfinite(squares))[0])
            raise DataError(f"row {bad} of the {('source', 'target')[side]} embeddings is not finite")
        centred = block - mean
        whole = np.clip(np.rint(centred / np.float32(step)), -largest, largest)
        integers[here, :width] = whole
        whole *= np.float32(step)
        rest = centred - whole
        rests[here] = np.linalg.norm(rest, axis=1) * SAFE
        own = centred @ other + rests[here] * np.float32(coding.lengths[1 - side] * SAFE)
        integers[here, own_place], missing[here] = _digits(
            own.astype(np.float64) / coding.unit, digits, opposite, largest
        )
        missing[here] *= coding.unit * SAFE
        longest = max(longest, float(np.linalg.norm(whole if side == 0 else centred, axis=1).max()) * SAFE)
        norm = max(norm, float(np.sqrt(squares.max())))
    if side == 0:
        integers = integers.view(np.uint8)
        integers ^= np.uint8(ZERO)
    return Coded(integers, rests, missing, longest, (norm + float(np.linalg.norm(mean))) * SAFE)


def _digits(
    values: Float[np.ndarray, " N"], digits: int, constant: int, largest: int
) -> tuple[Int8[np.ndarray, "N _"], Float[np.ndarray, " N"]]:
    """`digits` integers of at most `largest` whose sum times `constant` is at least each value, and what is missing
    where it is not.
    """
    total = np.clip(np.ceil(values / constant), -digits * largest, digits * largest)
    coded = np.empty((len(values), digits), np.int8)
    left = total.copy()
    for place in range(digits):
        coded[:, place] = taken = np.clip(left, -largest, largest)
        left -= taken
    return coded, np.maximum(0, values - total * constant)


def rounding(source: Coded, target: Coded, width: int) -> float:
    """A bound on what float32 arithmetic in any order changes in an inner product of `width` terms, here and in the
    codes.
    """
    return 4 * (width + 16) * 2.0**-24 * source.norm * target.norm


def surplus(shared: Coding, source: Coded, target: Coded, width: int, side: int) -> Float[np.ndarray, " _"]:
    """For each row of a side, by how much its exact inner products with the other side may exceed the coded ones at
    most.
    """
    beyond = max(0.0, target.longest - shared.lengths[1]), max(0.0, source.longest - shared.lengths[0])
    each = source.missing + source.rest * beyond[0], target.missing + target.rest * beyond[1]
    return each[side].astype(np.float64) + float(each[1 - side].max(initial=0)) + rounding(source, target, width)
