"""Texts find their place among the vectors of a frozen pivot language: next to their translations, nearer to
paraphrases than to others.

Huang et al. 2025, "Modular Sentence Encoders" (ACL), section 3: contrastive loss on cross-lingual paraphrases and
cosine loss on translations, in batches of either in turn.
"""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from interlingua.encoders.encoder import Encoder
from interlingua.errors import ConfigError
from interlingua.objectives.contrastive import info_nce, keys
from interlingua.placement import send
from interlingua.tensors import Batch, precise
from interlingua.training.objective import Objective
from interlingua.training.processes import gather, rank


class Alignment(Objective):
    """1 - cosine with the pivot's vectors, or InfoNCE among them in both directions. `batch.targets`: the pivot's
    embeddings (B, D).

    A batch of one column, the texts, is one of translations: the cosine loss. A batch of two, the texts and the pivot's
    texts, is one of paraphrases: the contrastive loss, among the texts of all processes. A text that is there twice is
    no negative.
    """

    def __init__(self, temperature: float = 0.05) -> None:
        super().__init__()
        if not 0 < temperature < float("inf"):
            raise ConfigError("the temperature must be more than 0")
        self.temperature = temperature

    def forward(self, encoder: Encoder, batch: Batch) -> Float[Tensor, ""]:
        """The loss of one batch. Raises ValueError for a batch without targets."""
        if batch.targets is None:
            raise ValueError("alignment needs the pivot's embeddings as targets")
        vectors = F.normalize(precise(encoder(batch.columns[0])), dim=-1)
        pivot = F.normalize(batch.targets, dim=-1)
        if len(batch.columns) == 1:
            return (1 - (vectors * pivot).sum(-1)).mean()
        texts, pivots = (send(keys(tokens), encoder.device) for tokens in batch.columns)
        same = (texts[:, None] == gather(texts)) | (pivots[:, None] == gather(pivots))
        scale, place = 1 / self.temperature, rank() * len(texts)
        there = info_nce(vectors @ gather(pivot).T, scale, ignored=same, first=place)
        back = info_nce(pivot @ gather(vectors).T, scale, ignored=same, first=place)
        return (there + back) / 2
