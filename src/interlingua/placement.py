"""Where numbers are computed and how finely: the one place that knows devices and their arithmetic.

Texts are cut and batches planned on the processor. Whatever holds weights moves what it reads to where they lie.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from interlingua.errors import ConfigError
from interlingua.machine import AUTO, Precision
from interlingua.progress import log

CPU = torch.device("cpu")
KINDS = ("cpu", "cuda", "mps")
"""Of devices."""


class OutOfMemory(ConfigError):
    """The device has no memory left for a batch; the state before it is whole."""


def device(name: str = AUTO) -> torch.device:
    """The device of this name: "cpu", "cuda", "cuda:1", "mps", or with "auto" a GPU where there is one.

    What "auto" found is said once, unless it is the processor. Raises ConfigError for a device that is not there.
    """
    if name == AUTO:
        return _best()
    try:
        asked = torch.device(name)
    except (RuntimeError, TypeError):
        asked = None
    if asked is None or asked.type not in KINDS or (asked.type != "cuda" and asked.index):
        raise ConfigError(f"--device {name}: there is no such device; choose auto, cpu, cuda, cuda:1 or mps")
    if asked.type == "cuda" and not torch.cuda.is_available():
        raise ConfigError(
            f"--device {name}: torch {torch.__version__} sees no CUDA device; use --device cpu, or install a driver "
            "and a build of torch for it"
        )
    if asked.type == "cuda" and (asked.index or 0) >= torch.cuda.device_count():
        raise ConfigError(f"--device {name}: there are {torch.cuda.device_count()} CUDA devices, numbered from 0")
    if asked.type == "mps" and not torch.backends.mps.is_available():
        raise ConfigError(f"--device {name}: torch {torch.__version__} sees no Apple GPU; use --device cpu")
    return torch.device("cuda", asked.index or 0) if asked.type == "cuda" else asked


@lru_cache(maxsize=1)
def _best() -> torch.device:
    if torch.cuda.is_available():
        best = torch.device("cuda", torch.cuda.current_device())
        log(f"computing on {best}, {torch.cuda.get_device_name(best)} (--device cpu computes on the processor)")
        return best
    if torch.backends.mps.is_available():
        log("computing on mps, the Apple GPU (--device cpu computes on the processor)")
        return torch.device("mps")
    return CPU


def send(tensor: Tensor, to: torch.device) -> Tensor:
    """A tensor on a device: itself where it is there. A GPU does not wait for it."""
    if tensor.device == to:
        return tensor
    if to.type == "cuda":
        return tensor.pin_memory().to(to, non_blocking=True)
    return tensor.to(to)


def resolve(precision: Precision, on: torch.device = CPU) -> Precision:
    """What `auto` means on a device: bf16 where the hardware multiplies it, else fp32.

    Raises ConfigError for arithmetic that the device does not have.
    """
    if precision == Precision.tf32 and on.type != "cuda":
        raise ConfigError(f"--precision tf32 is arithmetic of NVIDIA GPUs, which {on} is none of; choose another")
    if precision != Precision.auto:
        return precision
    match on.type:
        case "cuda":
            fast = torch.cuda.is_bf16_supported(including_emulation=False)
        case "cpu":
            fast = torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()  # pyright: ignore[reportPrivateUsage]
        case _:
            fast = False
    return Precision.bf16 if fast else Precision.fp32


def arithmetic(precision: Precision, on: torch.device = CPU) -> AbstractContextManager[object]:
    """The context in which a forward pass is computed in `precision`."""
    match resolve(precision, on):
        case Precision.bf16:
            return torch.autocast(on.type, torch.bfloat16)
        case Precision.fp16:
            return torch.autocast(on.type, torch.float16)
        case Precision.tf32:
            return _tf32()
        case _:
            return nullcontext()


@contextmanager
def _tf32() -> Iterator[None]:
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


@contextmanager
def enough_memory(on: torch.device, remedy: str) -> Iterator[None]:
    """Raise OutOfMemory, one line with the remedy, where a device has no memory left for what is computed inside."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise OutOfMemory(f"{on} has no memory left for this; {remedy}") from error


def random_state(on: torch.device) -> dict[str, Tensor]:
    """The state of torch's random numbers, those of the device included."""
    own = {on.type: _generators(on).get_rng_state(*_index(on))} if _has_own(on) else {}
    return {"cpu": torch.get_rng_state(), **own}


def set_random_state(state: dict[str, Tensor], on: torch.device) -> None:
    """Go on with the random numbers of `random_state`; those of another kind of device stay as they are."""
    torch.set_rng_state(state["cpu"])
    if _has_own(on) and on.type in state:
        _generators(on).set_rng_state(state[on.type], *_index(on))


@contextmanager
def undrawn(on: torch.device) -> Iterator[None]:
    """Behind the block, torch's random numbers go on as if none had been drawn inside."""
    before = random_state(on)
    try:
        yield
    finally:
        set_random_state(before, on)


def _has_own(on: torch.device) -> bool:
    return on.type in ("cuda", "mps")


def _generators(on: torch.device) -> Any:
    return getattr(torch, on.type)


def _index(on: torch.device) -> list[torch.device]:
    return [on] if on.type == "cuda" else []
