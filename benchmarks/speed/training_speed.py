"""Training on a CPU: our loop, step by step of what makes it fast, against sentence-transformers' trainer.

    python benchmarks/speed/training_speed.py TASK DATA MODELS [--windows 6] [--learn STEPS] [--out
    benchmarks/results/training-speed.json]

TASK is distillation (me5-small learns all-minilm-l6-v2's vectors; DATA is a table of parallel text with columns source
and target) or contrastive (all-minilm-l6-v2 learns from triplets; DATA has columns anchor, positive, hard_negative);
MODELS holds the two folders. Every system is a process that waits while another runs; all see the same batches of 64
examples in the same order, a step a window, the first window is not counted. With --learn, the systems train that many
steps instead, and the error on held-out texts is taken as they go. Results are merged into OUT. Three processes of the
larger model want 12 GB; --peers takes one peer at a time, --no-steps leaves out the steps of ours. Needs
sentence-transformers and its training extras.
"""

import argparse
import itertools
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import training_systems
from training_systems import BATCH, DEFAULT, OURS, PEERS

sys.path.append(str(Path(__file__).parents[1]))
from measuring import RESULTS, about, in_turns, known, ratios, rounded, write


class Worker:
    """A system in a process of its own."""

    def __init__(self, name: str, options: list[str]) -> None:
        self.name = name
        command = [sys.executable, training_systems.__file__, name, *options]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "OMP_WAIT_POLICY": "passive"},
        )  # fmt: skip

    def ask(self, line: str) -> Any:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        while not (answer := self.process.stdout.readline()).startswith(("{", *"0123456789")):
            if not answer:
                raise SystemExit(f"{self.name} stopped")
        return json.loads(answer)


def compare(workers: dict[str, Worker], names: list[str], windows: int, keep: Callable[[dict[str, Any]], None]) -> None:
    """Every system's windows, interleaved; after each, what is known so far is kept."""

    def window(name: str) -> dict[str, float]:
        answer = workers[name if name in PEERS else "ours"].ask(f"run 1 {name}")
        print(f"{name}: {answer}", file=sys.stderr, flush=True)
        return answer

    def after(found: dict[str, list[dict[str, float]]]) -> None:
        speeds = {name: speed(some) for name, some in found.items()}
        keep({"systems": speeds, "ratios": speed_ratios(speeds)})

    in_turns({name: partial(window, name) for name in names}, windows, warm_up=1, after=after)


def speed(windows: list[dict[str, float]]) -> dict[str, Any]:
    """Medians over windows of one step."""
    return {
        "examples_per_second": round(median(BATCH / w["seconds"] for w in windows), 2),
        "examples_per_cpu_second": round(median(BATCH / w["cpu"] for w in windows), 2),
        "windows": [rounded(w) for w in windows],
    }


def speed_ratios(found: dict[str, Any]) -> dict[str, Any]:
    """Of medians: ours by default against each peer, and each step against the one before, by the wall clock and in
    processor time."""
    rates = {name: {key: each[key] for key in each if key != "windows"} for name, each in found.items()}
    pairs = [pair for pair in itertools.pairwise(OURS[:-1]) if set(pair) <= set(found)]
    return {
        "against": {peer: ratios(rates[DEFAULT], rates[peer]) for peer in PEERS if peer in found},
        "steps": {later: ratios(rates[later], rates[earlier]) for earlier, later in pairs},
    }


def learn(workers: dict[str, Worker], steps: int, keep: Callable[[dict[str, Any]], None], every: int = 5) -> None:
    """Dev error after every few steps and the seconds it took to get there."""
    found: dict[str, Any] = {}
    for name, worker in workers.items():
        took = {"seconds": 0.0, "cpu": 0.0}
        curve = [{"step": 0, **took, "error": round(worker.ask("error"), 4)}]
        for step in range(every, steps + 1, every):
            answer = worker.ask(f"run {every} {DEFAULT}")
            took = {key: took[key] + answer[key] for key in took}
            curve.append({"step": step, **rounded(took, 1), "error": round(worker.ask("error"), 4)})
            print(name, curve[-1], file=sys.stderr, flush=True)
            found[name] = curve
            keep({"learning": found})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=("distillation", "contrastive"))
    parser.add_argument("data", type=Path)
    parser.add_argument("models", type=Path)
    parser.add_argument("--windows", type=int, default=6)
    parser.add_argument("--learn", type=int, default=0)
    parser.add_argument("--out", type=Path, default=RESULTS / "training-speed.json")
    parser.add_argument("--peers", nargs="*", default=PEERS)
    parser.add_argument("--no-steps", action="store_true")
    config = parser.parse_args()
    steps, end = config.learn or config.windows + 2, config.learn or 10**6
    options = [config.task, str(config.data), str(config.models), str(steps), str(end)]
    workers = {name: Worker(name, options) for name in (*config.peers, "ours")}
    facts = about(f"speed/training_speed.py {shlex.join(sys.argv[1:])}")
    facts |= {"load_average": facts["machine"]["load"], "batch": BATCH}
    names = ("torch", "transformers", "sentence-transformers", "numpy")
    versions = facts.pop("versions") | {name: version(name) for name in names}
    alone = "speed against " + ", ".join(config.peers) if config.peers else "steps"
    kind = "learning" if config.learn else "speed" if tuple(config.peers) == PEERS else alone

    def keep(result: dict[str, Any]) -> None:
        found = known(config.out)
        found["versions"] = versions
        found.setdefault(config.task, {})[kind] = facts | result
        write(config.out, found)

    if config.learn:
        learn(workers, config.learn, keep)
    else:
        compare(workers, [*config.peers, *([DEFAULT] if config.no_steps else OURS)], config.windows, keep)
    for worker in workers.values():
        worker.process.kill()


if __name__ == "__main__":
    main()
