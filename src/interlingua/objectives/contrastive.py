"""InfoNCE: every anchor shall find its positive among the texts of the batch.

van den Oord et al. 2018 (InfoNCE); Gao et al. 2021 (SimCSE), sections 2 to 4, for temperature and hard negatives; Yang
et al. 2019 and Feng et al. 2022 (LaBSE), section 2.2, for the bidirectional additive margin; Khosla et al. 2020
(SupCon) for several positives.
"""

import math
from collections.abc import Sequence
from enum import StrEnum

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from interlingua.encoders.encoder import Encoder
from interlingua.errors import ConfigError
from interlingua.placement import send
from interlingua.tensors import Batch, Tokens, precise
from interlingua.training.objective import Objective
from interlingua.training.processes import gather, rank


class Duplicates(StrEnum):
    """What candidates are that repeat an anchor's text or its positive's, or are positives of the same anchor."""

    ignored = "ignored"
    """Neither right nor wrong."""
    positives = "positives"
    """As right as the positive itself (Khosla et al. 2020, L_out)."""
    negatives = "negatives"
    """Wrong, as a loss that does not look would have it."""


def info_nce(
    similarity: Float[Tensor, "B C"],
    inverse_temperature: float | Tensor,
    *,
    margin: float = 0.0,
    ignored: Bool[Tensor, "B C"] | None = None,
    positives: Bool[Tensor, "B C"] | None = None,
    first: int = 0,
) -> Float[Tensor, ""]:
    """Mean cross-entropy of finding candidate `first` + i for anchor i, where `similarity` holds the cosines of anchors
    with candidates.

    `margin` is taken off the positives' similarity; `ignored` candidates do not count as negatives. With further
    `positives`, the loss of an anchor is the mean over all of its positives, each against all candidates.
    """
    own = torch.zeros_like(similarity, dtype=torch.bool)
    own.diagonal(first).fill_(True)
    right = own if positives is None else own | positives
    logits = (similarity - margin * right.to(similarity.dtype)) * inverse_temperature
    if ignored is not None:
        logits = logits.masked_fill(ignored & ~right, -torch.inf)
    log_shares = logits.log_softmax(dim=1)
    return -(torch.where(right, log_shares, 0.0).sum(1) / right.sum(1)).mean()


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


class ResponseHead(nn.Module):
    """Two layers beside a residual: it starts as near to nothing as makes no difference, and learns how an answer
    differs from its text.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.inner, self.outer = nn.Linear(width, width), nn.Linear(width, width)
        nn.init.trunc_normal_(self.outer.weight, std=0.01)
        nn.init.zeros_(self.outer.bias)

    def forward(self, vectors: Float[Tensor, "B D"]) -> Float[Tensor, "B D"]:
        """The vectors that are compared."""
        return vectors + self.outer(torch.tanh(self.inner(vectors)))


def candidates(batch_size: int, columns: int, processes: int = 1) -> str:
    """How many texts each anchor chooses among, in words: the positives and hard negatives of the whole batch, of
    all processes.
    """
    rows = batch_size // processes * processes
    each = "" if columns == 2 else f" ({rows:,} in-batch positives and {columns - 2} x {rows:,} hard negatives)"
    shared = "" if processes == 1 else f", gathered from {processes} processes"
    return f"each anchor sees {rows * (columns - 1):,} candidates{each}{shared}"


class Contrastive(Objective):
    """InfoNCE over cosines with in-batch negatives. Columns: anchor, positive, then any number of hard negatives.

    An anchor sees (1 + hard negatives) * B candidates, of all processes where several train together. `symmetric` also
    lets every positive find its anchor and takes the mean. `margin` is LaBSE's additive margin. `hard_negative_weight`
    weighs an anchor's own hard negatives among its candidates. `guide_margin` ignores candidates that a teacher finds
    nearer to the anchor than its positive less this margin (Solatorio 2024, GISTEmbed); `batch.teacher` then holds its
    embeddings, (B, columns, D). `learn_temperature` makes the
    temperature a parameter, of which no less than `lowest_temperature` is used (0.01 in CLIP, Radford et al. 2021,
    section 2.5); one that is not learned is what was asked for. `head` stands between embedding and cosine;
    `response_head` behind it, on the answers' side alone (Chidambaram et al. 2019: what answers a text need not lie
    where the text lies). Raises ConfigError for a temperature or weight that is not more than 0.
    """

    def __init__(
        self,
        temperature: float = 0.05,
        *,
        symmetric: bool = False,
        margin: float = 0.0,
        hard_negative_weight: float = 1.0,
        duplicates: Duplicates = Duplicates.ignored,
        guide_margin: float | None = None,
        learn_temperature: bool = False,
        lowest_temperature: float = 0.01,
        needs_dropout: bool = False,
        head: nn.Module | None = None,
        response_head: nn.Module | None = None,
    ) -> None:
        super().__init__()
        if not (0 < temperature < math.inf and lowest_temperature > 0 and hard_negative_weight > 0):
            raise ConfigError("temperatures and the weight of hard negatives must be more than 0")
        if learn_temperature and temperature < lowest_temperature:
            raise ConfigError(
                f"the temperature begins at {temperature:g}, below the lowest that is learned ({lowest_temperature:g})"
            )
        self.highest = -math.log(lowest_temperature) if learn_temperature else math.inf
        self.symmetric, self.margin, self.duplicates = symmetric, margin, duplicates
        self.needs_dropout = needs_dropout
        self.hard_negative_weight, self.guide_margin = hard_negative_weight, guide_margin
        self.head = nn.Identity() if head is None else head
        self.tower = nn.Identity() if response_head is None else response_head  # its name in checkpoints
        self.log_inverse_temperature = nn.Parameter(
            torch.tensor(-math.log(temperature)), requires_grad=learn_temperature
        )

    @property
    def inverse_temperature(self) -> Float[Tensor, ""]:
        """The factor on the cosines."""
        return self.log_inverse_temperature.clamp(max=self.highest).exp()

    def forward(self, encoder: Encoder, batch: Batch) -> Float[Tensor, ""]:
        """The loss of one batch: of this process's anchors. Raises ValueError where a guide is asked for and the
        batch has none.
        """
        vectors = [self.head(side) for side in encoder.each(batch.columns)]
        sides = [F.normalize(precise(side), dim=-1) for side in (vectors[0], *map(self.tower, vectors[1:]))]
        everywhere = [gather(side) for side in sides]
        texts = [send(keys(tokens), encoder.device) for tokens in batch.columns]
        answers = self._answers(texts, [gather(side) for side in texts])
        scale, first = self.inverse_temperature, rank() * len(sides[0])
        similarity = sides[0] @ torch.cat(everywhere[1:]).T
        if len(sides) > 2 and self.hard_negative_weight != 1:
            own = similarity.new_zeros(len(sides[0]), len(everywhere[0]))
            own.diagonal(first).fill_(math.log(self.hard_negative_weight))
            extra = torch.cat([torch.zeros_like(own), *([own] * (len(sides) - 2))], dim=1)
            similarity = similarity + extra / scale
        loss = info_nce(similarity, scale, margin=self.margin, first=first, **self._roles(answers, batch, 0))
        if not self.symmetric:
            return loss
        roles = self._roles(answers[:, : len(everywhere[0])], batch, 1)  # in-batch answers are so in both directions
        return (loss + info_nce(sides[1] @ everywhere[0].T, scale, margin=self.margin, first=first, **roles)) / 2

    def _roles(self, answers: Bool[Tensor, "B C"], batch: Batch, query: int) -> dict[str, Bool[Tensor, "B C"]]:
        """Candidates to ignore and further positives, where column `query` looks for its counterpart among the
        others.
        """
        roles: dict[str, Bool[Tensor, "B C"]] = {}
        if self.duplicates != Duplicates.negatives:
            roles[str(self.duplicates)] = answers
        if self.guide_margin is not None:
            if batch.teacher is None:
                raise ValueError("a guided loss needs the teacher's embeddings of every column")
            guide = F.normalize(batch.teacher, dim=-1).unbind(1)
            others = torch.cat([gather(side) for side in ([guide[0]] if query else guide[1:])])
            near = guide[query] @ others.T > (guide[0] * guide[1]).sum(-1, keepdim=True) - self.guide_margin
            roles["ignored"] = roles.get("ignored", near) | near
        return roles

    @staticmethod
    def _answers(own: Sequence[Int[Tensor, " B"]], everyone: Sequence[Int[Tensor, " M"]]) -> Bool[Tensor, "B C"]:
        """Candidates with the text of an anchor or of its positive, and positives of the same anchor: answers, not
        negatives.
        """
        anchor, positive = (side[:, None] for side in own[:2])
        pairs = (
            (positive == everyone[1]) | (anchor == everyone[0]) | (positive == everyone[0]) | (anchor == everyone[1])
        )
        return torch.cat([pairs, *((negative == positive) | (negative == anchor) for negative in everyone[2:])], dim=1)
