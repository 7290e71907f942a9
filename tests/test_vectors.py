"""Unit length and cosines, zeros among them."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from interlingua import vectors
from interlingua.errors import DataError
from interlingua.vectors import are_unit, check_finite, cosines, mean_cosine, on_grid, unit, verified

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


@given(ROWS, st.integers(0, 99))
def test_cosines_are_those_of_float64_and_a_text_is_like_itself(rows: np.ndarray, seed: int) -> None:
    other = np.random.default_rng(seed).normal(size=rows.shape).astype(np.float32)
    exact = [
        float(a @ b) / (float(np.linalg.norm(a)) * float(np.linalg.norm(b))) if a.any() else 0.0
        for a, b in zip(rows.astype(np.float64), other.astype(np.float64), strict=True)
    ]
    assert np.abs(cosines(rows, other) - exact).max() <= 0.5e-6 + 1e-12
    assert (cosines(rows, other) == cosines(other, rows)).all()
    assert set(cosines(rows, rows)) <= {0.0, 1.0}
    assert set(cosines(rows, -3 * rows)) <= {0.0, -1.0}


@given(st.floats(-1, 1))
def test_the_grid_ties_rounding_and_nothing_that_counts(value: float) -> None:
    assert on_grid(np.array([value + 1e-4])) > on_grid(np.array([value]))
    assert on_grid(on_grid(np.array([value]))) == on_grid(np.array([value]))
    assert len(set(on_grid(np.float32([1 - 2e-7, 1, 1 + 2e-7])).tolist())) == 1


def test_very_long_and_very_short_rows_have_a_direction() -> None:
    rows = np.array([[3e30, 4e30], [3e-30, 4e-30], [0, 0]], np.float32)
    np.testing.assert_allclose(unit(rows), [[0.6, 0.8], [0.6, 0.8], [0, 0]], rtol=1e-6)
    assert cosines(rows, rows).tolist() == [1, 1, 0]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused(bad: float) -> None:
    rows = np.array([[1, 2], [3, bad]], np.float32)
    for call in (unit, lambda rows: cosines(rows, rows), mean_cosine, check_finite):
        with pytest.raises(DataError, match="row 1 of the embeddings is not finite"):
            call(rows)


TEXTS = [f"text {number}" for number in range(5)]
ROWS_OF_FIVE = np.arange(10, dtype=np.float32).reshape(5, 2)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (ROWS_OF_FIVE[:4], "4 rows for 5 texts"),
        (ROWS_OF_FIVE[:, 0], "1 axes"),
        (None, "0 axes"),
        ([[1, 2]] * 4 + [[1]], "no array of numbers"),
        (ROWS_OF_FIVE * 1j, "complex64, real numbers"),
        (ROWS_OF_FIVE.astype(str), "real numbers"),
        (ROWS_OF_FIVE > 1, "bool, real numbers"),
        (np.where(ROWS_OF_FIVE == 6, np.nan, ROWS_OF_FIVE), "embedding of 'text 3' is not finite"),
        (np.where(ROWS_OF_FIVE == 6, 1e200, ROWS_OF_FIVE.astype(float)), "embedding of 'text 3' is not finite"),
    ],
)
def test_what_encode_gives_is_held_against_its_texts(given: Any, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        verified(Given(given))(TEXTS)


class Given:
    """Says what it was made with."""

    def __init__(self, given: Any) -> None:
        self.given = given

    def __call__(self, texts: Any, language: str = "und") -> Any:
        return self.given


@pytest.mark.parametrize("kind", [np.float16, np.float64, np.int64, list, torch.tensor])
def test_numbers_of_other_kinds_become_float32(kind: Any) -> None:
    given = ROWS_OF_FIVE.tolist() if kind is list else kind(ROWS_OF_FIVE)
    found = verified(Given(given))(TEXTS)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, ROWS_OF_FIVE)


def test_width_is_constant_and_no_texts_are_no_vectors() -> None:
    given = Given(ROWS_OF_FIVE)
    encode = verified(given)
    assert verified(encode) is encode
    assert encode(TEXTS) is ROWS_OF_FIVE  # no copy of what is right
    given.given = []
    assert encode([]).shape == (0, 2)
    given.given = ROWS_OF_FIVE[:, :1]
    with pytest.raises(DataError, match="width 1, before of width 2"):
        encode(TEXTS)


def test_the_first_row_that_is_not_finite_is_found_in_any_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "BLOCK", 2)
    rows = ROWS_OF_FIVE.copy()
    assert vectors.first_not_finite(rows) is None
    rows[[3, 4], 1] = np.inf
    assert vectors.first_not_finite(rows) == 3
