"""What holds while encoders are put to use, by any number of threads and in forked processes."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import torch
from torch import nn

from interlingua.errors import ConfigError

_LOCK = threading.Lock()
if hasattr(os, "register_at_fork"):  # no child finds it held
    os.register_at_fork(before=_LOCK.acquire, after_in_parent=_LOCK.release, after_in_child=_LOCK.release)


class Inference:
    """Who is using a module, and which parts of it were in training mode before."""

    def __init__(self) -> None:
        self._users = 0
        self._were: list[nn.Module] = []

    @contextmanager
    def of(self, module: nn.Module, device: torch.device) -> Iterator[None]:
        """Dropout is off for as long as any thread is inside; behind the last one, each part is in its former mode.

        Raises ConfigError where a forked process uses a GPU of its parent.
        """
        library = getattr(torch, device.type, None)  # torch.cuda, torch.mps; of a simulated device there is none
        if getattr(library, "_is_in_bad_fork", bool)():
            raise ConfigError(
                f"an encoder on {device} cannot be used in a process that was forked from one with this GPU; load it "
                "behind the fork, or start processes by spawn"
            )
        with _LOCK:
            self._users += 1
            switched = [part for part in module.modules() if part.training]
            self._were += switched
            for part in switched:
                part.training = False
        try:
            yield
        finally:
            with _LOCK:
                self._users -= 1
                if not self._users:
                    for part in self._were:
                        part.training = True
                    self._were.clear()


@lru_cache(maxsize=1)
def survive_forks() -> None:
    """Let forked processes compute on one thread, as they have no other: where the parent's threads have worked, GNU's
    OpenMP would wait for them for ever.
    """
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_on_one_thread)


def _on_one_thread() -> None:
    torch.set_num_threads(1)
