"""Every target in turn, each in a process of its own that is started again where it dies, and what is known of each."""

import os
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "fuzz"
LATE = 180
"""Seconds after which a process that should have ended is ended: longer than one input may hang."""


@dataclass(frozen=True)
class State:
    """What a target's folder holds of all runs so far."""

    name: str
    folder: Path

    @property
    def executions(self) -> int:
        """Inputs that were run."""
        file = self.folder / "count"
        return struct.unpack("<q", file.read_bytes())[0] if file.exists() else 0

    @property
    def seconds(self) -> float:
        """By the clock."""
        file = self.folder / "seconds"
        return float(file.read_text()) if file.exists() else 0.0

    @property
    def findings(self) -> list[Path]:
        """The inputs: those of which the target wrote what was wrong, and those that ended the process."""
        files = self.folder.glob("findings/*")
        return sorted(file for file in files if file.suffix != ".txt")

    def told(self, finding: Path) -> str:
        """What was wrong, in a line."""
        text = finding.with_name(f"{finding.name}.txt")
        lines = text.read_text(encoding="utf-8").strip().splitlines() if text.exists() else []
        return next((line[:150] for line in reversed(lines) if line[:1].strip()), "it ended the process")


def state(name: str) -> State:
    return State(name, FOLDER / name)


def fuzz(name: str, seconds: float, executions: int = -1) -> State:
    """Fuzz one target for a time, or until it has had so many executions."""
    now, began = state(name), time.monotonic()
    now.folder.mkdir(parents=True, exist_ok=True)
    already = now.seconds
    while (left := seconds - (time.monotonic() - began)) >= 1 and (executions < 0 or now.executions < executions):
        runs = -1 if executions < 0 else executions - now.executions
        command = [sys.executable, "-m", "fuzz.one", name, str(now.folder), str(int(left)), str(runs)]
        with (now.folder / "log").open("wb") as log:
            try:
                code = subprocess.run(
                    command, cwd=ROOT, env=_environment(), stdout=log, stderr=log, timeout=left + LATE
                ).returncode
            except subprocess.TimeoutExpired:
                code = 0
        (now.folder / "seconds").write_text(f"{already + time.monotonic() - began:.1f}")
        if code and not now.executions:
            raise SystemExit(f"{name} does not start:\n{(now.folder / 'log').read_text(errors='replace')[-2000:]}")
    return now


def _environment() -> dict[str, str]:
    paths = [str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def report(states: Sequence[State]) -> Iterator[str]:
    """Lines for people."""
    for one in states:
        speed = one.executions / one.seconds if one.seconds else 0
        figures = f"{one.executions:>12,} executions {one.seconds / 60:8.1f} min {speed:8,.0f}/s"
        yield f"{one.name:20} {figures} {len(one.findings):3} findings"
    for one in states:
        for finding in one.findings:
            yield f"\n{one.name}: {one.told(finding)}\n  python -m fuzz.one {one.name} - {os.path.relpath(finding)}"
