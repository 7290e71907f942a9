import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlingua.data import permutation as module
from interlingua.data.permutation import Computed, permutation


def computed(count: int, seed: int = 0) -> Computed:
    order = Computed(count, np.random.default_rng(seed).integers(0, 2**63, size=2 * module.ROUNDS, dtype=np.uint64))
    assert len(order) == count
    return order


@given(st.integers(1, 3000), st.integers(0, 9))
def test_each_number_stands_in_one_place(count: int, seed: int) -> None:
    assert sorted(computed(count, seed)[:].tolist()) == list(range(count))


@given(st.integers(1, 2000), st.integers(0, 9), st.slices(2000))
def test_a_part_is_a_part_of_the_whole(count: int, seed: int, part: slice) -> None:
    whole = computed(count, seed)[:]
    assert np.array_equal(computed(count, seed)[part], whole[part])
    places = np.random.default_rng(seed).integers(0, count, 7)
    assert np.array_equal(computed(count, seed)[places], whole[places])


def test_short_orders_are_numpys() -> None:
    assert np.array_equal(permutation(np.random.default_rng(3), 100), np.random.default_rng(3).permutation(100))


def test_orders_follow_on_one_another_as_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LISTED", 10)
    random = np.random.default_rng(3)
    one, other = permutation(random, 1000)[:], permutation(random, 1000)[:]
    assert np.mean(one == other) < 0.02
    assert np.array_equal(permutation(np.random.default_rng(3), 1000)[:], one)


@pytest.mark.parametrize("count", [100_000, 2**17 + 1])
def test_it_is_as_mixed_as_a_drawn_one(count: int) -> None:
    """Numbers spread over the places evenly, and neighbours have nothing to do with each other."""
    order = computed(count)[:]
    met = np.histogram2d(np.arange(count), order, bins=32)[0]
    deviation = ((met - count / 32**2) ** 2).sum() / (count / 32**2)
    assert 0.85 < deviation / 31**2 < 1.15  # chi-squared over its degrees of freedom, whose standard deviation is 0.046
    assert abs(np.corrcoef(order[:-1], order[1:])[0, 1]) < 4 / np.sqrt(count)
    assert (np.diff(order) == 1).sum() < 10
