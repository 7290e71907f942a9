"""A student learns to give every text the embedding its teacher gives to the text or to its translation's source.

Reimers & Gurevych 2020, "Making Monolingual Sentence Embeddings Multilingual using Knowledge Distillation", section 3.
"""

from enum import StrEnum

import numpy as np
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from interlingua.encoders.encoder import Encoder
from interlingua.tensors import Batch
from interlingua.training.objective import Objective
from interlingua.types import Embeddings


class Distance(StrEnum):
    """How far a student's embedding is from its teacher's."""

    mse = "mse"
    cosine = "cosine"


def distance(student: Float[Tensor, "B D"], teacher: Float[Tensor, "B D"], kind: Distance) -> Float[Tensor, ""]:
    """Mean over the batch of the squared difference per coordinate (mse), or of 1 - cosine."""
    match kind:
        case Distance.mse:
            return F.mse_loss(student, teacher)
        case Distance.cosine:
            return (1 - F.cosine_similarity(student, teacher, dim=-1)).mean()


def unit_of_error(targets: Embeddings) -> float:
    """1 / variance per coordinate of the teacher's embeddings (N, D).

    In this unit an mse of 1 is what a collapsed student earns that gives every text the teacher's mean vector, and 0 is
    perfect: the loss is the unexplained share of the teacher's variance. Without it a teacher of unit norm and width
    384 makes errors below 0.003, where weight decay and gradient clipping outweigh the lesson and students collapse.
    """
    return 1 / max(float(np.var(targets, axis=0, dtype=np.float64).mean()), 1e-12)


class EmbeddingDistillation(Objective):
    """The mean over a batch's text columns of the distance to `batch.targets`, the teacher's embedding (B, D) of the
    first column.

    Columns: source and translation (any number of columns will do). Every column counts, the teacher's own language
    too. The student is compared before any normalisation: its length is part of what it learns.
    """

    def __init__(self, kind: Distance = Distance.mse, scale: float = 1.0) -> None:
        super().__init__()
        self.kind, self.scale = kind, scale

    def forward(self, encoder: Encoder, batch: Batch) -> Float[Tensor, ""]:
        """The loss of one batch. Raises ValueError for a batch without targets."""
        if batch.targets is None:
            raise ValueError("distillation needs the teacher's embeddings as targets")
        students = encoder.each(batch.columns, normalize=False)
        losses = [distance(student.to(batch.targets.dtype), batch.targets, self.kind) for student in students]
        return self.scale * sum(losses[1:], losses[0]) / len(losses)
