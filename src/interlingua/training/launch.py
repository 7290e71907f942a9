"""Start several processes of one command on this machine, and end them all when one ends before its time."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from interlingua.errors import ConfigError
from interlingua.machine import threads
from interlingua.network import loopback
from interlingua.progress import log
from interlingua.training.processes import Lost

GRACE_SECONDS = 10.0
"""What the others have to end by themselves once one has failed."""
INTERRUPTED = 130
Processes = Sequence["subprocess.Popen[bytes]"]


def launch(count: int, arguments: Sequence[str]) -> int:
    """Run `python -m interlingua ARGUMENTS` in `count` processes that train together; the exit code of the one that
    failed, or 0.

    Process 0 speaks. What another says as it fails is shown where process 0 cannot know it. Ctrl-C, SIGTERM and SIGHUP
    are told to all of them; without this process they stop by themselves. Raises ConfigError on Windows, where
    processes cannot be told so.
    """
    if sys.platform == "win32":
        raise ConfigError("--processes needs Linux or macOS; leave it out, one process uses all cores as well")
    with tempfile.TemporaryDirectory(prefix="interlingua-") as name, _stoppable():
        running = [_start(number, count, arguments, Path(name)) for number in range(count)]
        try:
            while (codes := [process.poll() for process in running]) and None in codes and not any(codes):
                time.sleep(0.05)
            _end(running)
        except KeyboardInterrupt:
            return _interrupted(running)
        finally:
            for process in running:
                process.kill()
        return _failure(codes, [process.returncode for process in running], Path(name))


def _start(number: int, count: int, arguments: Sequence[str], folder: Path) -> "subprocess.Popen[bytes]":
    environment = {
        "OMP_NUM_THREADS": str(max(1, threads() // count)),
        # they talk to each other alone, so that no other machine can
        "GLOO_SOCKET_IFNAME": loopback(), "NCCL_SOCKET_IFNAME": loopback(),
        **os.environ,
        "WORLD_SIZE": str(count), "RANK": str(number), "LOCAL_RANK": str(number),
        "INTERLINGUA_MEETING": (folder / "meeting").as_uri(), "INTERLINGUA_LAUNCHER": str(os.getpid()),
    }  # fmt: skip
    command = [sys.executable, "-m", "interlingua", *arguments]
    if number == 0:
        return subprocess.Popen(command, env=environment, start_new_session=True)
    with (folder / f"{number}.txt").open("wb") as said:
        silent = subprocess.DEVNULL
        return subprocess.Popen(command, env=environment, start_new_session=True, stdout=silent, stderr=said)


def _end(running: Processes) -> None:
    """Wait a little for those that find out by themselves, then end them."""
    until = time.monotonic() + GRACE_SECONDS
    for process in running:
        try:
            process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _interrupted(running: Processes) -> int:
    """Have all of them save and end; a second Ctrl-C does not wait."""
    for process in running:
        process.send_signal(signal.SIGINT)
    for process in running:
        process.wait()
    return INTERRUPTED


def _failure(at_first: Sequence[int | None], codes: Sequence[int], folder: Path) -> int:
    """The exit code of the process that failed first, after saying what it said; 0 where none did. Those that ended for
    the lack of another, or were ended by `_end`, are no cause.
    """
    causes = [number for number, code in enumerate(at_first) if code and code != Lost.exit_code]
    causes += [number for number, code in enumerate(codes) if code not in (0, Lost.exit_code, -signal.SIGKILL)]
    causes += [number for number, code in enumerate(codes) if code]
    if not causes:
        return 0
    cause = causes[0]
    file = folder / f"{cause}.txt"
    said = file.read_text(encoding="utf-8", errors="replace").strip() if file.exists() else ""
    if codes[cause] < 0:
        if said:
            log(f"process {cause}: {said}")
        log(f"error: process {cause} was killed (signal {-codes[cause]}); --resume continues from the last checkpoint")
        return 1
    if cause > 0 and codes[0] in (Lost.exit_code, -signal.SIGKILL):  # process 0 has not said why
        log(f"process {cause}: {said}")
    return codes[cause]


@contextmanager
def _stoppable() -> Iterator[None]:
    """SIGTERM, and a terminal that is closed, are as good as Ctrl-C."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), stop) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)
