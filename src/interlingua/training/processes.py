"""Several processes that train one encoder: each takes its share of a batch, and every gradient is the gradient of
the whole.

Process 0 alone validates, writes and speaks; the others compute what it computes from the same data.
"""

import os
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as distributed
from torch import Tensor, nn

from interlingua.errors import ConfigError, InterlinguaError
from interlingua.progress import silence

PATIENCE = timedelta(hours=12)
"""How long one waits for another: process 0 may validate for long. Of one that has ended the others know at once."""
BUCKET = 2**23
"""Numbers of gradients that are averaged together."""
Value = TypeVar("Value")
_alone = False


class Lost(InterlinguaError):
    """Another process has ended."""

    exit_code = 3


def world() -> int:
    """How many processes train together; 1 where none were started for that."""
    together = distributed.is_available() and distributed.is_initialized() and not _alone
    return distributed.get_world_size() if together else 1


def rank() -> int:
    """Which of them this is, from 0."""
    return distributed.get_rank() if world() > 1 else 0


def local_rank() -> int:
    """Which of those on this machine."""
    return int(os.environ.get("LOCAL_RANK", "0"))


@contextmanager
def joined(device: torch.device) -> Iterator[None]:
    """Inside, this process is one of those that were started with it (by `launch`, or torchrun); all but process 0 are
    silent.
    """
    meeting = os.environ.get("INTERLINGUA_MEETING", "env://")
    number, count = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    if device.type == "cuda":
        torch.cuda.set_device(device)
    backend = "nccl" if device.type == "cuda" else "gloo"
    with _found():
        distributed.init_process_group(backend, init_method=meeting, rank=number, world_size=count, timeout=PATIENCE)
    if number > 0:
        silence()
    if launcher := os.environ.get("INTERLINGUA_LAUNCHER"):
        threading.Thread(target=_stop_without, args=(int(launcher),), daemon=True).start()
    try:
        yield
        wait()
    finally:
        distributed.destroy_process_group()


def _stop_without(launcher: int) -> None:
    """Ask this process to stop, as SIGTERM does, once the one that started it has gone."""
    while os.getppid() == launcher:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def alone() -> Iterator[None]:
    """Inside, this process computes as if there were no others."""
    global _alone
    before, _alone = _alone, True
    try:
        yield
    finally:
        _alone = before


@contextmanager
def first() -> Iterator[None]:
    """Process 0 goes through the block before the others, which find what it left on disk."""
    if rank() > 0:
        wait()
    with alone():
        yield
    if rank() == 0:
        wait()


def wait() -> None:
    """Until all processes are here."""
    if world() > 1:
        with _found():
            distributed.barrier()


def told(value: Value) -> Value:
    """What process 0 has, for all of them."""
    if world() == 1:
        return value
    box = [value]
    with _found():
        distributed.broadcast_object_list(box)
    return box[0]


def agreed(wish: bool, device: torch.device) -> bool:
    """Whether any process wishes it; they agree by way of their devices."""
    return wish if world() == 1 else total(torch.tensor(float(wish), device=device)).item() > 0


def require_same(value: Any, what: str) -> None:
    """Raise ConfigError where processes have different values."""
    values = _everyone(value) if world() > 1 else [value]
    differing = [number for number, other in enumerate(values) if other != values[0]]
    if differing:
        raise ConfigError(f"process {differing[0]} has other {what} than process 0; start all with the same")


def total(numbers: Tensor) -> Tensor:
    """The sums over all processes."""
    if world() > 1:
        numbers = numbers.clone()
        with _found():
            distributed.all_reduce(numbers)
    return numbers


def share_of(count: int, device: torch.device) -> float | Tensor:
    """By what a mean over `count` things counts, so that the mean over processes is the mean over the things of all."""
    if world() == 1:
        return 1.0
    return count * world() / total(torch.tensor(float(count), device=device)).clamp(min=1)


def same_start(modules: Iterable[nn.Module]) -> None:
    """Every process begins with the weights of process 0."""
    if world() == 1:
        return
    with torch.no_grad(), _found():
        for module in modules:
            for tensor in [*module.parameters(), *module.buffers()]:
                distributed.broadcast(tensor, 0)


def gather(rows: Tensor) -> Tensor:
    """The rows of all processes, in their order; gradients find their way back to the process that computed a row.

    Every process must hold the same number of rows.
    """
    if world() == 1:
        return rows
    if not rows.requires_grad:
        return _all(rows)
    return _Gather.apply(rows)  # pyright: ignore[reportReturnType]


class _Gather(torch.autograd.Function):
    """All rows forward; backward, the sum over processes of what each wants of this one's rows."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, rows: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        return _all(rows)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, gradient: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        return total(gradient.contiguous()).chunk(world())[rank()]


def average_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Replace every gradient by its mean over all processes: with equal shares, the gradient of the loss over the
    whole batch. A parameter that no process used keeps none.
    """
    if world() == 1:
        return
    every = list(parameters)
    used = total(torch.tensor([p.grad is not None for p in every], dtype=torch.int32, device=every[0].device))
    bucket: list[nn.Parameter] = []
    for parameter, uses in zip(every, used.tolist(), strict=True):
        if not uses:
            continue
        if parameter.grad is None:
            parameter.grad = torch.zeros_like(parameter)
        parameter.grad = parameter.grad.to_dense() if parameter.grad.is_sparse else parameter.grad
        full = sum(one.numel() for one in bucket) + parameter.numel() > BUCKET
        if bucket and (full or bucket[0].dtype != parameter.dtype):
            _average(bucket)
            bucket = []
        bucket.append(parameter)
    if bucket:
        _average(bucket)


def _average(parameters: list[nn.Parameter]) -> None:
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    whole = total(torch.cat([gradient.flatten() for gradient in gradients])) / world()
    for gradient, mean in zip(gradients, whole.split([one.numel() for one in gradients]), strict=True):
        gradient.copy_(mean.view_as(gradient))


def _all(rows: Tensor) -> Tensor:
    parts = [torch.empty_like(rows) for _ in range(world())]
    with _found():
        distributed.all_gather(parts, rows.contiguous())
    return torch.cat(parts)


def _everyone(value: Any) -> list[Any]:
    values: list[Any] = [None] * world()
    with _found():
        distributed.all_gather_object(values, value)
    return values


@contextmanager
def _found() -> Iterator[None]:
    """Raise Lost where another process is not there any more."""
    try:
        yield
    except RuntimeError as error:
        raise Lost(
            "another process of this run has ended, and so does this one; --resume continues from the last checkpoint"
        ) from error
