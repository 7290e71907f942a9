"""Several objectives learned at once from the same batch."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from interlingua.encoders.encoder import Encoder
from interlingua.tensors import Batch
from interlingua.training.objective import Objective


class WeightedSum(Objective):
    """The sum of losses, each with a weight."""

    def __init__(self, parts: Sequence[tuple[Objective, float]]) -> None:
        super().__init__()
        self.parts, self.weights = nn.ModuleList(part for part, _ in parts), [weight for _, weight in parts]
        self.needs_dropout = any(part.needs_dropout for part, _ in parts)

    def forward(self, encoder: Encoder, batch: Batch) -> Float[Tensor, ""]:
        """The loss of one batch."""
        return sum(
            (weight * part(encoder, batch) for part, weight in zip(self.parts, self.weights, strict=True)),
            start=torch.zeros((), device=encoder.device),
        )
