"""A device for tests: the one that TEST_DEVICE names ("cuda:0"), or on machines without one, one that computes on the
processor and insists that it is another.

A tensor of the processor among its own is an error, as on a GPU; so is reading its numbers without moving them. What
forgets to move something is found out, and what does not forget gives the bits that the processor gives.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

from interlingua import placement
from interlingua.training import throughput

REAL = os.environ.get("TEST_DEVICE", "")
DEVICE = torch.device(REAL or "meta")
"""Its name: if it is none, a kind of device that torch knows everywhere."""
MIXING = {"aten::_to_copy", "aten::copy_"}
"""Operations whose tensors may lie on two devices."""


class Elsewhere(Tensor):
    """A tensor on the device, around one of the processor."""

    held: Tensor

    @staticmethod
    def __new__(cls, held: Tensor) -> "Elsewhere":
        with torch.inference_mode(False):  # a view made inside that mode is of a tensor made outside of it
            made = torch.Tensor._make_wrapper_subclass(
                cls, held.size(), strides=held.stride(), storage_offset=held.storage_offset(), dtype=held.dtype,
                layout=held.layout, device=DEVICE, requires_grad=held.requires_grad,
            )  # fmt: skip
        made.held = held
        return made

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return compute(func, args, kwargs or {})

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self.held.__reduce_ex__(protocol)  # files are read to the processor

    def tolist(self) -> list[Any]:
        return self.cpu().tolist()


class Present(TorchDispatchMode):
    """Makes tensors on the device where they are asked for."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return compute(func, args, kwargs or {})


def compute(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """An operation on the processor, whose result lies where its tensors do, or where it is asked for."""
    tensors = [one for one in tree_leaves((args, kwargs)) if isinstance(one, Tensor)]
    there = [one for one in tensors if isinstance(one, Elsewhere)]
    name = func.overloadpacket._qualified_op_name
    strangers = [one for one in tensors if not isinstance(one, Elsewhere) and one.ndim]
    if there and strangers and name not in MIXING:
        raise RuntimeError(f"{name}: {tuple(strangers[0].shape)} lies on the processor, the rest on the device")
    target = kwargs.get("device")
    if target is not None:
        kwargs = {**kwargs, "device": torch.device("cpu")}
    inner = tree_map(lambda one: one.held if isinstance(one, Elsewhere) else one, (args, kwargs))
    found = func(*inner[0], **inner[1])
    if not (there if target is None else torch.device(target).type == DEVICE.type):
        return found
    same = {id(one.held): one for one in there}  # what is changed in place stays what it was
    return tree_map(lambda one: same.get(id(one), Elsewhere(one)) if isinstance(one, Tensor) else one, found)


def same(there: Any, here: Any) -> None:
    """The numbers of the device are those of the processor: to the bit, or on a real one within rounding."""
    if REAL:
        np.testing.assert_allclose(there, here, rtol=1e-3, atol=1e-4)
    else:
        np.testing.assert_array_equal(there, here)


@contextmanager
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The device is there inside; its name."""
    if REAL:
        yield str(DEVICE)
        return
    optimizer = import_module("torch.optim.optimizer")
    fused = optimizer._get_fused_kernels_supported_devices
    monkeypatch.setattr(placement, "KINDS", (*placement.KINDS, DEVICE.type))
    monkeypatch.setattr(optimizer, fused.__name__, lambda: [*fused(), DEVICE.type])
    monkeypatch.setattr(throughput, "LARGE_SIZE", 8)
    with Present():
        yield str(DEVICE)
