"""A text shall be nearer to its positive than to its negative, by a margin. Reimers & Gurevych 2019 (Sentence-BERT),
section 3.
"""

from enum import StrEnum

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from interlingua.encoders.encoder import Encoder
from interlingua.tensors import Batch, precise
from interlingua.training.objective import Objective


class Separation(StrEnum):
    """How far two embeddings are apart."""

    euclidean = "euclidean"
    cosine = "cosine"
    """1 - cosine."""


def triplet_loss(
    anchor: Float[Tensor, "B D"],
    positive: Float[Tensor, "B D"],
    negative: Float[Tensor, "B D"],
    margin: float,
    separation: Separation,
) -> Float[Tensor, ""]:
    """Mean of max(0, d(anchor, positive) - d(anchor, negative) + margin)."""
    apart = (
        F.pairwise_distance
        if separation == Separation.euclidean
        else lambda x, y: 1 - F.cosine_similarity(x, y, dim=-1)
    )
    return F.relu(apart(anchor, positive) - apart(anchor, negative) + margin).mean()


class Triplet(Objective):
    """The triplet loss. Columns: anchor, positive, negative. The paper's margin is 1, its distance Euclidean."""

    def __init__(self, margin: float = 1.0, separation: Separation = Separation.euclidean) -> None:
        super().__init__()
        self.margin, self.separation = margin, separation

    def forward(self, encoder: Encoder, batch: Batch) -> Float[Tensor, ""]:
        """The loss of one batch."""
        anchor, positive, negative = (precise(vectors) for vectors in encoder.each(batch.columns))
        return triplet_loss(anchor, positive, negative, self.margin, self.separation)
