"""Save and load encoders: encoder.json (what it is, never a class path), weights.safetensors, tokenizer.json."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import torch
from torch import nn

from interlingua import discovery
from interlingua.encoders.encoder import Encoder, Settings
from interlingua.encoders.modular import body as modular
from interlingua.encoders.modular import packs
from interlingua.encoders.pooling import Pooling
from interlingua.encoders.tensor_file import write_tensors
from interlingua.errors import InterlinguaError, ModelFormatError
from interlingua.outputs import write_whole_folder
from interlingua.tokenization import Tokenizer

FORMAT = 1


def save(encoder: Encoder, folder: Path) -> None:
    """Write the encoder beside `folder`, then rename: the folder is the old model or the new one, never half of
    each.
    """
    if isinstance(encoder.body, modular.Body):
        packs.save_with(encoder, folder, save)
        return
    settings = encoder.settings
    card: dict[str, Any] = {
        "format": FORMAT,
        "kind": encoder.body.kind,
        "body": dataclasses.asdict(encoder.body.config),
        "vocabulary_size": encoder.body.word_embeddings.num_embeddings,
        "pad": encoder.tokenizer.pad,
        "pooling": str(encoder.pooling),
        "trained_pooling": None if settings.trained_pooling is None else str(settings.trained_pooling),
        "projection": None
        if encoder.projection is None
        else [encoder.projection.out_features, "bias" in encoder.projection.state_dict()],
        "normalize": encoder.normalize,
        "max_tokens": encoder.tokenizer.max_tokens,
        "prompt": encoder.prompt,
        "labels": encoder.labels,
    }
    if settings.languages:
        card["languages"] = settings.languages
    with write_whole_folder(folder) as temporary:
        (temporary / "encoder.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        encoder.tokenizer.save(temporary / "tokenizer.json")
        write_tensors(encoder.state_dict(), temporary / "weights.safetensors")


def load(folder: Path) -> Encoder:
    """Read an encoder that `save` wrote.

    Raises ModelFormatError for a folder that is damaged, incomplete, of a newer format, or of a kind this package does
    not have.
    """
    card = read_card(folder / "encoder.json")
    try:
        body_module = discovery.find("encoders/bodies", card["kind"], "kind of encoder", ("Config", "Body"))
        config = body_module.Config(**card["body"])
        tokenizer = Tokenizer.load(folder / "tokenizer.json", card["max_tokens"])
        tokenizer.pad = card["pad"]
        with torch.random.fork_rng(
            devices=[]
        ):  # the random weights about to be overwritten must not move the caller's randomness
            body = body_module.Body(config, card["vocabulary_size"], card["pad"])
            projection = (
                None
                if card["projection"] is None
                else nn.Linear(body.width, card["projection"][0], bias=card["projection"][1])
            )
        settings = Settings(
            pooling=Pooling(card["pooling"]),
            trained_pooling=Pooling(card["trained_pooling"]) if card.get("trained_pooling") else None,
            normalize=card["normalize"],
            prompt=card["prompt"],
            labels=tuple(card.get("labels", ())),
            languages=tuple(card.get("languages", ())),
        )
        encoder = Encoder(tokenizer=tokenizer, body=body, projection=projection, settings=settings)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelFormatError(f"not a description of an encoder ({error})", folder / "encoder.json") from error
    except InterlinguaError as error:
        raise ModelFormatError(str(error), folder) from error
    _fill(encoder, folder / "weights.safetensors")
    return packs.load_with(encoder, folder).eval()


def read_card(file: Path) -> dict[str, Any]:
    """An encoder's description. Raises ModelFormatError for what is none of this package's."""
    try:
        card = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelFormatError(f"cannot be read ({error})", file) from error
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        version = card.get("format") if isinstance(card, dict) else type(card).__name__
        raise ModelFormatError(
            f"format {version}, this version reads {FORMAT}; a newer interlingua may have written it", file
        )
    return card


def _fill(encoder: Encoder, file: Path) -> None:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if not file.exists():
        raise ModelFormatError("the weights are missing; is the copy complete?", file)
    try:
        weights = load_file(file)
    except (SafetensorError, OSError) as error:
        raise ModelFormatError(f"the weights are damaged ({error})", file) from error
    expected = encoder.state_dict()
    for name in sorted(expected.keys() | weights.keys()):
        want, have = (tuple(tensors[name].shape) if name in tensors else "no tensor" for tensors in (expected, weights))
        if want != have:
            raise ModelFormatError(f"{name} has {have}, expected {want}", file)
    encoder.load_state_dict(weights)
