"""Neighbours of two stores of vectors both ways, block against block: as much in memory as is allowed, the rest on
disk.

A source block's and a target block's best so far are files. Two blocks are compared once; should a kill come between
the two files, the comparison is made again, and merging the same neighbours twice is merging them once.
"""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from jaxtyping import Float32, Int64

from interlingua.errors import ConfigError, DataError
from interlingua.machine import threads
from interlingua.mining.store import SHARD, Vectors
from interlingua.outputs import write_whole
from interlingua.progress import log, track
from interlingua.search import approximate, coding
from interlingua.search.approximate import IndexType
from interlingua.search.both_ways import TILE, WIDTH, Side, exact, search
from interlingua.search.nearest import NOBODY, Nearest
from interlingua.types import Embeddings

LARGEST = 131_072
"""Rows of a block at most: what a kill loses is one comparison."""
SMALLEST = 4096
AT_ONCE = 1024
"""Queries whose candidates are scored together."""
SAMPLED = 1000
"""Queries that recall is estimated from."""


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

    def take(self, rows: Int64[np.ndarray, " P"]) -> tuple[Float32[np.ndarray, "P K"], Int64[np.ndarray, "P K"]]:
        """Cosines and rows of some of its texts."""
        parts: list[tuple[Any, Any, Any]] = []
        for block in np.unique(rows // self.block):
            places = np.flatnonzero(rows // self.block == block)
            best, _ = self.load(int(block) * self.block, 1)
            local = rows[places] - block * self.block
            parts.append((places, best.scores[local], best.rows[local]))
        order = np.argsort(np.concatenate([part[0] for part in parts]))
        return np.concatenate([part[1] for part in parts])[order], np.concatenate([part[2] for part in parts])[order]

    def load(self, start: int, k: int) -> tuple[Nearest, set[int]]:
        """The best so far of a block, and the blocks of the other side they come from."""
        if not self.file(start).exists():
            return Nearest.empty(min(self.block, self.count - start), k), set()
        try:
            with self.file(start).open("rb") as stream, np.load(stream) as saved:
                return Nearest(saved["scores"], saved["rows"]), set(saved["seen"].tolist())
        except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error) as error:
            raise DataError("this file is damaged; remove it, it is made again", self.file(start)) from error

    def save(self, start: int, best: Nearest, seen: set[int]) -> None:
        """Replace a block whole."""
        with write_whole(self.file(start)) as temporary, temporary.open("wb") as stream:
            np.savez(stream, scores=best.scores, rows=best.rows, seen=np.array(sorted(seen), np.int64))


def find(
    folder: Path, source: Vectors, target: Vectors, k: int, memory: int, index: IndexType = IndexType.exact
) -> tuple[Neighbours, Neighbours, tuple[float, float] | None]:
    """The k nearest of every source and of every target, resumed where a kill left off; for an approximate index, its
    recall both ways.

    `memory` is how many bytes may be used on top of what is. Raises ConfigError where they do not suffice.
    """
    block = _block(folder, source.width, k, memory)
    forward, backward = (
        Neighbours(folder, name, side.count, block) for name, side in (("forward", source), ("backward", target))
    )
    if index is not IndexType.exact and min(source.count, target.count) < approximate.FEWEST:
        log(f"fewer than {approximate.FEWEST:,} texts on a side are searched exactly")
        index = IndexType.exact
    if index is IndexType.exact:
        _exactly(forward, backward, source, target, k)
        return forward, backward, None
    recalls = [
        _approximately(*sides, k, memory, index) for sides in ((forward, source, target), (backward, target, source))
    ]
    return forward, backward, (recalls[0], recalls[1])


def _exactly(forward: Neighbours, backward: Neighbours, source: Vectors, target: Vectors, k: int) -> None:
    block, k_forward, k_backward = forward.block, min(k, target.count), min(k, source.count)
    shared = coding.fit(source.sample(coding.SAMPLE), target.sample(coding.SAMPLE))
    with track(source.count * target.count // 1_000_000, "neighbours", "million pairs") as progress:
        for at in range(0, source.count, block):
            best, seen = forward.load(at, k_forward)
            left = [start for start in range(0, target.count, block) if start not in seen]
            mine = _side(source, at, block) if left else None
            for start in range(0, target.count, block):
                if mine is not None and start in left:
                    theirs = _side(target, start, block)
                    other, of = backward.load(start, k_backward)
                    search(shared, mine, theirs, best, other)
                    del theirs  # before the next is read
                    backward.save(start, other, of | {at})
                    seen.add(start)
                    forward.save(at, best, seen)
                progress.advance(min(block, source.count - at) * min(block, target.count - start) // 1_000_000)
            del mine


def _approximately(
    neighbours: Neighbours, queries: Vectors, keys: Vectors, k: int, memory: int, kind: IndexType
) -> float:
    """Fill `found` by an index of `keys`, and estimate the share of the true neighbours in it from a sample of
    queries.
    """
    import faiss

    k, file = min(k, keys.count), neighbours.folder / f"{neighbours.name}.faiss"
    left = [start for start in range(0, neighbours.count, neighbours.block) if not neighbours.file(start).exists()]
    index: Any = None
    if left and file.exists():
        index = faiss.read_index(str(file))
    elif left:
        log(f"{neighbours.name}: building the index ({kind})")
        blocks = (keys.rows(start, start + SHARD) for start in range(0, keys.count, SHARD))
        index = approximate.build(
            kind, keys.count, keys.width, keys.sample(approximate.sample_size(keys.count)), blocks, memory
        )
        with write_whole(file) as temporary:
            faiss.write_index(index, str(temporary))
    with track(neighbours.count, f"{neighbours.name} neighbours", "texts") as progress:
        progress.advance(neighbours.count - sum(min(neighbours.block, neighbours.count - start) for start in left))
        for block in left:
            best, _ = neighbours.load(block, k)
            for start in range(0, len(best.rows), AT_ONCE):
                rows = queries.rows(block + start, block + min(start + AT_ONCE, len(best.rows)))
                places, partners = approximate.candidates(index, rows, k)
                best.add(places + start, partners, exact(rows[places], keys.at(partners)))
                progress.advance(len(rows))
            few = np.flatnonzero(best.rows[:, -1] == NOBODY)  # in cells with next to nothing in them
            if len(few):
                best.rows[few], best.scores[few] = _exact_neighbours(queries.at(few + block), keys, k, neighbours.block)
            neighbours.save(block, best, {0})
    sampled = np.unique(np.linspace(0, neighbours.count - 1, SAMPLED).astype(np.int64))
    truth, _ = _exact_neighbours(queries.at(sampled), keys, k, neighbours.block)
    recall = float(
        np.mean([len(np.intersect1d(*rows)) / k for rows in zip(neighbours.take(sampled)[1], truth, strict=True)])
    )
    log(
        f"{neighbours.name}: {100 * recall:.2f} % of the true {k} neighbours were found, estimated from "
        f"{len(sampled):,} texts"
    )
    return round(recall, 4)


def _exact_neighbours(
    queries: Embeddings, keys: Vectors, k: int, block: int
) -> tuple[Int64[np.ndarray, "N K"], Float32[np.ndarray, "N K"]]:
    shared, best = coding.fit(queries, keys.sample(coding.SAMPLE)), Nearest.empty(len(queries), k)
    for start in range(0, keys.count, block):
        search(shared, Side(queries), _side(keys, start, block), best, None)
    return best.rows, best.scores


def _side(vectors: Vectors, start: int, block: int) -> Side:
    return Side(vectors.rows(start, start + block), start)


def _block(folder: Path, width: int, k: int, memory: int) -> int:
    """Rows of a block: those of an earlier run, else what fits into memory."""
    plan = folder / "plan.json"
    each = (
        2 * (4 * width + 4 * 12 * k + 64) + width + 64
    )  # two sides' vectors, neighbours and their copies, one side's integers
    fixed = threads() * (TILE * WIDTH * 4 + 40 * 2**20) + 3 * WIDTH * (width + 64) + 32 * 2**20
    fits = (memory - fixed) // each // SMALLEST * SMALLEST
    if fits < SMALLEST:
        needed = (fixed + SMALLEST * each) / 2**20
        raise ConfigError(
            f"--memory leaves {max(0, memory) / 2**20:.0f} MB for the search, at least {needed:.0f} MB are needed"
        )
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
