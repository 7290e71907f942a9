"""A softmax over features of two embeddings: how natural language inference trains an encoder.

Conneau et al. 2017 (InferSent), section 3.2; Reimers & Gurevych 2019 (Sentence-BERT), section 3, classification
objective.
"""

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from interlingua.encoders.encoder import Encoder
from interlingua.tensors import Batch, precise
from interlingua.training.objective import Objective


class Feature(StrEnum):
    """What a classifier sees of two embeddings u and v."""

    u = "u"
    v = "v"
    difference = "difference"
    """|u - v|, coordinate by coordinate."""
    product = "product"
    """u * v, coordinate by coordinate."""


def pair_features(
    u: Float[Tensor, "B D"], v: Float[Tensor, "B D"], features: Sequence[Feature]
) -> Float[Tensor, "B F"]:
    """The chosen features side by side, D columns each, in the order given."""
    parts = {Feature.u: u, Feature.v: v, Feature.difference: (u - v).abs(), Feature.product: u * v}
    return torch.cat([parts[feature] for feature in features], dim=-1)


class PairClassification(Objective):
    """Cross-entropy of classes predicted from two embeddings.

    Columns: premise and hypothesis; `batch.targets` holds their class, (B,) integers. With `hidden` the classifier is
    InferSent's: two layers of that width and no non-linearity between them; without it, Sentence-BERT's single linear
    layer.
    """

    def __init__(self, width: int, classes: int, features: Sequence[Feature], hidden: int | None = None) -> None:
        super().__init__()
        self.features = tuple(features)
        sizes = [width * len(self.features), *([hidden, hidden] if hidden else []), classes]
        self.classifier = nn.Sequential(*(nn.Linear(before, after) for before, after in pairwise(sizes)))

    def logits(self, encoder: Encoder, batch: Batch) -> Float[Tensor, "B C"]:
        """Unnormalised log probabilities of the classes."""
        u, v = encoder.each(batch.columns)
        return self.classifier(pair_features(u, v, self.features))

    def forward(self, encoder: Encoder, batch: Batch) -> Float[Tensor, ""]:
        """The loss of one batch. Raises ValueError for a batch without classes."""
        if batch.targets is None:
            raise ValueError("classification needs classes as targets")
        return F.cross_entropy(precise(self.logits(encoder, batch)), batch.targets)
