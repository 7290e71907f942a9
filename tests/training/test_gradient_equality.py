"""With dropout on, chunks and processes give the gradient of twenty plain lines: Contrastive against a reference
that shares no code."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from torch import Tensor

from interlingua import tokenization
from interlingua.encoders.bodies import transformer
from interlingua.encoders.encoder import Encoder
from interlingua.objectives.contrastive import Contrastive, Duplicates, ResponseHead
from interlingua.tensors import Batch, Tokens, join
from interlingua.training.processes import average_gradients
from tests.conftest import TEXTS, group_of_processes, in_processes, share

TOKENIZER = tokenization.train(TEXTS * 3, 600, max_tokens=32)
TEMPERATURE = 0.2


def build(tower: bool) -> tuple[Encoder, Any]:
    torch.manual_seed(7)
    config = transformer.Config(layers=2, width=16, heads=2, feedforward=32, dropout=0.3)
    encoder = Encoder(
        tokenizer=TOKENIZER, body=transformer.Body(config, TOKENIZER.vocabulary_size, TOKENIZER.pad)
    ).double()
    return encoder.train(), ResponseHead(16).double() if tower else None


def columns(encoder: Encoder, rows: int, hard: int) -> tuple[Tokens, ...]:
    texts = [[f"{TEXTS[(row + 3 * column) % 5]} {row} {column}" for row in range(rows)] for column in range(2 + hard)]
    return tuple(encoder.tokens(some, ["en"] * rows) for some in texts)


def reference(sides: list[Tensor], tower: Any, scale: Tensor, margin: float, symmetric: bool) -> Tensor:
    """The loss of the embeddings of a batch's columns: cosines, cross-entropy, nothing else."""
    if tower is not None:
        sides[1:] = [tower(side) for side in sides[1:]]
    sides = [side / side.norm(dim=1, keepdim=True) for side in sides]
    own = torch.arange(len(sides[0]))
    found = sides[0] @ torch.cat(sides[1:]).T
    found[own, own] = found[own, own] - margin
    loss = torch.nn.functional.cross_entropy(found * scale, own)
    if symmetric:
        back = sides[1] @ sides[0].T
        back[own, own] = back[own, own] - margin
        loss = (loss + torch.nn.functional.cross_entropy(back * scale, own)) / 2
    return loss


def piecewise(encoder: Encoder, columns: Sequence[Tokens], chunk: int) -> list[Tensor]:
    """The embeddings of the texts of all columns side by side, `chunk` texts at a time: how the encoder draws its
    dropout."""
    joined = join(columns)
    total = len(joined.ids)
    parts = [encoder(joined.rows(slice(start, start + (chunk or total)))) for start in range(0, total, chunk or total)]
    return list(torch.cat(parts).split([len(tokens.ids) for tokens in columns]))


def gradients(loss: Tensor, encoder: Encoder, tower: Any) -> list[Tensor]:
    parameters = [*encoder.parameters(), *([] if tower is None else tower.parameters())]
    return [
        g if g is not None else torch.zeros_like(p)
        for g, p in zip(torch.autograd.grad(loss, parameters, allow_unused=True), parameters, strict=True)
    ]


def close(one: list[Tensor], other: list[Tensor]) -> bool:
    return all(torch.allclose(a, b, rtol=0, atol=1e-10) for a, b in zip(one, other, strict=True))


OPTIONS: dict[str, Any] = {
    "rows": st.integers(2, 8), "chunk": st.integers(1, 8), "hard": st.integers(0, 3), "margin": st.floats(0.0, 0.5), "symmetric": st.booleans(),
    "tower": st.booleans(),
}  # fmt: skip


@given(**OPTIONS)
@settings(max_examples=10, deadline=None, phases=[Phase.generate])
def test_chunks(rows: int, chunk: int, hard: int, margin: float, symmetric: bool, tower: bool) -> None:
    encoder, side = build(tower)
    batch = Batch(columns(encoder, rows, hard))
    objective = Contrastive(
        TEMPERATURE, symmetric=symmetric, margin=margin, duplicates=Duplicates.negatives, response_head=side
    ).double()
    torch.manual_seed(1)
    vectors = piecewise(encoder, batch.columns, chunk)
    expected = reference(vectors, side, objective.inverse_temperature.detach(), margin, symmetric)
    wanted = gradients(expected, encoder, side)
    encoder.computation.chunk = chunk
    torch.manual_seed(1)
    found = objective(encoder, batch)
    assert found.item() == pytest.approx(expected.item(), abs=1e-12)
    assert close(gradients(found, encoder, side), wanted)


CASES = [
    {"rows": 6, "hard": 0, "margin": 0.3, "symmetric": True, "tower": False, "chunk": 0},
    {"rows": 6, "hard": 2, "margin": 0.0, "symmetric": False, "tower": True, "chunk": 2},
    {"rows": 12, "hard": 1, "margin": 0.15, "symmetric": True, "tower": False, "chunk": 2},
]


def one_of_several(number: int, count: int, folder: str) -> None:
    """A process of a group: the gradients of its share, averaged, in every case; its dropout has a seed of its own."""
    with group_of_processes(number, count, folder):
        found: list[list[Tensor]] = []
        for case in CASES:
            encoder, side = build(case["tower"])
            encoder.computation.chunk = case["chunk"]
            objective = Contrastive(
                TEMPERATURE,
                symmetric=case["symmetric"],
                margin=case["margin"],
                duplicates=Duplicates.negatives,
                response_head=side,
            ).double()
            torch.manual_seed(number)
            objective(encoder, share(Batch(columns(encoder, case["rows"], case["hard"])))).backward()
            parameters = [*encoder.parameters(), *([] if side is None else side.parameters())]
            average_gradients(parameters)
            found.append([p.grad if p.grad is not None else torch.zeros_like(p) for p in parameters])
        if number == 0:
            torch.save(found, f"{folder}/gradients.pt")


@pytest.mark.parametrize("count", [2])
def test_processes(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        in_processes(one_of_several, (count, folder), count)
        found = torch.load(Path(folder) / "gradients.pt", weights_only=True)
    for case, shared in zip(CASES, found, strict=True):
        encoder, side = build(case["tower"])
        each = case["rows"] // count
        # The reference draws each process's dropout with that process's seed, chunk by chunk.
        parts: list[list[Tensor]] = [[] for _ in range(2 + case["hard"])]
        for number in range(count):
            torch.manual_seed(number)
            share_of_it = slice(number * each, (number + 1) * each)
            mine = [tokens.rows(share_of_it) for tokens in columns(encoder, case["rows"], case["hard"])]
            for column, vectors in enumerate(piecewise(encoder, mine, case["chunk"])):
                parts[column].append(vectors)
        scale = Contrastive(TEMPERATURE).double().inverse_temperature.detach()
        expected = reference([torch.cat(part) for part in parts], side, scale, case["margin"], case["symmetric"])
        assert close(gradients(expected, encoder, side), shared)
