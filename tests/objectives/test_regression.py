import numpy as np
import pytest
import torch
from scipy.spatial.distance import cosine

from interlingua.encoders.encoder import Encoder
from interlingua.objectives.regression import CosineRegression
from interlingua.tensors import Batch
from tests.conftest import TEXTS


def batch(encoder: Encoder) -> Batch:
    columns = (encoder.tokens(TEXTS[:4], ["en"] * 4), encoder.tokens(TEXTS[4:8], ["de"] * 4))
    return Batch(columns, torch.tensor([0.0, 0.4, 0.8, 1.0], dtype=torch.float64))


def test_equals_scipy(encoder: Encoder) -> None:
    both = batch(encoder.double())
    with torch.no_grad():
        u, v = (encoder(tokens).numpy() for tokens in both.columns)
    expected = np.mean([(1 - cosine(a, b) - t) ** 2 for a, b, t in zip(u, v, both.targets.numpy(), strict=True)])
    assert CosineRegression()(encoder, both).item() == pytest.approx(expected, rel=1e-5)


def test_scores_are_needed(encoder: Encoder) -> None:
    with pytest.raises(ValueError, match="scores"):
        CosineRegression()(encoder, Batch(batch(encoder).columns))
