"""Objectives of a cross-encoder: what is learned is the joint encoding of two texts itself.

Reimers & Gurevych 2019, section 2 (BERT's way with pairs); Hinton et al. 2015, "Distilling the Knowledge in a Neural
Network", section 2; Cao et al. 2007 (ListNet) for the listwise loss.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from interlingua.encoders.encoder import Encoder
from interlingua.tensors import Batch, precise
from interlingua.training.objective import Objective


def hinton(
    student: Float[Tensor, "B C"],
    teacher: Float[Tensor, "B C"],
    classes: Int[Tensor, " B"],
    alpha: float,
    temperature: float,
) -> Float[Tensor, ""]:
    """Alpha * T^2 * KL(teacher at T || student at T) + (1 - alpha) * cross-entropy, averaged over the batch.

    T^2 keeps the first term's gradient of one size whatever the temperature.
    """
    log_student = F.log_softmax(student / temperature, dim=-1)
    log_teacher = F.log_softmax(teacher / temperature, dim=-1)
    soft = F.kl_div(log_student, log_teacher, reduction="batchmean", log_target=True)
    return alpha * temperature**2 * soft + (1 - alpha) * F.cross_entropy(student, classes)


class JointClassification(Objective):
    """Cross-entropy of the encoder's own outputs as class scores. One column of pairs; `batch.targets`: (B,) classes.

    With a teacher, `batch.teacher` holds its class scores (B, C), and the loss is Hinton's.
    """

    def __init__(self, alpha: float = 0.0, temperature: float = 1.0) -> None:
        super().__init__()
        self.alpha, self.temperature = alpha, temperature

    def logits(self, encoder: Encoder, batch: Batch) -> Float[Tensor, "B C"]:
        """Unnormalised log probabilities of the classes."""
        return precise(encoder(batch.columns[0]))

    def forward(self, encoder: Encoder, batch: Batch) -> Float[Tensor, ""]:
        """The loss of one batch. Raises ValueError for a batch without classes, or without the teacher's scores
        where alpha is not 0.
        """
        if batch.targets is None or (self.alpha and batch.teacher is None):
            raise ValueError("classification needs classes as targets, and the teacher's class scores where it has one")
        scores = self.logits(encoder, batch)
        if not self.alpha or batch.teacher is None:
            return F.cross_entropy(scores, batch.targets)
        return hinton(scores, batch.teacher, batch.targets, self.alpha, self.temperature)


class JointRegression(Objective):
    """Binary cross-entropy of the encoder's single output with a score between 0 and 1. One column of pairs;
    `batch.targets`: (B,).
    """

    def forward(self, encoder: Encoder, batch: Batch) -> Float[Tensor, ""]:
        """The loss of one batch. Raises ValueError for a batch without scores."""
        if batch.targets is None:
            raise ValueError("regression needs scores as targets")
        return F.binary_cross_entropy_with_logits(precise(encoder(batch.columns[0]).squeeze(-1)), batch.targets)


class JointRanking(Objective):
    """The positive among its negatives: ListNet's cross-entropy over each list, or the logistic loss of each (positive,
    negative) pair.

    Columns: query with its positive, then query with each negative; the encoder's single output is the score.
    """

    def __init__(self, listwise: bool = True) -> None:
        super().__init__()
        self.listwise = listwise

    def forward(self, encoder: Encoder, batch: Batch) -> Float[Tensor, ""]:
        """The loss of one batch. Raises ValueError where there is no negative."""
        if len(batch.columns) < 2:
            raise ValueError("ranking needs a column of positives and at least one of negatives")
        scores = torch.cat([precise(outputs) for outputs in encoder.each(batch.columns)], dim=-1)
        if self.listwise:
            return F.cross_entropy(scores, scores.new_zeros(len(scores), dtype=torch.long))
        return F.softplus(scores[:, 1:] - scores[:, :1]).mean()
