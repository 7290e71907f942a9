"""The training loop as a generator: logging, evaluation, early stopping and checkpoints are ordinary code around it."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from enum import StrEnum

import torch
from cyclopts import Parameter
from jaxtyping import Float
from torch import Tensor, nn

from interlingua.encoders.computation import Work
from interlingua.encoders.encoder import Encoder
from interlingua.errors import ConfigError
from interlingua.placement import CPU, Precision, arithmetic, enough_memory, resolve
from interlingua.quantities import require_fields
from interlingua.tensors import Batch
from interlingua.training import processes
from interlingua.training.lazy_adamw import LazyAdamW
from interlingua.training.objective import Objective
from interlingua.training.options import only

LARGE = 1_000_000
"""Numbers in a word embedding from which its rows are updated lazily: below, the dense update is as fast."""


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
    """fp32, tf32, bf16 or fp16 autocast, or auto: bf16 if the hardware multiplies it, else fp32."""

    def __post_init__(self) -> None:
        require_fields(self)
        if not 0 <= self.warmup <= 1 or self.gradient_clip < 0 or self.weight_decay < 0:
            raise ConfigError("the warm-up must be between 0 and 1, weight decay and gradient clip not negative")
        only(self.optimizer == Optimizer.adamw, "with --optimizer adamw", self, "epsilon")


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
    seed: int = 0
    """Of what chance decides inside a step, where several processes train."""
    scaler: torch.amp.GradScaler = field(default_factory=lambda: torch.amp.GradScaler("cpu", enabled=False))
    """Of the loss, with fp16."""


@dataclass(frozen=True, slots=True)
class Step:
    """What happened in one step."""

    number: int
    """Steps done, this one included."""
    loss: float
    learning_rate: float
    gradient_norm: float
    """0 where fp16 overflowed and the step was left out: the scale of the loss is then lowered."""
    texts: int
    real_tokens: int
    work: Work
    """What the encoder computed for it."""
    waited: float = 0.0
    """Seconds that its batch was waited for: near 0 where it was made while the one before was learned from."""


class NonFiniteLoss(ConfigError):
    """The loss or its gradient became NaN or infinite; the weights before the step are still good."""


def start(
    encoder: Encoder,
    objective: Objective,
    learning_rate: float,
    optimization: Optimization,
    device: torch.device = CPU,
) -> State:
    """The state before the first step, on a device. Frozen parameters are left out of the optimiser."""
    encoder.to(device)
    objective.to(device)
    processes.same_start([encoder, objective])
    scaler = torch.amp.GradScaler(device.type, enabled=optimization.precision == Precision.fp16)
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
        # a GPU updates every row sooner than it looks some up
        suits = words.weight.numel() >= LARGE and device.type == "cpu" and not scaler.is_enabled()
        lazy = [words] if words.weight.requires_grad and suits else []
        optimizer = LazyAdamW(groups, lazy, lr=learning_rate, eps=optimization.epsilon, fused=True)
    return State(encoder, objective, optimizer, learning_rate, seed=torch.initial_seed(), scaler=scaler)


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


def gradient_norm(parameters: Sequence[nn.Parameter]) -> tuple[list[Tensor], Float[Tensor, ""]]:
    """The gradients, and their global norm; sparse ones are coalesced first."""
    gradients: list[Tensor] = []
    for parameter in parameters:
        if parameter.grad is not None and parameter.grad.is_sparse:
            parameter.grad = parameter.grad.coalesce()
            gradients.append(parameter.grad.values())
        elif parameter.grad is not None:
            gradients.append(parameter.grad)
    return gradients, nn.utils.get_total_norm(gradients)


def clip(gradients: list[Tensor], norm: float, limit: float) -> None:
    """Scale gradients, whose global norm is known, down to a norm of at most `limit`."""
    if norm > limit:
        torch._foreach_mul_(gradients, limit / (norm + 1e-6))  # pyright: ignore[reportPrivateUsage]


def steps(state: State, batch_at: Callable[[int], Batch], total: int, optimization: Optimization) -> Iterator[Step]:
    """Train from `state.step` to `total`, one step a turn; between turns the state is whole and may be saved or
    evaluated.

    `batch_at(step)` gives the batch of a step, counted from 0; it is called in a thread of its own, one step ahead.
    Raises NonFiniteLoss before such a loss touches the weights, OutOfMemory where a batch is too much for the device.
    """
    if processes.world() > 1 and isinstance(state.optimizer, LazyAdamW):
        state.optimizer.densify()  # every process needs every gradient
    with ThreadPoolExecutor(
        max_workers=1, thread_name_prefix="batches"
    ) as ahead:  # the next batch is made while this one is learned from
        coming = ahead.submit(batch_at, state.step) if state.step < total else None
        while coming is not None:
            began = time.perf_counter()
            batch = coming.result()
            waited = time.perf_counter() - began
            coming = ahead.submit(batch_at, state.step + 1) if state.step + 1 < total else None
            with enough_memory(state.encoder.device, "use a smaller --batch-size, --chunk or --max-tokens"):
                done = _step(state, batch, total, optimization)
            yield replace(done, waited=waited)


def _step(state: State, batch: Batch, total: int, optimization: Optimization) -> Step:
    precision = resolve(optimization.precision, state.encoder.device)
    parameters: list[nn.Parameter] = [p for group in state.optimizer.param_groups for p in group["params"]]
    state.encoder.train(optimization.dropout)
    state.objective.train()
    now = state.learning_rate * rate(optimization, state.step, total)
    for group in state.optimizer.param_groups:
        group["lr"] = now
    before, device = replace(state.encoder.computation.work), state.encoder.device
    state.optimizer.zero_grad(set_to_none=True)
    if processes.world() > 1:  # any number of processes goes on with the same chance, and each with its own
        torch.manual_seed(hash((state.seed, state.step, processes.rank())) % 2**63)
    with processes.alone() if batch.whole else nullcontext():
        with arithmetic(precision, device):
            loss = state.objective(state.encoder, batch.aimed(device))
        state.scaler.scale(loss).backward()
    processes.average_gradients(parameters)
    state.scaler.unscale_(state.optimizer)
    gradients, length = gradient_norm(parameters)
    # the one time in a step at which a GPU is waited for
    mean = processes.total(loss.detach().to(length.dtype)) / processes.world()
    value, norm = torch.stack([mean, length]).cpu().tolist()
    overflowed = state.scaler.is_enabled() and math.isfinite(value)  # the step is left out, and the scale lowered
    if not math.isfinite(value) or not (math.isfinite(norm) or overflowed):
        what = f"the loss is {value}" if not math.isfinite(value) else f"the norm of the gradient is {norm}"
        raise NonFiniteLoss(
            f"{what} at step {state.step + 1}; lower the learning rate or look at the data of this step"
        )
    if math.isfinite(norm):
        clip(gradients, norm, optimization.gradient_clip or math.inf)
    state.scaler.step(state.optimizer)
    state.scaler.update()
    state.step += 1
    return Step(
        state.step, value, now, norm if math.isfinite(norm) else 0.0,
        sum(len(tokens.ids) for tokens in batch.columns), sum(int(tokens.real.sum()) for tokens in batch.columns),
        state.encoder.computation.work.since(before),
    )  # fmt: skip
