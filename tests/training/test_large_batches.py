"""A batch in chunks, or shared by several processes, has the gradient of the batch."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua import tokenization
from interlingua.encoders.bodies import transformer
from interlingua.encoders.encoder import Encoder
from interlingua.objectives.contrastive import Contrastive, Duplicates
from interlingua.objectives.masked_language import MaskedLanguage
from interlingua.objectives.translation import Translation
from interlingua.tensors import Batch
from interlingua.training.objective import Objective
from interlingua.training.processes import average_gradients, gather, rank, world
from tests.conftest import TEXTS, group_of_processes, in_processes, share


def build(dropout: float = 0.0) -> Encoder:
    tokenizer = tokenization.train(TEXTS * 3, 600, max_tokens=32)
    torch.manual_seed(7)
    config = transformer.Config(layers=2, width=16, heads=2, feedforward=32, dropout=dropout)
    return Encoder(
        tokenizer=tokenizer, body=transformer.Body(config, tokenizer.vocabulary_size, tokenizer.pad)
    ).double()


def texts(rows: int, columns: int) -> list[list[str]]:
    return [[f"{TEXTS[(row + 3 * column) % 8]} {row % 5} {column}" for row in range(rows)] for column in range(columns)]


def gradients(encoder: Encoder, objective: Objective, batch: Batch) -> tuple[float, list[torch.Tensor]]:
    encoder.zero_grad()
    objective.zero_grad()
    loss = objective(encoder, batch)
    loss.backward()
    return loss.item(), [p.grad.clone() for m in (encoder, objective) for p in m.parameters() if p.grad is not None]


@given(
    rows=st.integers(2, 9),
    chunk=st.integers(1, 9),
    hard=st.integers(0, 2),
    margin=st.sampled_from([0.0, 0.3]),
    symmetric=st.booleans(),
)
@settings(max_examples=20, deadline=None)
def test_chunked_is_unchunked(rows: int, chunk: int, hard: int, margin: float, symmetric: bool) -> None:
    encoder = build()
    objective = Contrastive(0.1, symmetric=symmetric, margin=margin, learn_temperature=True).double()
    batch = Batch(tuple(encoder.tokens(column, ["en"] * rows) for column in texts(rows, 2 + hard)))
    loss, whole = gradients(encoder, objective, batch)
    encoder.computation.chunk = chunk
    again, parts = gradients(encoder, objective, batch)
    assert again == pytest.approx(loss, abs=1e-12)
    assert all(torch.allclose(one, other, rtol=0, atol=1e-10) for one, other in zip(whole, parts, strict=True))


@pytest.mark.parametrize("chunk", [1, 4])
@pytest.mark.parametrize("kind", ["translation", "masked language"])
def test_what_an_objective_computes_for_every_token_is_chunked_too(kind: str, chunk: int) -> None:
    encoder = build()
    objective = (
        Translation(encoder, ["en"], hidden=8, token=8) if kind == "translation" else MaskedLanguage(encoder, 0.5)
    )
    objective = objective.double()
    largest = [0]

    class Watching(torch.overrides.TorchFunctionMode):
        def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            if function is torch.nn.functional.cross_entropy:
                largest[0] = max(largest[0], len(args[0]))
            return function(*args, **(kwargs or {}))

    batch = Batch(tuple(encoder.tokens(column, ["en"] * 7) for column in texts(7, 2)))
    torch.manual_seed(1)
    loss, whole = gradients(encoder, objective, batch)
    encoder.computation.chunk = chunk
    torch.manual_seed(1)
    with Watching():
        again, parts = gradients(encoder, objective, batch)
    assert again == pytest.approx(loss, abs=1e-12)
    assert len(whole) == len(parts)
    assert all(torch.allclose(one, other, rtol=0, atol=1e-10) for one, other in zip(whole, parts, strict=True))
    every = int(batch.columns[1].mask[:, 1:].sum()) if kind == "translation" else int(batch.columns[0].mask.sum())
    assert 0 < largest[0] < every * (0.8 if chunk > 1 else 0.4)


@pytest.mark.parametrize("chunk", [1, 3])
def test_recomputing_draws_the_same_dropout(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With dropout, what is computed again for the gradient must be what was computed for the loss."""
    encoder, objective = build(dropout=0.3), Contrastive(0.1).double()
    encoder.train()
    encoder.computation.chunk = chunk
    batch = Batch(tuple(encoder.tokens(column, ["en"] * 6) for column in texts(6, 2)))
    torch.manual_seed(1)
    loss, recomputed = gradients(encoder, objective, batch)
    monkeypatch.setattr(
        "interlingua.encoders.computation.checkpoint", lambda function, *inputs, use_reentrant: function(*inputs)
    )
    torch.manual_seed(1)
    kept_loss, kept = gradients(encoder, objective, batch)
    assert loss == kept_loss
    assert all(torch.allclose(one, other, rtol=0, atol=1e-10) for one, other in zip(recomputed, kept, strict=True))


OPTIONS = [
    {"symmetric": True, "margin": 0.3},
    {"hard_negative_weight": 2.0, "learn_temperature": True},
    {"duplicates": Duplicates.positives, "symmetric": True},
    {"guide_margin": 0.2, "symmetric": True},
]


def whole_batch(encoder: Encoder) -> Batch:
    guide = torch.randn(6, 3, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    return Batch(tuple(encoder.tokens(column, ["en"] * 6) for column in texts(6, 3)), teacher=guide)


def one_of_several(number: int, count: int, folder: str) -> None:
    """A process of a group: the gradients of its share, averaged, for every set of options."""
    with group_of_processes(number, count, folder):
        encoder = build()
        found = []
        for options in OPTIONS:
            objective = Contrastive(0.1, **options).double()
            _, _ = gradients(encoder, objective, share(whole_batch(encoder)))
            parameters = [p for m in (encoder, objective) for p in m.parameters() if p.grad is not None]
            average_gradients(parameters)
            found.append([p.grad for p in parameters])
        if number == 0:
            torch.save(found, f"{folder}/gradients.pt")


@pytest.mark.parametrize("count", [3])
def test_several_processes_are_one(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        in_processes(one_of_several, (count, folder), count)
        found = torch.load(Path(folder) / "gradients.pt", weights_only=True)
    encoder = build()
    for options, shared in zip(OPTIONS, found, strict=True):
        _, alone = gradients(encoder, Contrastive(0.1, **options).double(), whole_batch(encoder))
        assert all(torch.allclose(one, other, rtol=0, atol=1e-10) for one, other in zip(alone, shared, strict=True))


def test_a_single_process_needs_no_group() -> None:
    rows = torch.randn(4, 2)
    assert (world(), rank()) == (1, 0)
    assert gather(rows) is rows
