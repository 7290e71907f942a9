"""Token states to one vector a text; padding never counts."""

from enum import StrEnum

import torch
from jaxtyping import Bool, Float
from torch import Tensor


class Pooling(StrEnum):
    """How token states become one vector."""

    mean = "mean"
    max = "max"
    cls = "cls"
    """The first token's state."""
    last = "last"
    """The last real token's state."""


def pool(states: Float[Tensor, "B T H"], mask: Bool[Tensor, "B T"], pooling: Pooling) -> Float[Tensor, "B H"]:
    """One vector a text. A text without any token gives zeros."""
    match pooling:
        case Pooling.mean:
            weights = mask.unsqueeze(-1).to(states.dtype)
            return (states * weights).sum(1) / weights.sum(1).clamp(min=1e-9)
        case Pooling.max:
            highest = states.masked_fill(~mask.unsqueeze(-1), -torch.inf).amax(1)
            return torch.where(mask.any(1, keepdim=True), highest, 0.0)
        case Pooling.cls:
            return states[:, 0] * mask[:, :1]
        case Pooling.last:
            last = (mask.sum(1) - 1).clamp(min=0)
            return states[torch.arange(len(states), device=states.device), last] * mask.any(1, keepdim=True)
