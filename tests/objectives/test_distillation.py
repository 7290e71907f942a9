import numpy as np
import pytest
import torch
from scipy.spatial.distance import cosine, sqeuclidean

from interlingua.encoders.encoder import Encoder
from interlingua.objectives.distillation import Distance, EmbeddingDistillation, distance, unit_of_error
from interlingua.tensors import Batch
from tests.conftest import TEXTS, check_gradients


def batch(encoder: Encoder) -> Batch:
    columns = (encoder.tokens(TEXTS[:4], ["en"] * 4), encoder.tokens(TEXTS[4:8], ["de"] * 4))
    targets = torch.from_numpy(np.random.default_rng(0).normal(size=(4, encoder.width)))
    return Batch(columns, targets)


@pytest.mark.parametrize("kind", list(Distance))
def test_equals_scipy(kind: Distance) -> None:
    random = np.random.default_rng(1)
    student, teacher = random.normal(size=(5, 7)), random.normal(size=(5, 7))
    expected = [sqeuclidean(s, t) / 7 if kind == "mse" else cosine(s, t) for s, t in zip(student, teacher, strict=True)]
    assert float(distance(torch.from_numpy(student), torch.from_numpy(teacher), kind)) == pytest.approx(
        np.mean(expected), rel=1e-12
    )


@pytest.mark.parametrize("kind", list(Distance))
@pytest.mark.parametrize("encoder", ["static"], indirect=True)  # of a transformer: tests/contracts
def test_gradients_by_finite_differences(encoder: Encoder, kind: Distance) -> None:
    encoder.double()
    check_gradients(EmbeddingDistillation(kind, scale=3.0), encoder, batch(encoder))


def test_both_sides_count(encoder: Encoder) -> None:
    encoder.double()
    both = batch(encoder)
    one, other = (EmbeddingDistillation()(encoder, Batch((column,), both.targets)) for column in both.columns)
    assert EmbeddingDistillation()(encoder, both).item() == pytest.approx(((one + other) / 2).item(), rel=1e-12)


def test_length_is_learned_though_the_encoder_normalises(encoder: Encoder) -> None:
    assert encoder.normalize
    encoder.double()
    both = batch(encoder)
    encoder.change(normalize=False)
    expected = EmbeddingDistillation()(encoder, both).item()
    encoder.change(normalize=True)
    assert EmbeddingDistillation()(encoder, both).item() == expected


def test_in_the_unit_of_error_the_mean_vector_costs_one() -> None:
    targets = np.random.default_rng(3).normal(size=(500, 12)).astype(np.float32)
    targets /= np.linalg.norm(targets, axis=1, keepdims=True)
    mean = np.broadcast_to(targets.mean(axis=0), targets.shape).copy()
    loss = unit_of_error(targets) * distance(torch.from_numpy(mean), torch.from_numpy(targets), Distance.mse)
    assert float(loss) == pytest.approx(1, rel=1e-5)


def test_targets_are_needed(encoder: Encoder) -> None:
    with pytest.raises(ValueError, match="targets"):
        EmbeddingDistillation()(encoder, Batch(batch(encoder).columns))
