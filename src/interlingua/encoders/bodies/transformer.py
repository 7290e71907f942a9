"""A transformer from scratch: pre-norm, learned positions, GELU (Vaswani et al. 2017; Xiong et al. 2020 for the
place of the norm).
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from interlingua.encoders.attention.packing import Packing, as_is, attention, pack
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
    """What bends a layer's feed-forward part: gelu or relu."""
    norm_first: bool = True
    """Whether norms stand before attention and feed-forward, with one more behind the last layer; otherwise behind
    each (Vaswani)."""

    def __post_init__(self) -> None:
        if self.activation not in ACTIVATIONS:
            raise ConfigError(f"there is no activation {self.activation!r}; choose {' or '.join(ACTIVATIONS)}")
        if self.width % self.heads:
            raise ConfigError(f"a width of {self.width} cannot be shared by {self.heads} heads; choose a multiple")


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
            return states + self._drop(self._bend(self.feedforward_norm(states)))
        states = self.attention_norm(states + self._drop(self._attend(states, packing)))
        return self.feedforward_norm(states + self._drop(self._bend(states)))

    def _attend(self, states: Float[Tensor, "P H"], packing: Packing) -> Float[Tensor, "P H"]:
        dropout = self.dropout if self.training else 0.0
        return self.attention_output(attention(self.query_key_value(states), packing, self.heads, dropout=dropout))

    def _drop(self, states: Float[Tensor, "P H"]) -> Float[Tensor, "P H"]:
        return F.dropout(states, self.dropout, self.training)

    def _bend(self, states: Float[Tensor, "P H"]) -> Float[Tensor, "P H"]:
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

    def forward(self, tokens: Tokens) -> Float[Tensor, "B T H"]:
        """The states of every token; those of padding mean nothing."""
        exporting = torch.compiler.is_compiling()  # a graph must not depend on lengths
        packing = as_is(tokens.mask) if exporting else pack(tokens.mask)
        self.computed = 0 if exporting else len(packing.source)
        words = self.words(packing.pack(tokens.ids)) + self.positions(packing.columns)
        states = F.dropout(words, self.config.dropout, self.training)
        for layer in self.layers:
            states = layer(states, packing)
        return packing.unpack(self.norm(states))
