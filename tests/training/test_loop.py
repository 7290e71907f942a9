"""One step after another: the learning rate of each, clipped gradients, and batches made one step ahead."""

import math
import threading
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from interlingua.encoders.encoder import Encoder
from interlingua.errors import ConfigError
from interlingua.placement import OutOfMemory, Precision
from interlingua.tensors import Batch
from interlingua.training import loop
from interlingua.training.loop import NonFiniteLoss, Optimization, Optimizer, Schedule, rate
from interlingua.training.objective import Objective
from tests.conftest import TEXTS

pytestmark = pytest.mark.parametrize("encoder", ["static"], indirect=True)
FP32 = Optimization(precision=Precision.fp32)


class Small(Objective):
    """Vectors shall be small; a head of one number that counts for nothing else."""

    def __init__(self, factor: float = 1.0) -> None:
        super().__init__()
        self.scale, self.factor = nn.Parameter(torch.ones(1)), factor

    def forward(self, encoder: Encoder, batch: Batch) -> Tensor:
        return self.factor * self.scale.sum() * encoder(batch.columns[0]).square().sum()


def batches(encoder: Encoder, made: list[int] | None = None) -> Callable[[int], Batch]:
    def batch_at(step: int) -> Batch:
        if made is not None:
            made.append(step)
        return Batch((encoder.tokens([TEXTS[step % 8], TEXTS[(step + 3) % 8]], ["und"] * 2),))

    return batch_at


def test_every_step_once_from_where_the_state_stands(encoder: Encoder) -> None:
    made: list[int] = []
    state = loop.start(encoder, Small(), 1e-3, FP32)
    state.step = 2
    for count, step in enumerate(loop.steps(state, batches(encoder, made), 7, FP32)):
        assert (step.number, state.step) == (count + 3, count + 3)
        assert step.learning_rate == pytest.approx(1e-3 * rate(FP32, count + 2, 7))
        assert step.texts == 2
        assert step.real_tokens > 0
        assert math.isfinite(step.loss)
    assert made == [2, 3, 4, 5, 6]
    assert list(loop.steps(state, batches(encoder, made), 7, FP32)) == []
    assert len(made) == 5


def test_the_next_batch_is_made_while_this_one_is_learned_from(encoder: Encoder) -> None:
    second, inner = threading.Event(), batches(encoder)

    def batch_at(step: int) -> Batch:
        if step == 1:
            second.set()
        return inner(step)

    class Waiting(Small):
        def forward(self, encoder: Encoder, batch: Batch) -> Tensor:
            assert second.wait(timeout=30)
            return super().forward(encoder, batch)

    assert len(list(loop.steps(loop.start(encoder, Waiting(), 1e-3, FP32), batch_at, 2, FP32))) == 2


@pytest.mark.parametrize("factor", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_touches_no_weight(encoder: Encoder, factor: float) -> None:
    state = loop.start(encoder, Small(factor), 1e-3, FP32)
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    with pytest.raises(NonFiniteLoss, match="the loss is (nan|inf) at step 1; lower the learning rate"):
        list(loop.steps(state, batches(encoder), 3, FP32))
    assert state.step == 0
    assert all(torch.equal(value, before[name]) for name, value in encoder.state_dict().items())


def test_gradients_are_clipped_together_sparse_ones_too(encoder: Encoder) -> None:
    words, dense = nn.Embedding(5, 2, sparse=True), nn.Parameter(torch.ones(3))
    (words(torch.tensor([1, 1, 2])).sum() * 3 + 4 * dense.sum()).backward()
    whole = math.sqrt(2 * 6**2 + 2 * 3**2 + 3 * 4**2)  # row 1 was used twice
    gradients, norm = loop.gradient_norm([words.weight, dense])
    assert norm.item() == pytest.approx(whole)
    loop.clip(gradients, norm.item(), 2.0)
    assert words.weight.grad is not None
    assert dense.grad is not None
    left = torch.cat([words.weight.grad.to_dense().flatten(), dense.grad])
    assert left.norm().item() == pytest.approx(2.0, rel=1e-4)
    gradients, norm = loop.gradient_norm([dense])
    loop.clip(gradients, norm.item(), 10.0)
    assert torch.equal(dense.grad, left[-3:])  # a short one stays as it is


def test_what_is_frozen_and_what_does_not_decay(encoder: Encoder) -> None:
    assert encoder.projection is not None
    encoder.projection.weight.requires_grad_(False)
    state = loop.start(encoder, Small(), 1e-3, Optimization(optimizer=Optimizer.sgd, weight_decay=0.1))
    decayed, spared = state.optimizer.param_groups
    assert (decayed["weight_decay"], spared["weight_decay"]) == (0.1, 0.0)
    assert all(parameter.ndim > 1 for parameter in decayed["params"])
    assert all(parameter.ndim <= 1 for parameter in spared["params"])
    moved = {id(parameter) for group in state.optimizer.param_groups for parameter in group["params"]}
    expected = {id(p) for module in (encoder, state.objective) for p in module.parameters() if p.requires_grad}
    assert moved == expected
    assert id(encoder.projection.weight) not in moved


def test_the_learning_rate_rises_and_falls(encoder: Encoder) -> None:
    total = 40
    for schedule in Schedule:
        shares = np.array([rate(Optimization(schedule=schedule, warmup=0.2), step, total) for step in range(total)])
        np.testing.assert_allclose(shares[:8], np.arange(8) / 8)
        assert shares.max() == shares[8] == 1
        if schedule in (Schedule.constant, Schedule.plateau):
            assert (shares[8:] == 1).all()
        else:
            assert (np.diff(shares[8:]) < 0).all()
            assert 0 < shares[-1] < 0.05
    assert rate(Optimization(warmup=0.0), 0, total) == 1
    with pytest.raises(ConfigError, match="between 0 and 1"):
        Optimization(warmup=1.1)


def test_a_gradient_that_is_no_number_touches_no_weight(encoder: Encoder) -> None:
    class Steep(Small):
        def forward(self, encoder: Encoder, batch: Batch) -> Tensor:
            return (super().forward(encoder, batch) * 0).sqrt()  # 0, with an infinite slope

    state = loop.start(encoder, Steep(), 1e-3, FP32)
    before = encoder.body.word_embeddings.weight.clone()
    with pytest.raises(NonFiniteLoss, match="the norm of the gradient is nan at step 1; lower"):
        list(loop.steps(state, batches(encoder), 3, FP32))
    assert torch.equal(encoder.body.word_embeddings.weight, before)


def test_with_fp16_a_step_that_overflows_is_left_out_and_the_scale_is_lowered(encoder: Encoder) -> None:
    fp16 = Optimization(precision=Precision.fp16, warmup=0.0)
    state = loop.start(encoder, Small(1e4), 1e-3, fp16)
    before, scale = encoder.body.word_embeddings.weight.clone(), state.scaler.get_scale()
    overflowing = loop.steps(state, batches(encoder), 200, fp16)
    first = next(overflowing)
    assert (first.number, first.gradient_norm) == (1, 0.0)
    assert math.isfinite(first.loss)
    assert torch.equal(encoder.body.word_embeddings.weight, before)
    assert state.scaler.get_scale() == scale / 2
    fine = next(step for step in overflowing if step.gradient_norm > 0)
    assert fine.number > 1
    assert not torch.equal(encoder.body.word_embeddings.weight, before)


def test_a_batch_too_large_for_the_device_is_one_line_with_the_remedy(encoder: Encoder) -> None:
    class Large(Small):
        def forward(self, encoder: Encoder, batch: Batch) -> Tensor:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.")

    state = loop.start(encoder, Large(), 1e-3, FP32)
    with pytest.raises(OutOfMemory, match="^cpu has no memory left for this; use a smaller --batch-size, --chunk or"):
        list(loop.steps(state, batches(encoder), 3, FP32))
    assert state.step == 0
