"""Which examples make which batch when they come in groups (languages, data sets): each batch from one group, groups by temperature.

Artetxe & Schwenk 2019 (LASER) for batches of one language pair; Conneau & Lample 2019 (XLM), section 3.1, for the temperature.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float64, Int

from interlingua.errors import ConfigError


def shares(sizes: Int[np.ndarray, " G"], alpha: float) -> Float64[np.ndarray, " G"]:
    """How often each group is drawn: its share of the examples to the power `alpha`, rescaled to sum 1. 1 is in proportion, 0 is evenly."""
    weights = (sizes / sizes.sum()) ** alpha
    return weights / weights.sum()


def whole_numbers(wanted: Float64[np.ndarray, " G"], total: int) -> Int[np.ndarray, " G"]:
    """Whole numbers that sum to `total` and differ from `wanted` by less than 1, which sums to it too (largest remainders)."""
    found = np.floor(wanted).astype(np.int64)
    found[np.argsort(found - wanted, kind="stable")[: total - found.sum()]] += 1
    return found


@dataclass(frozen=True, kw_only=True)
class SampledPlan:
    """Batches of one group each. A pure function of (seed, epoch, step): any step is found without those before it.

    An epoch has as many batches as all examples would fill; how many of them are a group's is decided by `alpha`, the same in every epoch.
    A group's examples are all seen before one is seen again, in a new order every time.
    Raises ConfigError for no examples, a batch size below 1, and an `alpha` outside 0 to 1.
    """

    groups: Sequence[str]
    """The group of each example."""
    lengths: Int[np.ndarray, " N"]
    """Tokens of each example."""
    batch_size: int
    seed: int
    alpha: float = 0.7
    in_turn: bool = False
    """Groups take turns as evenly as their numbers allow, instead of in a random order."""
    names: list[str] = field(init=False)
    """The groups, in alphabetical order."""
    counts: Int[np.ndarray, " G"] = field(init=False)
    """Batches of each group in an epoch."""
    _rows: list[Int[np.ndarray, " _"]] = field(init=False, repr=False)
    _schedules: dict[int, tuple[Int[np.ndarray, " S"], Int[np.ndarray, " S"]]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not len(self.groups) or len(self.groups) != len(self.lengths) or self.batch_size < 1 or not 0 <= self.alpha <= 1:
            raise ConfigError(f"no batches of {self.batch_size} can be drawn from {len(self.groups)} examples with alpha {self.alpha:g}")
        names = sorted(set(self.groups))
        place = {name: number for number, name in enumerate(names)}
        members = np.array([place[name] for name in self.groups])
        rows = [np.flatnonzero(members == number) for number in range(len(names))]
        wanted = shares(np.array([len(found) for found in rows]), self.alpha) * self.steps_per_epoch
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "counts", whole_numbers(wanted, self.steps_per_epoch))
        object.__setattr__(self, "_rows", rows)
        object.__setattr__(self, "_schedules", {})

    @property
    def steps_per_epoch(self) -> int:
        return -(-len(self.groups) // self.batch_size)

    def at(self, step: int) -> Int[np.ndarray, " _"]:
        """The examples of step `step`, counted from 0 over all epochs."""
        epoch, position = divmod(step, self.steps_per_epoch)
        if epoch not in self._schedules:
            self._schedules.clear()  # one epoch's schedule is kept, whatever the seek
            self._schedules[epoch] = self._schedule(epoch)
        order, nth = self._schedules[epoch]
        group = int(order[position])
        return self._batch(group, epoch * int(self.counts[group]) + int(nth[position]))

    def _schedule(self, epoch: int) -> tuple[Int[np.ndarray, " S"], Int[np.ndarray, " S"]]:
        """The group of every step of an epoch, and which of this group's batches of the epoch it is."""
        groups = np.repeat(np.arange(len(self.names)), self.counts)
        if self.in_turn:
            order = groups[np.argsort(np.concatenate([(np.arange(count) + 0.5) / count for count in self.counts]), kind="stable")]
        else:
            order = np.random.default_rng((self.seed, epoch)).permutation(groups)
        nth = np.empty_like(order)
        for group in range(len(self.names)):
            nth[order == group] = np.arange(self.counts[group])
        return order, nth

    def _batch(self, group: int, number: int) -> Int[np.ndarray, " _"]:
        """A group's batch `number`, counted from the start of training: alike-long examples of its current pass."""
        rows = self._rows[group]
        batches = -(-len(rows) // self.batch_size)
        turn, position = divmod(number, batches)
        random = np.random.default_rng((self.seed, group, turn, 1))
        order = rows[random.permutation(len(rows))]
        order = order[np.argsort(self.lengths[order], kind="stable")]
        place = int(random.permutation(batches)[position])
        return order[place * self.batch_size : (place + 1) * self.batch_size]
