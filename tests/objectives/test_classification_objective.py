from itertools import product

import numpy as np
import pytest
import torch

from interlingua.encoders.encoder import Encoder
from interlingua.objectives.classification import Feature, PairClassification, pair_features
from interlingua.tensors import Batch
from tests.conftest import TEXTS, check_gradients

U, V, DIFFERENCE, PRODUCT = Feature


def batch(encoder: Encoder, classes: int = 3) -> Batch:
    columns = (encoder.tokens(TEXTS[:4], ["en"] * 4), encoder.tokens(TEXTS[4:8], ["de"] * 4))
    return Batch(columns, torch.arange(4) % classes)


def test_features_equal_numpy() -> None:
    u, v = np.random.default_rng(0).normal(size=(2, 5, 3))
    found = pair_features(torch.from_numpy(u), torch.from_numpy(v), list(Feature))
    assert np.allclose(found, np.concatenate([u, v, np.abs(u - v), u * v], axis=1), atol=0)


@pytest.mark.parametrize("features", [(U, V), (DIFFERENCE,), (U, V, DIFFERENCE), tuple(Feature)])
@pytest.mark.parametrize("hidden", [None, 6])
@pytest.mark.parametrize("encoder", ["static"], indirect=True)  # of a transformer: tests/contracts
def test_gradients_by_finite_differences(encoder: Encoder, features: tuple[Feature, ...], hidden: int | None) -> None:
    torch.manual_seed(1)
    objective = PairClassification(encoder.width, 3, features, hidden).double()
    check_gradients(objective, encoder.double(), batch(encoder))


def test_equals_a_softmax_by_hand(encoder: Encoder) -> None:
    encoder.double()
    objective = PairClassification(encoder.width, 3, (U, V, DIFFERENCE)).double()
    both = batch(encoder)
    with torch.no_grad():
        u, v = (encoder(tokens).numpy() for tokens in both.columns)
        weight, bias = (p.numpy() for p in objective.classifier.parameters())
    logits = np.concatenate([u, v, np.abs(u - v)], axis=1) @ weight.T + bias
    likelihood = np.exp(logits)[range(4), both.targets] / np.exp(logits).sum(axis=1)
    assert objective(encoder, both).item() == pytest.approx(-np.log(likelihood).mean(), rel=1e-9)


def test_infersents_classifier_has_no_nonlinearity() -> None:
    classifier = PairClassification(5, 3, tuple(Feature), hidden=7).classifier.double()
    x, y = torch.randn(2, 20, dtype=torch.float64)
    assert torch.allclose(classifier(x) + classifier(y), classifier(x + y) + classifier(torch.zeros_like(x)))
    assert [tuple(p.shape) for p in classifier.parameters() if p.ndim == 2] == [(7, 20), (7, 7), (3, 7)]


def test_classes_are_needed(encoder: Encoder) -> None:
    with pytest.raises(ValueError, match="classes"):
        PairClassification(encoder.width, 3, (U, V))(encoder, Batch(batch(encoder).columns))


def test_every_choice_of_features_has_its_width() -> None:
    u = torch.ones(2, 4)
    for chosen in product([False, True], repeat=4):
        features = [feature for feature, on in zip(Feature, chosen, strict=True) if on]
        if features:
            assert pair_features(u, u, features).shape == (2, 4 * len(features))
