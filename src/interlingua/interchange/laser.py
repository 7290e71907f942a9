"""Encoders of LASER's releases, read without fairseq and without running what a pickle asks to run.

Artetxe & Schwenk 2019 (LASER, a BiLSTM with maximum pooling; LASER2 likewise); Heffernan et al. 2022 (LASER3,
transformers by fairseq).
"""

import argparse
import math
import pickle
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from interlingua.encoders.bodies import bilstm, transformer
from interlingua.encoders.encoder import Encoder
from interlingua.encoders.pooling import Pooling
from interlingua.errors import ConfigError, ModelFormatError
from interlingua.interchange import laser_vocabulary as laser_tokenizer
from interlingua.tokenization import Tokenizer

PAD = laser_tokenizer.SPECIAL.index("<pad>")
UNKNOWN = laser_tokenizer.SPECIAL.index("<unk>")
NOT_WEIGHTS = ("version", "_float_tensor")
"""Endings of what fairseq keeps among the weights and is none."""


def read(
    checkpoint: Path, *, spm: Path | None, vocabulary: Path | None, codes: Path | None = None, max_tokens: int = 512
) -> Encoder:
    """The encoder of a LASER, LASER2 or LASER3 checkpoint with its vocabulary.

    `spm` is a SentencePiece model (LASER2, LASER3), `codes` are fastBPE's (LASER); `vocabulary` lists LASER3's symbols.
    Only tensors, plain Python values and argparse.Namespace are read. Raises ModelFormatError for anything else, an
    unknown layout, or parts that do not match.
    """
    content = _load(checkpoint)
    if (spm is None) == (codes is None):
        raise ModelFormatError(
            "needs its vocabulary: either --spm, a SentencePiece model, or --codes, of the first release", checkpoint
        )
    if {"params", "model", "dictionary"} <= content.keys():
        body, ids, begin, pooling = *_bilstm(content, checkpoint), False, Pooling.max
    elif {"cfg", "model"} <= content.keys():
        if vocabulary is None:
            raise ModelFormatError(
                "a LASER3 checkpoint does not hold its symbols; give its .cvocab file with --vocabulary", checkpoint
            )
        body, ids, begin, pooling = _transformer(content, vocabulary, checkpoint)
        max_tokens = min(max_tokens, body.config.max_positions)
    else:
        raise ModelFormatError(
            f"an unknown layout: it holds {_some(content)}, not params, model and dictionary, or cfg and model",
            checkpoint,
        )
    size = body.words.num_embeddings
    if spm is not None:
        tokenizer, added = laser_tokenizer.sentencepiece_tokenizer(spm, ids, size, max_tokens, begin=begin)
    else:
        assert codes is not None
        tokenizer, added = laser_tokenizer.bpe_tokenizer(codes, ids, size, max_tokens)
    _extend(body, added, tokenizer, checkpoint)
    return Encoder(tokenizer=tokenizer, body=body, pooling=pooling).eval()


def _load(checkpoint: Path) -> dict[str, Any]:
    """The content of a checkpoint: nothing but tensors, plain values and argparse.Namespace is ever made of it."""
    try:
        with torch.serialization.safe_globals([argparse.Namespace]), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the age of pickles; what they hold is told below
            content = torch.load(checkpoint, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        named = next(
            (line.strip() for line in str(error).splitlines() if "GLOBAL" in line or "Unsupported" in line), ""
        )
        raise ModelFormatError(
            f"holds more than weights and was not read; nothing in it was run. {named[:200]}".rstrip(), checkpoint
        ) from error
    except Exception as error:  # whatever damage makes of torch, zip or pickle
        raise ModelFormatError(f"is no checkpoint or damaged ({type(error).__name__})", checkpoint) from error
    if not isinstance(content, dict):
        raise ModelFormatError(f"an unknown layout: a {type(content).__name__}", checkpoint)
    return content


def _bilstm(content: dict[str, Any], path: Path) -> tuple[bilstm.Body, dict[str, int]]:
    """LASER and LASER2: sizes, weights and symbols side by side."""
    sizes, weights = content["params"], content["model"]
    try:
        if not sizes.get("bidirectional") or sizes["padding_idx"] != PAD:
            raise ModelFormatError(
                "an unknown layout: only bidirectional LSTMs with fairseq's padding symbol are read", path
            )
        config = bilstm.Config(embedding=sizes["embed_dim"], hidden=sizes["hidden_size"], layers=sizes["num_layers"])
        body = bilstm.Body(config, sizes["num_embeddings"], PAD)
        ids = {str(symbol): int(number) for symbol, number in content["dictionary"].items()}
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ModelFormatError(f"an unknown layout: its sizes or symbols are not LASER's ({error!r})", path) from error
    ids |= {name: place for place, name in enumerate(laser_tokenizer.SPECIAL)}
    if max(ids.values()) >= sizes["num_embeddings"]:
        raise ModelFormatError(
            "the symbols have more numbers than the weights have rows; they do not belong together", path
        )
    _fill(body, {name.replace("embed_tokens.", "words."): tensor for name, tensor in weights.items()}, path)
    return body, ids


def _transformer(
    content: dict[str, Any], vocabulary: Path, path: Path
) -> tuple[transformer.Body, dict[str, int], bool, Pooling]:
    """LASER3: an encoder of fairseq, perhaps with a decoder beside it, which is left out."""
    weights: dict[str, Tensor] = content["model"]
    if "decoder.version" in weights:
        weights = {
            name.removeprefix("encoder."): tensor for name, tensor in weights.items() if name.startswith("encoder.")
        }
    try:
        settings = vars(content["cfg"]["model"])
        pooling = {"cls": Pooling.cls, "maxpool": Pooling.max}[settings["sentemb_criterion"]]
        config = transformer.Config(
            layers=settings["encoder_layers"],
            width=settings["encoder_embed_dim"],
            heads=settings["encoder_attention_heads"],
            feedforward=settings["encoder_ffn_embed_dim"],
            max_positions=settings["max_source_positions"],
            activation=settings["activation_fn"],
            norm_first=bool(settings["encoder_normalize_before"]),
        )
        scale = 1.0 if settings["no_scale_embedding"] else math.sqrt(config.width)
        begin = bool(settings["prepend_bos"])
    except (KeyError, TypeError, AttributeError, ConfigError) as error:
        raise ModelFormatError(f"an unknown layout: its settings are not LASER3's ({error!r})", path) from error
    other = [
        name
        for name in ("encoder_learned_pos", "no_token_positional_embeddings", "layernorm_embedding")
        if settings.get(name)
    ]
    if other or (pooling == Pooling.cls and not begin) or config.norm_first != ("layer_norm.weight" in weights):
        raise ModelFormatError(
            f"a transformer unlike LASER3's: {', '.join(other) or 'its norms or its first token'}", path
        )
    symbols = laser_tokenizer.symbols_of(vocabulary, with_mask="layer_norm.weight" in weights)
    laser_tokenizer.check(symbols, len(weights["embed_tokens.weight"]), vocabulary)
    body = transformer.Body(config, len(symbols), PAD)
    _fill(body, _renamed(weights, config, scale), path)
    return body, {symbol: place for place, symbol in enumerate(symbols)}, begin, pooling


def _renamed(weights: dict[str, Tensor], config: transformer.Config, scale: float) -> dict[str, Tensor]:
    """Fairseq's weights by our names. Its scale goes into the word vectors, its waves into the table of positions."""
    try:
        renamed = {"words.weight": scale * weights["embed_tokens.weight"].float(), "positions.weight": _waves(config)}
        if config.norm_first:
            renamed |= {f"norm.{part}": weights[f"layer_norm.{part}"] for part in ("weight", "bias")}
        for layer in range(config.layers):
            old, new = f"layers.{layer}.", f"layers.{layer}."
            for part in ("weight", "bias"):
                renamed[f"{new}query_key_value.{part}"] = torch.cat(
                    [weights[f"{old}self_attn.{side}_proj.{part}"] for side in "qkv"]
                )
                renamed[f"{new}attention_output.{part}"] = weights[f"{old}self_attn.out_proj.{part}"]
                renamed[f"{new}attention_norm.{part}"] = weights[f"{old}self_attn_layer_norm.{part}"]
                renamed[f"{new}feedforward_in.{part}"] = weights[f"{old}fc1.{part}"]
                renamed[f"{new}feedforward_out.{part}"] = weights[f"{old}fc2.{part}"]
                renamed[f"{new}feedforward_norm.{part}"] = weights[f"{old}final_layer_norm.{part}"]
    except KeyError as error:
        raise ModelFormatError(f"the weights lack {error}", "model") from error
    used = {"embed_tokens.weight", "layer_norm.weight", "layer_norm.bias"} | {
        name for name in weights if name.startswith("layers.")
    }
    rest = [name for name in weights if name not in used and not name.endswith(NOT_WEIGHTS)]
    if rest:
        raise ModelFormatError(f"the weights hold {rest[0]}, which LASER3 has not", "model")
    return renamed


def _waves(config: transformer.Config) -> Tensor:
    """Sines and cosines of the places behind the padding symbol, as fairseq counts them (P, H)."""
    half = config.width // 2
    rates = torch.exp(torch.arange(half, dtype=torch.float) * -(math.log(10000) / (half - 1)))
    angles = torch.arange(PAD + 1, PAD + 1 + config.max_positions, dtype=torch.float).unsqueeze(1) * rates
    return torch.cat([angles.sin(), angles.cos(), angles.new_zeros(len(angles), config.width % 2)], dim=1)


def _fill(body: torch.nn.Module, weights: dict[str, Tensor], path: Path) -> None:
    expected = {name: tuple(tensor.shape) for name, tensor in body.state_dict().items()}
    shapes = {name: tuple(tensor.shape) for name, tensor in weights.items()}
    for name in sorted(expected.keys() | shapes.keys()):
        if expected.get(name) != shapes.get(name):
            raise ModelFormatError(
                f"{name} has {shapes.get(name, 'no tensor')}, expected {expected.get(name, 'no tensor')}", path
            )
    body.load_state_dict({name: tensor.float() for name, tensor in weights.items()})


def _extend(body: bilstm.Body | transformer.Body, added: int, tokenizer: Tokenizer, path: Path) -> None:
    """Rows like that of <unk> for the pieces that the weights do not know."""
    old = body.words.weight.detach()
    words = torch.cat([old, old[UNKNOWN].expand(added, -1)])
    body.words = torch.nn.Embedding(len(words), words.shape[1], padding_idx=PAD, _weight=words)
    if tokenizer.vocabulary_size > len(words):
        raise ModelFormatError("the vocabulary has more symbols than the weights; they do not belong together", path)


def _some(content: dict[str, Any]) -> str:
    return ", ".join(str(key) for key in list(content)[:6]) or "nothing"
