"""Neighbours of two stores of vectors both ways, block against block: as much in memory as is allowed, the rest on disk.

A source block's and a target block's best so far are files. Two blocks are compared once; should a kill come between the two files, the
comparison is made again, and merging the same neighbours twice is merging them once.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Int64

from interlingua.errors import ConfigError, DataError
from interlingua.files import write_whole
from interlingua.mining.store import Vectors
from interlingua.progress import track
from interlingua.search import coding
from interlingua.search.both_ways import TILE, WIDTH, Side, search
from interlingua.search.integer_product import threads
from interlingua.search.nearest import Nearest

LARGEST = 131_072
"""Rows of a block at most: what a kill loses is one comparison."""
SMALLEST = 4096


@dataclass(frozen=True)
class Neighbours:
    """One side's neighbours on the other side, in blocks on disk."""

    folder: Path
    name: str
    count: int
    block: int

    def file(self, start: int) -> Path:
        """Where the block that begins at `start` is."""
        return self.folder / f"{self.name}-{start:010d}.npz"

    def blocks(self) -> Iterator[tuple[int, Float32[np.ndarray, "N K"], Int64[np.ndarray, "N K"]]]:
        """First row, cosines and rows of each block."""
        for start in range(0, self.count, self.block):
            best, _ = self.load(start, 1)
            yield start, best.scores, best.rows

    def load(self, start: int, k: int) -> tuple[Nearest, set[int]]:
        """The best so far of a block, and the blocks of the other side they come from."""
        if not self.file(start).exists():
            return Nearest.empty(min(self.block, self.count - start), k), set()
        try:
            with np.load(self.file(start)) as saved:
                return Nearest(saved["scores"], saved["rows"]), set(saved["seen"].tolist())
        except (OSError, ValueError, KeyError) as error:
            raise DataError("this file is damaged; remove it, it is made again", self.file(start)) from error

    def save(self, start: int, best: Nearest, seen: set[int]) -> None:
        """Replace a block whole."""
        with write_whole(self.file(start)) as temporary, temporary.open("wb") as stream:
            np.savez(stream, scores=best.scores, rows=best.rows, seen=np.array(sorted(seen), np.int64))


def find(folder: Path, source: Vectors, target: Vectors, k: int, memory: int) -> tuple[Neighbours, Neighbours]:
    """The exact k nearest of every source and of every target, resumed where a kill left off.

    `memory` is how many bytes may be used on top of what is. Raises ConfigError where they do not suffice.
    """
    block = _block(folder, source.width, k, memory)
    k_forward, k_backward = min(k, target.count), min(k, source.count)
    forward, backward = (Neighbours(folder, name, side.count, block) for name, side in (("forward", source), ("backward", target)))
    pairs = source.count * target.count
    shared = coding.fit(source.sample(coding.SAMPLE), target.sample(coding.SAMPLE))
    with track(pairs // 1_000_000, "neighbours", "million pairs") as progress:
        for at in range(0, source.count, block):
            best, seen = forward.load(at, k_forward)
            left = [start for start in range(0, target.count, block) if start not in seen]
            mine = _side(shared, source, at, block, 0) if left else None
            for start in range(0, target.count, block):
                if mine is not None and start in left:
                    theirs = _side(shared, target, start, block, 1)
                    other, of = backward.load(start, k_backward)
                    search(shared, mine, theirs, best, other)
                    backward.save(start, other, of | {at})
                    seen.add(start)
                    forward.save(at, best, seen)
                progress.advance(min(block, source.count - at) * min(block, target.count - start) // 1_000_000)
    return forward, backward


def _side(shared: coding.Coding, vectors: Vectors, start: int, block: int, side: int) -> Side:
    rows = vectors.rows(start, start + block)
    return Side(rows, coding.code(shared, rows, side), start)


def _block(folder: Path, width: int, k: int, memory: int) -> int:
    """Rows of a block: those of an earlier run, else what fits into memory."""
    plan = folder / "plan.json"
    each = 2 * (5 * width + 64 + 4 * 12 * k + 64)  # two sides: vectors, integers, neighbours and their copies
    fixed = threads() * (TILE * WIDTH * 4 + 24 * 2**20) + 2 * WIDTH * width + 32 * 2**20
    fits = (memory - fixed) // each // SMALLEST * SMALLEST
    if fits < SMALLEST:
        needed = (fixed + SMALLEST * each) / 2**20
        raise ConfigError(f"--memory leaves {max(0, memory) / 2**20:.0f} MB for the search, at least {needed:.0f} MB are needed")
    if plan.exists():
        block = int(json.loads(plan.read_text(encoding="utf-8"))["block"])
        if block <= fits:
            return block
        for file in folder.glob("*.npz"):
            file.unlink()
    block = int(min(LARGEST, fits))
    with write_whole(plan) as temporary:
        temporary.write_text(json.dumps({"block": block}), encoding="utf-8")
    return block
