import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlingua.data.batching import BatchPlan
from interlingua.errors import ConfigError

sizes = st.tuples(st.integers(1, 700), st.integers(1, 40), st.integers(0, 5))


def plan(n: int, batch_size: int, seed: int) -> BatchPlan:
    return BatchPlan(lengths=np.random.default_rng(seed).integers(1, 60, n), batch_size=batch_size, seed=seed)


@given(sizes)
def test_an_epoch_sees_every_example_once(size: tuple[int, int, int]) -> None:
    batches = plan(*size)
    for epoch in (0, 3):
        seen = np.concatenate([batches.at(epoch * batches.steps_per_epoch + k) for k in range(batches.steps_per_epoch)])
        assert sorted(seen) == list(range(size[0]))


@given(sizes, st.integers(0, 500))
def test_a_step_does_not_depend_on_the_way_to_it(size: tuple[int, int, int], step: int) -> None:
    walked = plan(*size)
    for number in range(step):
        walked.at(number)
    assert np.array_equal(walked.at(step), plan(*size).at(step))


def test_epochs_and_seeds_differ() -> None:
    one, other = plan(500, 8, 1), plan(500, 8, 2)
    assert not np.array_equal(one.at(0), one.at(one.steps_per_epoch))
    assert not np.array_equal(one.at(0), other.at(0))


def test_batches_hold_examples_of_like_length() -> None:
    batches = plan(64 * 64, 64, 0)
    spread = [np.ptp(batches.lengths[batches.at(step)]) for step in range(batches.steps_per_epoch)]
    assert np.mean(spread) < 3 < np.ptp(batches.lengths)


@pytest.mark.parametrize(("examples", "batch_size"), [(0, 8), (8, 0)])
def test_nothing_to_batch_is_an_error(examples: int, batch_size: int) -> None:
    with pytest.raises(ConfigError, match="no batches"):
        plan(examples, batch_size, 0)
