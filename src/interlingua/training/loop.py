"""The training loop as a generator: logging, evaluation, early stopping and checkpoints are ordinary code around it."""

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from enum import StrEnum

import torch
from cyclopts import Parameter
from torch import nn

from interlingua.encoders.computation import Work
from interlingua.encoders.encoder import Encoder
from interlingua.errors import ConfigError
from interlingua.tensors import Batch
from interlingua.training.lazy_adamw import LazyAdamW
from interlingua.training.objective import Objective
from interlingua.training.processes import world

LARGE = 1_000_000
"""Numbers in a word embedding from which its rows are updated lazily: below, the dense update is as fast."""


class Precision(StrEnum):
    """Arithmetic of the forward and backward pass; weights and optimiser state are always fp32."""

    auto = "auto"
    fp32 = "fp32"
    bf16 = "bf16"


class Schedule(StrEnum):
    """What the learning rate does after its warm-up."""

    linear = "linear"
    cosine = "cosine"
    constant = "constant"
    plateau = "plateau"
    """1 % less after each validation, and a fifth after one that was no better (Conneau et al. 2017)."""


class Optimizer(StrEnum):
    """What turns gradients into steps."""

    adamw = "adamw"
    sgd = "sgd"


@Parameter(name="*")  # on the command line its fields stand beside the recipe's, without a prefix
@dataclass(frozen=True, kw_only=True)
class Optimization:
    """How the weights are updated: by default AdamW with warm-up."""

    optimizer: Optimizer = Optimizer.adamw
    """adamw, or sgd without momentum."""
    warmup: float = 0.1
    """Share of all steps over which the learning rate rises from 0."""
    schedule: Schedule = Schedule.linear
    """After the warm-up the learning rate falls to 0 linearly or along a cosine, stays constant, or falls when the dev
    loss does not improve (plateau)."""
    weight_decay: float = 0.01
    """Decoupled weight decay; it does not apply to biases and normalisation weights."""
    gradient_clip: float = 1.0
    """Highest global norm of the gradient; 0 turns clipping off."""
    epsilon: float = 1e-8
    """Adam's epsilon."""
    dropout: bool = False
    """Whether the encoder's dropout is on while it trains."""
    precision: Precision = Precision.auto
    """fp32, bf16 autocast, or auto: bf16 if the processor multiplies it in hardware."""

    def __post_init__(self) -> None:
        if not 0 <= self.warmup <= 1 or self.gradient_clip < 0 or self.weight_decay < 0:
            raise ConfigError("the warm-up must be between 0 and 1, weight decay and gradient clip not negative")


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class WithDropout(Optimization):
    """The same with dropout on. A class of its own, so that one flag of it leaves its other defaults as they are."""

    dropout: bool = True


@dataclass(eq=False)
class State:
    """Everything a run changes as it goes: what a checkpoint holds."""

    encoder: Encoder
    objective: Objective
    optimizer: torch.optim.Optimizer
    learning_rate: float
    """The highest, reached at the end of the warm-up."""
    step: int = 0
    """Steps done."""


@dataclass(frozen=True, slots=True)
class Step:
    """What happened in one step."""

    number: int
    """Steps done, this one included."""
    loss: float
    learning_rate: float
    gradient_norm: float
    texts: int
    real_tokens: int
    work: Work
    """What the encoder computed for it."""


class NonFiniteLoss(ConfigError):
    """The loss became NaN or infinite; the weights before the step are still good."""


def resolve(precision: Precision) -> Precision:
    """fp32 or bf16: what `auto` means on this processor."""
    if precision != Precision.auto:
        return precision
    fast = torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()  # pyright: ignore[reportPrivateUsage]
    return Precision.bf16 if fast else Precision.fp32


def arithmetic(precision: Precision) -> AbstractContextManager[object]:
    """The context in which a forward pass is computed in `precision`."""
    return torch.autocast("cpu", torch.bfloat16) if resolve(precision) == Precision.bf16 else nullcontext()


def start(encoder: Encoder, objective: Objective, learning_rate: float, optimization: Optimization) -> State:
    """The state before the first step. Frozen parameters are left out of the optimiser."""
    encoder.change(trained_pooling=None)  # from here on it is trained with the pooling it has
    named = [(n, p) for module in (encoder, objective) for n, p in module.named_parameters() if p.requires_grad]
    decayed = [p for _, p in named if p.ndim > 1]
    spared = [p for _, p in named if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": optimization.weight_decay}, {"params": spared, "weight_decay": 0.0}]
    groups = [group for group in groups if group["params"]]
    words = encoder.body.word_embeddings
    if optimization.optimizer == Optimizer.sgd:
        optimizer = torch.optim.SGD(groups, lr=learning_rate, foreach=True)
    else:
        lazy = [words] if words.weight.requires_grad and words.weight.numel() >= LARGE and world() == 1 else []
        optimizer = LazyAdamW(groups, lazy, lr=learning_rate, eps=optimization.epsilon, fused=True)
    return State(encoder, objective, optimizer, learning_rate)


def rate(optimization: Optimization, step: int, total: int) -> float:
    """Share of the highest learning rate at step `step`, counted from 0, of `total`: a pure function, so there is no
    scheduler to save.
    """
    warm = math.ceil(optimization.warmup * total)
    if step < warm:
        return step / warm
    done = (step - warm) / max(1, total - warm)
    match optimization.schedule:
        case Schedule.linear:
            return 1 - done
        case Schedule.cosine:
            return (1 + math.cos(math.pi * done)) / 2
        case Schedule.constant | Schedule.plateau:
            return 1.0


def clip(parameters: Sequence[nn.Parameter], limit: float) -> float:
    """Scale the gradients down to a global norm of at most `limit`; sparse ones are coalesced first. Gives the norm
    they had.
    """
    gradients: list[torch.Tensor] = []
    for parameter in parameters:
        if parameter.grad is not None and parameter.grad.is_sparse:
            parameter.grad = parameter.grad.coalesce()
            gradients.append(parameter.grad.values())
        elif parameter.grad is not None:
            gradients.append(parameter.grad)
    norm = nn.utils.get_total_norm(gradients).item()
    if norm > limit:
        torch._foreach_mul_(gradients, limit / (norm + 1e-6))  # pyright: ignore[reportPrivateUsage]
    return norm


def steps(state: State, batch_at: Callable[[int], Batch], total: int, optimization: Optimization) -> Iterator[Step]:
    """Train from `state.step` to `total`, one step a turn; between turns the state is whole and may be saved or
    evaluated.

    `batch_at(step)` gives the batch of a step, counted from 0; it is called in a thread of its own, one step ahead.
    Raises NonFiniteLoss before such a loss touches the weights.
    """
    with ThreadPoolExecutor(
        max_workers=1, thread_name_prefix="batches"
    ) as ahead:  # the next batch is made while this one is learned from
        coming = ahead.submit(batch_at, state.step) if state.step < total else None
        while coming is not None:
            batch = coming.result()
            coming = ahead.submit(batch_at, state.step + 1) if state.step + 1 < total else None
            yield _step(state, batch, total, optimization)


def _step(state: State, batch: Batch, total: int, optimization: Optimization) -> Step:
    precision = resolve(optimization.precision)
    parameters: list[nn.Parameter] = [p for group in state.optimizer.param_groups for p in group["params"]]
    state.encoder.train(optimization.dropout)
    state.objective.train()
    now = state.learning_rate * rate(optimization, state.step, total)
    for group in state.optimizer.param_groups:
        group["lr"] = now
    before = replace(state.encoder.computation.work)
    with arithmetic(precision):
        loss = state.objective(state.encoder, batch)
    value = loss.item()
    if not math.isfinite(value):
        raise NonFiniteLoss(
            f"the loss is {value} at step {state.step + 1}; lower the learning rate or look at the data of this step"
        )
    state.optimizer.zero_grad(set_to_none=True)
    loss.backward()
    limit = optimization.gradient_clip or math.inf
    norm = clip(parameters, limit)
    state.optimizer.step()
    state.step += 1
    return Step(
        state.step, value, now, norm,
        sum(len(tokens.ids) for tokens in batch.columns), sum(int(tokens.mask.sum()) for tokens in batch.columns),
        state.encoder.computation.work.since(before),
    )  # fmt: skip
