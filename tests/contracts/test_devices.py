"""What every body, objective and recipe promises of devices: it computes where it is told to, all is moved there,
and the numbers are those of the processor.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from interlingua import cli, load
from interlingua.encoders.encoder import Encoder
from interlingua.encoders.pooling import Pooling
from interlingua.tokenization import Tokenizer
from tests.conftest import TEXTS
from tests.contracts import test_bodies as bodies
from tests.contracts import test_objectives as objectives
from tests.contracts import test_recipes as recipes
from tests.contracts.test_bodies import own as own_body
from tests.contracts.test_objectives import own_file, small
from tests.contracts.test_recipes import material, weights
from tests.contracts.test_recipes import own as own_recipe
from tests.elsewhere import DEVICE, REAL, Elsewhere, elsewhere, same


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with elsewhere(monkeypatch) as name:
        yield name


def test_the_device_for_tests_finds_out_what_is_not_moved(device: str) -> None:
    layer, inputs = torch.nn.Linear(3, 2), torch.ones(1, 3)
    here = layer(inputs)
    layer.to(device)
    assert isinstance(layer.weight, Elsewhere) or REAL
    with pytest.raises(RuntimeError, match="lies on the processor|same device"):
        layer(inputs)
    there = layer(inputs.to(device))
    with pytest.raises((RuntimeError, TypeError), match="numpy"):
        there.detach().numpy()
    same(there.detach().cpu().numpy(), here.detach().numpy())
    there.sum().backward()
    assert layer.weight.grad is not None
    assert layer.weight.grad.device == DEVICE


@pytest.mark.parametrize(("kind", "config"), bodies.CASES)
@pytest.mark.parametrize("pooling", Pooling)
def test_every_body(kind: str, config: dict[str, Any], pooling: Pooling, tokenizer: Tokenizer, device: str) -> None:
    encoder = bodies.build(kind, config, tokenizer).change(pooling=pooling)
    here = encoder.encode(TEXTS)
    encoder.to(device)
    assert encoder.device == DEVICE
    same(encoder.encode(TEXTS), here)


@pytest.mark.parametrize("name", objectives.CASES)
def test_every_objective_and_its_gradients(name: str, small: Encoder, device: str) -> None:
    objective, batch = objectives.CASES[name](small)
    parameters = [*small.parameters(), *objective.parameters()]

    def learned() -> tuple[float, list[np.ndarray]]:
        torch.manual_seed(0)
        loss = objective(small, batch.aimed(small.device))
        loss.backward()
        gradients = [p.grad.cpu().numpy() for p in parameters if p.grad is not None]
        return loss.item(), gradients

    small.double(), objective.double()
    loss, gradients = learned()
    small.to(device), objective.to(device)
    small.zero_grad(), objective.zero_grad()
    parameters = [*small.parameters(), *objective.parameters()]
    loss_there, gradients_there = learned()
    assert loss_there == pytest.approx(loss, rel=1e-9 if REAL else 1e-12)
    for here, there in zip(gradients, gradients_there, strict=True):
        np.testing.assert_allclose(
            there, here, rtol=1e-6 if REAL else 1e-9, atol=1e-9 if REAL else 1e-14
        )  # an LSTM's products come in another order


@pytest.mark.parametrize(
    "recipe",
    [
        pytest.param(name, marks=() if name in ("infersent", "sbert", "muse") else pytest.mark.slow)
        for name in sorted(set(recipes.ARGUMENTS) - recipes.WITHOUT_STEPS)
    ],
)
def test_every_recipe(
    recipe: str,
    material: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    device: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(material)
    for name in ("cpu", device):
        assert recipes.train(recipe, str(tmp_path / name), "--device", name) == cli.DONE, capsys.readouterr().err
    if recipe == "laser" or REAL:  # an LSTM's products come in another order
        here, there = (load_file(tmp_path / name / "model" / "weights.safetensors") for name in ("cpu", device))
        for name, tensor in here.items():
            torch.testing.assert_close(there[name], tensor, rtol=1e-3, atol=1e-4)
        return
    assert weights(tmp_path / device) == weights(tmp_path / "cpu")
    if recipe != "cross-encoder":
        here, there = (load(tmp_path / device, name).encode(["red old house", "blue"]) for name in ("cpu", device))
        same(there, here)
