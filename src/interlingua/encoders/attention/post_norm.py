"""Published post-norm transformers computed over packed tokens, with the transformers library's own modules and
weights.

The library computes a padded batch; for sentences of mixed lengths most of that is padding.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
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
    """The modules of one layer, whatever the library calls them."""

    query_key_value: tuple[nn.Linear, nn.Linear, nn.Linear]
    attention_output: nn.Linear
    attention_norm: nn.LayerNorm
    feedforward_in: nn.Linear
    activation: Callable[[Tensor], Tensor]
    feedforward_out: nn.Linear
    feedforward_norm: nn.LayerNorm
    dropouts: tuple[float, float, float]
    """Of attention weights, of attention's output, of the feed-forward part's output."""


def _bert(layer: Any) -> Layer:
    own, out = layer.attention.self, layer.attention.output
    return Layer(
        (own.query, own.key, own.value), out.dense, out.LayerNorm,
        layer.intermediate.dense, layer.intermediate.intermediate_act_fn, layer.output.dense, layer.output.LayerNorm,
        (own.dropout.p, out.dropout.p, layer.output.dropout.p),
    )  # fmt: skip


def _mpnet(layer: Any) -> Layer:
    own = layer.attention.attn
    return Layer(
        (own.q, own.k, own.v), own.o, layer.attention.LayerNorm,
        layer.intermediate.dense, layer.intermediate.intermediate_act_fn, layer.output.dense, layer.output.LayerNorm,
        (own.dropout.p, layer.attention.dropout.p, layer.output.dropout.p),
    )  # fmt: skip


def _distilbert(layer: Any) -> Layer:
    own = layer.attention
    return Layer(
        (own.q_lin, own.k_lin, own.v_lin), own.out_lin, layer.sa_layer_norm,
        layer.ffn.lin1, layer.ffn.activation, layer.ffn.lin2, layer.output_layer_norm,
        (own.dropout.p, 0.0, layer.ffn.dropout.p),
    )  # fmt: skip


READ = {
    "bert": _bert, "camembert": _bert, "electra": _bert, "roberta": _bert, "xlm-roberta": _bert, "mpnet": _mpnet, "distilbert": _distilbert,
}  # fmt: skip


def supports(model: Any) -> bool:
    """Whether this model is one that `hidden_states` computes; others are left to the library."""
    settings = model.config
    plain = getattr(settings, "position_embedding_type", "absolute") in (
        "absolute",
        None,
    )  # older releases had relative positions for BERT
    return settings.model_type in READ and plain and not getattr(settings, "is_decoder", False)


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
    stack = model.transformer if settings.model_type == "distilbert" else model.encoder
    bias: Bias | None = cache(partial(_relative_positions, stack)) if settings.model_type == "mpnet" else None
    found = [states]
    for layer in stack.layer:
        found.append(
            _layer(
                READ[settings.model_type](layer), found[-1], packing, settings.num_attention_heads, model.training, bias
            )
        )
    return found


def _relative_positions(stack: Any, width: int) -> Float[Tensor, "1 heads W W"]:
    """MPNet's bias by distance: inside a row, two tokens of one text are as far apart as in their text."""
    return stack.compute_position_bias(torch.empty(1, width))


def _layer(
    layer: Layer, states: Float[Tensor, "P H"], packing: Packing, heads: int, training: bool, bias: Bias | None
) -> Float[Tensor, "P H"]:
    weights, rates = layer.query_key_value, layer.dropouts if training else (0.0, 0.0, 0.0)
    if any(getattr(part, "adapted", False) for part in weights):  # a language pack adds to the output of each
        parts = torch.cat([part(states) for part in weights], dim=-1)
    else:
        parts = F.linear(
            states, torch.cat([part.weight for part in weights]), torch.cat([part.bias for part in weights])
        )
    mixed = attention(parts, packing, heads, dropout=rates[0], bias=bias)
    states = layer.attention_norm(F.dropout(layer.attention_output(mixed), rates[1]) + states)
    hidden = layer.feedforward_out(layer.activation(layer.feedforward_in(states)))
    return layer.feedforward_norm(F.dropout(hidden, rates[2]) + states)
