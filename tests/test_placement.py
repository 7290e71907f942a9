"""Devices are chosen by name, one that is not there is one clear error, and arithmetic is what was asked for."""

from pathlib import Path

import numpy as np
import pytest
import torch

from interlingua import cli, load, placement
from interlingua.encoders import storage
from interlingua.encoders.encoder import Encoder
from interlingua.errors import ConfigError
from interlingua.placement import CPU, OutOfMemory, Precision, arithmetic, device, resolve
from interlingua.tensors import Tokens
from interlingua.types import Embeddings
from tests.conftest import TEXTS
from tests.elsewhere import DEVICE, elsewhere


@pytest.fixture(autouse=True)
def afresh() -> None:
    placement._best.cache_clear()


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("gpu", "--device gpu: there is no such device; choose auto, cpu, cuda, cuda:1 or mps"),
        ("meta", "--device meta: there is no such device"),
        ("cuda:x", "--device cuda:x: there is no such device"),
        ("", "--device : there is no such device"),
        ("cpu:5", "--device cpu:5: there is no such device"),
        ("cuda", "--device cuda: torch .* sees no CUDA device; use --device cpu, or install"),
        ("mps", "--device mps: torch .* sees no Apple GPU; use --device cpu"),
    ],
)
def test_a_device_that_is_not_there(name: str, problem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(ConfigError, match=problem):
        device(name)


def test_a_gpu_with_a_number_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert device("cuda:1") == torch.device("cuda", 1)
    assert device("cuda") == torch.device("cuda", 0)
    with pytest.raises(ConfigError, match="--device cuda:2: there are 2 CUDA devices, numbered from 0"):
        device("cuda:2")


def test_auto_takes_what_is_there_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for cuda, mps, wanted in ((False, False, "cpu"), (False, True, "mps"), (True, True, "cuda:0")):
        placement._best.cache_clear()
        monkeypatch.setattr(torch.cuda, "is_available", lambda cuda=cuda: cuda)
        monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "Fast One")
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda mps=mps: mps)
        assert [str(device()) for _ in range(2)] == [wanted] * 2
        said = capsys.readouterr().err
        assert said.count("computing on") == (0 if wanted == "cpu" else 1)
        assert "Fast One" in said or wanted != "cuda:0"


def test_what_auto_means_on_a_device(monkeypatch: pytest.MonkeyPatch) -> None:
    for fast in (True, False):
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation, fast=fast: fast)
        assert resolve(Precision.auto, torch.device("cuda")) == (Precision.bf16 if fast else Precision.fp32)
    assert resolve(Precision.auto, torch.device("mps")) == Precision.fp32
    assert resolve(Precision.fp16, CPU) == Precision.fp16
    assert resolve(Precision.tf32, torch.device("cuda")) == Precision.tf32
    with pytest.raises(ConfigError, match="--precision tf32 is arithmetic of NVIDIA GPUs, which cpu is none of"):
        resolve(Precision.tf32, CPU)


def test_arithmetic_ends_with_its_block() -> None:
    one = torch.ones(2, 2)
    for precision, kind in ((Precision.bf16, torch.bfloat16), (Precision.fp16, torch.float16)):
        with arithmetic(precision):
            assert (one @ one).dtype == kind
    with arithmetic(Precision.tf32, torch.device("cuda")):
        assert torch.get_float32_matmul_precision() == "high"
    assert torch.get_float32_matmul_precision() == "highest"
    assert (one @ one).dtype == torch.float32


def test_random_numbers_inside_do_not_count() -> None:
    torch.manual_seed(0)
    wanted = torch.rand(3)
    torch.manual_seed(0)
    with placement.undrawn(CPU):
        torch.rand(100)
    assert torch.equal(torch.rand(3), wanted)


@pytest.mark.parametrize("encoder", ["transformer"], indirect=True)
def test_a_model_is_loaded_to_a_device_and_encodes_in_its_arithmetic(
    encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.save(encoder, tmp_path / "model")
    exact = encoder.encode(TEXTS)
    with elsewhere(monkeypatch) as name:
        loaded = load(tmp_path / "model", name)
        assert loaded.device == DEVICE
        np.testing.assert_array_equal(loaded.encode(TEXTS), exact)
    rounded = load(tmp_path / "model", "cpu", "bf16")
    assert rounded.describe()["precision"] == "bf16"
    assert 0 < np.abs(rounded.encode(TEXTS) - exact).max() < 0.03
    assert "precision" not in load(tmp_path / "model").describe()


@pytest.mark.parametrize("encoder", ["transformer"], indirect=True)
def test_a_batch_too_large_for_the_device_is_encoded_in_parts(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, forward, most = encoder.encode(TEXTS), Encoder._forward, 3

    def small(self: Encoder, tokens: Tokens, normalize: bool | None) -> torch.Tensor:
        if len(tokens.ids) > most:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return forward(self, tokens, normalize)

    monkeypatch.setattr(Encoder, "_forward", small)
    np.testing.assert_allclose(encoder.encode(TEXTS), whole, atol=1e-6)
    most = 0
    with pytest.raises(OutOfMemory, match="cpu has no memory for one text of .* tokens; shorten the text"):
        encoder.encode(TEXTS)


def test_the_command_line_says_it_in_one_line(
    encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    storage.save(encoder, tmp_path / "model")
    (tmp_path / "texts.txt").write_text("one\ntwo\n", encoding="utf-8")
    texts, model, output = (str(tmp_path / name) for name in ("texts.txt", "model", "x.npy"))
    assert cli.run(["encode", texts, "--model", model, "--device", "cuda", "-o", output]) == cli.BAD_INPUT
    said = capsys.readouterr().err
    assert said.startswith("error: --device cuda: torch")
    assert said.count("\n") == 1
    assert not (tmp_path / "x.npy").exists()
    assert cli.run(["encode", texts, "--model", model, "--device", "cpu", "--precision", "bf16", "-o", output]) == 0
    embeddings: Embeddings = np.load(output)
    assert embeddings.shape == (2, encoder.width)
