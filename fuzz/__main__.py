"""Fuzz everything for some minutes: python -m fuzz [MINUTES] [TARGET...]. What was found stands in build/fuzz; it ends
with 1 where there is any.
"""

import sys

from fuzz import running, targets


def main(arguments: list[str]) -> int:
    minutes, *chosen = arguments or ["10"]
    names = chosen or targets.names()
    states = []
    for name in names:
        states.append(running.fuzz(name, 60 * float(minutes) / len(names)))
        print("\n".join(running.report(states[-1:])), flush=True)
    print("\n" + "\n".join(running.report(states)))
    return int(any(one.findings for one in states))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
