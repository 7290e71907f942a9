import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import cosine, euclidean

from interlingua.encoders.encoder import Encoder
from interlingua.objectives.triplet import Separation, Triplet, triplet_loss
from interlingua.tensors import Batch
from tests.conftest import TEXTS, check_gradients


@given(st.integers(0, 1000), st.sampled_from(list(Separation)), st.floats(0.0, 3.0))
def test_equals_scipy(seed: int, separation: Separation, margin: float) -> None:
    a, p, n = np.random.default_rng(seed).normal(size=(3, 6, 4))
    apart = euclidean if separation == "euclidean" else cosine
    expected = np.mean([max(0, apart(x, y) - apart(x, z) + margin) for x, y, z in zip(a, p, n, strict=True)])
    found = triplet_loss(*(torch.from_numpy(x) for x in (a, p, n)), float(margin), separation)
    assert found.item() == pytest.approx(expected, rel=1e-5, abs=1e-5)  # torch adds 1e-6 to differences


@pytest.mark.parametrize("separation", list(Separation))
@pytest.mark.parametrize("encoder", ["static"], indirect=True)  # of a transformer: tests/contracts
def test_gradients_by_finite_differences(encoder: Encoder, separation: Separation) -> None:
    encoder.double()
    columns = tuple(encoder.tokens([TEXTS[k], TEXTS[k + 3]], ["en"] * 2) for k in range(3))
    check_gradients(Triplet(1.0, separation), encoder, Batch(columns))


def test_a_triplet_with_enough_margin_costs_nothing() -> None:
    near, far = torch.zeros(1, 3), torch.full((1, 3), 10.0)
    assert triplet_loss(near, near, far, 1.0, Separation.euclidean).item() == 0
    assert triplet_loss(near, far, near, 1.0, Separation.euclidean).item() == pytest.approx(10 * 3**0.5 + 1)
