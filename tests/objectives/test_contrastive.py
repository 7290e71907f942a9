import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp

from interlingua.encoders.encoder import Encoder
from interlingua.errors import ConfigError
from interlingua.objectives.contrastive import Contrastive, Duplicates, TrainingHead, info_nce
from interlingua.tensors import Batch
from tests.conftest import TEXTS, check_gradients


def batch(encoder: Encoder, hard: int = 0) -> Batch:
    encoder.double()
    return Batch(
        tuple(encoder.tokens([TEXTS[(k + j) % 8] for j in range(3)], ["en"] * 3) for k in (0, 3, 1, 5)[: 2 + hard])
    )


def reference(
    encoder: Encoder, columns: Batch, temperature: float, margin: float = 0.0, symmetric: bool = False
) -> float:
    """InfoNCE as its papers write it, with loops."""
    with torch.no_grad():
        sides = [encoder(tokens).numpy() for tokens in columns.columns]
    sides = [side / np.linalg.norm(side, axis=1, keepdims=True) for side in sides]

    def direction(queries: np.ndarray, candidates: np.ndarray) -> float:
        losses = []
        for i, query in enumerate(queries):
            logits = [(query @ c - (margin if i == j else 0)) / temperature for j, c in enumerate(candidates)]
            losses.append(logsumexp(logits) - logits[i])
        return float(np.mean(losses))

    forward = direction(sides[0], np.concatenate(sides[1:]))
    return (forward + direction(sides[1], sides[0])) / 2 if symmetric else forward


@pytest.mark.parametrize("hard", [0, 1, 2])
@pytest.mark.parametrize(("symmetric", "margin"), [(False, 0.0), (True, 0.3)])
def test_equals_the_definition(encoder: Encoder, hard: int, symmetric: bool, margin: float) -> None:
    columns = batch(encoder, hard)
    objective = Contrastive(0.05, symmetric=symmetric, margin=margin, duplicates=Duplicates.negatives).double()
    assert objective(encoder, columns).item() == pytest.approx(
        reference(encoder, columns, 0.05, margin, symmetric), rel=1e-6
    )


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"symmetric": True, "margin": 0.3},
        {"hard_negative_weight": 3.0},
        {"learn_temperature": True},
        {"duplicates": Duplicates.positives, "margin": 0.2},
    ],
)
@pytest.mark.parametrize("hard", [0, 2])
@pytest.mark.parametrize("encoder", ["static"], indirect=True)  # of a transformer: tests/contracts
def test_gradients_by_finite_differences(encoder: Encoder, options: dict, hard: int) -> None:
    torch.manual_seed(3)
    columns = batch(encoder, hard)
    objective = Contrastive(0.1, head=TrainingHead(encoder.width), **options).double()
    check_gradients(objective, encoder, columns)
    assert (objective.log_inverse_temperature.grad is not None) == options.get("learn_temperature", False)


@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(0, 8))
@settings(max_examples=40, deadline=None)
def test_no_margin_and_no_negatives_is_cross_entropy(seed: int, n: int, more: int) -> None:
    similarity = np.random.default_rng(seed).uniform(-1, 1, (n, n + more))
    expected = np.mean(logsumexp(20 * similarity, axis=1) - 20 * similarity.diagonal())
    assert info_nce(torch.from_numpy(similarity), 20.0).item() == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_a_repeated_text_is_no_negative(encoder: Encoder) -> None:
    encoder.double()
    texts, answers = [TEXTS[0], TEXTS[1], TEXTS[2]], [TEXTS[4], TEXTS[5], TEXTS[4]]  # rows 0 and 2 share their positive
    columns = Batch(tuple(encoder.tokens(side, ["en"] * 3) for side in (texts, answers)))
    masked = Contrastive(1.0).double()(encoder, columns).item()
    with torch.no_grad():
        a, p = (encoder(tokens) for tokens in columns.columns)
        similarity = torch.nn.functional.normalize(a) @ torch.nn.functional.normalize(p).T
    kept = [[0, 1], [0, 1, 2], [1, 2]]
    expected = np.mean([torch.logsumexp(similarity[i, kept[i]], 0).item() - similarity[i, i].item() for i in range(3)])
    assert masked == pytest.approx(expected, rel=1e-6)
    assert Contrastive(1.0, duplicates=Duplicates.negatives).double()(encoder, columns).item() > masked


def test_positives_of_one_anchor_are_no_negatives_of_each_other(encoder: Encoder) -> None:
    encoder.double()
    columns = Batch(tuple(encoder.tokens(side, ["en"] * 2) for side in ([TEXTS[0]] * 2, TEXTS[1:3])))
    assert Contrastive().double()(encoder, columns).item() == pytest.approx(0.0, abs=1e-12)
    assert Contrastive(symmetric=True).double()(encoder, columns).item() == pytest.approx(0.0, abs=1e-12)


def test_an_own_hard_negative_weighs_as_often_as_its_weight_says(encoder: Encoder) -> None:
    columns = batch(encoder, 1)
    twice = (
        Contrastive(0.5, hard_negative_weight=2.0, duplicates=Duplicates.negatives).double()(encoder, columns).item()
    )
    with torch.no_grad():
        a, p, n = (torch.nn.functional.normalize(encoder(tokens)) for tokens in columns.columns)
        logits = torch.cat([a @ p.T, a @ n.T, (a * n).sum(1, keepdim=True)], dim=1) / 0.5
    assert twice == pytest.approx(torch.nn.functional.cross_entropy(logits, torch.arange(3)).item(), rel=1e-6)


def test_several_positives_share_the_loss(encoder: Encoder) -> None:
    encoder.double()
    columns = Batch(tuple(encoder.tokens(side, ["en"] * 3) for side in ([TEXTS[0], TEXTS[0], TEXTS[1]], TEXTS[2:5])))
    with torch.no_grad():
        a, p = (torch.nn.functional.normalize(encoder(tokens)) for tokens in columns.columns)
        shares = (2 * a @ p.T).log_softmax(1)
    expected = -((shares[0, 0] + shares[0, 1]) / 2 + (shares[1, 0] + shares[1, 1]) / 2 + shares[2, 2]) / 3
    found = Contrastive(0.5, duplicates=Duplicates.positives).double()(encoder, columns)
    assert found.item() == pytest.approx(expected.item(), rel=1e-6)


@pytest.mark.parametrize("symmetric", [False, True])
def test_a_guide_s_near_candidates_are_ignored(encoder: Encoder, symmetric: bool) -> None:
    columns = batch(encoder, 1)
    guide = torch.randn(3, 3, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    found = Contrastive(0.5, symmetric=symmetric, guide_margin=0.1, duplicates=Duplicates.negatives).double()(
        encoder, Batch(columns.columns, teacher=guide)
    )
    with torch.no_grad():
        vectors = [torch.nn.functional.normalize(encoder(tokens)) for tokens in columns.columns]
    g = torch.nn.functional.normalize(guide, dim=-1)

    def direction(query: int, others: list[int]) -> float:
        losses = []
        for i in range(3):
            limit = g[i, 0] @ g[i, 1] - 0.1
            kept = [
                (c, j) for c in others for j in range(3) if (c, j) == (others[0], i) or g[i, query] @ g[j, c] <= limit
            ]
            logits = torch.stack([vectors[query][i] @ vectors[c][j] / 0.5 for c, j in kept])
            losses.append((logits.logsumexp(0) - logits[kept.index((others[0], i))]).item())
        return float(np.mean(losses))

    expected = (direction(0, [1, 2]) + direction(1, [0])) / 2 if symmetric else direction(0, [1, 2])
    assert found.item() == pytest.approx(expected, rel=1e-6)
    with pytest.raises(ValueError, match="the teacher's embeddings"):
        Contrastive(guide_margin=0.1).double()(encoder, columns)


@pytest.mark.parametrize("temperature", [0.5, 0.01, 0.009, 0.001, 1 / 250])
@pytest.mark.parametrize("encoder", ["static"], indirect=True)
def test_a_fixed_temperature_is_the_one_asked_for(encoder: Encoder, temperature: float) -> None:
    """Below 0.01 as well, and with no overflow."""
    columns = batch(encoder, 1)
    objective = Contrastive(temperature, symmetric=True, margin=0.3, duplicates=Duplicates.negatives).double()
    loss = objective(encoder, columns)
    assert loss.item() == pytest.approx(reference(encoder, columns, temperature, 0.3, symmetric=True), rel=1e-6)
    loss.backward()
    assert all(p.grad.isfinite().all() for p in encoder.parameters() if p.grad is not None)


def test_a_learned_temperature_has_a_named_floor() -> None:
    objective = Contrastive(0.05, learn_temperature=True)
    with torch.no_grad():
        objective.log_inverse_temperature.fill_(9.0)
    assert objective.inverse_temperature.item() == pytest.approx(100)
    lower = Contrastive(0.05, learn_temperature=True, lowest_temperature=0.002)
    lower.load_state_dict(objective.state_dict())
    assert lower.inverse_temperature.item() == pytest.approx(500)
    with pytest.raises(ConfigError, match="below the lowest that is learned"):
        Contrastive(0.005, learn_temperature=True)


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("inf"), float("nan")])
def test_a_temperature_that_is_none(temperature: float) -> None:
    with pytest.raises(ConfigError, match="more than 0"):
        Contrastive(temperature)


@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(0, 8), st.sampled_from([1e-4, 1e-3, 0.05, 1.0, 1e3]))
@settings(max_examples=40, deadline=None)
def test_no_scale_overflows_in_float32(seed: int, n: int, more: int, temperature: float) -> None:
    similarity = np.random.default_rng(seed).uniform(-1, 1, (n, n + more)).astype(np.float32)
    wide = similarity.astype(np.float64) / temperature
    expected = np.mean(logsumexp(wide, axis=1) - wide.diagonal())
    found = torch.from_numpy(similarity).requires_grad_()
    loss = info_nce(found, 1 / temperature)
    loss.backward()
    assert loss.item() == pytest.approx(expected, rel=1e-4, abs=1e-5)
    assert found.grad is not None
    assert found.grad.isfinite().all()
