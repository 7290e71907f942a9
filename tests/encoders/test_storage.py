import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from interlingua import load
from interlingua.encoders import storage
from interlingua.encoders.encoder import Encoder
from interlingua.errors import ModelFormatError
from tests.conftest import TEXTS


def test_a_saved_encoder_answers_as_before(encoder: Encoder, tmp_path: Path) -> None:
    storage.save(encoder, tmp_path / "model")
    assert np.array_equal(load(tmp_path / "model").encode(TEXTS), encoder.encode(TEXTS))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model"]


def test_loading_leaves_the_random_state_alone(encoder: Encoder, tmp_path: Path) -> None:
    storage.save(encoder, tmp_path / "model")
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    storage.load(tmp_path / "model")
    assert torch.equal(torch.rand(1), expected)


def test_saving_replaces_an_older_model(encoder: Encoder, tmp_path: Path) -> None:
    storage.save(encoder, tmp_path / "model")
    encoder.projection.bias.data += 1
    storage.save(encoder, tmp_path / "model")
    assert np.array_equal(load(tmp_path / "model").encode(TEXTS), encoder.encode(TEXTS))


def damage_card(folder: Path, **changes: object) -> None:
    card = json.loads((folder / "encoder.json").read_text(encoding="utf-8"))
    (folder / "encoder.json").write_text(json.dumps({**card, **changes}), encoding="utf-8")


def damage_weights(folder: Path) -> None:
    weights = load_file(folder / "weights.safetensors")
    weights["projection.bias"] = weights["projection.bias"][:3].clone()
    save_file(weights, folder / "weights.safetensors")


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda folder: (folder / "weights.safetensors").unlink(), "weights are missing"),
        (lambda folder: (folder / "weights.safetensors").write_bytes(b"nonsense"), "weights are damaged"),
        (damage_weights, r"projection.bias has \(3,\), expected \(12,\)"),
        (lambda folder: damage_card(folder, format=99), "format 99, this version reads 1"),
        (lambda folder: damage_card(folder, kind="os.system"), "there is no kind of encoder 'os.system'"),
        (lambda folder: damage_card(folder, body={"size": 3}), "not a description of an encoder"),
        (lambda folder: (folder / "encoder.json").write_text("{"), "cannot be read"),
        (lambda folder: (folder / "tokenizer.json").write_text("{}"), "not a readable tokenizer"),
    ],
)
def test_damage_is_named(encoder: Encoder, tmp_path: Path, damage, problem: str) -> None:
    storage.save(encoder, tmp_path / "model")
    damage(tmp_path / "model")
    with pytest.raises(ModelFormatError, match=problem):
        load(tmp_path / "model")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("nowhere", "there is no such folder"),
        ("package:no-such-package/model", "pip install no-such-package"),
        ("package:interlingua/nothing-here", "the package has no folder 'nothing-here'"),
        (".", "no model here"),
    ],
)
def test_names_that_lead_nowhere(name: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelFormatError, match=problem):
        load(name)


def test_offline_means_no_look_at_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERLINGUA_OFFLINE", "1")
    with pytest.raises(ModelFormatError, match="offline mode forbids"):
        load("someone/some-model")
