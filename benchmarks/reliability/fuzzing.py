"""What readers do with inputs that nobody would write: each target is fuzzed until it has had so many executions (of
earlier runs too, whose counts stand in build/fuzz), and no finding may be open. Needs atheris; `make fuzz` installs it.

python benchmarks/reliability/fuzzing.py [--executions 1000000] [--hours 12] [TARGET ...]
"""

import argparse
import os
import sys
import time
from pathlib import Path

sys.path += [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from fuzz import one, running
from reliability.record import record

TURN = 300
"""Seconds of a target at a time: all of them get on, and figures are written after each."""


def main() -> None:
    os.environ |= one.ENVIRONMENT
    from fuzz import targets

    parser = argparse.ArgumentParser()
    parser.add_argument("targets", nargs="*", default=targets.names())
    parser.add_argument("--executions", type=int, default=10**6)
    parser.add_argument("--hours", type=float, default=12.0)
    asked = parser.parse_args()
    end = time.monotonic() + 3600 * asked.hours
    left = list(asked.targets)
    while left and time.monotonic() < end:
        left.sort(key=lambda name: running.state(name).seconds)  # slow ones keep nobody waiting
        running.fuzz(left[0], min(TURN, max(1, end - time.monotonic())), asked.executions)
        left = [name for name in left if running.state(name).executions < asked.executions]
        told = [running.state(name) for name in targets.names() if running.state(name).executions]
        record(
            "unusual inputs",
            f"reliability/fuzzing.py --executions {asked.executions}",
            tried=sum(state.executions for state in told),
            lost=sum(len(state.findings) for state in told),
            minutes=round(sum(state.seconds for state in told) / 60, 1),
            executions={state.name: state.executions for state in told},
            findings={state.name: [state.told(one) for one in state.findings] for state in told if state.findings},
        )
        print("\n".join(running.report([running.state(name) for name in targets.names()])), flush=True)


if __name__ == "__main__":
    main()
