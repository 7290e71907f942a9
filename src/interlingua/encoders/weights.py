"""The weights of encoders in numpy, laid out the same for every kind, for engines that compute without torch."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from interlingua.encoders.architecture import Direction, Head, Layer, Linear, Norm, Recurrent, Static, Transformer
from interlingua.encoders.bodies import bilstm, pretrained, static, transformer
from interlingua.encoders.encoder import Body, Encoder

ACTIVATIONS = {"gelu": "gelu", "gelu_new": "gelu_tanh", "gelu_pytorch_tanh": "gelu_tanh", "relu": "relu"}
BERT = {
    "embedding_norm": "embeddings.LayerNorm",
    "layer": "encoder.layer.{}",
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "output": "attention.output.dense",
    "attention_norm": "attention.output.LayerNorm",
    "inner": "intermediate.dense",
    "outer": "output.dense",
    "norm": "output.LayerNorm",
}
MPNET = BERT | {
    "query": "attention.attn.q",
    "key": "attention.attn.k",
    "value": "attention.attn.v",
    "output": "attention.attn.o",
    "attention_norm": "attention.LayerNorm",
}
DISTILBERT = {
    "embedding_norm": "embeddings.LayerNorm",
    "layer": "transformer.layer.{}",
    "query": "attention.q_lin",
    "key": "attention.k_lin",
    "value": "attention.v_lin",
    "output": "attention.out_lin",
    "attention_norm": "sa_layer_norm",
    "inner": "ffn.lin1",
    "outer": "ffn.lin2",
    "norm": "output_layer_norm",
}
LAYOUTS = dict.fromkeys(("bert", "roberta", "xlm-roberta", "camembert"), BERT) | {
    "mpnet": MPNET,
    "distilbert": DISTILBERT,
}
POSITIONS_BEHIND_PAD = ("roberta", "xlm-roberta", "camembert", "mpnet")


def architecture(body: Body) -> Transformer | Recurrent | Static | None:
    """The body in numpy, or None where it is of a kind that is laid out in no known way."""
    match body:
        case static.Body():
            return Static(_array(body.table.weight))
        case bilstm.Body():
            return _recurrent(body)
        case transformer.Body():
            return _transformer(body)
        case pretrained.Body():
            return _pretrained(body)
        case _:
            return None


def head(encoder: Encoder) -> Head:
    """What follows the encoder's body."""
    projection = None if encoder.projection is None else _linear(encoder.projection.state_dict(), "")
    return Head(str(encoder.pooling), projection, encoder.normalize)


def _recurrent(body: bilstm.Body) -> Recurrent:
    found = body.lstm.state_dict()

    def direction(layer: int, suffix: str) -> Direction:
        part = [_array(found[f"{name}_l{layer}{suffix}"]) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
        return Direction(part[0], part[1], np.concatenate(part[2:]))

    layers = tuple((direction(layer, ""), direction(layer, "_reverse")) for layer in range(body.config.layers))
    return Recurrent(_array(body.words.weight), layers)


def _transformer(body: transformer.Body) -> Transformer:
    layers: list[Layer] = []
    for layer in body.layers:
        found = layer.state_dict()
        both = _linear(found, "query_key_value.")
        assert both.bias is not None
        three = [Linear(*pair) for pair in zip(np.split(both.weight, 3, axis=1), np.split(both.bias, 3), strict=True)]
        output, inner, outer = (
            _linear(found, f"{name}.") for name in ("attention_output", "feedforward_in", "feedforward_out")
        )
        norms = [_norm(found, f"{name}.", 1e-5) for name in ("attention_norm", "feedforward_norm")]
        layers.append(Layer(three[0], three[1], three[2], output, norms[0], inner, outer, norms[1]))
    return Transformer(
        words=_array(body.words.weight),
        places=_array(body.positions.weight),
        embedding_norm=None,
        layers=tuple(layers),
        final_norm=_norm(body.norm.state_dict(), "", 1e-5),
        heads=body.config.heads,
        norm_first=True,
        activation="gelu",
    )


def _pretrained(body: pretrained.Body) -> Transformer | None:
    config = body.model.config
    kind, layout = config.model_type, LAYOUTS.get(config.model_type)
    activation = ACTIVATIONS.get(str(getattr(config, "hidden_act", getattr(config, "activation", ""))))
    if layout is None or activation is None or body.config.pooler or getattr(config, "is_decoder", False):
        return None
    found: Mapping[str, Tensor] = body.model.state_dict()
    epsilon = 1e-12 if kind == "distilbert" else float(config.layer_norm_eps)
    places = _array(found["embeddings.position_embeddings.weight"])
    if kind in POSITIONS_BEHIND_PAD:
        padding = 1 if kind == "mpnet" else int(config.pad_token_id)  # MPNet's is fixed in its code
        places = places[padding + 1 :]
    if "embeddings.token_type_embeddings.weight" in found:
        places = places + _array(found["embeddings.token_type_embeddings.weight"])[0]

    def layer(number: int) -> Layer:
        start = layout["layer"].format(number) + "."

        def linear(name: str) -> Linear:
            return _linear(found, f"{start}{layout[name]}.")

        def norm(name: str) -> Norm:
            return _norm(found, f"{start}{layout[name]}.", epsilon)

        return Layer(
            query=linear("query"),
            key=linear("key"),
            value=linear("value"),
            output=linear("output"),
            attention_norm=norm("attention_norm"),
            inner=linear("inner"),
            outer=linear("outer"),
            norm=norm("norm"),
        )

    return Transformer(
        words=_array(found["embeddings.word_embeddings.weight"]),
        places=places,
        embedding_norm=_norm(found, f"{layout['embedding_norm']}.", epsilon),
        layers=tuple(layer(number) for number in range(config.num_hidden_layers)),
        final_norm=None,
        heads=config.num_attention_heads,
        norm_first=False,
        activation=activation,
        distances=_distances(body.model, len(places)) if kind == "mpnet" else None,
        averaged=tuple(body.config.layers),
    )


def _distances(model: Any, places: int) -> np.ndarray:
    """MPNet's bias of every distance between a query and a key: (heads, 2 * places - 1)."""
    distance = torch.arange(-(places - 1), places)
    buckets = model.encoder.relative_position_bucket(distance)
    return _array(model.encoder.relative_attention_bias(buckets)).T


def _linear(found: Mapping[str, Tensor], prefix: str) -> Linear:
    bias = found.get(f"{prefix}bias")
    return Linear(np.ascontiguousarray(_array(found[f"{prefix}weight"]).T), None if bias is None else _array(bias))


def _norm(found: Mapping[str, Tensor], prefix: str, epsilon: float) -> Norm:
    return Norm(_array(found[f"{prefix}weight"]), _array(found[f"{prefix}bias"]), epsilon)


def _array(tensor: Tensor | nn.Parameter) -> np.ndarray:
    return tensor.detach().float().cpu().numpy()
