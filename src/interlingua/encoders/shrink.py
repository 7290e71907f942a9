"""A smaller copy of an encoder: fewer layers, narrower embeddings."""

import copy

import numpy as np
import torch
from torch import nn

from interlingua.encoders.encoder import Encoder
from interlingua.errors import ConfigError
from interlingua.types import Embeddings


def keep_layers(encoder: Encoder, count: int) -> Encoder:
    """A copy with `count` of the body's layers, evenly spread from the first to the last.

    Raises ConfigError for a body without layers or with fewer.
    """
    smaller = copy.deepcopy(encoder)
    stacks = (
        [module for module in smaller.body.modules() if isinstance(module, nn.ModuleList)]
        if isinstance(smaller.body, nn.Module)
        else []
    )
    if not stacks:
        raise ConfigError(f"a {encoder.body.kind} body has no layers to leave out")
    layers = max(stacks, key=len)
    if not 1 <= count <= len(layers):
        raise ConfigError(f"this body has {len(layers)} layers; keep 1 to {len(layers)}")
    kept = (
        [layers[int(place)] for place in np.linspace(0, len(layers) - 1, count).round()] if count > 1 else [layers[0]]
    )
    del layers[:]  # the list itself stays: the body holds it
    layers.extend(kept)
    _tell(smaller, count)
    return smaller


def _tell(encoder: Encoder, count: int) -> None:
    """Write the new depth into the body's configuration, so that it is saved as it is."""
    from dataclasses import replace

    from interlingua.encoders.bodies import pretrained, transformer

    config = encoder.body.config
    if isinstance(config, transformer.Config):
        encoder.body.config = replace(config, layers=count)
    elif isinstance(config, pretrained.Config):
        name = "num_hidden_layers" if "num_hidden_layers" in config.settings else "n_layers"
        encoder.body.config = replace(config, settings={**config.settings, name: count})


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
