"""What every body promises, those in encoders/bodies and one that is written here: a new body is one new file."""

import inspect
import json
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import interlingua.encoders.bodies
from interlingua import discovery, load
from interlingua.encoders import storage
from interlingua.encoders.body import Body
from interlingua.encoders.encoder import Encoder
from interlingua.encoders.shrink import keep_layers
from interlingua.encoders.trim import pieces_of_texts, trim
from interlingua.errors import ConfigError, ModelFormatError
from interlingua.export.export import export, kinds
from interlingua.model_files import write_card
from interlingua.tokenization import Tokenizer
from tests.conftest import TEXTS

BERT = {
    "model_type": "bert", "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32,
    "max_position_embeddings": 64, "pad_token_id": 0,
}  # fmt: skip
SMALL: dict[str, list[dict[str, Any]]] = {
    "static": [{"width": 16}],
    "bilstm": [{"embedding": 8, "hidden": 6, "layers": 2}],
    "transformer": [
        {"layers": 2, "width": 16, "heads": 2, "feedforward": 32},
        # LASER3's students
        {"layers": 2, "width": 16, "heads": 2, "feedforward": 32, "norm_first": False, "activation": "relu"},
        {"layers": 2, "width": 16, "heads": 2, "feedforward": 32, "activation": "relu"},
    ],
    "pretrained": [{"settings": BERT}, {"settings": BERT, "layers": (1, -1)}],
}
"""Small configurations of every kind."""
OWN = '''
"""A body of one's own."""

from dataclasses import dataclass

from torch import nn

from interlingua.encoders.body import keep_rows, no_layers


@dataclass(frozen=True, kw_only=True)
class Config:
    width: int = 16


class Body(nn.Module):
    kind = "own"

    def __init__(self, config, vocabulary_size, pad):
        super().__init__()
        self.config, self.width = config, config.width
        self.words = nn.Embedding(vocabulary_size, config.width, padding_idx=pad)
        self.mix = nn.Linear(config.width, config.width)

    word_embeddings = property(lambda self: self.words)
    depth = property(lambda self: 0)

    def keep_layers(self, places):
        raise no_layers(self.kind)

    def keep_words(self, rows):
        keep_rows(self.words, rows)

    def architecture(self):
        return None

    def forward(self, tokens):
        return self.mix(self.words(tokens.ids)).tanh()
'''


@pytest.fixture(scope="module", autouse=True)
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The file of a new body beside the others."""
    folder = tmp_path_factory.mktemp("bodies")
    (folder / "own.py").write_text(OWN, encoding="utf-8")
    interlingua.encoders.bodies.__path__.append(str(folder))
    yield
    interlingua.encoders.bodies.__path__.remove(str(folder))
    sys.modules.pop("interlingua.encoders.bodies.own", None)


CASES = [(kind, config) for kind, configs in {**SMALL, "own": [{}]}.items() for config in configs]


def build(kind: str, config: dict[str, Any], tokenizer: Tokenizer) -> Encoder:
    module = discovery.find("encoders/bodies", kind, "body")
    torch.manual_seed(3)
    if kind == "pretrained":
        config = config | {"settings": config["settings"] | {"vocab_size": tokenizer.vocabulary_size}}
    body = module.Body(module.Config(**config), tokenizer.vocabulary_size, tokenizer.pad)
    return Encoder(tokenizer=tokenizer, body=body, projection=torch.nn.Linear(body.width, 12), normalize=True).eval()


def test_every_body_is_tested_here() -> None:
    assert set(discovery.choices("encoders/bodies")) == {kind for kind, _ in CASES}


@pytest.mark.parametrize(("kind", "config"), CASES)
def test_it_is_saved_loaded_and_exported_or_says_that_it_cannot(
    kind: str, config: dict[str, Any], tokenizer: Tokenizer, tmp_path: Path
) -> None:
    encoder = build(kind, config, tokenizer)
    assert isinstance(encoder.body, Body)
    for member in {name for name in (*Body.__annotations__, *vars(Body)) if not name.startswith("_")}:
        inspect.getattr_static(encoder.body, member)  # a submodule would not do: isinstance looks here from 3.12 on
    vectors = encoder.encode(TEXTS)
    storage.save(encoder, tmp_path / "model")
    np.testing.assert_array_equal(load(tmp_path / "model").encode(TEXTS), vectors)
    for precision in kinds(encoder):
        if kinds(encoder)[precision] == "openvino":
            continue
        export(encoder, tmp_path / precision, precision)
        found = load(tmp_path / precision).encode(TEXTS)
        np.testing.assert_allclose(found, vectors, atol=1e-5 if precision == "fp32" else 5e-2)
    with pytest.raises(ModelFormatError, match="exports to"):
        export(encoder, tmp_path / "none", "fp8")


@pytest.mark.parametrize(("kind", "config"), CASES)
def test_it_is_trimmed_and_shrunk_or_says_that_it_cannot(
    kind: str, config: dict[str, Any], tokenizer: Tokenizer, tmp_path: Path
) -> None:
    encoder = build(kind, config, tokenizer)
    smaller = trim(encoder, pieces_of_texts(tokenizer, TEXTS[:2], ["en", "de"]), ["en", "de"])
    assert smaller.body.word_embeddings.num_embeddings < encoder.body.word_embeddings.num_embeddings
    np.testing.assert_allclose(smaller.encode(TEXTS[:2]), encoder.encode(TEXTS[:2]), atol=1e-6)
    if not encoder.body.depth:
        with pytest.raises(ConfigError, match="has no layers to leave out"):
            keep_layers(encoder, 1)
    elif config.get("layers") != (1, -1):
        smaller = keep_layers(smaller, 1)
        assert smaller.body.depth == 1
    storage.save(smaller, tmp_path / "smaller")
    np.testing.assert_array_equal(load(tmp_path / "smaller").encode(TEXTS[:2]), smaller.encode(TEXTS[:2]))


def test_a_body_of_another_package(tokenizer: Tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes by an entry point, and takes part like any other."""
    (tmp_path / "their_bodies.py").write_text(OWN.replace('"own"', '"theirs"'), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    entry = EntryPoint("theirs", "their_bodies", "interlingua.encoders.bodies")
    monkeypatch.setattr(discovery, "entry_points", lambda group: [entry] if group == entry.group else [])
    discovery._installed.cache_clear()
    try:
        encoder = build("theirs", {}, tokenizer)
        storage.save(encoder, tmp_path / "model")
        np.testing.assert_array_equal(load(tmp_path / "model").encode(TEXTS), encoder.encode(TEXTS))
    finally:
        monkeypatch.undo()
        discovery._installed.cache_clear()
    with pytest.raises(ModelFormatError, match="there is no kind of encoder 'theirs'"):
        load(tmp_path / "model")


@pytest.mark.parametrize("kind", ["modular", "tensors", "__init__", "../storage", "", None, 7])
def test_a_kind_that_is_none_is_one_clear_error(kind: object, tokenizer: Tokenizer, tmp_path: Path) -> None:
    storage.save(build("static", {}, tokenizer), tmp_path / "model")
    file = tmp_path / "model" / "encoder.json"
    card = json.loads(file.read_text(encoding="utf-8")) | {"kind": kind}
    write_card(file, {key: value for key, value in card.items() if key not in ("files", "checksum")})
    with pytest.raises(ModelFormatError):
        load(tmp_path / "model")
