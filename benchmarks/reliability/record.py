"""One section a promise in benchmarks/results/reliability.json: what was tried, and what was lost."""

from pathlib import Path
from typing import Any

import measuring
from filelock import FileLock

RESULT = Path(__file__).parents[1] / "results" / "reliability.json"


def record(promise: str, command: str, file: Path = RESULT, **figures: Any) -> None:
    """Put the figures of one promise in the place of its former ones; `command` begins behind benchmarks/."""
    with FileLock(file.with_name(f".{file.name}.lock")):
        result = measuring.known(file, promises={})
        result["promises"][promise] = {**measuring.about(command), **figures}
        measuring.write(file, result)
