"""Several processes that train one encoder: each takes its share of a batch, and every gradient is the gradient of
the whole.

No recipe starts several processes yet: `share` and `average_gradients` have no caller but the tests (decision 0010).
"""

from collections.abc import Iterable

import torch
import torch.distributed as distributed
from torch import Tensor, nn

from interlingua.tensors import Batch


def world() -> int:
    """How many processes train together; 1 where none were started for that."""
    return distributed.get_world_size() if distributed.is_available() and distributed.is_initialized() else 1


def rank() -> int:
    """Which of them this is, from 0."""
    return distributed.get_rank() if world() > 1 else 0


def gather(rows: Tensor) -> Tensor:
    """The rows of all processes, in their order; gradients find their way back to the process that computed a row.

    Every process must hold the same number of rows.
    """
    if world() == 1:
        return rows
    if not rows.requires_grad:
        parts = [torch.empty_like(rows) for _ in range(world())]
        distributed.all_gather(parts, rows.contiguous())
        return torch.cat(parts)
    return _Gather.apply(rows)  # pyright: ignore[reportReturnType]


class _Gather(torch.autograd.Function):
    """All rows forward; backward, the sum over processes of what each wants of this one's rows."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, rows: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        parts = [torch.empty_like(rows) for _ in range(world())]
        distributed.all_gather(parts, rows.contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, gradient: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        whole = gradient.contiguous()
        distributed.all_reduce(whole)
        return whole.chunk(world())[rank()]


def share(batch: Batch) -> Batch:
    """The rows of a batch that are for this process; rows that cannot be shared evenly are left out."""
    if world() == 1:
        return batch
    each = len(batch.columns[0].ids) // world()
    mine = slice(rank() * each, (rank() + 1) * each)

    targets, teacher = (None if part is None else part[mine] for part in (batch.targets, batch.teacher))
    return Batch(tuple(tokens.rows(mine) for tokens in batch.columns), targets, teacher, batch.task)


def average_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Replace every gradient by its mean over all processes: with equal shares, the gradient of the loss over the
    whole batch.
    """
    if world() == 1:
        return
    for parameter in parameters:
        gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
        distributed.all_reduce(gradient)
        parameter.grad = gradient / world()
