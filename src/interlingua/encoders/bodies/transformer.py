"""A transformer from scratch: pre-norm, learned positions, GELU (Vaswani et al. 2017; Xiong et al. 2020 for the
place of the norm).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from interlingua.encoders import architecture
from interlingua.encoders.architecture import Linear, array, linear, norm
from interlingua.encoders.attention.packing import Packing, as_is, attention, pack
from interlingua.encoders.body import keep_rows
from interlingua.errors import ConfigError
from interlingua.tensors import Tokens

ACTIVATIONS = {"gelu": F.gelu, "relu": F.relu}


@dataclass(frozen=True, kw_only=True)
class Config:
    """Size of a transformer body."""

    layers: int = 4
    width: int = 256
    """H, the width of a token's state."""
    heads: int = 4
    feedforward: int = 1024
    """Width inside a layer's feed-forward part."""
    dropout: float = 0.1
    max_positions: int = 512
    """Longest text in tokens."""
    activation: str = "gelu"
    """The activation inside a layer's feed-forward part: gelu or relu."""
    norm_first: bool = True
    """Whether norms stand before attention and feed-forward, with one more behind the last layer; otherwise behind
    each (Vaswani)."""

    def __post_init__(self) -> None:
        if self.activation not in ACTIVATIONS:
            raise ConfigError(f"there is no activation {self.activation!r}; choose {' or '.join(ACTIVATIONS)}")
        if self.heads < 1 or self.width % self.heads:
            raise ConfigError(f"a width of {self.width} cannot be shared by {self.heads} heads; choose a multiple")
        if not 0 <= self.dropout <= 1:
            raise ConfigError(f"a dropout of {self.dropout} is no share of what is dropped; give 0 to 1")


class Layer(nn.Module):
    """Attention and feed-forward, each behind a norm and beside a residual."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.heads, self.dropout, self.norm_first = config.heads, config.dropout, config.norm_first
        self.activation = ACTIVATIONS[config.activation]
        self.attention_norm = nn.LayerNorm(config.width)
        self.query_key_value = nn.Linear(config.width, 3 * config.width)
        self.attention_output = nn.Linear(config.width, config.width)
        self.feedforward_norm = nn.LayerNorm(config.width)
        self.feedforward_in = nn.Linear(config.width, config.feedforward)
        self.feedforward_out = nn.Linear(config.feedforward, config.width)

    def forward(self, states: Float[Tensor, "P H"], packing: Packing) -> Float[Tensor, "P H"]:
        """One layer's new states; a token attends to its own text."""
        if self.norm_first:
            states = states + self._drop(self._attend(self.attention_norm(states), packing))
            return states + self._drop(self._feed_forward(self.feedforward_norm(states)))
        states = self.attention_norm(states + self._drop(self._attend(states, packing)))
        return self.feedforward_norm(states + self._drop(self._feed_forward(states)))

    def _attend(self, states: Float[Tensor, "P H"], packing: Packing) -> Float[Tensor, "P H"]:
        dropout = self.dropout if self.training else 0.0
        return self.attention_output(attention(self.query_key_value(states), packing, self.heads, dropout=dropout))

    def _drop(self, states: Float[Tensor, "P H"]) -> Float[Tensor, "P H"]:
        return F.dropout(states, self.dropout, self.training)

    def _feed_forward(self, states: Float[Tensor, "P H"]) -> Float[Tensor, "P H"]:
        return self.feedforward_out(self.activation(self.feedforward_in(states)))


class Body(nn.Module):
    """Embeddings, layers, a last norm."""

    kind: ClassVar[str] = "transformer"
    computed: int = 0
    """Tokens of the latest call, padding included."""

    def __init__(self, config: Config, vocabulary_size: int, pad: int) -> None:
        super().__init__()
        self.config, self.width = config, config.width
        self.words = nn.Embedding(vocabulary_size, config.width, padding_idx=pad)
        self.positions = nn.Embedding(config.max_positions, config.width)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.width) if config.norm_first else nn.Identity()
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.trunc_normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)

    @property
    def word_embeddings(self) -> nn.Embedding:
        return self.words

    @property
    def depth(self) -> int:
        return len(self.layers)

    def keep_layers(self, places: Sequence[int]) -> None:
        self.layers = nn.ModuleList(self.layers[place] for place in places)
        self.config = replace(self.config, layers=len(places))

    def keep_words(self, rows: Sequence[int]) -> None:
        keep_rows(self.words, rows)

    def architecture(self) -> architecture.Transformer:
        norm_first = self.config.norm_first
        return architecture.Transformer(
            words=array(self.words.weight),
            places=array(self.positions.weight),
            embedding_norm=None,
            layers=tuple(_layer(layer.state_dict()) for layer in self.layers),
            final_norm=norm(self.norm.state_dict(), EPSILON) if norm_first else None,
            heads=self.config.heads,
            norm_first=norm_first,
            activation=self.config.activation,
        )

    def forward(self, tokens: Tokens) -> Float[Tensor, "B T H"]:
        """The states of every token; those of padding mean nothing."""
        exporting = torch.compiler.is_compiling()  # a graph must not depend on lengths
        packing = as_is(tokens.mask) if exporting else pack(tokens)
        self.computed = 0 if exporting else len(packing.source)
        words = self.words(packing.pack(tokens.ids)) + self.positions(packing.columns)
        states = F.dropout(words, self.config.dropout, self.training)
        for layer in self.layers:
            states = layer(states, packing)
        return packing.unpack(self.norm(states))


EPSILON = 1e-5
"""Of torch's LayerNorm."""


def _layer(weights: Mapping[str, Tensor]) -> architecture.Layer:
    """One layer in numpy."""
    three = linear(weights, "query_key_value.")
    assert three.bias is not None
    parts = zip(np.split(three.weight, 3, axis=1), np.split(three.bias, 3), strict=True)
    query, key, value = (Linear(*part) for part in parts)
    return architecture.Layer(
        query=query,
        key=key,
        value=value,
        output=linear(weights, "attention_output."),
        attention_norm=norm(weights, EPSILON, "attention_norm."),
        inner=linear(weights, "feedforward_in."),
        outer=linear(weights, "feedforward_out."),
        norm=norm(weights, EPSILON, "feedforward_norm."),
    )
