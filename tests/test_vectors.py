"""The mean cosine of all pairs, without all pairs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua.vectors import mean_cosine, unit


@settings(deadline=None)
@given(st.integers(2, 30), st.integers(2, 8), st.integers(0, 99))
def test_mean_cosine_is_the_mean_over_pairs(n: int, d: int, seed: int) -> None:
    rows = np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)
    cosines = unit(rows) @ unit(rows).T
    assert mean_cosine(rows) == pytest.approx(cosines[~np.eye(n, dtype=bool)].mean(), abs=1e-5)
