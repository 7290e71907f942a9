"""The best so far: for each of many rows its k nearest, and what is added later merged in, twice over if need be."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int64

NOBODY = np.iinfo(np.int64).max
"""The row number of a place that is still free."""


@dataclass(frozen=True)
class Nearest:
    """Scores (highest first; of equals the lower row number) and row numbers of the k best of each row; -inf where there are fewer."""

    scores: Float32[np.ndarray, "N K"]
    rows: Int64[np.ndarray, "N K"]

    @classmethod
    def empty(cls, count: int, k: int) -> "Nearest":
        """Nothing found yet for `count` rows."""
        return cls(np.full((count, k), -np.inf, np.float32), np.full((count, k), NOBODY, np.int64))

    @property
    def lowest(self) -> Float32[np.ndarray, " N"]:
        """The score that is needed to get in (an equal one gets in with a lower row number)."""
        return self.scores[:, -1]

    def add(self, places: Int64[np.ndarray, " P"], rows: Int64[np.ndarray, " P"], scores: Float32[np.ndarray, " P"]) -> None:
        """Merge pairs: `rows` found for `places` with exact `scores`. A pair that is there already is not added again."""
        if len(places) == 0:
            return
        k = self.scores.shape[1]
        touched, local = np.unique(places, return_inverse=True)
        every_place = np.concatenate([np.repeat(np.arange(len(touched)), k), local])
        every_score = np.concatenate([self.scores[touched].ravel(), scores])
        every_row = np.concatenate([self.rows[touched].ravel(), rows])
        order = np.lexsort((every_row, -every_score, every_place))
        place, row, score = every_place[order], every_row[order], every_score[order]
        again = np.zeros(len(order), bool)
        again[1:] = (place[1:] == place[:-1]) & (row[1:] == row[:-1]) & (row[1:] != NOBODY)
        place, row, score = place[~again], row[~again], score[~again]
        starts = np.searchsorted(place, np.arange(len(touched)))
        rank = np.arange(len(place)) - starts[place]
        kept = rank < k
        self.scores[touched[place[kept]], rank[kept]] = score[kept]
        self.rows[touched[place[kept]], rank[kept]] = row[kept]
