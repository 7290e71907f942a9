"""A run saved and put into a fresh one is the same run; anything else is refused, and nothing is half-written."""

from pathlib import Path

import pytest
import torch

from interlingua.encoders.encoder import Encoder
from interlingua.errors import ModelFormatError
from interlingua.placement import Precision
from interlingua.tensors import Batch
from interlingua.training import checkpoint, loop
from interlingua.training.checkpoint import Progress
from interlingua.training.loop import Optimization, State
from interlingua.training.objective import Objective
from tests.conftest import TEXTS
from tests.elsewhere import DEVICE, elsewhere

pytestmark = pytest.mark.parametrize("encoder", ["static"], indirect=True)
FP32 = Optimization(precision=Precision.fp32)


class Scaled(Objective):
    """Has a weight of its own, and uses random numbers."""

    def __init__(self, size: int = 12) -> None:
        super().__init__()
        self.scale = torch.nn.Parameter(torch.ones(size))

    def forward(self, encoder: Encoder, batch: Batch) -> torch.Tensor:
        vectors = encoder(batch.columns[0])
        return ((vectors * self.scale - torch.rand_like(vectors)) ** 2).sum()


def advance(state: State, to: int) -> None:
    def batch_at(step: int) -> Batch:
        return Batch((state.encoder.tokens([TEXTS[step % 8]], ["und"]),))

    assert len(list(loop.steps(state, batch_at, to, FP32))) > 0


def fresh(encoder: Encoder) -> State:
    """The start of the run, whatever became of the encoder."""
    torch.manual_seed(3)
    for parameter in encoder.parameters():
        torch.nn.init.normal_(parameter)
    return loop.start(encoder, Scaled(), 1e-2, FP32)


def weights(state: State) -> list[torch.Tensor]:
    return [p.detach().clone() for module in (state.encoder, state.objective) for p in module.parameters()]


def test_a_restored_run_goes_on_with_the_same_bits(encoder: Encoder, tmp_path: Path) -> None:
    state = fresh(encoder)
    advance(state, 3)
    state.learning_rate = 5e-3
    progress = Progress(best_loss=0.5, best_step=2, best={"dev_loss": 0.5}, waited=1, seconds=2.0)
    checkpoint.save(state, progress, tmp_path / "checkpoint.pt")
    advance(state, 6)
    whole = weights(state)
    other = fresh(encoder)
    torch.rand(5)  # the random state is the checkpoint's, not this one's
    assert checkpoint.restore(other, tmp_path / "checkpoint.pt") == progress
    assert (other.step, other.learning_rate) == (3, 5e-3)
    advance(other, 6)
    assert all(torch.equal(one, two) for one, two in zip(whole, weights(other), strict=True))
    assert [file.name for file in tmp_path.iterdir()] == ["checkpoint.pt"]


def test_frozen_weights_are_those_of_the_start_and_not_saved(encoder: Encoder, tmp_path: Path) -> None:
    assert encoder.projection is not None
    encoder.projection.weight.requires_grad_(False)
    state = loop.start(encoder, Scaled(), 1e-2, FP32)
    checkpoint.save(state, Progress(), tmp_path / "checkpoint.pt")
    saved = torch.load(tmp_path / "checkpoint.pt", weights_only=True)["encoder"]
    assert "projection.bias" in saved
    assert "projection.weight" not in saved
    before = encoder.projection.weight.clone()
    checkpoint.restore(state, tmp_path / "checkpoint.pt")
    assert torch.equal(encoder.projection.weight, before)


def test_what_is_no_checkpoint_of_this_run_is_refused(encoder: Encoder, tmp_path: Path) -> None:
    file, state = tmp_path / "checkpoint.pt", fresh(encoder)
    checkpoint.save(state, Progress(), file)
    content = torch.load(file, weights_only=True)
    for change, problem in (
        ({"format": 99}, "checkpoint format 99, this version reads 4"),
        ({"objective": {"scale": torch.ones(5)}}, "damaged checkpoint .RuntimeError."),
        ({"objective": {}}, "belongs to another model; choose another --output"),
        ({"encoder": {**content["encoder"], "more": torch.ones(1)}}, "belongs to another model"),
        ({"optimizer": {}}, "damaged checkpoint .KeyError.; delete it to start over"),
    ):
        torch.save(content | change, file)
        with pytest.raises(ModelFormatError, match=problem):
            checkpoint.restore(fresh(encoder), file)
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(ModelFormatError, match="damaged checkpoint"):
        checkpoint.restore(fresh(encoder), file)


@pytest.mark.filterwarnings("ignore:for .* copying from a non-meta parameter")  # to a device of this name it works
def test_a_run_goes_on_on_another_device(encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = fresh(encoder)
    advance(state, 3)
    checkpoint.save(state, Progress(), tmp_path / "checkpoint.pt")
    advance(state, 4)
    advance(state, 5)
    whole = weights(state)
    with elsewhere(monkeypatch):
        other = fresh(encoder)
        encoder.to(DEVICE)
        other = loop.start(encoder, Scaled(), 1e-2, FP32, DEVICE)
        checkpoint.restore(other, tmp_path / "checkpoint.pt")
        advance(other, 4)
        checkpoint.save(other, Progress(), tmp_path / "back.pt")
        there = weights(other)
    assert all(tensor.device == DEVICE for tensor in there)
    encoder.to_empty(device="cpu")
    back = fresh(encoder)
    checkpoint.restore(back, tmp_path / "back.pt")
    advance(back, 5)
    for one, two in zip(whole, weights(back), strict=True):
        torch.testing.assert_close(one, two)


def test_a_checkpoint_of_the_format_before_goes_on(encoder: Encoder, tmp_path: Path) -> None:
    """Its random state was that of the processor alone."""
    state = fresh(encoder)
    advance(state, 3)
    checkpoint.save(state, Progress(), tmp_path / "checkpoint.pt")
    advance(state, 5)
    whole = weights(state)
    content = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    content |= {"format": 3, "random": content["random"]["cpu"]}
    del content["scaler"]
    torch.save(content, tmp_path / "checkpoint.pt")
    other = fresh(encoder)
    checkpoint.restore(other, tmp_path / "checkpoint.pt")
    advance(other, 5)
    assert all(torch.equal(one, two) for one, two in zip(whole, weights(other), strict=True))


def test_the_scale_of_the_loss_is_part_of_the_state(encoder: Encoder, tmp_path: Path) -> None:
    fp16 = Optimization(precision=Precision.fp16)
    state = loop.start(encoder, Scaled(), 1e-2, fp16)
    state.scaler.scale(torch.ones(1))
    state.scaler.update(128.0)
    checkpoint.save(state, Progress(), tmp_path / "checkpoint.pt")
    other = loop.start(encoder, Scaled(), 1e-2, fp16)
    checkpoint.restore(other, tmp_path / "checkpoint.pt")
    assert other.scaler.get_scale() == 128.0
