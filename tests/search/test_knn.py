import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua.errors import ConfigError
from interlingua.search import knn

ROWS = np.array([[a, b, c] for a in (-1, 0, 1) for b in (-1, 0, 1) for c in (-1, 0, 1)], np.float32)


def brute(queries, keys, k):
    products = queries @ keys.T
    rows = np.array([sorted(range(len(keys)), key=lambda key: (-row[key], key))[:k] for row in products]).reshape(len(queries), -1)
    return np.take_along_axis(products, rows, 1), rows


@settings(deadline=None)
@given(st.lists(st.integers(0, 26), min_size=1, max_size=20), st.lists(st.integers(0, 26), min_size=1, max_size=30), st.integers(1, 8))
def test_equals_brute_force_and_ties_go_to_the_lower_row(queries: list[int], keys: list[int], k: int) -> None:
    scores, rows = knn.neighbours(ROWS[queries], ROWS[keys], k)
    expected_scores, expected_rows = brute(ROWS[queries], ROWS[keys], min(k, len(keys)))
    assert np.array_equal(rows, expected_rows)
    assert np.array_equal(scores, expected_scores)


def test_blocks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    queries, keys = random.normal(size=(300, 24)).astype(np.float32), random.normal(size=(500, 24)).astype(np.float32)
    whole = knn.neighbours(queries, keys, 5)
    monkeypatch.setattr(knn, "QUERY_BLOCK", 64)
    blocked = knn.neighbours(queries, keys, 5)
    assert np.array_equal(whole[1], blocked[1])
    assert np.allclose(whole[0], blocked[0])


def test_more_neighbours_than_keys() -> None:
    assert knn.neighbours(ROWS[:2], ROWS[:3], 10)[1].shape == (2, 3)
    assert knn.neighbours(ROWS[:2], ROWS[:0], 10)[1].shape == (2, 0)


@pytest.mark.parametrize(("keys", "k", "problem"), [(ROWS[:, :2], 1, "width 3 .* width 2"), (ROWS, 0, "at least 1")])
def test_unusable_input(keys, k, problem) -> None:
    with pytest.raises(ConfigError, match=problem):
        knn.neighbours(ROWS, keys, k)
