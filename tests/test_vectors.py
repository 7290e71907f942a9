"""Unit length and cosines, zeros among them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from interlingua.vectors import are_unit, cosines, mean_cosine, unit

ROWS = arrays(np.float32, (6, 3), elements=st.floats(-100, 100, width=32).map(lambda x: 0.0 if abs(x) < 1e-3 else x))


@given(ROWS)
def test_unit_length_and_direction(rows: np.ndarray) -> None:
    found, lengths = unit(rows), np.linalg.norm(rows, axis=1)
    assert found.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), lengths > 0, atol=1e-5)  # zeros stay zeros
    np.testing.assert_allclose(found * lengths[:, None], rows, atol=1e-3)


@given(ROWS, ROWS)
def test_cosines_are_row_by_row_and_of_zeros_zero(one: np.ndarray, other: np.ndarray) -> None:
    expected = [
        float(a @ b) / float(np.linalg.norm(a) * np.linalg.norm(b)) if a.any() and b.any() else 0.0
        for a, b in zip(one.astype(float), other.astype(float), strict=True)
    ]
    np.testing.assert_allclose(cosines(one, other), expected, atol=1e-4)


def test_a_single_row_has_no_mean_cosine_and_lengths_are_told() -> None:
    one = np.array([[3.0, 4.0]], np.float32)
    assert mean_cosine(one) == 0.0
    assert not are_unit(one)
    assert are_unit(unit(one))
    assert are_unit(np.empty((0, 2), np.float32))


@settings(deadline=None)
@given(st.integers(2, 30), st.integers(2, 8), st.integers(0, 99))
def test_mean_cosine_is_the_mean_over_pairs(n: int, d: int, seed: int) -> None:
    rows = np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)
    cosines = unit(rows) @ unit(rows).T
    assert mean_cosine(rows) == pytest.approx(cosines[~np.eye(n, dtype=bool)].mean(), abs=1e-5)
