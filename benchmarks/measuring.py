"""What the scripts of speed/ and quality/ share: systems that are timed in turns, facts of the machine, results read
and written.

A script finds this module by the line `sys.path.append(str(Path(__file__).parents[1]))`.
"""

import json
import os
import platform
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean, median, stdev
from typing import Any

from interlingua import printing
from interlingua.machine import threads
from interlingua.outputs import write_whole

RESULTS = Path(__file__).resolve().parent / "results"
Figures = dict[str, float]
"""What one run took, such as seconds, by name."""


def clocked(work: Callable[[], Any]) -> tuple[Figures, Any]:
    """Seconds that `work` took, and its answer: `wall` is by the clock, `cpu` of the processor, of all threads of this
    process."""
    wall, cpu = time.perf_counter(), time.process_time()
    answer = work()
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}, answer


def timed(work: Callable[[], Any]) -> Figures:
    return clocked(work)[0]


def process(command: list[str]) -> Figures:
    """What a command took as a process of its own. Its output is dropped; where it fails, this script stops."""
    began = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)  # it does not know that it was waited for
    if child.returncode:
        raise SystemExit(f"{command} failed")
    cpu = usage.ru_utime + usage.ru_stime
    return {"wall_seconds": wall, "cpu_seconds": cpu, "peak_megabytes": usage.ru_maxrss / 1024}


def in_turns(
    ways: Mapping[str, Callable[[], Figures]],
    rounds: int,
    warm_up: int = 0,
    after: Callable[[dict[str, list[Figures]]], None] = lambda _: None,
) -> dict[str, list[Figures]]:
    """The figures of every way in every round: A B C A B C ..., so that what else the machine does meets all alike.
    Rounds to warm up are not counted; `after` each that counts, what is known so far is handed over.
    """
    found: dict[str, list[Figures]] = {name: [] for name in ways}
    for number in range(-warm_up, rounds):
        for name, way in ways.items():
            figures = way()
            if number >= 0:
                found[name].append(figures)
        if number >= 0:
            after(found)
    return found


def medians(runs: Sequence[Figures]) -> Figures:
    return {name: median(run[name] for run in runs) for name in runs[0]}


def rounded(figures: Mapping[str, float], digits: int = 3) -> Figures:
    return {name: round(value, digits) for name, value in figures.items()}


def ratios(one: Mapping[str, float], other: Mapping[str, float]) -> Figures:
    """How many times the other's figures these are, where the other's are not 0."""
    return {name: round(value / other[name], 2) for name, value in one.items() if other[name]}


def spread(values: Sequence[float]) -> Figures:
    """Mean and standard deviation, over seeds for instance."""
    return {"mean": round(fmean(values), 2), "sd": round(stdev(values), 2) if len(values) > 1 else 0.0}


def machine(**more: Any) -> dict[str, Any]:
    """Facts of this machine that figures depend on, and how busy it is now; `more` overrules or adds."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    names = (line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    return {
        "processor": next(names, platform.machine()),
        "cores": os.cpu_count(),
        "threads": threads(),
        "system": platform.platform(),
        "load": os.getloadavg(),
        **more,
    }


def about(command: str, **more: Any) -> dict[str, Any]:
    """What stands beside the figures of a result: command, versions of what is imported by now, `machine(**more)`."""
    return {"command": f"python benchmarks/{command}", "versions": printing.versions(), "machine": machine(**more)}


def known(file: Path, **empty: Any) -> dict[str, Any]:
    """The results of a file; `empty` where there is none."""
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else empty


def write(file: Path, result: Mapping[str, Any]) -> None:
    """Write results whole or not at all."""
    with write_whole(file) as unfinished:
        unfinished.write_text(printing.dumps(result), encoding="utf-8")
