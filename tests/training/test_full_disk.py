"""A full disk, simulated by a limit on the size of files: one clear error, and what was there before stays."""

from pathlib import Path

import pytest
import torch

from interlingua.encoders import storage
from interlingua.encoders.encoder import Encoder
from interlingua.errors import DataError
from interlingua.objectives.contrastive import Contrastive
from interlingua.training import checkpoint
from interlingua.training.loop import State
from tests.conftest import files_of_at_most


def test_a_model(encoder: Encoder, tmp_path: Path) -> None:
    storage.save(encoder, tmp_path / "model")
    before = (tmp_path / "model" / "weights.safetensors").read_bytes()
    size = (tmp_path / "model" / "tokenizer.json").stat().st_size
    with files_of_at_most(max(size, len(before) // 2)), pytest.raises(DataError, match="model: cannot be written"):
        storage.save(encoder, tmp_path / "model")
    assert (tmp_path / "model" / "weights.safetensors").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def test_a_checkpoint(encoder: Encoder, tmp_path: Path) -> None:
    optimizer = torch.optim.AdamW(encoder.parameters())
    state = State(encoder, Contrastive(0.1), optimizer, 1e-3)
    file = tmp_path / "checkpoint.pt"
    checkpoint.save(state, checkpoint.Progress(), file)
    before = file.read_bytes()
    with files_of_at_most(len(before) // 2), pytest.raises(DataError, match=r"checkpoint.pt: cannot be written"):
        checkpoint.save(state, checkpoint.Progress(), file)
    assert file.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1
