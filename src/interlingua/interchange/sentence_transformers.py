"""Encoders that other tools wrote: sentence-transformers folders and plain transformers folders."""

import json
from pathlib import Path
from typing import Any

import torch
from torch import nn

from interlingua.encoders.bodies import pretrained
from interlingua.encoders.encoder import Encoder
from interlingua.encoders.pooling import Pooling
from interlingua.errors import ModelFormatError
from interlingua.tokenization import Tokenizer

POOLINGS = {
    "pooling_mode_mean_tokens": Pooling.mean,
    "pooling_mode_cls_token": Pooling.cls,
    "pooling_mode_max_tokens": Pooling.max,
    "pooling_mode_lasttoken": Pooling.last,
}
NAMES = {"mean": Pooling.mean, "cls": Pooling.cls, "max": Pooling.max, "lasttoken": Pooling.last}


def from_transformers(folder: Path) -> Encoder:
    """A plain transformers folder, mean-pooled. Raises ModelFormatError where it cannot be read."""
    body = pretrained.from_folder(folder)
    return Encoder(tokenizer=_tokenizer(folder, body, None), body=body).eval()


def from_sentence_transformers(folder: Path) -> Encoder:
    """A sentence-transformers folder: Transformer, Pooling, and perhaps Dense (linear) and Normalize.

    Raises ModelFormatError for any other module, a pooling this package does not have, or a damaged folder.
    """
    modules: list[dict[str, Any]] = _json(folder / "modules.json")
    encoder: Encoder | None = None
    for module in modules:
        name, path = module["type"].rsplit(".", 1)[-1], folder / module["path"]
        if name == "Transformer" and encoder is None:
            body = pretrained.from_folder(path)
            settings = _first_json(
                path, ("sentence_bert_config.json", "sentence_roberta_config.json", "sentence_distilbert_config.json")
            )
            encoder = Encoder(tokenizer=_tokenizer(path, body, settings.get("max_seq_length")), body=body)
        elif name == "Pooling" and encoder is not None:
            encoder.change(pooling=_pooling(path / "config.json"))
        elif name == "Dense" and encoder is not None and encoder.projection is None and not encoder.normalize:
            encoder.projection = _dense(path)
        elif name == "Normalize" and encoder is not None:
            encoder.change(normalize=True)
        else:
            raise ModelFormatError(
                f"module {module['type']} is not supported here; supported: Transformer, Pooling, Dense, Normalize",
                folder,
            )
    if encoder is None:
        raise ModelFormatError("modules.json names no Transformer", folder)
    prompts = _first_json(folder, ("config_sentence_transformers.json",))
    if prompts.get("default_prompt_name"):
        encoder.change(prompt=prompts["prompts"][prompts["default_prompt_name"]])
    return encoder.eval()


def named_pooling(folder: Path) -> Pooling | None:
    """The pooling a sentence-transformers folder names; None for a plain transformers folder, which names none."""
    if not (folder / "modules.json").exists():
        return None
    places = [
        folder / module["path"] for module in _json(folder / "modules.json") if module["type"].endswith("Pooling")
    ]
    return _pooling(places[0] / "config.json") if places else None


def _tokenizer(folder: Path, body: pretrained.Body, max_tokens: int | None) -> Tokenizer:
    if not (folder / "tokenizer.json").exists():
        raise ModelFormatError(
            "there is no tokenizer.json here; save the model's fast tokenizer into the folder", folder
        )
    settings = _first_json(folder, ("tokenizer_config.json",))
    longest = int(getattr(body.model.config, "max_position_embeddings", 512))
    if body.model.config.model_type in ("roberta", "xlm-roberta", "camembert", "mpnet"):
        longest -= 2  # positions start behind the padding index
    limits = [limit for limit in (max_tokens, settings.get("model_max_length")) if limit]
    tokenizer = Tokenizer.load(
        folder / "tokenizer.json", int(min(limits[0] if max_tokens else min([*limits, longest]), 10**6))
    )
    tokenizer.truncate(min(tokenizer.max_tokens, longest))
    return tokenizer


def _pooling(file: Path) -> Pooling:
    config = _json(file)
    if "pooling_mode" in config:
        names = config["pooling_mode"]
        modes = [NAMES.get(name) for name in ([names] if isinstance(names, str) else names)]
    else:
        modes = [POOLINGS.get(key) for key, on in config.items() if key.startswith("pooling_mode_") and on]
    if len(modes) != 1 or modes[0] is None:
        raise ModelFormatError(f"one pooling of {', '.join(NAMES)} is supported, not {config}", file)
    return modes[0]


def _dense(folder: Path) -> nn.Linear:
    from safetensors.torch import load_file

    config = _json(folder / "config.json")
    if not str(config.get("activation_function", "")).endswith("Identity"):
        raise ModelFormatError(
            f"a Dense module with activation {config.get('activation_function')} is not supported, only Identity",
            folder,
        )
    layer = nn.Linear(config["in_features"], config["out_features"], bias=config.get("bias", True))
    file = folder / "model.safetensors"
    weights = load_file(file) if file.exists() else torch.load(folder / "pytorch_model.bin", weights_only=True)
    layer.load_state_dict({name.removeprefix("linear."): tensor for name, tensor in weights.items()})
    return layer


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelFormatError(f"cannot be read ({error})", file) from error


def _first_json(folder: Path, names: tuple[str, ...]) -> dict[str, Any]:
    return next((_json(folder / name) for name in names if (folder / name).exists()), {})
