"""The cosine of two embeddings shall be the score people gave. Reimers & Gurevych 2019 (Sentence-BERT), section 3,
regression objective.
"""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from interlingua.encoders.encoder import Encoder
from interlingua.tensors import Batch, precise
from interlingua.training.objective import Objective


class CosineRegression(Objective):
    """Mean squared error between cosine and score. Columns: two texts; `batch.targets`: (B,) scores, 1 for the same
    meaning.
    """

    def forward(self, encoder: Encoder, batch: Batch) -> Float[Tensor, ""]:
        """The loss of one batch. Raises ValueError for a batch without scores."""
        if batch.targets is None:
            raise ValueError("cosine regression needs scores as targets")
        u, v = encoder.each(batch.columns)
        return F.mse_loss(F.cosine_similarity(precise(u), precise(v), dim=-1).to(batch.targets.dtype), batch.targets)
