"""What a pack puts into a body for one call: nothing of it stays behind, and nothing is left out unnoticed."""

import copy
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from interlingua import tokenization
from interlingua.encoders.bodies import pretrained, transformer
from interlingua.encoders.encoder import Encoder
from interlingua.encoders.modular import adapters, packs
from interlingua.encoders.modular import body as modular

TEXTS = ["Кошка спит на коврике.", "Где вокзал?", "Поезд отправляется в восемь часов утра."]
KINDS = ["transformer", "bert", "albert", "deberta-v2"]
"""Ours, one whose rows are packed, two that are left to the library (one repeats one layer)."""


def modular_encoder(kind: str, tokenizer: tokenization.Tokenizer, words: bool = True) -> Encoder:
    """With a pack for Russian that has every kind of part, and one for Greek with bottlenecks alone."""
    torch.manual_seed(3)
    body: Any
    if kind == "transformer":
        config = transformer.Config(layers=2, width=16, heads=2, feedforward=32)
        body = transformer.Body(config, tokenizer.vocabulary_size, tokenizer.pad)
    else:
        settings = {
            "model_type": kind, "vocab_size": tokenizer.vocabulary_size, "hidden_size": 16, "num_hidden_layers": 2,
            "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 64, "embedding_size": 16,
        }  # fmt: skip
        body = pretrained.Body(pretrained.Config(settings=settings, layers=(1, -1)))
    encoder = packs.modular_from(Encoder(tokenizer=tokenizer, body=body).eval())
    embeddings = nn.Embedding(tokenizer.vocabulary_size, 16) if words else None
    russian = modular.Pack("ru", tokenizer=tokenizer if words else None, words=embeddings)
    russian.adapters["language"] = adapters.low_rank(body, 4)
    greek = modular.Pack("el")
    for pack in (russian, greek):
        pack.adapters["alignment"] = adapters.parallel(body, 16, 8)
        for parameter in pack.parameters():
            nn.init.normal_(parameter, std=0.2)
        packs.add(encoder, pack)
    return encoder


def shared(encoder: Encoder) -> Any:
    return packs.shared(encoder).body


def everything(module: nn.Module) -> list[Any]:
    """All that is written on a module and those inside it, but for the values of its weights."""
    return [
        (id(one), {name: dict(held) if isinstance(held, dict) else held for name, held in vars(one).items()})
        for one in module.modules()
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_stays_on_the_body(kind: str, tokenizer: tokenization.Tokenizer) -> None:
    encoder = modular_encoder(kind, tokenizer)
    body, names = shared(encoder), list(encoder.state_dict())
    before = everything(body)
    for language in ("ru", "el"):
        encoder.encode(TEXTS, language)
        encoder(encoder.tokens(TEXTS, [language] * 3)).sum().backward()
        assert everything(body) == before
        assert list(encoder.state_dict()) == names


@pytest.mark.parametrize("kind", KINDS)
def test_two_languages_pass_through_a_body_at_once(kind: str, tokenizer: tokenization.Tokenizer) -> None:
    """Each thread waits for the other at every norm, so both are inside the body all the time."""
    encoder = modular_encoder(kind, tokenizer, words=False)
    alone = {language: encoder.encode(TEXTS, language) for language in ("ru", "el")}
    assert np.abs(alone["ru"] - alone["el"]).max() > 0.01
    meet = Barrier(2, timeout=60)
    for module in shared(encoder).modules():
        if isinstance(module, nn.LayerNorm):
            module.register_forward_pre_hook(lambda *_: (meet.wait(), None)[1])
    with ThreadPoolExecutor(2) as pool:
        found = dict(zip(alone, pool.map(lambda language: encoder.encode(TEXTS, language), alone), strict=True))
    for language, vectors in alone.items():
        np.testing.assert_array_equal(found[language], vectors)


def test_a_copy_has_packs_of_its_own(tokenizer: tokenization.Tokenizer) -> None:
    encoder = modular_encoder("bert", tokenizer)
    before = encoder.encode(TEXTS, "ru")
    other = copy.deepcopy(encoder)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.zero_()
    np.testing.assert_array_equal(encoder.encode(TEXTS, "ru"), before)
    assert np.abs(other.encode(TEXTS, "ru") - before).max() > 0.01


def multiplies(layer: Any, states: torch.Tensor) -> torch.Tensor:
    """Reads the weight of a map instead of calling the map."""
    return layer.feedforward_out(F.linear(states, layer.feedforward_in.weight))


def skips(layer: Any, states: torch.Tensor) -> torch.Tensor:
    """Begins in the middle of a feed-forward part."""
    return layer.feedforward_out(states.repeat(1, 2))


@pytest.mark.parametrize(
    ("feed_forward", "error", "message"),
    [(multiplies, AttributeError, "'Adapted' object has no attribute 'weight'"), (skips, RuntimeError, "passes the first map")],
)  # fmt: skip
def test_a_body_that_passes_its_maps_by_is_an_error_not_a_wrong_vector(
    feed_forward: Any,
    error: type[Exception],
    message: str,
    tokenizer: tokenization.Tokenizer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    encoder = modular_encoder("transformer", tokenizer)
    monkeypatch.setattr(transformer.Layer, "_feed_forward", feed_forward)
    with pytest.raises(error, match=message):
        encoder.encode(TEXTS, "ru")


def test_so_is_one_that_holds_modules_out_of_sight(tokenizer: tokenization.Tokenizer) -> None:
    encoder = modular_encoder("transformer", tokenizer)
    layer = shared(encoder).layers[0]
    layer._feed_forward = layer._feed_forward  # bound to the shared layer, whatever stands in its place
    with pytest.raises(RuntimeError, match="2 of the 8 maps with adapters of ru had no turn: the body passes them by"):
        encoder.encode(TEXTS, "ru")
