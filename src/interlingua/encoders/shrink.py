"""A smaller copy of an encoder: fewer layers, narrower embeddings."""

import copy

import numpy as np
import torch
from torch import nn

from interlingua.encoders.body import no_layers
from interlingua.encoders.encoder import Encoder
from interlingua.errors import ConfigError
from interlingua.types import Embeddings


def keep_layers(encoder: Encoder, count: int) -> Encoder:
    """A copy with `count` of the body's layers, evenly spread from the first to the last.

    Raises ConfigError for a body without layers or with fewer.
    """
    smaller = copy.deepcopy(encoder)
    depth = smaller.body.depth
    if not depth:
        raise no_layers(encoder.body.kind)
    if not 1 <= count <= depth:
        raise ConfigError(f"this body has {depth} layers; keep 1 to {depth}")
    smaller.body.keep_layers([int(place) for place in np.linspace(0, depth - 1, count).round()])
    return smaller


def principal_directions(embeddings: Embeddings, width: int) -> nn.Linear:
    """The projection onto the `width` directions in which `embeddings` (N, D) vary most, so that cosines change
    least.
    """
    if not 1 <= width <= embeddings.shape[1]:
        raise ConfigError(f"a width of {width} is asked for, the embeddings have {embeddings.shape[1]}")
    gram = embeddings.astype(np.float64).T @ embeddings.astype(np.float64)
    directions = np.linalg.eigh(gram)[1][:, ::-1][:, :width]
    layer = nn.Linear(embeddings.shape[1], width, bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(np.ascontiguousarray(directions.T)))
    return layer
