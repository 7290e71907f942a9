from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from interlingua.data.sampling import SampledPlan, TaskPlan, shares, whole_numbers
from interlingua.errors import ConfigError


def plan(
    sizes: dict[str, int], batch_size: int = 4, seed: int = 0, alpha: float = 0.7, in_turn: bool = False
) -> SampledPlan:
    groups = [name for name, size in sizes.items() for _ in range(size)]
    lengths = np.random.default_rng(1).integers(1, 30, len(groups))
    return SampledPlan(groups=groups, lengths=lengths, batch_size=batch_size, seed=seed, alpha=alpha, in_turn=in_turn)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=5), st.integers(1, 9), st.floats(0.0, 1.0), st.integers(0, 3))
@settings(deadline=None)
def test_batches_are_of_one_group_and_everything_is_seen_in_turn(
    sizes: list[int], batch_size: int, alpha: float, seed: int
) -> None:
    found = plan({f"g{number}": size for number, size in enumerate(sizes)}, batch_size, seed, float(alpha))
    seen: dict[str, list[int]] = {name: [] for name in found.names}
    for step in range(3 * found.steps_per_epoch):
        rows = found.at(step)
        (name,) = {found.groups[row] for row in rows}
        assert len(rows)
        seen[name] += rows.tolist()
    for name, rows in seen.items():
        members = {row for row, group in enumerate(found.groups) if group == name}
        passes = [rows[start : start + len(members)] for start in range(0, len(rows), len(members))]
        assert all(set(one) == members for one in passes[:-1])
        assert all(len(set(one)) == len(one) for one in passes)


def test_any_step_is_found_without_those_before_it() -> None:
    walked = plan({"de": 30, "fr": 11, "sw": 3})
    batches = [walked.at(step).tolist() for step in range(60)]
    for step in (59, 3, 41, 0, 17):
        assert plan({"de": 30, "fr": 11, "sw": 3}).at(step).tolist() == batches[step]
    assert [plan({"de": 30, "fr": 11, "sw": 3}, seed=1).at(step).tolist() for step in range(60)] != batches


def test_groups_come_as_often_as_the_temperature_says() -> None:
    sizes = {"de": 2000, "fr": 500, "sw": 30}
    for alpha in (0.0, 0.5, 1.0):
        found = plan(sizes, alpha=alpha)
        drawn = Counter(found.groups[found.at(step)[0]] for step in range(2 * found.steps_per_epoch))
        expected = shares(np.array([2000, 500, 30]), alpha) * 2 * found.steps_per_epoch
        assert chisquare([drawn[name] for name in sizes], expected).pvalue > 0.95
    assert shares(np.array([8, 2]), 0.0).tolist() == [0.5, 0.5]
    assert shares(np.array([8, 2]), 1.0).tolist() == [0.8, 0.2]


def test_groups_take_turns() -> None:
    found = plan({"de": 160, "fr": 40}, alpha=0.0, batch_size=10, in_turn=True)
    assert [found.groups[found.at(step)[0]] for step in range(40)] == ["de", "fr"] * 20
    found = plan({"de": 80, "fr": 40}, alpha=1.0, batch_size=10, in_turn=True)
    assert [found.groups[found.at(step)[0]] for step in range(6)] == ["de", "fr", "de", "de", "fr", "de"]


@given(st.lists(st.floats(0.01, 50.0), min_size=1, max_size=8), st.integers(1, 500))
def test_whole_numbers_are_near_and_sum_up(weights: list[float], total: int) -> None:
    wanted = np.array(weights) / sum(weights) * total
    found = whole_numbers(wanted, total)
    assert found.sum() == total
    assert (np.abs(found - wanted) < 1 + 1e-9).all()


def test_alike_long_examples_share_a_batch() -> None:
    found = plan({"de": 400}, batch_size=20)
    spread = [np.ptp(found.lengths[found.at(step)]) for step in range(found.steps_per_epoch)]
    assert max(spread) <= 3 < np.ptp(found.lengths)


@pytest.mark.parametrize(("sizes", "options"), [({}, {}), ({"de": 3}, {"batch_size": 0}), ({"de": 3}, {"alpha": 1.5})])
def test_what_cannot_be_sampled_is_refused(sizes: dict[str, int], options: dict) -> None:
    with pytest.raises(ConfigError, match="no batches of"):
        plan(sizes, **options)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=4), st.integers(1, 6), st.integers(0, 3))
@settings(deadline=None, max_examples=30)
def test_mixed_batches_see_every_group_in_turn(sizes: list[int], batch_size: int, seed: int) -> None:
    groups = [f"g{number}" for number, size in enumerate(sizes) for _ in range(size)]
    options = {
        "groups": groups,
        "lengths": np.ones(len(groups), np.int64),
        "batch_size": batch_size,
        "seed": seed,
        "alpha": 0.5,
        "mixed": True,
    }
    found = SampledPlan(**options)
    drawn = [int(row) for step in range(3 * found.steps_per_epoch) for row in found.at(step)]
    assert len(drawn) == 3 * found.steps_per_epoch * batch_size
    for name in found.names:
        rows = [row for row in drawn if groups[row] == name]
        members = {row for row, group in enumerate(groups) if group == name}
        assert len(rows) == 3 * found.counts[found.names.index(name)]
        passes = [rows[start : start + len(members)] for start in range(0, len(rows), len(members))]
        assert all(set(one) == members for one in passes[:-1])
        assert all(len(set(one)) == len(one) for one in passes)
    last = 3 * found.steps_per_epoch - 1
    assert SampledPlan(**options).at(last).tolist() == found.at(last).tolist()


def test_weights_decide_instead_of_sizes() -> None:
    groups = ["de"] * 90 + ["sw"] * 10
    options = {"groups": groups, "lengths": np.ones(100, np.int64), "batch_size": 5, "seed": 0}
    even = SampledPlan(**options, weights={"de": 1.0, "sw": 3.0})
    assert even.describe() == "de 25.0%, sw 75.0%"
    for weights in ({"de": 1.0}, {"de": 1.0, "sw": -1.0}, {"de": 0.0, "sw": 0.0}):
        with pytest.raises(ConfigError, match="needs a weight"):
            SampledPlan(**options, weights=weights)


@given(st.dictionaries(st.sampled_from("abcd"), st.floats(0.05, 5.0), min_size=1), st.integers(0, 400))
@settings(deadline=None, max_examples=20)
def test_tasks_come_as_often_as_their_weights_say(weights: dict[str, float], step: int) -> None:
    plans = {name: plan({name: 10}, batch_size=3) for name in weights}
    tasks = TaskPlan(plans=plans, weights=weights)
    walked = [tasks.at(number) for number in range(step + 1)]
    for name, weight in weights.items():
        seen = [rows for task, rows in walked if task == name]
        assert abs(len(seen) - weight / sum(weights.values()) * len(walked)) < len(weights) + len(walked) / 100
        assert [rows.tolist() for rows in seen] == [plans[name].at(number).tolist() for number in range(len(seen))]
    again = TaskPlan(plans=plans, weights=weights).at(step)
    assert (again[0], again[1].tolist()) == (walked[-1][0], walked[-1][1].tolist())


def test_equal_tasks_strictly_cycle() -> None:
    plans = {name: plan({name: 10}) for name in "abc"}
    assert (
        "".join(TaskPlan(plans=plans, weights=dict.fromkeys("abc", 1.0)).at(step)[0] for step in range(300))
        == "abc" * 100
    )
    with pytest.raises(ConfigError, match="a weight above 0"):
        TaskPlan(plans=plans, weights={"a": 1.0, "b": 0.0, "c": 1.0})
