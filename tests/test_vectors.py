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
from interlingua.vectors import are_unit, cosines, mean_cosine, unit, verified

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
