"""Which examples make which batch when they come in groups (languages, data sets) or serve several tasks.

Artetxe & Schwenk 2019 (LASER) for batches of one language pair; Conneau & Lample 2019 (XLM), section 3.1, for the
temperature.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float64, Int

from interlingua.data.batching import BatchPlan, Lengths
from interlingua.data.permutation import LISTED, Order, permutation
from interlingua.errors import ConfigError


def shares(sizes: Int[np.ndarray, " G"], alpha: float) -> Float64[np.ndarray, " G"]:
    """How often each group is drawn: its share of the examples to the power `alpha`, rescaled to sum 1. 1 is in
    proportion, 0 is evenly.
    """
    weights = (sizes / sizes.sum()) ** alpha
    return weights / weights.sum()


def whole_numbers(wanted: Float64[np.ndarray, " G"], total: int) -> Int[np.ndarray, " G"]:
    """Whole numbers that sum to `total` and differ from `wanted` by less than 1, which sums to it too (largest
    remainders).
    """
    numbers = np.floor(wanted).astype(np.int64)
    numbers[np.argsort(numbers - wanted, kind="stable")[: total - numbers.sum()]] += 1
    return numbers


class Groups(NamedTuple):
    """The group of each example, as its number among the names, which are in alphabetical order."""

    names: list[str]
    numbers: Int[np.ndarray, " N"]

    @classmethod
    def of(cls, groups: Sequence[str]) -> "Groups":
        """From a name for each example."""
        names = sorted(set(groups))
        place = {name: number for number, name in enumerate(names)}
        return cls(names, np.array([place[name] for name in groups]))

    def rows(self) -> list[Int[np.ndarray, " _"]]:
        """The examples of each group."""
        least = np.int32 if len(self.numbers) < 2**31 else np.int64
        return [np.flatnonzero(self.numbers == number).astype(least) for number in range(len(self.names))]


@dataclass(frozen=True, eq=False)
class _Some:
    """The lengths of some examples."""

    every: Lengths
    rows: Int[np.ndarray, " N"]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, places: Int[np.ndarray, " P"]) -> Int[np.ndarray, " P"]:
        return self.every[self.rows[places]]


@dataclass(frozen=True, kw_only=True)
class SampledPlan:
    """Batches of one group each, or mixed. A pure function of (seed, epoch, step): any step is found without those
    before it.

    An epoch has as many batches as all examples would fill; how many of them are a group's is decided by `alpha`, or by
    `weights`, the same in every epoch. A group's examples are all seen before one is seen again, in a new order every
    time. Raises ConfigError for no examples, a batch size below 1, an `alpha` outside 0 to 1, and weights that do not
    fit the groups.
    """

    groups: "Sequence[str] | Groups"
    """The group of each example."""
    lengths: Lengths
    """Tokens of each example."""
    batch_size: int
    seed: int
    alpha: float = 0.7
    weights: Mapping[str, float] | None = None
    """How often each group is drawn, instead of what `alpha` says; any scale."""
    mixed: bool = False
    """Whether a batch holds examples of all groups, drawn one by one, instead of one group's."""
    in_turn: bool = False
    """Groups take turns as evenly as their numbers allow, instead of in a random order."""
    names: list[str] = field(init=False)
    """The groups, in alphabetical order."""
    counts: Int[np.ndarray, " G"] = field(init=False)
    """Batches of each group in an epoch; examples, where batches are mixed."""
    _rows: list[Int[np.ndarray, " _"]] = field(init=False, repr=False)
    _schedules: dict[int, tuple[Int[np.ndarray, " S"], Int[np.ndarray, " S"]]] = field(init=False, repr=False)
    _orders: dict[tuple[int, int], Order] = field(init=False, repr=False)
    _plans: dict[int, BatchPlan] = field(init=False, repr=False)
    _turns: dict[int, tuple[int, Int[np.ndarray, " _"], Int[np.ndarray, " _"]]] = field(init=False, repr=False)
    """The pass that each group is in, its examples in the order of that, and the order of their batches."""

    def __post_init__(self) -> None:
        count = len(self.groups.numbers if isinstance(self.groups, Groups) else self.groups)
        if not count or count != len(self.lengths) or self.batch_size < 1 or not 0 <= self.alpha <= 1:
            raise ConfigError(
                f"no batches of {self.batch_size} can be drawn from {count} examples with alpha {self.alpha:g}"
            )
        groups = self.groups if isinstance(self.groups, Groups) else Groups.of(self.groups)
        names, rows = groups.names, groups.rows()
        draws = self.steps_per_epoch * (self.batch_size if self.mixed else 1)
        object.__setattr__(self, "names", names)
        object.__setattr__(
            self, "counts", whole_numbers(self._shares(names, np.array([len(group) for group in rows])) * draws, draws)
        )
        object.__setattr__(self, "_rows", rows)
        object.__setattr__(self, "_schedules", {})
        object.__setattr__(self, "_orders", {})
        object.__setattr__(self, "_plans", {})
        object.__setattr__(self, "_turns", {})

    def _shares(self, names: Sequence[str], sizes: Int[np.ndarray, " G"]) -> Float64[np.ndarray, " G"]:
        if self.weights is None:
            return shares(sizes, self.alpha)
        if set(self.weights) != set(names) or min(self.weights.values()) < 0 or not sum(self.weights.values()):
            raise ConfigError(
                f"each of {', '.join(names)} needs a weight, none of them negative and not all 0: {dict(self.weights)}"
            )
        asked = np.array([self.weights[name] for name in names], np.float64)
        return asked / asked.sum()

    def describe(self) -> str:
        """How often each group is drawn in fact: "de 60.0%, sw 40.0%"."""
        return ", ".join(
            f"{name} {count / self.counts.sum():.1%}" for name, count in zip(self.names, self.counts, strict=True)
        )

    @property
    def steps_per_epoch(self) -> int:
        return -(-len(self.lengths) // self.batch_size)

    def at(self, step: int) -> Int[np.ndarray, " _"]:
        """The examples of step `step`, counted from 0 over all epochs."""
        epoch, position = divmod(step, self.steps_per_epoch)
        if epoch not in self._schedules:
            self._schedules.clear()  # one epoch's schedule is kept, whatever the seek
            self._schedules[epoch] = self._schedule(epoch)
        order, nth = self._schedules[epoch]
        if not self.mixed:
            group = int(order[position])
            return self._batch(group, epoch * int(self.counts[group]) + int(nth[position]))
        drawn = slice(position * self.batch_size, (position + 1) * self.batch_size)
        return np.array(
            [
                self._one(int(g), epoch * int(self.counts[g]) + int(n))
                for g, n in zip(order[drawn], nth[drawn], strict=True)
            ]
        )

    def _schedule(self, epoch: int) -> tuple[Int[np.ndarray, " S"], Int[np.ndarray, " S"]]:
        """The group of every draw of an epoch, and which of this group's draws of the epoch it is."""
        groups = np.repeat(np.arange(len(self.names)), self.counts)
        if self.in_turn:
            order = groups[
                np.argsort(np.concatenate([(np.arange(count) + 0.5) / count for count in self.counts]), kind="stable")
            ]
        else:
            order = np.random.default_rng((self.seed, epoch)).permutation(groups)
        nth = np.empty_like(order)
        for group in range(len(self.names)):
            nth[order == group] = np.arange(self.counts[group])
        return order, nth

    def _batch(self, group: int, number: int) -> Int[np.ndarray, " _"]:
        """A group's batch `number`, counted from the start of training: alike-long examples of its current pass."""
        rows = self._rows[group]
        if len(rows) > LISTED:
            return rows[self._plan(group).at(number)]
        batches = -(-len(rows) // self.batch_size)
        turn, position = divmod(number, batches)
        if group not in self._turns or self._turns[group][0] != turn:
            random = np.random.default_rng((self.seed, group, turn, 1))
            order = rows[random.permutation(len(rows))]
            order = order[np.argsort(self.lengths[order], kind="stable")]
            self._turns[group] = turn, order, random.permutation(batches)
        _, order, places = self._turns[group]
        place = int(places[position])
        return order[place * self.batch_size : (place + 1) * self.batch_size]

    def _plan(self, group: int) -> BatchPlan:
        """The plan of a group that is too large to be sorted for each batch."""
        if group not in self._plans:
            lengths = _Some(self.lengths, self._rows[group])
            self._plans[group] = BatchPlan(
                lengths=lengths, batch_size=self.batch_size, seed=self.seed + (group + 1) * 2**32
            )
        return self._plans[group]

    def _one(self, group: int, number: int) -> int:
        """A group's example `number`, counted from the start of training."""
        turn, place = divmod(number, len(self._rows[group]))
        if (group, turn) not in self._orders:
            self._orders.pop((group, turn - 2), None)
            random = np.random.default_rng((self.seed, group, turn, 2))
            self._orders[group, turn] = permutation(random, len(self._rows[group]))
        return int(self._rows[group][self._orders[group, turn][place : place + 1]][0])


@runtime_checkable
class Plan(Protocol):
    """Which examples make the batch of a step."""

    @property
    def steps_per_epoch(self) -> int: ...

    def at(self, step: int) -> Int[np.ndarray, " _"]: ...


TURNS = 100
"""Steps, for each task, after which the order of the tasks begins anew."""


@dataclass(frozen=True, kw_only=True)
class TaskPlan:
    """One task a step, in turn: tasks of equal weight strictly cycle, others come as evenly as their weights allow.

    A pure function of the step, given plans that are. Raises ConfigError for no tasks and weights of 0 or less.
    """

    plans: Mapping[str, Plan]
    weights: Mapping[str, float]
    """How often each task comes up; any scale."""
    _order: list[str] = field(init=False, repr=False)
    _nth: list[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not self.plans or self.weights.keys() != self.plans.keys() or min(self.weights.values()) <= 0:
            raise ConfigError(f"every task needs examples and a weight above 0: {dict(self.weights)}")
        scale = sum(self.weights.values())
        owed, done, order, nth = dict.fromkeys(self.plans, 0.0), dict.fromkeys(self.plans, 0), list[str](), list[int]()
        for _ in range(TURNS * len(self.plans)):
            owed = {name: debt + self.weights[name] / scale for name, debt in owed.items()}
            name = max(owed, key=lambda name: round(owed[name], 9))  # of equals the first
            owed[name] -= 1
            order.append(name)
            nth.append(done[name])
            done[name] += 1
        object.__setattr__(self, "_order", order)
        object.__setattr__(self, "_nth", nth)

    @property
    def steps_per_epoch(self) -> int:
        return sum(plan.steps_per_epoch for plan in self.plans.values())

    def at(self, step: int) -> tuple[str, Int[np.ndarray, " _"]]:
        """The task of a step, counted from 0, and its examples."""
        cycle, position = divmod(step, len(self._order))
        name = self._order[position]
        return name, self.plans[name].at(cycle * self._order.count(name) + self._nth[position])
