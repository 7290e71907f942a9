"""What an encoder is made of, in numpy and the same for every kind: what engines are built from.

A body says of itself how it is made (`Body.architecture`), by `linear`, `norm` and `array` of its weights.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from interlingua.shapes import Float32


@dataclass(frozen=True, eq=False)
class Linear:
    """x @ weight + bias."""

    weight: Float32[np.ndarray, "K N"]
    bias: Float32[np.ndarray, " N"] | None


@dataclass(frozen=True, eq=False)
class Norm:
    """Layer normalisation."""

    weight: Float32[np.ndarray, " H"]
    bias: Float32[np.ndarray, " H"]
    epsilon: float


@dataclass(frozen=True, eq=False)
class Layer:
    """Attention and feed-forward part of a transformer."""

    query: Linear
    key: Linear
    value: Linear
    output: Linear
    attention_norm: Norm
    inner: Linear
    outer: Linear
    norm: Norm


@dataclass(frozen=True, eq=False)
class Transformer:
    """A transformer encoder."""

    words: Float32[np.ndarray, "V H"]
    places: Float32[np.ndarray, "P H"]
    """What is added to the word at each place of a text: position, and the kind of segment."""
    embedding_norm: Norm | None
    layers: tuple[Layer, ...]
    final_norm: Norm | None
    heads: int
    norm_first: bool
    activation: str
    """gelu, gelu_tanh or relu."""
    distances: Float32[np.ndarray, "heads _"] | None = None
    """What attention adds for a key at distance -(P-1) to P-1 from its query."""
    averaged: tuple[int, ...] = (-1,)
    """Layers whose states are averaged, numbered as encoders.bodies.pretrained does."""


@dataclass(frozen=True, eq=False)
class Direction:
    """One direction of an LSTM layer; G = 4 H gates in torch's order: input, forget, cell, output."""

    reads: Float32[np.ndarray, "G E"]
    recalls: Float32[np.ndarray, "G H"]
    bias: Float32[np.ndarray, " _"]
    """Of both, one behind the other: 2 G."""


@dataclass(frozen=True, eq=False)
class Recurrent:
    """A bidirectional LSTM over word vectors."""

    words: Float32[np.ndarray, "V E"]
    layers: tuple[tuple[Direction, Direction], ...]


@dataclass(frozen=True, eq=False)
class Static:
    """One vector a token."""

    words: Float32[np.ndarray, "V H"]


@dataclass(frozen=True, eq=False)
class Head:
    """What follows the states: pooling, projection, normalisation."""

    pooling: str
    projection: Linear | None
    normalize: bool


def linear(weights: Mapping[str, Tensor], prefix: str = "") -> Linear:
    """A linear layer of a state_dict."""
    bias = weights.get(f"{prefix}bias")
    return Linear(np.ascontiguousarray(array(weights[f"{prefix}weight"]).T), None if bias is None else array(bias))


def norm(weights: Mapping[str, Tensor], epsilon: float, prefix: str = "") -> Norm:
    """A layer normalisation of a state_dict."""
    return Norm(array(weights[f"{prefix}weight"]), array(weights[f"{prefix}bias"]), epsilon)


def array(tensor: Tensor) -> np.ndarray:
    """A tensor in numpy, in fp32."""
    return tensor.detach().float().cpu().numpy()
