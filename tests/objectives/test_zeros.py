"""An embedding of zeros has no direction: losses of cosines and distances stay finite, and so do their gradients."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from interlingua.objectives.contrastive import info_nce
from interlingua.objectives.distillation import Distance, distance
from interlingua.objectives.triplet import Separation, triplet_loss

LOSSES: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "contrastive": lambda a, b, _: info_nce(F.normalize(a, dim=-1) @ F.normalize(b, dim=-1).T, 1000.0, margin=0.3),
    "regression": lambda a, b, _: F.mse_loss(F.cosine_similarity(a, b, dim=-1), torch.ones(len(a))),
    "mse": lambda a, b, _: distance(a, b, Distance.mse),
    "cosine": lambda a, b, _: distance(a, b, Distance.cosine),
    "triplet": lambda a, b, c: triplet_loss(a, b, c, 1.0, Separation.euclidean),
    "triplet by cosine": lambda a, b, c: triplet_loss(a, b, c, 1.0, Separation.cosine),
}


@pytest.mark.parametrize("zeros", [(0,), (1,), (2,), (0, 1, 2)])
@pytest.mark.parametrize("name", LOSSES)
def test_loss_and_gradient_are_finite(name: str, zeros: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    sides = [torch.randn(4, 6) for _ in range(3)]
    for side in zeros:
        sides[side][1] = 0
    sides = [side.requires_grad_() for side in sides]
    loss = LOSSES[name](sides[0], sides[1], sides[2])
    loss.backward()
    assert loss.isfinite()
    assert all(side.grad is None or side.grad.isfinite().all() for side in sides)
