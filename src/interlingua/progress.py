"""What a run says while it works: bars on stderr for a person at a terminal, single lines otherwise."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, runtime_checkable

SHOW_AFTER_SECONDS = 2.0


@runtime_checkable
class Bar(Protocol):
    """Something that is told how far the work is."""

    def advance(self, done: int = 1, note: str = "") -> None:
        """`done` more units are done; `note` is shown behind the bar."""
        ...


def log(message: str) -> None:
    """One line on stderr."""
    print(message, file=sys.stderr, flush=True)  # noqa: T201


@contextmanager
def track(total: int, label: str, unit: str) -> Iterator[Bar]:
    """A progress bar with an ETA from the measured rate, once the work has taken two seconds and only on a terminal.

    Work inside a tracked piece of work advances the bar of the whole where it counts in the same unit, and is silent where not.
    """
    if _outer:
        yield _outer[-1][0] if _outer[-1][1] == unit else _Silent()
        return
    bar = _Terminal(total, label, unit) if sys.stderr.isatty() else _Silent()
    _outer.append((bar, unit))
    try:
        yield bar
    finally:
        _outer.pop()
        bar.close()


_outer: list[tuple["_Silent | _Terminal", str]] = []


class _Silent:
    def advance(self, done: int = 1, note: str = "") -> None:
        pass

    def close(self) -> None:
        pass


class _Terminal:
    """Draws nothing before SHOW_AFTER_SECONDS: short work stays quiet."""

    def __init__(self, total: int, label: str, unit: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        self._began = time.monotonic()
        self._drawing = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[unit]}", markup=False),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}", markup=False),
            console=Console(stderr=True),
            speed_estimate_period=60,
            expand=True,
        )
        self._task = self._drawing.add_task(label, total=total, unit=unit, note="")
        self._shown = False

    def advance(self, done: int = 1, note: str = "") -> None:
        if not self._shown and time.monotonic() - self._began > SHOW_AFTER_SECONDS:
            self._drawing.start()
            self._shown = True
        if note:
            self._drawing.update(self._task, advance=done, note=note)
        else:
            self._drawing.advance(self._task, done)

    def close(self) -> None:
        if self._shown:
            self._drawing.stop()
