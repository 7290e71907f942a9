"""What this machine offers: threads, processor instructions, memory, and locks between processes."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

Item = TypeVar("Item")
AUTO = "auto"
"""The device that is a GPU where there is one, else the processor."""


class Precision(StrEnum):
    """Arithmetic of the forward and backward pass; weights and optimiser state are always fp32."""

    auto = "auto"
    fp32 = "fp32"
    bf16 = "bf16"
    fp16 = "fp16"
    """With a scaled loss, so that small gradients do not vanish: for GPUs without bf16."""
    tf32 = "tf32"
    """Numbers of fp32, multiplied with 10 bits of mantissa: NVIDIA's since Ampere."""


def threads() -> int:
    """How many threads compute: the processors this process may use, or fewer where OMP_NUM_THREADS says so."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return min(allowed, int(asked)) if asked.isdigit() and int(asked) > 0 else allowed


def is_one_of_several() -> bool:
    """Whether this process was started with others to train together, by this package or torchrun."""
    return "RANK" in os.environ and int(os.environ.get("WORLD_SIZE", "1")) > 1


@lru_cache(maxsize=1)
def instructions() -> frozenset[str]:
    """What this processor can do, in Linux's words; nothing where that is not known."""
    file = Path("/proc/cpuinfo")
    if not sys.platform.startswith("linux") or not file.exists():
        return frozenset()
    lines = (line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith(("flags", "Features")))
    return frozenset(next(lines, "").split())


def resident_memory() -> int:
    """Bytes of memory that this process uses now."""
    import psutil

    return int(psutil.Process().memory_info().rss)


def peak_memory() -> int:
    """The most bytes of memory that this process used at any time."""
    try:
        import resource
    except ImportError:  # Windows
        import psutil

        return int(psutil.Process().memory_info().peak_wset)  # pyright: ignore[reportAttributeAccessIssue]
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def within(items: Iterable[Item], most: int, room: int, size: Callable[[Item], int]) -> Iterator[list[Item]]:
    """Items in lists of up to `most`, each ended as soon as the sizes of its items reach `room`: so memory holds that
    and one item more, whatever the items are. No list waits for the item behind it.
    """
    some, held = list[Item](), 0
    for item in items:
        some.append(item)
        held += size(item)
        if len(some) == most or held >= room:
            yield some
            some, held = [], 0
    if some:
        yield some


@contextmanager
def lock(file: Path, seconds: float = 0.0) -> Iterator[bool]:
    """Hold a lock file while the block runs; whether it is ours, or another process still has it after `seconds`.
    Raises OSError where it cannot be made.
    """
    from filelock import FileLock, Timeout

    held = FileLock(file, timeout=seconds)
    try:
        held.acquire()
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        held.release()
