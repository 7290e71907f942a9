"""A transformer from scratch: pre-norm, learned positions, GELU (Vaswani et al. 2017; Xiong et al. 2020 for the place of the norm)."""

from dataclasses import dataclass
from typing import ClassVar

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from interlingua.encoders.packing import Packing, as_is, attention, pack
from interlingua.errors import ConfigError
from interlingua.tensors import Tokens


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

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise ConfigError(f"a width of {self.width} cannot be shared by {self.heads} heads; choose a multiple")


class Layer(nn.Module):
    """Attention and feed-forward, each behind a norm and beside a residual."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.heads, self.dropout = config.heads, config.dropout
        self.attention_norm = nn.LayerNorm(config.width)
        self.query_key_value = nn.Linear(config.width, 3 * config.width)
        self.attention_output = nn.Linear(config.width, config.width)
        self.feedforward_norm = nn.LayerNorm(config.width)
        self.feedforward_in = nn.Linear(config.width, config.feedforward)
        self.feedforward_out = nn.Linear(config.feedforward, config.width)

    def forward(self, states: Float[Tensor, "P H"], packing: Packing) -> Float[Tensor, "P H"]:
        """One layer's new states; a token attends to its own text."""
        parts = self.query_key_value(self.attention_norm(states))
        mixed = attention(parts, packing, self.heads, dropout=self.dropout if self.training else 0.0)
        states = states + F.dropout(self.attention_output(mixed), self.dropout, self.training)
        hidden = F.gelu(self.feedforward_in(self.feedforward_norm(states)))
        return states + F.dropout(self.feedforward_out(hidden), self.dropout, self.training)


class Body(nn.Module):
    """Embeddings, layers, a last norm."""

    kind: ClassVar[str] = "transformer"

    def __init__(self, config: Config, vocabulary_size: int, pad: int) -> None:
        super().__init__()
        self.config, self.width = config, config.width
        self.words = nn.Embedding(vocabulary_size, config.width, padding_idx=pad)
        self.positions = nn.Embedding(config.max_positions, config.width)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.width)
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
        packing = as_is(tokens.mask) if torch.compiler.is_compiling() else pack(tokens.mask)  # a graph must not depend on lengths
        words = self.words(packing.pack(tokens.ids)) + self.positions(packing.columns)
        states = F.dropout(words, self.config.dropout, self.training)
        for layer in self.layers:
            states = layer(states, packing)
        return packing.unpack(self.norm(states))
