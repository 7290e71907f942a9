"""What a run says while it works: bars on stderr for a person at a terminal, a line a minute in a log."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, runtime_checkable

SHOW_AFTER_SECONDS = 2.0
LINE_EVERY_SECONDS = 60.0


@runtime_checkable
class Bar(Protocol):
    """Something that is told how far the work is."""

    def advance(self, done: int = 1, note: str = "") -> None:
        """`done` more units are done; `note` is shown behind the bar."""
        ...


def silence() -> None:
    """From here on this process says nothing of what it does: another one of the same work does."""
    global _silent
    _silent = True


def silenced() -> bool:
    """Whether this process shall say nothing."""
    return _silent


_silent = False


def log(message: str) -> None:
    """One line on stderr."""
    if _silent:
        return
    print(message, file=sys.stderr, flush=True)  # noqa: T201


def is_first(said: set[str], what: str) -> bool:
    """Whether nobody has `said` this yet, among all threads; from here on somebody has."""
    with _lock:
        before = len(said)
        said.add(what)
        return len(said) > before


_lock = threading.Lock()
if hasattr(os, "register_at_fork"):  # no child finds it held
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)


@contextmanager
def track(total: int | None, label: str, unit: str) -> Iterator[Bar]:
    """Progress with an ETA from the measured rate: a bar once the work has taken two seconds; a line a minute where
    nobody looks. Without a `total` there is no ETA.

    Work inside a tracked piece of work advances the bar of the whole where it counts in the same unit, and is silent
    where not.
    """
    if _silent:
        yield _Silent()
        return
    with _lock:  # of threads that begin together, one draws
        outer = _outer[-1] if _outer else None
        bar = _Silent() if outer else (_Terminal if sys.stderr.isatty() else _Lines)(total, label, unit)
        if not outer:
            _outer.append((bar, unit))
    if outer:
        yield outer[0] if outer[1] == unit else bar
        return
    try:
        yield bar
    finally:
        _outer.pop()
        bar.close()


_outer: list[tuple[Bar, str]] = []
"""Bars at work, and what each counts."""


class _Silent:
    def advance(self, done: int = 1, note: str = "") -> None:
        pass

    def close(self) -> None:
        pass


class _Lines:
    """Says nothing of work that ends within LINE_EVERY_SECONDS."""

    def __init__(self, total: int | None, label: str, unit: str) -> None:
        self._total, self._label, self._unit, self._done, self._at_start = total, label, unit, 0, 0
        self._began = self._said = time.monotonic()

    def advance(self, done: int = 1, note: str = "") -> None:
        self._done += done
        now = time.monotonic()
        if self._at_start == 0 and now - self._began < 1e-3:
            self._at_start = self._done  # what an earlier sitting did says nothing about the rate
        if now - self._said < LINE_EVERY_SECONDS:
            return
        self._said = now
        if self._total is None:
            log(f"{self._label}: {self._done:,} {self._unit}")
            return
        left = (self._total - self._done) * (now - self._began) / max(1, self._done - self._at_start)
        behind = f", {note}" if note else ""
        log(
            f"{self._label}: {self._done:,} of {self._total:,} {self._unit}, about {max(1, round(left / 60))} min "
            f"left{behind}"
        )

    def close(self) -> None:
        pass


class _Terminal:
    """Draws nothing before SHOW_AFTER_SECONDS: short work stays quiet."""

    def __init__(self, total: int | None, label: str, unit: str) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

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
