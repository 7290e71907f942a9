"""Which examples make which batch: a pure function of (seed, epoch, step), so a resumed run sees the batches it
would have seen. Only the pool of a batch is looked at, so that any step of any number of examples is found at once.
"""

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Int

from interlingua.data.permutation import Order, permutation
from interlingua.errors import ConfigError

POOL_BATCHES = 64
"""Examples are sorted by length inside a pool of this many batches: little padding is left, and a pool still mixes
languages."""


@runtime_checkable
class Lengths(Protocol):
    """How long examples are: an array, or what looks them up."""

    def __len__(self) -> int: ...
    def __getitem__(self, places: Int[np.ndarray, " P"], /) -> Int[np.ndarray, " P"]: ...


@dataclass(frozen=True, kw_only=True)
class BatchPlan:
    """Batches of alike-long examples in a random order, each example once an epoch.

    Raises ConfigError for an empty data set or a batch size below 1.
    """

    lengths: Lengths
    """Tokens of each example."""
    batch_size: int
    """Examples in a batch; the last batch of an epoch may be smaller."""
    seed: int
    _epochs: dict[int, tuple[Order, Order]] = field(
        default_factory=dict[int, tuple[Order, Order]], init=False, repr=False
    )

    _pools: dict[int, Int[np.ndarray, " _"]] = field(
        default_factory=dict[int, Int[np.ndarray, " _"]], init=False, repr=False
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
            self._epochs.clear()  # one epoch's orders are kept, whatever the seek
            self._pools.clear()
            random = np.random.default_rng((self.seed, epoch))
            self._epochs[epoch] = permutation(random, len(self.lengths)), permutation(random, self.steps_per_epoch)
        examples, batches = self._epochs[epoch]
        pool, place = divmod(int(batches[position : position + 1][0]), POOL_BATCHES)
        return self._pool(examples, pool)[place * self.batch_size : (place + 1) * self.batch_size]

    def _pool(self, order: Order, pool: int) -> Int[np.ndarray, " _"]:
        if pool in self._pools:
            return self._pools[pool]
        size = self.batch_size * POOL_BATCHES
        rows = order[pool * size : (pool + 1) * size]
        rows = rows[np.argsort(self.lengths[rows], kind="stable")]
        if isinstance(order, np.ndarray):  # few enough to keep them all
            self._pools[pool] = rows
        return rows
