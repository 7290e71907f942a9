"""Save and load encoders: encoder.json (what it is, never a class path), weights.safetensors, tokenizer.json, and
golden.npy, the embeddings of a few texts: what gives others after loading is not the model that was saved.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
import torch
from torch import nn

from interlingua import discovery
from interlingua.coverage import Coverage
from interlingua.encoders.encoder import Encoder, Settings
from interlingua.encoders.modular import body as modular
from interlingua.encoders.modular import packs
from interlingua.encoders.pooling import Pooling
from interlingua.encoders.tensor_file import fill, match_shapes, read_tensors, shapes, write_tensors
from interlingua.engines.engine import AGAIN, GOLDEN_TEXTS, difference
from interlingua.errors import InterlinguaError, ModelFormatError
from interlingua.languages import UNKNOWN
from interlingua.model_files import Description, believable, check_files, convert, read_card, write_card
from interlingua.outputs import save_array, write_whole_folder
from interlingua.placement import Precision, arithmetic
from interlingua.tokenization import Tokenizer
from interlingua.types import Embeddings

FORMAT = 2
READ = {1: False, FORMAT: True}
"""The formats that are read, and whether they have checksums and golden vectors."""
Count = Annotated[int, msgspec.Meta(ge=1, le=2**31)]


class Card(Description, kw_only=True):
    """What encoder.json holds."""

    kind: str
    body: dict[str, Any]
    vocabulary_size: Count
    pad: Annotated[int, msgspec.Meta(ge=0)]
    pooling: Pooling
    trained_pooling: Pooling | None = None
    projection: tuple[Count, bool] | None
    """Its width, and whether it has a bias."""
    normalize: bool
    max_tokens: Count
    prompt: str
    labels: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    golden_texts: tuple[str, ...] = ()


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
    card["golden_texts"] = GOLDEN_TEXTS
    if settings.languages:
        card["languages"] = settings.languages
    with write_whole_folder(folder) as temporary:
        encoder.tokenizer.save(temporary / "tokenizer.json")
        write_tensors(encoder.state_dict(), temporary / "weights.safetensors")
        save_array(temporary / "golden.npy", _golden(encoder, GOLDEN_TEXTS))
        write_card(temporary / "encoder.json", card)


def load(folder: Path) -> Encoder:
    """Read an encoder that `save` wrote.

    Raises ModelFormatError for a folder that is damaged, incomplete, of another format, of a kind this package does not
    have, or whose embeddings are not those it had when it was saved.
    """
    card = read_model_card(folder)
    check_files(folder, card.files)
    weights = folder / "weights.safetensors"
    of_weights = shapes(weights)
    believable(card.body, of_weights.values(), folder / "encoder.json")
    try:
        tokenizer = Tokenizer.load(folder / "tokenizer.json", card.max_tokens)
        tokenizer.pad = card.pad
        tokenizer.check_rows(card.vocabulary_size)
        with torch.device("meta"):  # no memory is taken before the weights are known to be those of such an encoder
            planned = _build(card, folder, tokenizer)
        match_shapes({name: tuple(tensor.shape) for name, tensor in planned.state_dict().items()}, of_weights, weights)
        with torch.random.fork_rng(devices=[]):  # the random weights that are overwritten leave the caller's alone
            encoder = _build(card, folder, tokenizer)
    except ModelFormatError:
        raise
    except InterlinguaError as error:
        raise ModelFormatError(str(error), folder) from error
    except Exception as error:  # whatever absurd sizes make of a body
        raise ModelFormatError(f"not a description of an encoder ({error})", folder / "encoder.json") from error
    fill(encoder, read_tensors(weights), weights)
    if READ[card.format]:
        _compare(encoder.eval(), card, folder)
    return packs.load_with(encoder, folder).eval()


def read_model_card(folder: Path) -> Card:
    """An encoder's description. Raises ModelFormatError for what is none of this package's."""
    return read_card(folder / "encoder.json", Card, READ)


def _build(card: Card, folder: Path, tokenizer: Tokenizer) -> Encoder:
    module = discovery.find("encoders/bodies", card.kind, "kind of encoder", ("Config", "Body"))
    body = module.Body(convert(card.body, module.Config, folder / "encoder.json"), card.vocabulary_size, card.pad)
    projection = None if card.projection is None else nn.Linear(body.width, card.projection[0], bias=card.projection[1])
    settings = Settings(
        pooling=card.pooling,
        trained_pooling=card.trained_pooling,
        normalize=card.normalize,
        prompt=card.prompt,
        labels=card.labels,
        languages=card.languages,
    )
    return Encoder(tokenizer=tokenizer, body=body, projection=projection, settings=settings)


@torch.inference_mode()
def _golden(encoder: Encoder, texts: Sequence[str]) -> Embeddings:
    """What the encoder makes of a few texts, or a cross-encoder of each beside the next; it is left as it was."""
    coverage, work = encoder.coverage, replace(encoder.computation.work)
    encoder.coverage = Coverage(())  # golden texts are none of the user's
    try:
        languages = [UNKNOWN] * len(texts)
        pairs = list(zip(texts, [*texts[1:], *texts[:1]], strict=True))
        tokens = encoder.joint_tokens(pairs, languages) if encoder.labels else encoder.tokens(texts, languages)
        with encoder.inference.of(encoder, encoder.device), arithmetic(Precision.fp32, encoder.device):
            return encoder(tokens).float().cpu().numpy()
    finally:
        encoder.coverage, encoder.computation.work = coverage, work


def _compare(encoder: Encoder, card: Card, folder: Path) -> None:
    """Raise ModelFormatError where an encoder's embeddings are not those of its golden texts."""
    try:
        golden = np.load(folder / "golden.npy")
        apart = difference(_golden(encoder, card.golden_texts), golden)
    except Exception as error:  # whatever a damaged file makes of numpy, and absurd settings of a body
        raise ModelFormatError(f"its golden vectors cannot be computed again ({error})", folder) from error
    if not apart <= AGAIN["fp32"]:
        raise ModelFormatError(
            f"its vectors differ from those it had when it was saved by {apart:.2g} (tolerance {AGAIN['fp32']:.2g}): a "
            "version of torch, transformers or tokenizers computes otherwise; use those it was made with, or the files "
            "do not belong together",
            folder,
        )
