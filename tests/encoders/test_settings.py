"""An encoder's settings: saved with it, and whole wherever one encoder is made of another."""

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from interlingua.encoders import storage
from interlingua.encoders.bodies import transformer
from interlingua.encoders.encoder import Encoder, Settings
from interlingua.encoders.modular import body as modular
from interlingua.encoders.modular import packs
from interlingua.encoders.pooling import Pooling
from interlingua.encoders.shrink import keep_layers
from interlingua.encoders.trim import trim
from interlingua.errors import ConfigError
from interlingua.tokenization import Tokenizer

UNUSUAL = Settings(
    pooling=Pooling.max,
    trained_pooling=Pooling.cls,
    normalize=True,
    prompt="query: ",
    labels=("no", "yes"),
    languages=("de", "en"),
)


@pytest.fixture
def unusual(tokenizer: Tokenizer) -> Encoder:
    """An encoder in which no setting has its default."""
    for one in fields(Settings):
        assert getattr(UNUSUAL, one.name) != getattr(Settings(), one.name), f"{one.name} has no unusual value here"
    torch.manual_seed(0)
    body = transformer.Body(
        transformer.Config(layers=2, width=16, heads=2, feedforward=32), tokenizer.vocabulary_size, tokenizer.pad
    )
    return Encoder(tokenizer=tokenizer, body=body, projection=torch.nn.Linear(16, 2), settings=UNUSUAL).eval()


def reloaded(encoder: Encoder, folder: Path) -> Encoder:
    storage.save(encoder, folder)
    return storage.load(folder)


COPIES: dict[str, Callable[[Encoder, Path], Encoder]] = {
    "saved and loaded": reloaded,
    "fewer layers": lambda encoder, _: keep_layers(encoder, 1),
    "able to hold packs": lambda encoder, _: packs.modular_from(encoder),
    "without its packs": lambda encoder, _: packs.shared(packs.modular_from(encoder)),
    "saved with packs": lambda encoder, folder: reloaded(packs.modular_from(encoder), folder),
}


@pytest.mark.parametrize("way", COPIES)
def test_every_setting_survives(way: str, unusual: Encoder, tmp_path: Path) -> None:
    made = COPIES[way](unusual, tmp_path / "copy")
    assert made.settings == UNUSUAL
    assert made.coverage.languages == UNUSUAL.languages


def test_a_trimmed_encoder_keeps_all_but_its_languages(unusual: Encoder) -> None:
    made = trim(unusual, set(range(unusual.tokenizer.vocabulary_size)), ["fr"])
    assert made.settings == replace(UNUSUAL, languages=("fr",))


def test_settings_change_as_a_whole(unusual: Encoder) -> None:
    before = unusual.settings
    assert unusual.change(normalize=False) is unusual
    assert unusual.settings == replace(before, normalize=False)
    with pytest.raises(AttributeError):
        unusual.normalize = True  # pyright: ignore[reportAttributeAccessIssue]


def test_a_trimmed_model_with_a_pack_serves_its_languages_and_that_of_the_pack(
    unusual: Encoder, tmp_path: Path
) -> None:
    unusual.change(labels=())
    whole = packs.modular_from(unusual)
    packs.add(whole, modular.Pack("sw"))
    storage.save(whole, tmp_path / "model")
    loaded = storage.load(tmp_path / "model")
    assert loaded.describe()["languages"] == ("de", "en")
    for language in ("de", "en", "sw"):
        assert np.isfinite(loaded.encode(["one"], language)).all()
    with pytest.raises(ConfigError, match="trimmed to de, en, sw and cannot encode fr"):
        loaded.encode(["un"], "fr")
