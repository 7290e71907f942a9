"""Do eight threads, forked and spawned processes get the vectors that one thread gets? Counts what differs by a bit;
with remembered vectors, which come from other batches, what is further apart than batches may be.

python benchmarks/reliability/threads.py MODEL [MODEL ...] [--calls 2000]
"""

import argparse
import asyncio
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).parents[1]))
from reliability.record import record

from interlingua import load
from interlingua.encoding.cache import remembering

WORDS = [
    "the",
    "red",
    "old",
    "house",
    "stands",
    "behind",
    "a",
    "tall",
    "tree",
    "and",
    "its",
    "lamp",
    "猫",
    "спит",
    "über",
]
PROCESSES, THREADS = 2, 8
SECONDS = 600.0
"""After which a way is taken to hang."""
OTHER_BATCHES = 1e-6
"""What rounding in batches of other shapes may change in a component."""
models: dict[str, Any] = {}
"""Loaded in this process, or by the one that it was forked from."""


@lru_cache
def texts(number: int) -> list[str]:
    """Up to 12 texts of up to 40 words, the same for the same number."""
    random = np.random.default_rng(number)
    return [" ".join(random.choice(WORDS, int(random.integers(0, 40)))) for _ in range(int(random.integers(1, 13)))]


def encode(name: str, number: int) -> bytes:
    """One call, in whatever process; the model is loaded where there is none yet."""
    model = models.get(name) or models.setdefault(name, load(name, "cpu"))
    return model.encode(texts(number)).tobytes()


async def as_tasks(name: str, calls: int) -> list[bytes]:
    """By asyncio.to_thread."""
    return list(await asyncio.gather(*(asyncio.to_thread(encode, name, number) for number in range(calls))))


def ways(name: str, calls: int) -> dict[str, list[bytes]]:
    """What each way of calling gives, call by call."""
    numbers, names = range(calls), [name] * calls
    found: dict[str, list[bytes]] = {}
    with ThreadPoolExecutor(THREADS) as pool:
        found["threads"] = list(pool.map(encode, names, numbers, timeout=SECONDS))
        kept = remembering(models[name].encode)
        found["threads, remembering"] = list(
            pool.map(lambda number: kept(texts(number)).tobytes(), numbers, timeout=SECONDS)
        )
        if hasattr(models[name], "train"):
            models[name].train()
            found["threads, left in training mode"] = list(pool.map(encode, names, numbers, timeout=SECONDS))
            models[name].eval()
    found["asyncio"] = asyncio.run(as_tasks(name, calls))
    for method in ("fork", "spawn", "forkserver"):
        with ProcessPoolExecutor(PROCESSES, multiprocessing.get_context(method)) as pool:
            found[method] = list(pool.map(encode, names, numbers, timeout=SECONDS, chunksize=50))
    return found


def distance(one: bytes, other: bytes) -> float:
    """The largest difference of any component; inf where there are more of them in one."""
    a, b = (np.frombuffer(part, np.float32) for part in (one, other))
    return float(np.abs(a - b).max()) if a.shape == b.shape else np.inf


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--calls", type=int, default=2000)
    given = parser.parse_args()
    calls: dict[str, int] = {}
    different: dict[str, int] = {}
    furthest: dict[str, float] = {}
    for name in given.models:
        alone = [encode(name, number) for number in range(given.calls)]
        for way, found in ways(name, given.calls).items():
            calls[way] = calls.get(way, 0) + len(found)
            apart = [distance(one, other) for one, other in zip(alone, found, strict=True) if one != other]
            allowed = OTHER_BATCHES if "remembering" in way else 0
            different[way] = different.get(way, 0) + sum(each > allowed for each in apart)
            furthest[way] = max(furthest.get(way, 0.0), *apart, 0.0)
    record(
        "threads and processes give the vectors of one thread",
        f"reliability/threads.py {' '.join(Path(name).name for name in given.models)} --calls {given.calls}",
        tried=sum(calls.values()),
        lost=sum(different.values()),
        calls=calls,
        different=different,
        largest_difference=furthest,
        allowed_of_other_batches=OTHER_BATCHES,
        threads=THREADS,
        processes=PROCESSES,
    )


if __name__ == "__main__":
    main()
