"""Language packs: what one language has of its own over a shared body, as a folder that can be added, listed and
removed.

A model with packs is the folder of the shared encoder, untouched, and a folder packs/LANGUAGE for each: pack.json,
weights.safetensors, and tokenizer.json where the language has a vocabulary of its own.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from torch import nn

from interlingua.encoders.encoder import Encoder
from interlingua.encoders.modular import adapters
from interlingua.encoders.modular import body as modular
from interlingua.encoders.modular.pack_card import FORMAT, Card, read_pack_card
from interlingua.encoders.tensor_file import check_values, match_shapes, read_tensors, shapes, write_tensors
from interlingua.errors import ConfigError, ModelFormatError
from interlingua.languages import same, standard
from interlingua.model_files import believable, check_files, write_card
from interlingua.outputs import write_whole_folder
from interlingua.placement import send
from interlingua.tokenization import Tokenizer

FOLDER = "packs"
SAMPLE = 1024
"""Values of a tensor that its fingerprint looks at, evenly spread: two trained models do not agree in all of them."""


@dataclass(frozen=True)
class Summary:
    """A pack, as a list of packs shows it."""

    language: str
    pivot: str
    vocabulary: int
    """Pieces of its own vocabulary; 0 where it has the shared one."""
    adapters: tuple[str, ...]
    megabytes: float


def fingerprint(shared: Encoder) -> str:
    """What a pack is made for: names, shapes and sampled values of every weight, vocabulary, pooling and
    normalisation.
    """
    digest = hashlib.sha256(
        json.dumps([str(shared.pooling), shared.normalize, shared.prompt, shared.tokenizer.vocabulary_size]).encode()
    )
    for name, tensor in sorted(shared.state_dict().items()):
        values = tensor.detach().flatten()
        places = torch.linspace(
            0, len(values) - 1, min(SAMPLE, len(values)), dtype=torch.float64
        )  # float32 misses places beyond 2^24
        some = values[send(places.long(), values.device)].cpu() if len(values) else values.cpu()
        digest.update(f"{name}{tuple(tensor.shape)}".encode())
        digest.update(np.ascontiguousarray(some.float().numpy()).tobytes())
    return digest.hexdigest()[:32]


def shared(encoder: Encoder) -> Encoder:
    """The encoder without its packs; it holds the same weights, not copies."""
    body: Any = encoder.body.shared if isinstance(encoder.body, modular.Body) else encoder.body
    return encoder.around(body)


def modular_from(encoder: Encoder, origin: Path | None = None) -> Encoder:
    """The encoder, able to hold packs. Its own weights are shared, not copied."""
    if isinstance(encoder.body, modular.Body):
        return encoder
    body = modular.Body(encoder.body)
    body.origin = origin
    return encoder.around(body)


def add(encoder: Encoder, pack: modular.Pack) -> None:
    """Take a pack into a modular encoder. Raises ConfigError where its language has one already."""
    assert isinstance(encoder.body, modular.Body)
    encoder.body.add(pack)


def save(pack: modular.Pack, folder: Path, base: str) -> None:
    """Write a pack's folder, whole or not at all; `base` is the fingerprint of the encoder it is for."""
    card: dict[str, Any] = {
        "format": FORMAT,
        "language": pack.language,
        "pivot": pack.pivot,
        "base": base,
        "vocabulary_size": 0 if pack.words is None else pack.words.num_embeddings,
        "max_tokens": pack.max_tokens,
        "adapters": {name: _size(parts) for name, parts in pack.adapters.items()},
        "body": pack.body is not None,
    }
    tensors = pack.state_dict()
    if (
        pack.body is not None and pack.words is not None
    ):  # the shared embeddings stand in for its own, which it never looks at
        unused: Any = pack.body
        tensors.pop("body." + modular.embeddings_name(unused))
    with write_whole_folder(folder) as temporary:
        if pack.tokenizer is not None:
            pack.tokenizer.save(temporary / "tokenizer.json")
        write_tensors(tensors, temporary / "weights.safetensors")
        write_card(temporary / "pack.json", card)


def load(folder: Path, encoder: Encoder, base: str) -> modular.Pack:
    """Read a pack for `encoder`, whose shared part has the fingerprint `base`.

    Raises ModelFormatError for a folder that is no pack, damaged, of another format, or for another encoder.
    """
    card = read_pack_card(folder)
    if card.base != base:
        raise ModelFormatError(
            "this pack was made for another base model: its parts mean nothing here. Add it to the model it is for",
            folder,
        )
    check_files(folder, card.files)
    weights = folder / "weights.safetensors"
    of_weights = shapes(weights)
    sizes = {"vocabulary_size": card.vocabulary_size, "adapters": msgspec.to_builtins(card.adapters)}
    believable(sizes, of_weights.values(), folder / "pack.json")
    try:
        with torch.random.fork_rng(devices=[]):
            pack = _empty(card, folder, encoder)
    except (ConfigError, RuntimeError, KeyError, TypeError, ValueError) as error:
        raise ModelFormatError(f"a damaged pack ({str(error).splitlines()[0][:200]})", folder) from error
    expected = pack.state_dict()
    if pack.body is not None and pack.words is not None:  # the shared embeddings stand in for its own
        unused: Any = pack.body
        expected.pop("body." + modular.embeddings_name(unused))
    tensors = read_tensors(weights)
    match_shapes({name: tuple(tensor.shape) for name, tensor in expected.items()}, tensors, weights)
    check_values(tensors, weights)
    pack.load_state_dict(tensors, strict=False)
    return pack.requires_grad_(False).eval()


def summary(folder: Path) -> Summary:
    """What a list of packs shows of one. Raises ModelFormatError for a folder that is no pack."""
    card = read_pack_card(folder)
    megabytes = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
    kinds = (*card.adapters, *(("whole body",) if card.body else ()))
    return Summary(card.language, card.pivot, card.vocabulary_size, kinds, round(megabytes, 2))


def installed(model: Path) -> dict[str, Path]:
    """The pack folders of a model, by language."""
    return {
        read_pack_card(folder).language: folder
        for folder in sorted((model / FOLDER).glob("*"))
        if folder.is_dir() and folder.name[0] != "."
    }


def changeable(model: Path) -> Path:
    """A model's folder, if it is of this package. Raises ConfigError for another tool's, which is never changed."""
    if not (model / "encoder.json").exists():
        raise ConfigError(
            f"{model} is another tool's folder, which is never changed. Remedy: packs add --output NEW-FOLDER"
        )
    return model


def install(model: Path, source: Path, encoder: Encoder) -> Path:
    """Copy the pack at `source` into the model's folder; nothing else in it is touched.

    Raises ConfigError where another pack claims the language, ModelFormatError where the pack is for another model or
    damaged.
    """
    language = standard(read_pack_card(source).language)
    for claimed, folder in installed(model).items():
        if same(claimed, language):
            raise ConfigError(
                f"two packs claim {language}: {folder} is there already. Remedy: interlingua packs remove {model} "
                f"{claimed}"
            )
    load(source, encoder, fingerprint(shared(encoder)))
    with write_whole_folder(model / FOLDER / language) as temporary:
        shutil.copytree(source, temporary, dirs_exist_ok=True)
    return model / FOLDER / language


def remove(model: Path, language: str) -> None:
    """Delete a language's pack from a model's folder. Raises ConfigError where there is none."""
    folders = installed(model)
    language = standard(language)
    if language not in folders:
        raise ConfigError(f"there is no pack for {language} in {model}; there are: {', '.join(folders) or 'none'}")
    shutil.rmtree(folders[language])
    if not folders.keys() - {language}:
        shutil.rmtree(model / FOLDER)


def save_with(encoder: Encoder, folder: Path, save_encoder: Callable[[Encoder, Path], None]) -> None:
    """Write a modular encoder: the shared part as `save_encoder` would (or as links to where it was read from), and
    its packs.
    """
    assert isinstance(encoder.body, modular.Body)
    plain = shared(encoder)
    with write_whole_folder(folder) as temporary:
        if encoder.body.origin is None:
            save_encoder(plain, temporary / "shared")
        for file in (encoder.body.origin or temporary / "shared").iterdir():
            if file.is_file():
                _link(file, temporary / file.name)
        shutil.rmtree(temporary / "shared", ignore_errors=True)
        base = fingerprint(plain)
        for language, pack in encoder.body.packs.items():
            assert isinstance(pack, modular.Pack)
            save(pack, temporary / FOLDER / language, base)


def load_with(encoder: Encoder, folder: Path) -> Encoder:
    """The encoder with the packs in its folder, or as it is where there are none. Raises ModelFormatError for packs
    that do not fit.
    """
    folders = installed(folder)
    if not folders:
        return encoder
    whole = modular_from(encoder)
    base = fingerprint(encoder)
    for one in folders.values():
        try:
            add(whole, load(one, encoder, base))
        except ConfigError as error:
            raise ModelFormatError(str(error), one) from error
    return whole


def own_body(encoder: Encoder) -> Any:
    """A copy of the shared body for one language to change as a whole; the word embeddings are the shared ones,
    until it has its own.
    """
    body: Any = shared(encoder).body
    copy = type(body)(body.config, body.word_embeddings.num_embeddings, encoder.tokenizer.pad)
    copy.load_state_dict(body.state_dict())
    return copy


def _link(file: Path, path: Path) -> None:
    try:
        os.link(file, path)
    except OSError:  # another disk, or one without links
        shutil.copyfile(file, path)


def _size(parts: nn.Module) -> dict[str, Any]:
    first = next(iter(parts.children()))
    kind = "parallel" if isinstance(first, adapters.Bottleneck) else "low rank"
    assert isinstance(first, adapters.Bottleneck | adapters.LowRank)
    return {"kind": kind, "inner": first.down.out_features}


def _empty(card: Card, folder: Path, encoder: Encoder) -> modular.Pack:
    body: Any = shared(encoder).body
    tokenizer = words = None
    if card.vocabulary_size:
        tokenizer = Tokenizer.load(folder / "tokenizer.json", card.max_tokens)
        tokenizer.pad = encoder.tokenizer.pad
        tokenizer.check_rows(card.vocabulary_size)
        words = nn.Embedding(card.vocabulary_size, body.word_embeddings.embedding_dim)
    pack = modular.Pack(card.language, pivot=card.pivot, tokenizer=tokenizer, words=words)
    for name, size in card.adapters.items():
        make = (
            adapters.parallel(body, body.width, size.inner)
            if size.kind == "parallel"
            else adapters.low_rank(body, size.inner)
        )
        pack.adapters[name] = make
    if card.body:
        pack.body = own_body(encoder)
    return pack
