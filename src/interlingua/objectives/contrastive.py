"""InfoNCE: every anchor shall find its positive among the texts of the batch.

van den Oord et al. 2018 (InfoNCE); Gao et al. 2021 (SimCSE), sections 2 to 4, for temperature and hard negatives; Yang et al. 2019 and
Feng et al. 2022 (LaBSE), section 2.2, for the bidirectional additive margin.
"""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from interlingua.encoders.encoder import Encoder
from interlingua.tensors import Batch, Tokens, precise
from interlingua.training.objective import Objective


def info_nce(
    similarity: Float[Tensor, "B C"],
    inverse_temperature: float | Tensor,
    *,
    margin: float = 0.0,
    ignored: Bool[Tensor, "B C"] | None = None,
) -> Float[Tensor, ""]:
    """Mean cross-entropy of finding candidate i for anchor i, where `similarity` holds the cosines of anchors with candidates.

    `margin` is taken off the positives' similarity; `ignored` candidates do not count as negatives.
    """
    own = torch.eye(*similarity.shape, dtype=torch.bool)
    logits = (similarity - margin * own) * inverse_temperature
    if ignored is not None:
        logits = logits.masked_fill(ignored & ~own, -torch.inf)
    return F.cross_entropy(logits, torch.arange(len(similarity)))


def keys(tokens: Tokens) -> Int[Tensor, " B"]:
    """A number for each text, the same for the same tokens: what tells a repeated text from a negative."""
    rows = [tuple(row[real].tolist()) for row, real in zip(tokens.ids, tokens.mask, strict=True)]
    return torch.tensor([hash(row) for row in rows])


class TrainingHead(nn.Module):
    """A linear layer and tanh that stands behind the embedding while it trains (SimCSE's MLP; left out at use)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.dense = nn.Linear(width, width)

    def forward(self, vectors: Float[Tensor, "B D"]) -> Float[Tensor, "B D"]:
        """The vectors that are compared."""
        return torch.tanh(self.dense(vectors))


class Contrastive(Objective):
    """InfoNCE over cosines with in-batch negatives. Columns: anchor, positive, then any number of hard negatives.

    An anchor sees (1 + hard negatives) * B candidates. `symmetric` also lets every positive find its anchor and takes the mean.
    `margin` is LaBSE's additive margin. `hard_negative_weight` weighs an anchor's own hard negatives among its candidates.
    Candidates with the tokens of the anchor or of its positive are no negatives, unless `mask_duplicates` is False.
    `learn_temperature` makes the temperature a parameter, kept above 0.01. `head` stands between embedding and cosine.
    """

    def __init__(
        self,
        temperature: float = 0.05,
        *,
        symmetric: bool = False,
        margin: float = 0.0,
        hard_negative_weight: float = 1.0,
        mask_duplicates: bool = True,
        learn_temperature: bool = False,
        head: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.symmetric, self.margin, self.mask_duplicates = symmetric, margin, mask_duplicates
        self.hard_negative_weight = hard_negative_weight
        self.head = nn.Identity() if head is None else head
        self.log_inverse_temperature = nn.Parameter(torch.tensor(-math.log(temperature)), requires_grad=learn_temperature)

    @property
    def inverse_temperature(self) -> Float[Tensor, ""]:
        """The factor on the cosines."""
        return self.log_inverse_temperature.clamp(max=math.log(100)).exp()

    def forward(self, encoder: Encoder, batch: Batch) -> Float[Tensor, ""]:
        """The loss of one batch."""
        anchors, *candidates = (F.normalize(precise(self.head(encoder(tokens))), dim=-1) for tokens in batch.columns)
        scale = self.inverse_temperature
        similarity = anchors @ torch.cat(candidates).T
        if len(candidates) > 1 and self.hard_negative_weight != 1:
            own = torch.eye(len(anchors), dtype=torch.bool).repeat(1, len(candidates) - 1)
            weight = F.pad(own, (len(anchors), 0)) * (math.log(self.hard_negative_weight) / scale)
            similarity = similarity + weight
        ignored = self._ignored(batch) if self.mask_duplicates else None
        loss = info_nce(similarity, scale, margin=self.margin, ignored=ignored)
        if not self.symmetric:
            return loss
        n = len(anchors)
        back = info_nce(candidates[0] @ anchors.T, scale, margin=self.margin, ignored=None if ignored is None else ignored[:, :n].T)
        return (loss + back) / 2

    @staticmethod
    def _ignored(batch: Batch) -> Bool[Tensor, "B C"]:
        """Candidates with the text of an anchor or of its positive, and positives of the same anchor: answers, not negatives."""
        anchor, positive, *negatives = (keys(tokens) for tokens in batch.columns)
        crosswise = positive == anchor[:, None]
        pairs = (positive == positive[:, None]) | (anchor == anchor[:, None]) | crosswise | crosswise.T
        hard = torch.cat([anchor[:0], *negatives])
        return torch.cat([pairs, (hard == positive[:, None]) | (hard == anchor[:, None])], dim=1)
