"""Lazy AdamW is dense AdamW: after hundreds of steps, in whatever order rows are used, read, saved and resumed."""

import copy
from contextlib import nullcontext
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from interlingua.training.lazy_adamw import LazyAdamW
from interlingua.training.loop import clip, gradient_norm

ROWS, WIDTH = 60, 5
OPTIONS = {"lr": 0.01, "eps": 1e-8, "weight_decay": 0.1}


class Toy(nn.Module):
    """A bag of words and a linear layer."""

    def __init__(self, tied: bool = False) -> None:
        super().__init__()
        self.words, self.out, self.tied = nn.Embedding(ROWS, WIDTH), nn.Linear(WIDTH, 3), tied

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        bag = self.words(ids).mean(1)
        loss = self.out(bag).square().sum()
        return loss + (bag @ self.words.weight.T).square().mean() if self.tied else loss


def pair(double: bool, tied: bool = False) -> tuple[Toy, LazyAdamW, Toy, torch.optim.AdamW]:
    torch.manual_seed(0)
    lazy = Toy(tied).double() if double else Toy(tied)
    dense = copy.deepcopy(lazy)
    groups = [
        [{"params": [m.words.weight, m.out.weight]}, {"params": [m.out.bias], "weight_decay": 0.0}]
        for m in (lazy, dense)
    ]
    return lazy, LazyAdamW(groups[0], [lazy.words], **OPTIONS), dense, torch.optim.AdamW(groups[1], **OPTIONS)


def batch(step: int, rare: float = 0.2) -> torch.Tensor:
    """Ids of which some come often, some rarely, and some never."""
    random = torch.Generator().manual_seed(step)
    common = torch.randint(10, (4, 3), generator=random)
    return torch.where(
        torch.rand(4, 3, generator=random) < rare, torch.randint(10, 50, (4, 3), generator=random), common
    )


def advance(model: Toy, optimizer: torch.optim.Optimizer, step: int, limit: float = 0.5) -> float:
    optimizer.param_groups[0]["lr"] = optimizer.param_groups[1]["lr"] = 0.01 * (1 - step / 400)
    optimizer.zero_grad()
    model(batch(step)).backward()
    gradients, norm = gradient_norm(list(model.parameters()))
    clip(gradients, norm.item(), limit)
    optimizer.step()
    return norm.item()


@pytest.mark.parametrize("double", [True, False])
def test_many_steps_are_those_of_dense_adamw(double: bool) -> None:
    lazy, lazily, dense, densely = pair(double)
    for step in range(120):
        assert advance(lazy, lazily, step) == pytest.approx(advance(dense, densely, step), rel=1e-9 if double else 1e-3)
    assert not torch.equal(lazy.words.weight, dense.words.weight)  # some rows do wait
    found, wanted = lazy.state_dict(), dense.state_dict()
    for name, value in found.items():
        assert torch.allclose(value, wanted[name], rtol=0, atol=1e-8 if double else 1e-5), name
    assert torch.allclose(lazy.words.weight, wanted["words.weight"], rtol=0, atol=1e-8 if double else 1e-5)


@given(stops=st.lists(st.integers(1, 30), max_size=4), read=st.lists(st.integers(0, ROWS - 1), min_size=1, max_size=8))
@settings(max_examples=8, deadline=None)
def test_reading_and_settling_at_any_time_changes_nothing(stops: list[int], read: list[int]) -> None:
    lazy, lazily, dense, densely = pair(double=True)
    for step in range(30):
        advance(lazy, lazily, step)
        advance(dense, densely, step)
        if step in stops:
            rows = torch.tensor(read)
            assert torch.allclose(lazy.words(rows), dense.words(rows), rtol=0, atol=1e-8)
    assert torch.allclose(lazy.state_dict()["words.weight"], dense.words.weight, rtol=0, atol=1e-8)


def test_a_restored_optimizer_goes_on_with_the_same_bits() -> None:
    whole, wholly, *_ = pair(double=False)
    for step in range(80):
        advance(whole, wholly, step)
    parts, partly, *_ = pair(double=False)
    for step in range(37):
        advance(parts, partly, step)
    with partly.as_is():
        saved = copy.deepcopy((parts.state_dict(), partly.state_dict()))
    other, otherwise, *_ = pair(double=False)
    other.load_state_dict(saved[0])
    otherwise.load_state_dict(saved[1])
    for step in range(37, 80):
        advance(other, otherwise, step)
    assert all(torch.equal(value, other.state_dict()[name]) for name, value in whole.state_dict().items())


@pytest.mark.parametrize("tied_from", [0, 30])
def test_a_dense_gradient_makes_it_dense(tied_from: int) -> None:
    lazy, lazily, dense, densely = pair(double=True)
    for step in range(60):
        lazily.settle()  # this model reads its weights directly
        lazy.tied = dense.tied = step >= tied_from
        advance(lazy, lazily, step)
        advance(dense, densely, step)
    assert lazily.tables == [None]
    assert not lazy.words.sparse
    assert torch.allclose(lazy.words.weight, dense.words.weight, rtol=0, atol=1e-8)
    _, anew, *_ = pair(double=True)
    anew.load_state_dict(lazily.state_dict())
    assert anew.tables == [None]


def test_a_dense_run_is_continued_densely() -> None:
    *_, dense, densely = pair(double=True)
    for step in range(10):
        advance(dense, densely, step)
    other, otherwise, *_ = pair(double=True)
    other.load_state_dict(dense.state_dict())
    otherwise.load_state_dict(copy.deepcopy(densely.state_dict()))
    for step in range(10, 20):
        advance(dense, densely, step)
        advance(other, otherwise, step)
    assert not other.words.sparse
    assert torch.allclose(other.words.weight, dense.words.weight, rtol=0, atol=1e-12)


class Work(TorchDispatchMode):
    """Counts the numbers that operations write or copy."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = 0

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = function(*args, **(kwargs or {}))
        if not function.is_view:
            self.numbers += sum(part.numel() for part in tree_leaves(found) if isinstance(part, torch.Tensor))
        return found


def test_a_step_costs_the_same_however_many_came_before() -> None:
    """The rates and decays of all steps are kept, but none is touched to add one."""
    lazy, lazily, *_ = pair(double=False)
    costs: list[int] = []
    for step in range(308):
        counted = step in range(42, 56) or step >= 294
        with Work() if counted else nullcontext() as work:
            lazily.zero_grad()
            lazy(batch(step % 7)).backward()
            lazily.step()
        if work is not None:
            costs.append(work.numbers)
    assert costs[:14] == costs[14:]
    (table,) = lazily.tables
    assert table is not None
    assert {len(table.rates._room), len(table.decay._room)} == {512}  # doubled when full, no more often


def test_only_rows_in_use_have_moments() -> None:
    lazy, lazily, *_ = pair(double=False)
    for step in range(5):
        advance(lazy, lazily, step)
    (table,) = lazily.tables
    assert table is not None
    assert table.used == len(torch.cat([batch(step) for step in range(5)]).unique())
