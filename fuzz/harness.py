"""One input through one target, and what may not happen meanwhile: any error but ours, a warning, another outcome
the second time, a file touched outside the target's folder, a process or a connection started, more than SECONDS.
"""

import json
import os
import re
import shutil
import sys
import tempfile
import time
import traceback
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from interlingua.errors import InterlinguaError

os.environ |= {
    "HF_HUB_OFFLINE": "1",
    "OMP_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}
SECONDS = 10.0
"""Of processor time that one input may take: what else the machine does makes no difference."""
TWICE = 16
"""One input of so many is run a second time."""


Run = Callable[[bytes, Path], object]


@dataclass(frozen=True, kw_only=True)
class Target:
    """Something that takes what a user gives."""

    name: str
    run: Run
    """Take an input, with an empty folder to work in. What it returns must be the same every time, and it may raise
    InterlinguaError."""
    seeds: Callable[[], Sequence[bytes]]
    """Inputs to begin with."""
    tokens: tuple[str, ...] = ()
    """Words of the input's language."""
    pieces: str = r"\s+|[^\s\w]|\w+"
    """A regular expression of what the input is made of, for mutations of whole pieces."""
    longest: int = 4096
    """Bytes."""
    titled: bool = False
    """Whether the first line of an input says what the rest is, and is not mutated."""


TARGETS: dict[str, Target] = {}


def words(*names: str) -> tuple[str, ...]:
    """Lists of words.json."""
    return tuple(word for name in names for word in _words()[name])


@cache
def _words() -> dict[str, list[str]]:
    return json.loads(Path(__file__).with_name("words.json").read_text(encoding="utf-8"))


def target(seeds: Callable[[], Sequence[bytes]], **more: Any) -> Callable[[Run], Run]:
    """Make a target of a function, of its name; `more` are fields of a Target."""

    def add(run: Run) -> Run:
        name = run.__name__.strip("_").replace("_", "-")
        TARGETS[name] = Target(name=name, run=run, seeds=seeds, **more)
        return run

    return add


class Finding(Exception):
    """What an input did and no input may do."""


def attempt(target: Target, data: bytes, folder: Path) -> BaseException | None:
    """Run an input in a folder that is empty before and after; what is wrong, if anything is."""
    try:
        seconds, outcome = _once(target, data, folder)
        if seconds > SECONDS:  # the first input that needs a library waits for it to be imported
            seconds, _ = _once(target, data, folder)
            if seconds > SECONDS:
                raise Finding("it takes too long")
        if zlib.crc32(data) % TWICE == 0 and _shown(_once(target, data, folder)[1]) != _shown(outcome):
            raise Finding("another outcome the second time")
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit too: no input ends the process
        return error
    return None


def _shown(outcome: object) -> str:
    return re.sub(" at 0x[0-9a-f]+", "", repr(outcome))


def told(call: Callable[[], object]) -> object:
    """What a call returns, or what it says to a user: in one line."""
    try:
        return call()
    except InterlinguaError as error:
        if re.search(r"[\r\n]", str(error)):
            raise Finding("a message of several lines") from error
        return f"{type(error).__name__}: {error}"


def _once(target: Target, data: bytes, folder: Path) -> tuple[float, object]:
    """Seconds, and what came out."""
    began = time.process_time()
    with _watched(folder), warnings.catch_warnings():
        warnings.simplefilter("error")
        outcome = told(lambda: target.run(data, folder))
    if _breaches:
        raise Finding(_breaches[0])
    return time.process_time() - began, outcome


_allowed: list[str] = []
_breaches: list[str] = []
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.truncate", "os.link", "os.symlink", "os.chmod")
FOREIGN = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn")
NEVER_READ = ("/etc/", "/home/", "/root/.", "/tmp/")


@contextmanager
def _watched(folder: Path) -> Iterator[None]:
    """Note, while the block runs, whatever touches a file outside the folder or reaches out of the process."""
    _breaches.clear()
    _allowed[:] = [str(folder), "/dev/null", "/dev/shm/sem."]
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    hook, sys.unraisablehook = sys.unraisablehook, _unraisable
    try:
        yield
    finally:
        _allowed.clear()
        tempfile.tempdir, sys.unraisablehook = before, hook
        for entry in os.scandir(folder):
            if entry.name.startswith(("tmp", ".")):
                _breaches.append(f"left {re.sub('[0-9]+|tmp.*', '*', entry.name)} behind")
            shutil.rmtree(entry.path) if entry.is_dir(follow_symlinks=False) else os.unlink(entry.path)


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if not _allowed:
        return
    if event == "open":
        path, _, flags = arguments
        if not isinstance(path, str | bytes):
            return
        name = os.path.abspath(os.fsdecode(path))
        writes = isinstance(flags, int) and flags & WRITING
        if (writes or name.startswith(NEVER_READ)) and not name.startswith((*_allowed, *sys.path)):
            _breaches.append(f"{'writes' if writes else 'reads'} {name}")
    elif event in CHANGES:
        path, folder = arguments[0], arguments[-1]
        if isinstance(folder, int) and folder >= 0 and event in ("os.remove", "os.rmdir"):  # of shutil.rmtree
            path = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), os.fsdecode(str(path)))
        if isinstance(path, str | bytes) and not os.path.abspath(os.fsdecode(path)).startswith(tuple(_allowed)):
            _breaches.append(f"{event} of {os.fsdecode(path)}")
    elif event.startswith(FOREIGN) and event != "socket.gethostname":
        _breaches.append(f"{event} {arguments!r:.200}")


def _unraisable(problem: Any) -> None:
    """A file left open, say: its warning can stop nobody."""
    _breaches.append(f"{problem.exc_type.__name__}: {problem.exc_value}")


sys.addaudithook(_audit)


def place(error: BaseException) -> str:
    """What kind of finding this is: the error, and where in the package it came from."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "interlingua" in frame.filename]
    where = f"{Path(frames[-1].filename).name}:{frames[-1].name}" if frames else ""
    return f"{type(error).__name__} {error if isinstance(error, Finding) else ''} {where}"


def keep(error: BaseException, data: bytes, folder: Path) -> None:
    """Write a finding's input and traceback, unless one of its kind is there."""
    name = re.sub(r"\W+", "-", place(error))[:100].strip("-")
    if not (folder / f"{name}.txt").exists():
        (folder / name).write_bytes(data)
        text = "".join(traceback.format_exception(error))
        (folder / f"{name}.txt").write_text(text, encoding="utf-8", errors="backslashreplace")
