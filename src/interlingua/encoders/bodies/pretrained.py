"""A published transformer encoder (BERT, XLM-R, MPNet, DistilBERT, ...), run by the transformers library."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from interlingua.encoders import architecture
from interlingua.encoders.architecture import Transformer, array, linear, norm
from interlingua.encoders.attention import post_norm
from interlingua.encoders.attention.packing import pack
from interlingua.encoders.body import keep_rows
from interlingua.encoders.tensor_file import check_values
from interlingua.encoders.transformers_folder import check_all_used, quiet, shapes_of
from interlingua.errors import ConfigError, ModelFormatError
from interlingua.model_files import believable, read_json
from interlingua.tensors import Tokens

MODEL_TYPES = (
    "albert",
    "bert",
    "camembert",
    "deberta-v2",
    "distilbert",
    "electra",
    "modernbert",
    "mpnet",
    "roberta",
    "xlm-roberta",
)
"""Encoders that transformers itself implements; a folder cannot bring code of its own."""
ATTENTION = "eager"
"""Plain matrix products: for texts as short as sentences, torch's fused attention spends half of a training step in
its CPU backward."""
EXPORTED = {"gelu": "gelu", "gelu_new": "gelu_tanh", "gelu_pytorch_tanh": "gelu_tanh", "relu": "relu"}
"""Activations by the library's names, and by those of an architecture."""
POSITIONS_BEHIND_PAD = ("roberta", "xlm-roberta", "camembert", "mpnet")


@dataclass(frozen=True, kw_only=True)
class Config:
    """The transformers configuration, kept whole so that a saved encoder needs no other folder."""

    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    layers: tuple[int, ...] = (-1,)
    """Whose states are averaged: -1 is the last layer, 1 the first behind the embeddings, 0 the embeddings."""
    pooler: bool = False
    """Whether the first token's state goes through the model's own pooler, the layer BERT was pretrained with."""


class Body(nn.Module):
    """The states of a transformers model: of its last layer, or the mean of several."""

    kind: ClassVar[str] = "pretrained"
    computed: int = 0
    """Tokens of the latest call, padding included."""

    def __init__(self, config: Config, vocabulary_size: int = 0, pad: int = 0, model: nn.Module | None = None) -> None:
        super().__init__()
        self.config = config
        self.model: Any = _build(config) if model is None else model
        if config.pooler and getattr(self.model, "pooler", None) is None:
            raise ConfigError("this model has no pooler; leave it out or choose another pooling")
        depth = int(self.model.config.num_hidden_layers)
        if not config.layers or not all(-depth - 1 <= layer <= depth for layer in config.layers):
            raise ConfigError(
                f"layers {config.layers}: this model has {depth}, numbered 1 to {depth} or from the end -1 to -{depth}"
            )
        self.width: int = self.model.config.hidden_size

    @property
    def word_embeddings(self) -> nn.Embedding:
        return self.model.get_input_embeddings()

    @property
    def depth(self) -> int:
        return len(self._layers())

    def keep_layers(self, places: Sequence[int]) -> None:
        layers = self._layers()
        kept = [layers[place] for place in places]
        del layers[:]  # the list itself stays: the model holds it
        layers.extend(kept)
        name = "num_hidden_layers" if "num_hidden_layers" in self.config.settings else "n_layers"
        self.config = replace(self.config, settings={**self.config.settings, name: len(places)})

    def keep_words(self, rows: Sequence[int]) -> None:
        padding = self.word_embeddings.padding_idx
        if padding is not None and (padding not in rows or list(rows).index(padding) != padding):
            raise ConfigError(
                "the padding of this vocabulary would move, and positions count from it; it cannot be trimmed"
            )
        keep_rows(self.word_embeddings, rows)
        self.model.config.vocab_size = len(rows)
        self.config = replace(self.config, settings={**self.config.settings, "vocab_size": len(rows)})

    def architecture(self) -> Transformer | None:
        settings = self.model.config
        activation = EXPORTED.get(str(getattr(settings, "hidden_act", getattr(settings, "activation", ""))))
        known = settings.model_type in post_norm.NAMES and settings.model_type != "electra"  # it has a projection
        if not known or activation is None or self.config.pooler or getattr(settings, "is_decoder", False):
            return None
        return _architecture(self.model, activation, tuple(self.config.layers))

    def forward(self, tokens: Tokens) -> Float[Tensor, "B T H"]:
        """The states of every token; those of padding mean nothing."""
        # a packing depends on the lengths at hand, which an exported graph must not
        packed = post_norm.supports(self.model) and not torch.compiler.is_compiling()
        states, first = self._packed(tokens) if packed else self._padded(tokens)
        return states if first is None else torch.cat([first[:, None], states[:, 1:]], dim=1)

    def _packed(self, tokens: Tokens) -> tuple[Float[Tensor, "B T H"], Float[Tensor, "B H"] | None]:
        packing = pack(tokens)
        self.computed = len(packing.source)
        of_layers = post_norm.hidden_states(self.model, tokens, packing)
        first = self.model.pooler(packing.unpack(of_layers[-1])) if self.config.pooler else None
        return packing.unpack(self._mean(of_layers)), first

    def _padded(self, tokens: Tokens) -> tuple[Float[Tensor, "B T H"], Float[Tensor, "B H"] | None]:
        self.computed = 0 if torch.compiler.is_compiling() else tokens.mask.numel()
        inputs = {"input_ids": tokens.ids, "attention_mask": tokens.mask.long()}
        if tokens.types is not None and getattr(self.model.config, "type_vocab_size", 0) > 1:
            inputs["token_type_ids"] = tokens.types
        last = tuple(self.config.layers) == (-1,)
        output = self.model(**inputs, output_hidden_states=not last)
        states = output.last_hidden_state if last else self._mean(output.hidden_states)
        return states, output.pooler_output if self.config.pooler else None

    def _layers(self) -> nn.ModuleList:
        return max((module for module in self.model.modules() if isinstance(module, nn.ModuleList)), key=len)

    def _mean(self, of_layers: Sequence[Tensor]) -> Tensor:
        chosen = [of_layers[layer] for layer in self.config.layers]
        return chosen[0] if len(chosen) == 1 else torch.stack(chosen).mean(dim=0)


def from_folder(folder: Path, layers: tuple[int, ...] = (-1,), pooler: bool = False) -> Body:
    """The body of a transformers folder (config.json and weights), in float32.

    Raises ModelFormatError for a folder without weights, with weights of another model than config.json describes, of a
    model type that is not supported, or damaged.
    """
    from transformers import AutoModel

    settings = read_json(folder / "config.json", dict[str, Any])
    _check(settings, folder / "config.json")
    if (folder / "adapter_config.json").exists():
        raise ModelFormatError("an adapter of another model is not supported here; merge the two first", folder)
    found = shapes_of(folder)
    believable(settings, found.values(), folder / "config.json")
    config = _understood(settings, folder / "config.json")
    try:
        with quiet():
            model, loaded = AutoModel.from_pretrained(
                folder,
                config=config,
                local_files_only=True,
                trust_remote_code=False,
                dtype=torch.float32,
                attn_implementation=ATTENTION,
                output_loading_info=True,
                **({} if pooler else _no_pooler(settings)),
            )
    except Exception as error:  # whatever a damaged file makes of transformers, safetensors or pickle
        raise ModelFormatError(
            f"the weights cannot be read ({type(error).__name__}: {str(error).splitlines()[0][:200]})", folder
        ) from error
    check_all_used(model, loaded, found, folder)
    check_values(model.state_dict(), folder)
    return Body(Config(settings=_plain(model.config), layers=layers, pooler=pooler), model=model)


def _check(settings: dict[str, Any], path: str | Path) -> None:
    if settings.get("model_type") not in MODEL_TYPES:
        raise ModelFormatError(
            f"model type {settings.get('model_type')!r} is not supported; supported: {', '.join(MODEL_TYPES)}", path
        )


def _plain(config: Any) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads(config.to_json_string(use_diff=False))
    return {
        key: value
        for key, value in settings.items()
        if key not in ("_name_or_path", "transformers_version", "dtype", "torch_dtype")
    }


def _no_pooler(settings: dict[str, Any]) -> dict[str, bool]:
    with_pooler = ("albert", "bert", "camembert", "mpnet", "roberta", "xlm-roberta")
    return (
        {"add_pooling_layer": False}
        if settings["model_type"] in with_pooler and settings["model_type"] != "albert"
        else {}
    )


def _config(settings: dict[str, Any]) -> Any:
    """The library's configuration, of the settings that such a model has: others (code to fetch, kernels, a way to
    quantise) are no business of a body.
    """
    from transformers import AutoConfig

    kind = settings["model_type"]
    plain = AutoConfig.for_model(kind)
    known = {*vars(plain), *plain.attribute_map} - {"model_type"}
    for name, value in settings.items():  # old releases take words for numbers
        if isinstance(value, str) and isinstance(getattr(plain, name, None), (int, float)):
            raise TypeError(f"{name} is {value!r}, which is no number")
    return AutoConfig.for_model(
        kind, **{name: value for name, value in settings.items() if name in known or "rope" in name}
    )


def _understood(settings: dict[str, Any], file: Path) -> Any:
    """The library's configuration. Raises ModelFormatError for a value that it does not take or cannot use."""
    try:
        config = _config(settings)
        width, heads = int(config.hidden_size), int(config.num_attention_heads)
    except Exception as error:  # the library checks values by many means
        raise ModelFormatError(f"a setting cannot be used ({' '.join(str(error).split())[:200]})", file) from error
    if heads < 1 or width < 1 or width % heads:
        raise ModelFormatError(f"a width of {width} cannot be shared by {heads} heads", file)
    return config


def _build(config: Config) -> nn.Module:
    from transformers import AutoModel

    _check(config.settings, "encoder.json")
    with quiet():
        model = AutoModel.from_config(
            _config(config.settings),
            attn_implementation=ATTENTION,
            **({} if config.pooler else _no_pooler(config.settings)),
        )
    return model.float()


def _architecture(model: Any, activation: str, averaged: tuple[int, ...]) -> Transformer:
    """A model whose layers are in attention.post_norm.NAMES, in numpy."""
    settings, weights = model.config, model.state_dict()
    kind = settings.model_type
    epsilon = 1e-12 if kind == "distilbert" else float(settings.layer_norm_eps)
    places = array(weights["embeddings.position_embeddings.weight"])
    if kind in POSITIONS_BEHIND_PAD:
        padding = 1 if kind == "mpnet" else int(settings.pad_token_id)  # MPNet's is fixed in its code
        places = places[padding + 1 :]
    if "embeddings.token_type_embeddings.weight" in weights:
        places = places + array(weights["embeddings.token_type_embeddings.weight"])[0]

    def layer(one: post_norm.Layer) -> architecture.Layer:
        return architecture.Layer(
            query=linear(one.query.state_dict()),
            key=linear(one.key.state_dict()),
            value=linear(one.value.state_dict()),
            output=linear(one.output.state_dict()),
            attention_norm=norm(one.attention_norm.state_dict(), epsilon),
            inner=linear(one.inner.state_dict()),
            outer=linear(one.outer.state_dict()),
            norm=norm(one.norm.state_dict(), epsilon),
        )

    return Transformer(
        words=array(weights["embeddings.word_embeddings.weight"]),
        places=places,
        embedding_norm=norm(weights, epsilon, "embeddings.LayerNorm."),
        layers=tuple(map(layer, post_norm.layers_of(model))),
        final_norm=None,
        heads=settings.num_attention_heads,
        norm_first=False,
        activation=activation,
        distances=_distances(model, len(places)) if kind == "mpnet" else None,
        averaged=averaged,
    )


def _distances(model: Any, places: int) -> np.ndarray:
    """MPNet's bias of every distance between a query and a key: (heads, 2 * places - 1)."""
    distance = torch.arange(-(places - 1), places)
    buckets = model.encoder.relative_position_bucket(distance)
    return array(model.encoder.relative_attention_bias(buckets)).T
