"""Small trainable parts beside frozen layers: low-rank updates of linear maps, and bottlenecks beside feed-forward
parts.

Hu et al. 2022, "LoRA: Low-Rank Adaptation of Large Language Models"; He et al. 2022, "Towards a Unified View of
Parameter-Efficient Transfer Learning", section 4 (the scaled parallel adapter).
"""

import math
from collections.abc import Sequence

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from interlingua.errors import ConfigError

PARALLEL_SCALE = 4.0
"""He et al. 2022, section 4.6."""


class LowRank(nn.Module):
    """What is added to a linear map: scale * up(down(x)), of rank R. It begins as nothing: `up` is zero."""

    def __init__(self, inputs: int, outputs: int, rank: int, scale: float = 2.0) -> None:
        super().__init__()
        self.scale = scale
        self.down, self.up = nn.Linear(inputs, rank, bias=False), nn.Linear(rank, outputs, bias=False)
        nn.init.kaiming_uniform_(self.down.weight, a=math.sqrt(5))
        nn.init.zeros_(self.up.weight)

    def forward(self, states: Float[Tensor, "*axes I"]) -> Float[Tensor, "*axes O"]:
        """What is added to the output of the map for these inputs."""
        return self.up(self.down(states)) * self.scale


class Bottleneck(nn.Module):
    """What is added to a feed-forward part: scale * up(relu(down(x))). It begins as nothing: `up` is zero."""

    def __init__(self, width: int, inner: int, scale: float = PARALLEL_SCALE) -> None:
        super().__init__()
        self.scale = scale
        self.down, self.up = nn.Linear(width, inner), nn.Linear(inner, width)
        nn.init.zeros_(self.up.weight)
        nn.init.zeros_(self.up.bias)

    def forward(self, states: Float[Tensor, "*axes H"]) -> Float[Tensor, "*axes H"]:
        """What is added to the output of the part for these inputs."""
        return self.up(F.relu(self.down(states))) * self.scale


def linear_maps(body: nn.Module) -> dict[str, nn.Linear]:
    """The linear maps inside a body's layers, by their names. Raises ConfigError for a body without layers."""
    stacks = [(name, module) for name, module in body.named_modules() if isinstance(module, nn.ModuleList)]
    if not stacks:
        raise ConfigError("a modular encoder needs a body of layers; this one has none. Choose a transformer")
    stack, _ = max(stacks, key=lambda pair: len(pair[1]))
    return {
        name: module
        for name, module in body.named_modules()
        if name.startswith(f"{stack}.") and isinstance(module, nn.Linear)
    }


def feed_forward_parts(body: nn.Module, width: int) -> dict[str, str]:
    """The name of the first map of every feed-forward part (width to inner) by that of its last (inner to width).

    Raises ConfigError for a body whose layers have no such parts (gated ones, for instance).
    """
    parts: dict[str, str] = {}
    before: Sequence[tuple[str, nn.Linear]] = []
    for name, linear in linear_maps(body).items():
        if linear.out_features == width and linear.in_features != width:
            into = [
                earlier
                for earlier, map in before
                if map.in_features == width and map.out_features == linear.in_features
            ]
            if into:
                parts[name] = into[-1]
        before = [*before, (name, linear)]
    if not parts:
        raise ConfigError("this body has no plain feed-forward parts that an alignment adapter could stand beside")
    return parts


def low_rank(body: nn.Module, rank: int) -> nn.ModuleDict:
    """A low-rank update for every linear map of a body's layers."""
    return nn.ModuleDict(
        {key(name): LowRank(map.in_features, map.out_features, rank) for name, map in linear_maps(body).items()}
    )


def parallel(body: nn.Module, width: int, inner: int) -> nn.ModuleDict:
    """A bottleneck beside every feed-forward part of a body."""
    return nn.ModuleDict({key(last): Bottleneck(width, inner) for last in feed_forward_parts(body, width)})


def key(name: str) -> str:
    """A module's name as a ModuleDict takes it: without dots."""
    return name.replace(".", "/")


def name(key: str) -> str:
    """The name of the module that a ModuleDict has under this key."""
    return key.replace("/", ".")
