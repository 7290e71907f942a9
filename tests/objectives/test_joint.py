import numpy as np
import pytest
import torch
from scipy.special import log_softmax, logsumexp, rel_entr, softmax

from interlingua.encoders.cross_encoder import with_head
from interlingua.encoders.encoder import Encoder
from interlingua.encoders.pooling import Pooling
from interlingua.objectives.joint import JointClassification, JointRanking, JointRegression, hinton
from interlingua.tensors import Batch
from tests.conftest import TEXTS, check_gradients


def pairs(encoder: Encoder, shift: int = 1) -> torch.Tensor:
    return encoder.joint_tokens([(TEXTS[k], TEXTS[(k + shift) % 8]) for k in range(4)], ["en"] * 4)


def test_hintons_loss_equals_scipy() -> None:
    random = np.random.default_rng(0)
    student, teacher, classes = random.normal(size=(6, 4)), random.normal(size=(6, 4)), random.integers(0, 4, 6)
    soft = rel_entr(softmax(teacher / 3, axis=1), softmax(student / 3, axis=1)).sum(axis=1).mean()
    hard = -log_softmax(student, axis=1)[range(6), classes].mean()
    found = hinton(torch.from_numpy(student), torch.from_numpy(teacher), torch.from_numpy(classes), 0.7, 3.0)
    assert found.item() == pytest.approx(0.7 * 9 * soft + 0.3 * hard, rel=1e-9)


@pytest.mark.parametrize("alpha", [0.0, 0.7, 1.0])
def test_classification_gradients(encoder: Encoder, alpha: float) -> None:
    encoder = with_head(encoder, ("a", "b", "c")).double()
    teacher = torch.randn(4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    check_gradients(
        JointClassification(alpha, 2.0), encoder, Batch((pairs(encoder),), torch.tensor([0, 1, 2, 0]), teacher)
    )


def test_regression(encoder: Encoder) -> None:
    encoder = with_head(encoder, ("score",)).double()
    batch = Batch((pairs(encoder),), torch.tensor([0.0, 0.3, 0.7, 1.0], dtype=torch.float64))
    check_gradients(JointRegression(), encoder, batch)
    with torch.no_grad():
        share = 1 / (1 + np.exp(-encoder(batch.columns[0]).numpy()[:, 0]))
    t = batch.targets.numpy()
    assert JointRegression()(encoder, batch).item() == pytest.approx(
        -np.mean(t * np.log(share) + (1 - t) * np.log(1 - share)), rel=1e-9
    )


@pytest.mark.parametrize("listwise", [True, False])
def test_ranking(encoder: Encoder, listwise: bool) -> None:
    encoder = with_head(
        encoder, ("score",), Pooling.mean
    ).double()  # a static body's first token is the same for every pair
    batch = Batch(tuple(pairs(encoder, shift) for shift in (1, 2, 3)))
    check_gradients(JointRanking(listwise), encoder, batch)
    with torch.no_grad():
        scores = np.concatenate([encoder(tokens).numpy() for tokens in batch.columns], axis=1)
    one_by_one = np.log1p(np.exp(scores[:, 1:] - scores[:, :1])).mean()
    expected = (logsumexp(scores, axis=1) - scores[:, 0]).mean() if listwise else one_by_one
    assert JointRanking(listwise)(encoder, batch).item() == pytest.approx(expected, rel=1e-9)


def test_what_is_missing_is_named(encoder: Encoder) -> None:
    encoder = with_head(encoder, ("a", "b"))
    columns = (pairs(encoder),)
    for objective, batch in (
        (JointClassification(), Batch(columns)),
        (JointClassification(0.5), Batch(columns, torch.zeros(4, dtype=torch.long))),
        (JointRegression(), Batch(columns)),
        (JointRanking(), Batch(columns)),
    ):
        with pytest.raises(ValueError, match="needs"):
            objective(encoder, batch)
