"""What readers do with inputs that nobody would write: each target is fuzzed until it has had so many executions (of
earlier runs too, as recorded), and no finding may be open. Needs atheris; `make fuzz` installs it.

python benchmarks/reliability/fuzzing.py [--executions 1000000] [--hours 12] [TARGET ...]
"""

import argparse
import os
import struct
import sys
import time
from pathlib import Path

sys.path += [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

import measuring
from fuzz import one, running
from reliability.record import RESULT, record

TURN = 300
"""Seconds of a target at a time: all of them get on, and figures are written after each."""
PROMISE = "unusual inputs"


def recorded() -> float:
    """The minutes recorded; recorded executions are counted on where build/fuzz knows of fewer."""
    before = measuring.known(RESULT, promises={})["promises"].get(PROMISE, {})
    for name, executions in before.get("executions", {}).items():
        state = running.state(name)
        if state.executions < executions:
            state.folder.mkdir(parents=True, exist_ok=True)
            (state.folder / "count").write_bytes(struct.pack("<q", executions))
    return before.get("minutes", 0.0)


def main() -> None:
    os.environ |= one.ENVIRONMENT
    from fuzz import targets

    parser = argparse.ArgumentParser()
    parser.add_argument("targets", nargs="*", default=targets.names())
    parser.add_argument("--executions", type=int, default=10**6)
    parser.add_argument("--hours", type=float, default=12.0)
    asked = parser.parse_args()
    began, minutes = time.monotonic(), recorded()
    end = began + 3600 * asked.hours
    left = [name for name in asked.targets if running.state(name).executions < asked.executions]
    while left and time.monotonic() < end:
        left.sort(key=lambda name: running.state(name).seconds)  # slow ones keep nobody waiting
        running.fuzz(left[0], min(TURN, max(1, end - time.monotonic())), asked.executions)
        left = [name for name in left if running.state(name).executions < asked.executions]
        told = [running.state(name) for name in targets.names() if running.state(name).executions]
        record(
            PROMISE,
            f"reliability/fuzzing.py --executions {asked.executions}",
            tried=sum(state.executions for state in told),
            lost=sum(len(state.findings) for state in told),
            minutes=round(minutes + (time.monotonic() - began) / 60, 1),
            executions={state.name: state.executions for state in told},
            findings={state.name: [state.told(one) for one in state.findings] for state in told if state.findings},
        )
        print("\n".join(running.report([running.state(name) for name in targets.names()])), flush=True)


if __name__ == "__main__":
    main()
