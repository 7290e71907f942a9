"""Sockets that every command opens to anything but this machine, counted by strace; look-ups of names count too.

Every command runs with a path to a model (the quickstart, which fetches what it works on, with --offline), each as a
process of its own, with all that it starts. MODELs are folders of other kinds to encode with. One process with an
engine lives LIVES seconds, longer than onnxruntime waits before it first looks for its maker's host.

    python benchmarks/reliability/network.py [MODEL ...]
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))
from reliability.every_command import REFUSED, lines, prepare
from reliability.record import record

STRACE = ("strace", "-f", "-qq", "-s", "200", "-e", "trace=connect,sendto,sendmsg,sendmmsg,bind", "-o")
LIVES = 100
LONG = f"import time, interlingua; interlingua.load('engine').encode(['a text']); time.sleep({LIVES})"
SET_BY_USER = re.compile("INTERLINGUA_OFFLINE|HF_.*OFFLINE|ORT_DISABLE_TELEMETRY|HF_HUB_DISABLE_TELEMETRY")
"""Variables that would have the result be other than that of a user who has set nothing."""


def outward(trace: str) -> list[str]:
    """The lines of a trace by which a process turns to something outside of this machine: connections, datagrams,
    sockets that others can reach, and look-ups of names, which a service of this machine may pass on.
    """
    found: list[str] = []
    for line in trace.splitlines():
        address = re.search(r"sa_family=AF_INET6?\b.*?(?:inet_addr\(|inet_pton\(AF_INET6, )\"([^\"]+)\"", line)
        here = address is None or address[1].startswith("127.") or address[1] in ("::1", "::ffff:127.0.0.1")
        looks_up = re.search(r"sin6?_port=htons\(53\)|sun_path=\"[^\"]*/resolve/", line)
        if not here or (looks_up and "connect(" in line):
            found.append(line)
    return found


def traced(command: Sequence[str], folder: Path) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run a command in `folder`; what it said, and its `outward` lines."""
    environment = {name: value for name, value in os.environ.items() if not SET_BY_USER.fullmatch(name)}
    with tempfile.TemporaryDirectory() as scratch:
        trace = Path(scratch) / "trace"
        done = subprocess.run(
            [*STRACE, str(trace), *command], cwd=folder, env=environment, capture_output=True, text=True, timeout=900
        )
        return done, outward(trace.read_text(encoding="utf-8", errors="replace"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", type=Path, metavar="MODEL")
    models = [model.resolve() for model in parser.parse_args().models]
    program = [sys.executable, "-m", "interlingua"]
    # the trace sees what it should: a connection that is refused at once (this is an address of nobody)
    code = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 9))"
    opened: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if len(traced([sys.executable, "-c", code], folder)[1]) != 1:
            raise SystemExit("strace does not see a connection that is there")
        prepare(folder)
        for command, words in lines().items():
            done, found = traced([*program, *words], folder)
            if done.returncode != (2 if command == REFUSED else 0):
                raise SystemExit(f"{command} failed: {done.stderr[-500:]}")
            opened[command] = len(found)
            print(command, *found, sep="\n  ", flush=True)
        for model in models:
            done, found = traced([*program, "encode", "a.txt", "--model", str(model), "--output", "v.npy"], folder)
            if done.returncode:
                raise SystemExit(f"{model} failed: {done.stderr[-500:]}")
            opened[f"encode with {model.name}"] = len(found)
        opened[f"an engine for {LIVES} seconds"] = len(traced([sys.executable, "-c", LONG], folder)[1])
    called = " ".join(["reliability/network.py", *("MODEL" for _ in models)])
    record("silent network", called, tried=len(opened), lost=sum(opened.values()), sockets_by_command=opened)


if __name__ == "__main__":
    main()
