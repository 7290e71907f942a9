"""Which examples make which batch: a pure function of (seed, epoch, step), so a resumed run sees the batches it
would have seen.
"""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Int

from interlingua.errors import ConfigError

POOL_BATCHES = 64
"""Examples are sorted by length inside a pool of this many batches: little padding is left, and a pool still mixes
languages."""


@dataclass(frozen=True, kw_only=True)
class BatchPlan:
    """Batches of alike-long examples in a random order, each example once an epoch.

    Raises ConfigError for an empty data set or a batch size below 1.
    """

    lengths: Int[np.ndarray, " N"]
    """Tokens of each example."""
    batch_size: int
    """Examples in a batch; the last batch of an epoch may be smaller."""
    seed: int
    _epochs: dict[int, list[Int[np.ndarray, " _"]]] = field(
        default_factory=dict[int, list[Int[np.ndarray, " _"]]], init=False, repr=False
    )

    def __post_init__(self) -> None:
        if len(self.lengths) == 0 or self.batch_size < 1:
            raise ConfigError(
                f"no batches can be made of {len(self.lengths)} examples with batch size {self.batch_size}"
            )

    @property
    def steps_per_epoch(self) -> int:
        return -(-len(self.lengths) // self.batch_size)

    def at(self, step: int) -> Int[np.ndarray, " _"]:
        """The examples of step `step`, counted from 0 over all epochs."""
        epoch, position = divmod(step, self.steps_per_epoch)
        if epoch not in self._epochs:
            self._epochs.clear()  # one epoch's plan is kept, whatever the seek
            self._epochs[epoch] = self._plan(epoch)
        return self._epochs[epoch][position]

    def _plan(self, epoch: int) -> list[Int[np.ndarray, " _"]]:
        random = np.random.default_rng((self.seed, epoch))
        order = random.permutation(len(self.lengths))
        pool = np.arange(len(order)) // (self.batch_size * POOL_BATCHES)
        order = order[np.lexsort((self.lengths[order], pool))]
        batches = [order[start : start + self.batch_size] for start in range(0, len(order), self.batch_size)]
        return [batches[position] for position in random.permutation(len(batches))]
