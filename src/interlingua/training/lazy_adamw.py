"""AdamW that leaves alone the rows of a word embedding that no text of the batch uses, with the results of the dense
one.

Loshchilov & Hutter 2019, "Decoupled Weight Decay Regularization". In a step of dense AdamW a row without gradient
decays, and its first moment, which shrinks by beta1 a step, still moves it. Both are known in advance, so they wait
until the row is read: then the steps it missed are made up for, one by one while the moment matters (TAIL_SHARE), the
rest of the decay at once.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

TAIL_SHARE = 1e-7
"""What is left of a moment's effect is forgotten when it is below this share of a step."""
CHUNK = 4096
"""Rows caught up at a time: their numbers stay in the cache."""


class History:
    """A number for every step so far, in fp64: adding one costs the same however many there are."""

    def __init__(self, values: Tensor) -> None:
        self._room, self._used = values.double().clone(), len(values)

    def __len__(self) -> int:
        return self._used

    def append(self, value: float) -> None:
        """One more step."""
        if self._used == len(self._room):
            self._room = torch.cat([self._room, torch.zeros_like(self._room)])
        self._room[self._used] = value
        self._used += 1

    @property
    def values(self) -> Float[Tensor, " S"]:
        """All of them, not copied."""
        return self._room[: self._used]

    @property
    def last(self) -> float:
        return self._room[self._used - 1].item()


class Table:
    """The optimiser state of one word embedding (V, H): moments of the rows that ever had a gradient, and how far
    each row has come.
    """

    def __init__(self, embedding: nn.Embedding, group: dict[str, Any]) -> None:
        self.embedding, self.group, self.as_is = embedding, group, False
        self.weight: Tensor = embedding.weight
        rows, width = self.weight.shape
        self.slots = torch.full((rows,), -1)
        """Where a row's moments stand; -1 for a row that never had a gradient."""
        self.current = torch.zeros(rows, dtype=torch.long)
        """The step up to which a row has been brought."""
        self.first, self.second = self.weight.new_zeros(0, width), self.weight.new_zeros(0, width)
        self.touched = torch.zeros(0, dtype=torch.long)
        """The step of a slot's latest gradient; its moments are those of that step."""
        self.rates, self.decay = History(torch.zeros(1)), History(torch.zeros(1))
        """Of every step: the learning rate, and the sum so far of log(1 - learning rate * weight decay)."""
        self.used = 0
        embedding.sparse = True
        self.hooks = (
            embedding.register_forward_pre_hook(self._before_reading),
            embedding.register_state_dict_pre_hook(self._before_saving),
        )

    @property
    def steps(self) -> int:
        return len(self.rates) - 1

    def _before_reading(self, _module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        self.catch_up(inputs[0].unique())

    def _before_saving(self, _module: nn.Module, _prefix: str, _keep: bool) -> None:
        if not self.as_is:
            self.settle()

    @torch.no_grad()
    def settle(self) -> None:
        """Bring every row up to date."""
        self.catch_up(torch.arange(len(self.weight)))

    @torch.no_grad()
    def catch_up(self, rows: Int[Tensor, " R"]) -> None:
        """Bring some rows up to date: the weights dense AdamW would have by now."""
        rows = rows[self.current[rows] < self.steps]
        for some in rows.split(CHUNK):
            values, come = self.weight[some], self.current[some]
            with_moments = (self.slots[some] >= 0).nonzero().squeeze(1)
            if len(with_moments):
                values[with_moments], come[with_moments] = self._follow(
                    values[with_moments], self.slots[some[with_moments]], come[with_moments]
                )
            decay = self.decay.values
            values *= (decay[-1] - decay[come]).exp().to(values.dtype).unsqueeze(1)
            self.weight[some] = values
        self.current[rows] = self.steps

    def _follow(
        self, values: Float[Tensor, "R H"], slots: Int[Tensor, " R"], come: Int[Tensor, " R"]
    ) -> tuple[Float[Tensor, "R H"], Int[Tensor, " R"]]:
        """Rows after the missed steps in which their moments still mattered, and the step each has then come to."""
        one, two, epsilon, touched = *self.group["betas"], self.group["eps"], self.touched[slots]
        tail = math.ceil(math.log(TAIL_SHARE) / math.log(one / math.sqrt(two)))
        until = (touched + tail).clamp(max=self.steps).maximum(come)
        order = (until - come).argsort(
            descending=True
        )  # at every turn, the rows with steps still to do are the first ones
        values, touched, start = values[order], touched[order], come[order]
        todo = (until[order] - start).tolist()
        moment, root = self.first[slots[order]], self.second[slots[order]].sqrt()
        rates, decay = self.rates.values, self.decay.values
        rows = len(todo)
        for turn in range(1, todo[0] + 1 if todo else 0):
            while todo[rows - 1] < turn:
                rows -= 1
            step = start[:rows] + turn
            age = (step - touched[:rows]).double()
            pull = rates[step] / (1 - one ** step.double()) * one**age
            spread = two ** (age / 2) / (1 - two ** step.double()).sqrt()
            kept = (decay[step] - decay[step - 1]).exp()
            pull, spread, kept = (factor.to(values.dtype).unsqueeze(1) for factor in (pull, spread, kept))
            now = values[:rows]
            now.mul_(kept).addcdiv_(moment[:rows] * pull, (root[:rows] * spread).add_(epsilon), value=-1)
        back = torch.empty_like(order)
        back[order] = torch.arange(len(order))
        return values[back], until

    @torch.no_grad()
    def update(self, gradient: Tensor) -> None:
        """One step of AdamW with a sparse, coalesced gradient (V, H)."""
        rows, values = gradient.indices()[0], gradient.values()
        self.catch_up(rows)
        self._make_room(rows)
        (one, two), rate = self.group["betas"], float(self.group["lr"])
        self.rates.append(rate)
        self.decay.append(self.decay.last + math.log1p(-rate * self.group["weight_decay"]))
        slots = self.slots[rows]
        age = (self.steps - self.touched[slots]).double().unsqueeze(1)
        first = self.first[slots] * (one**age).to(values.dtype) + (1 - one) * values
        second = self.second[slots] * (two**age).to(values.dtype) + (1 - two) * values.square()
        self.first[slots], self.second[slots], self.touched[slots] = first, second, self.steps
        spread = second.sqrt_().div_(math.sqrt(1 - two**self.steps)).add_(self.group["eps"])
        weights = self.weight[rows] * (1 - rate * self.group["weight_decay"])
        self.weight[rows] = weights.addcdiv_(first, spread, value=-rate / (1 - one**self.steps))
        self.current[rows] = self.steps

    def _make_room(self, rows: Int[Tensor, " R"]) -> None:
        new = rows[self.slots[rows] < 0]
        self.slots[new] = torch.arange(self.used, self.used + len(new))
        self.used += len(new)
        if self.used > len(self.touched):
            more = max(self.used, 2 * len(self.touched)) - len(self.touched)
            self.first, self.second = (torch.cat([m, m.new_zeros(more, m.shape[1])]) for m in (self.first, self.second))
            self.touched = torch.cat([self.touched, self.touched.new_zeros(more)])

    def dense_moments(self) -> dict[str, Tensor]:
        """The state torch's AdamW would have."""
        self.settle()
        known = (self.slots >= 0).nonzero().squeeze(1)
        age = (self.steps - self.touched[self.slots[known]]).double().unsqueeze(1)
        state = {"step": torch.tensor(float(self.steps))}
        for name, moments, beta in zip(
            ("exp_avg", "exp_avg_sq"), (self.first, self.second), self.group["betas"], strict=True
        ):
            state[name] = torch.zeros_like(self.weight)
            state[name][known] = moments[self.slots[known]] * (beta**age).to(moments.dtype)
        return state

    def state(self) -> dict[str, Tensor]:
        known = (self.slots >= 0).nonzero().squeeze(1)
        slots = self.slots[known]
        return {
            "rows": known, "first": self.first[slots], "second": self.second[slots], "touched": self.touched[slots],
            "current": self.current, "rates": self.rates.values.clone(),
            "decay": self.decay.values.clone(),
        }  # fmt: skip

    def restore(self, state: dict[str, Tensor]) -> None:
        self.slots = torch.full_like(self.slots, -1)
        self.used = len(state["rows"])
        self.slots[state["rows"]] = torch.arange(self.used)
        self.first, self.second, self.touched, self.current = (
            state[name].clone() for name in ("first", "second", "touched", "current")
        )
        self.rates, self.decay = History(state["rates"]), History(state["decay"])

    def release(self) -> None:
        """Let go of the embedding: its gradients are dense again."""
        self.settle()
        self.embedding.sparse = False
        for hook in self.hooks:
            hook.remove()


class LazyAdamW(torch.optim.AdamW):
    """AdamW (torch's own) in which some word embeddings are Tables.

    Rows are brought up to date when the embedding is called and when its module's state is taken, so neither sees the
    difference; who reads the weights by another way calls `settle` first. A gradient that turns out dense makes the
    table an ordinary parameter again.
    """

    def __init__(self, groups: Sequence[dict[str, Any]], embeddings: Sequence[nn.Embedding], **options: Any) -> None:
        super().__init__(groups, **options)
        owners = {id(parameter): group for group in self.param_groups for parameter in group["params"]}
        self.tables: list[Table | None] = [Table(embedding, owners[id(embedding.weight)]) for embedding in embeddings]

    def step(self, closure: Callable[[], float] | None = None) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """One step with the gradients at hand."""
        assert closure is None
        for number, table in enumerate(self.tables):
            if table is not None and table.weight.grad is not None and not table.weight.grad.is_sparse:
                self._densify(number, table)
        lazy = [
            (table, table.weight.grad) for table in self.tables if table is not None and table.weight.grad is not None
        ]
        for table, _ in lazy:
            table.weight.grad = None
        super().step()
        for table, gradient in lazy:
            assert gradient is not None
            table.update(gradient.coalesce())
            table.weight.grad = gradient

    def settle(self) -> None:
        """Bring every row of every table up to date."""
        for table in self.tables:
            if table is not None:
                table.settle()

    @contextmanager
    def as_is(self) -> Iterator[None]:
        """Inside, taking the state of a module moves no row: what a checkpoint needs, to go on exactly."""
        tables = [table for table in self.tables if table is not None]
        for table in tables:
            table.as_is = True
        try:
            yield
        finally:
            for table in tables:
                table.as_is = False

    def densify(self) -> None:
        """Update every row at every step from here on."""
        for number, table in enumerate(self.tables):
            if table is not None:
                self._densify(number, table)

    def _densify(self, number: int, table: Table) -> None:
        if table.steps:
            self.state[table.weight] = table.dense_moments()
        table.release()
        self.tables[number] = None

    def state_dict(self) -> dict[str, Any]:  # pyright: ignore[reportIncompatibleMethodOverride]
        return {**super().state_dict(), "tables": [None if table is None else table.state() for table in self.tables]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        tables = state_dict.get(
            "tables", [None] * len(self.tables)
        )  # torch's own AdamW has none: the run goes on densely
        super().load_state_dict({name: value for name, value in state_dict.items() if name != "tables"})
        for number, (table, state) in enumerate(zip(self.tables, tables, strict=True)):
            if table is not None and state is None:
                table.release()
                self.tables[number] = None
            elif table is not None:
                table.group = next(
                    group for group in self.param_groups if any(p is table.weight for p in group["params"])
                )
                table.restore(state)
