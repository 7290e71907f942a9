"""What every objective promises: its gradients are those of finite differences, and it can learn one batch by heart. A new
one is one new file.
"""

import inspect
import sys
from collections.abc import Callable, Iterator
from importlib import import_module

import pytest
import torch

import interlingua.objectives
from interlingua import discovery
from interlingua.encoders.bodies import transformer
from interlingua.encoders.cross_encoder import with_head
from interlingua.encoders.encoder import Encoder
from interlingua.objectives.alignment import Alignment
from interlingua.objectives.classification import Feature, PairClassification
from interlingua.objectives.contrastive import Contrastive
from interlingua.objectives.distillation import EmbeddingDistillation
from interlingua.objectives.joint import JointClassification, JointRanking, JointRegression
from interlingua.objectives.masked_language import MaskedLanguage
from interlingua.objectives.regression import CosineRegression
from interlingua.objectives.translation import Translation
from interlingua.objectives.triplet import Separation, Triplet
from interlingua.objectives.weighted_sum import WeightedSum
from interlingua.tensors import Batch, Tokens
from interlingua.tokenization import Tokenizer
from interlingua.training.objective import Objective
from tests.conftest import TEXTS, check_gradients

OWN = '''
"""Embeddings shall be as far from nothing as they can: an objective of one's own."""

from interlingua.training.objective import Objective


class Far(Objective):
    def forward(self, encoder, batch):
        return 1 / (1 + encoder(batch.columns[0], normalize=False).square().sum(-1).mean())
'''
Case = tuple[Objective, Batch]
Texts = Callable[..., Tokens]


def texts(encoder: Encoder, shift: int = 0) -> Tokens:
    return encoder.tokens([TEXTS[(k + shift) % 6] for k in range(4)], ["en"] * 4)


def pairs(encoder: Encoder, shift: int = 1) -> Tokens:
    return encoder.joint_tokens([(TEXTS[k], TEXTS[(k + shift) % 6]) for k in range(4)], ["en"] * 4)


def random(*size: int) -> torch.Tensor:
    return torch.randn(*size, generator=torch.Generator().manual_seed(5), dtype=torch.float64)


def own(encoder: Encoder) -> Case:
    return import_module("interlingua.objectives.own").Far(), Batch((texts(encoder),))


CLASSES, SCORES = torch.tensor([0, 1, 2, 0]), torch.tensor([0.1, 0.9, 0.4, 0.6], dtype=torch.float64)
CASES: dict[str, Callable[[Encoder], Case]] = {
    "Alignment": lambda encoder: (Alignment(), Batch((texts(encoder),), random(4, encoder.width))),
    "Contrastive": lambda encoder: (Contrastive(0.1), Batch((texts(encoder), texts(encoder, 2), texts(encoder, 4)))),
    "CosineRegression": lambda encoder: (CosineRegression(), Batch((texts(encoder), texts(encoder, 1)), SCORES)),
    "EmbeddingDistillation": lambda encoder: (
        EmbeddingDistillation(),
        Batch((texts(encoder),), random(4, encoder.width)),
    ),
    "Far": own,
    "JointClassification": lambda encoder: (
        JointClassification(),
        Batch((pairs(with_head(encoder, ("a", "b", "c"))),), CLASSES),
    ),
    "JointRanking": lambda encoder: (
        JointRanking(),
        Batch((pairs(with_head(encoder, ("score",))), pairs(encoder, 2), pairs(encoder, 3))),
    ),
    "JointRegression": lambda encoder: (
        JointRegression(),
        Batch((pairs(with_head(encoder, ("score",))),), torch.tensor([0.0, 1.0, 0.0, 1.0], dtype=torch.float64)),
    ),
    "MaskedLanguage": lambda encoder: (MaskedLanguage(encoder, always=True), Batch((texts(encoder),))),
    "PairClassification": lambda encoder: (
        PairClassification(encoder.width, 3, tuple(Feature), 16),
        Batch((texts(encoder), texts(encoder, 1)), CLASSES),
    ),
    "Translation": lambda encoder: (
        Translation(encoder, ("en",), hidden=16, token=8),
        Batch((texts(encoder), texts(encoder, 1))),
    ),
    "Triplet": lambda encoder: (
        Triplet(1.0, Separation.cosine),
        Batch((texts(encoder), texts(encoder, 1), texts(encoder, 3))),
    ),
    "WeightedSum": lambda encoder: (
        WeightedSum([(Contrastive(0.1), 1.0), (CosineRegression(), 0.5)]),
        Batch((texts(encoder), texts(encoder, 2)), SCORES),
    ),
}
FLOORS = {
    "CosineRegression": 0.5,
    "WeightedSum": 0.6,
    "MaskedLanguage": 0.6,
    "Contrastive": 0.5,
    "Far": 0.9,
    "Translation": 0.3,
}
"""What share of the loss may be left after learning one batch, where that is more than a fifth: a text that stands in
several columns asks for what cannot all be had, and hidden tokens are drawn anew at every step."""


@pytest.fixture(scope="module", autouse=True)
def own_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The file of a new objective beside the others."""
    folder = tmp_path_factory.mktemp("objectives")
    (folder / "own.py").write_text(OWN, encoding="utf-8")
    interlingua.objectives.__path__.append(str(folder))
    yield
    interlingua.objectives.__path__.remove(str(folder))
    sys.modules.pop("interlingua.objectives.own", None)


@pytest.fixture
def small(tokenizer: Tokenizer) -> Encoder:
    torch.manual_seed(7)
    config = transformer.Config(layers=1, width=16, heads=2, feedforward=32)
    body = transformer.Body(config, tokenizer.vocabulary_size, tokenizer.pad)
    return Encoder(tokenizer=tokenizer, body=body).eval()


def objectives(module: str) -> set[str]:
    """The names of the objectives that a module defines."""
    found = inspect.getmembers(import_module(module), inspect.isclass)
    return {name for name, kind in found if issubclass(kind, Objective) and kind.__module__ == module}


def test_every_objective_is_tested_here() -> None:
    modules = [choice.module for choice in discovery.choices("objectives").values()]
    assert all(objectives(module) for module in modules)
    assert set().union(*map(objectives, modules)) == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_gradients_are_those_of_finite_differences(name: str, small: Encoder) -> None:
    objective, batch = CASES[name](small.double())
    check_gradients(objective.double(), small.double(), batch)


@pytest.mark.parametrize("name", CASES)
def test_one_batch_can_be_learned_by_heart(name: str, small: Encoder) -> None:
    objective, batch = CASES[name](small.double())
    objective, encoder = objective.double().train(), small.double().train(False)
    parameters = [p for module in (encoder, objective) for p in module.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(parameters, lr=2e-2)
    losses: list[float] = []
    for _ in range(60):
        torch.manual_seed(0)  # the same tokens are hidden
        loss = objective(encoder, batch)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert losses[0] > 0
    assert losses[-1] < FLOORS.get(name, 0.2) * losses[0], losses[::10]
