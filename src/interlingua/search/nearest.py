"""The best so far: for each of many rows its k nearest, and what is added later merged in, twice over if need be."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int64, UInt64

NOBODY = np.iinfo(np.int64).max
"""The row number of a place that is still free."""
SIGN = np.int32(-(2**31))


@dataclass(frozen=True)
class Nearest:
    """Scores (highest first; of equals the lower row number) and row numbers of the k best of each row; -inf where
    there are fewer.
    """

    scores: Float32[np.ndarray, "N K"]
    rows: Int64[np.ndarray, "N K"]
    floor: Float32[np.ndarray, " N"] | None = None
    """What scores less need not be added."""

    @classmethod
    def empty(cls, count: int, k: int) -> "Nearest":
        """Nothing found yet for `count` rows."""
        return cls(np.full((count, k), -np.inf, np.float32), np.full((count, k), NOBODY, np.int64))

    @property
    def lowest(self) -> Float32[np.ndarray, " N"]:
        """The score that is needed to get in (an equal one gets in with a lower row number)."""
        return self.scores[:, -1] if self.floor is None else np.maximum(self.scores[:, -1], self.floor)

    def part(self, rows: slice) -> "Nearest":
        """Some of the rows; what is added to them is added here."""
        return Nearest(self.scores[rows], self.rows[rows], None if self.floor is None else self.floor[rows])

    def add(
        self, places: Int64[np.ndarray, " P"], rows: Int64[np.ndarray, " P"], scores: Float32[np.ndarray, " P"]
    ) -> None:
        """Merge pairs: `rows` found for `places` with exact `scores`. A pair that is there already is not added
        again.
        """
        if len(places) == 0:
            return
        k = self.scores.shape[1]
        touched = np.unique(places)
        held = self.rows[touched]
        real = held != NOBODY
        place = np.concatenate([np.repeat(touched, real.sum(axis=1)), places])
        score = np.concatenate([self.scores[touched][real], scores])
        row = np.concatenate([held[real], rows])
        key = _key(place, score)
        order = np.argsort(key)
        if (key[order[1:]] == key[order[:-1]]).any():  # equals: the lower row goes first, and what is there twice goes
            order = np.lexsort((row, key))
            again = (key[order[1:]] == key[order[:-1]]) & (row[order[1:]] == row[order[:-1]])
            order = order[np.concatenate([[True], ~again])]
        place = place[order]
        starts = np.flatnonzero(np.diff(place, prepend=-1))
        rank = np.arange(len(place)) - np.repeat(starts, np.diff(starts, append=len(place)))
        kept = rank < k
        best, place, rank = order[kept], place[kept], rank[kept]
        self.scores[place, rank], self.rows[place, rank] = score[best], row[best]


def _key(place: Int64[np.ndarray, " P"], score: Float32[np.ndarray, " P"]) -> UInt64[np.ndarray, " P"]:
    """One number to sort by: the place first, then the score, highest first."""
    bits = (np.float32(0) - score).view(
        np.int32
    )  # read as integers, floats of one sign are in order; 0 - 0 is never -0
    return (place.astype(np.uint64) << np.uint64(32)) + (bits ^ (bits >> 31 | SIGN)).view(np.uint32)
