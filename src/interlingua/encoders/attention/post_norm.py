"""Published post-norm transformers computed over packed tokens, with the transformers library's own modules and
weights.

The library computes a padded batch; for sentences of mixed lengths most of that is padding.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from operator import attrgetter
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from interlingua.encoders.attention.packing import Packing, attention
from interlingua.tensors import Tokens

Bias = Callable[[int], Float[Tensor, "1 heads W W"]]


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """The modules of one layer, whatever the library calls them: linear maps, or what stands in for them, and norms."""

    query: nn.Module
    key: nn.Module
    value: nn.Module
    output: nn.Module
    attention_norm: nn.LayerNorm
    inner: nn.Module
    activation: Callable[[Tensor], Tensor]
    outer: nn.Module
    norm: nn.LayerNorm
    dropouts: tuple[float, float, float]
    """Of attention weights, of attention's output, of the feed-forward part's output."""


@dataclass(frozen=True, kw_only=True)
class Names:
    """What the library calls the parts of a model: its layers, and inside a layer each module of a Layer."""

    layers: str = "encoder.layer"
    query: str = "attention.self.query"
    key: str = "attention.self.key"
    value: str = "attention.self.value"
    output: str = "attention.output.dense"
    attention_norm: str = "attention.output.LayerNorm"
    inner: str = "intermediate.dense"
    activation: str = "intermediate.intermediate_act_fn"
    outer: str = "output.dense"
    norm: str = "output.LayerNorm"
    dropouts: tuple[str, str, str] = ("attention.self.dropout.p", "attention.output.dropout.p", "output.dropout.p")
    """Their rates; "" for one that there is not."""


BERT = Names()
MPNET = Names(
    query="attention.attn.q",
    key="attention.attn.k",
    value="attention.attn.v",
    output="attention.attn.o",
    attention_norm="attention.LayerNorm",
    dropouts=("attention.attn.dropout.p", "attention.dropout.p", "output.dropout.p"),
)
DISTILBERT = Names(
    layers="transformer.layer",
    query="attention.q_lin",
    key="attention.k_lin",
    value="attention.v_lin",
    output="attention.out_lin",
    attention_norm="sa_layer_norm",
    inner="ffn.lin1",
    activation="ffn.activation",
    outer="ffn.lin2",
    norm="output_layer_norm",
    dropouts=("attention.dropout.p", "", "ffn.dropout.p"),
)
NAMES = {
    **dict.fromkeys(("bert", "camembert", "electra", "roberta", "xlm-roberta"), BERT),
    "mpnet": MPNET,
    "distilbert": DISTILBERT,
}
"""Of the model types that are computed here."""
MODULES = ("query", "key", "value", "output", "attention_norm", "inner", "activation", "outer", "norm")


def layers_of(model: Any) -> list[Layer]:
    """The layers of a model whose type is in NAMES."""
    names = NAMES[model.config.model_type]
    modules, rates = [attrgetter(getattr(names, module)) for module in MODULES], names.dropouts
    return [
        Layer(
            *(module(layer) for module in modules),
            dropouts=tuple(attrgetter(rate)(layer) if rate else 0.0 for rate in rates),  # pyright: ignore[reportArgumentType]
        )
        for layer in attrgetter(names.layers)(model)
    ]


def supports(model: Any) -> bool:
    """Whether this model is one that `hidden_states` computes; others are left to the library."""
    settings = model.config
    plain = getattr(settings, "position_embedding_type", "absolute") in (
        "absolute",
        None,
    )  # older releases had relative positions for BERT
    return settings.model_type in NAMES and plain and not getattr(settings, "is_decoder", False)


def hidden_states(model: Any, tokens: Tokens, packing: Packing) -> list[Float[Tensor, "P H"]]:
    """The states of every slot: of the embeddings, then of each layer."""
    settings = model.config
    inputs = {
        "input_ids": packing.pack(tokens.ids)[None],
        # RoBERTa's line counts positions from behind the padding's own
        "position_ids": (packing.columns + getattr(model.embeddings, "padding_idx", -1) + 1)[None],
    }
    if tokens.types is not None and getattr(settings, "type_vocab_size", 0) > 1:
        inputs["token_type_ids"] = packing.pack(tokens.types)[None]
    states: Tensor = model.embeddings(**inputs)[0]
    if hasattr(model, "embeddings_project"):
        states = model.embeddings_project(states)
    bias: Bias | None = cache(partial(_relative_positions, model.encoder)) if settings.model_type == "mpnet" else None
    every_state = [states]
    for layer in layers_of(model):
        every_state.append(_layer(layer, every_state[-1], packing, settings.num_attention_heads, model.training, bias))
    return every_state


def _relative_positions(stack: Any, width: int) -> Float[Tensor, "1 heads W W"]:
    """MPNet's bias by distance: inside a row, two tokens of one text are as far apart as in their text."""
    return stack.compute_position_bias(torch.empty(1, width, device=stack.relative_attention_bias.weight.device))


def _layer(
    layer: Layer, states: Float[Tensor, "P H"], packing: Packing, heads: int, training: bool, bias: Bias | None
) -> Float[Tensor, "P H"]:
    rates = layer.dropouts if training else (0.0, 0.0, 0.0)
    three = (layer.query, layer.key, layer.value)
    plain = [part for part in three if type(part) is nn.Linear]  # what else stands there may do more than multiply
    if len(plain) == len(three):
        parts = F.linear(states, torch.cat([part.weight for part in plain]), torch.cat([part.bias for part in plain]))
    else:
        parts = torch.cat([part(states) for part in three], dim=-1)
    mixed = attention(parts, packing, heads, dropout=rates[0], bias=bias)
    states = layer.attention_norm(F.dropout(layer.output(mixed), rates[1]) + states)
    hidden = layer.outer(layer.activation(layer.inner(states)))
    return layer.norm(F.dropout(hidden, rates[2]) + states)
