"""Texts and vectors on disk, read a block at a time: what mining keeps between its stages, and after a kill.

A folder of texts holds `texts.bin` (UTF-8, one after the other) and `places.npy` (where each begins and ends); a folder
of vectors holds shards `00000.npy`, `00001.npy`, ... of SHARD rows each. Both appear whole or not at all: what exists
is finished; and both have checksums, those of shards behind their rows: what is continued is what was written.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Int64

from interlingua.errors import DataError
from interlingua.files import digest
from interlingua.folding import canonical
from interlingua.machine import within
from interlingua.outputs import save_array, write_whole, write_whole_folder
from interlingua.progress import log, track
from interlingua.types import Embeddings, Encode
from interlingua.vectors import unit, verified

SHARD = 16_384
"""Texts encoded and written together; never a matter of memory, so that vectors do not depend on it."""
TOGETHER = 1 << 26
"""Bytes of texts encoded together: more than SHARD sentences have, so that memory is one thing whatever the texts
are."""
ABOUT = "texts.json"
"""The file of a folder of texts without which there are none."""
LONGEST = 100_000
"""Characters; what is longer is no sentence."""


@dataclass(frozen=True)
class Texts:
    """Different texts in the order of their first occurrence."""

    folder: Path
    places: Int64[np.ndarray, "N 2"]
    read: int
    """How many there were, repeated and empty ones included."""

    def __len__(self) -> int:
        return len(self.places)

    def at(self, rows: Sequence[int] | range | Int64[np.ndarray, " P"]) -> list[str]:
        """The texts of these rows."""
        return list(self.each(rows))

    def each(self, rows: Sequence[int] | range | Int64[np.ndarray, " P"]) -> Iterator[str]:
        """The same, one at a time."""
        with (self.folder / "texts.bin").open("rb") as stream:
            for start, stop in self.places[np.asarray(rows, np.int64)].tolist():
                stream.seek(start)
                yield stream.read(stop - start).decode()


def texts(folder: Path, source: Iterator[str], path: Path) -> Texts:
    """Open the texts in `folder`; where there are none yet, write them there from `found`, which comes from `path`.

    Empty texts and all but the first of equal ones (however their accents are encoded) are left out. Raises DataError
    for a text that is too long to be one, and where the folder cannot be written.
    """
    if not (folder / ABOUT).exists():
        shutil.rmtree(folder, ignore_errors=True)  # what a run that was killed as it cleaned up has left
        with write_whole_folder(folder) as temporary:
            places, read = _write_texts(temporary / "texts.bin", source, path)
            save_array(temporary / "places.npy", places)
            about = {"read": read, "sha256": _digests(temporary)}
            (temporary / ABOUT).write_text(json.dumps(about), encoding="utf-8")
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        if about["sha256"] != _digests(folder):
            raise ValueError("they were changed")
        return Texts(folder, np.load(folder / "places.npy"), about["read"])
    except (OSError, ValueError, KeyError) as error:
        raise DataError("these are no texts of a mining job; remove the folder, it is made again", folder) from error


def _digests(folder: Path) -> list[str]:
    return [digest(folder / name) for name in ("texts.bin", "places.npy")]


def _write_texts(file: Path, source: Iterator[str], path: Path) -> tuple[Int64[np.ndarray, "N 2"], int]:
    marks, lengths = bytearray(), list[np.ndarray]()
    block: list[int] = []
    with file.open("wb") as stream:
        for number, text in enumerate(source, 1):
            if len(text) > LONGEST:
                problem = (
                    f"a text of {len(text):,} characters is no sentence (at most {LONGEST:,}); split documents with "
                    "--split"
                )
                raise DataError(problem, path, number)
            content = text.encode()
            stream.write(content)
            block.append(len(content))
            marks += hashlib.blake2b(canonical(text).encode(), digest_size=16).digest()
            if len(block) == SHARD:
                lengths.append(np.array(block, np.int64))
                block = []
    every = np.concatenate([*lengths, np.array(block, np.int64)])
    ends = np.cumsum(every)
    kept = _first(np.frombuffer(bytes(marks), np.dtype([("high", "<u8"), ("low", "<u8")])))
    kept = kept[every[kept] > 0]
    return np.stack([ends[kept] - every[kept], ends[kept]], axis=1), len(every)


def _first(marks: np.ndarray) -> Int64[np.ndarray, " _"]:
    """Rows of the first occurrence of each mark, in ascending order."""
    order = np.lexsort((marks["low"], marks["high"]))  # stable: of equal ones the first comes first
    ordered = marks[order]
    new = np.ones(len(order), bool)
    new[1:] = ordered[1:] != ordered[:-1]
    return np.sort(order[new])


@dataclass(frozen=True)
class Vectors:
    """Unit rows of float32 in shards."""

    folder: Path
    count: int
    width: int

    def rows(self, start: int, stop: int) -> Embeddings:
        """Rows `start` to `stop`, in memory."""
        block = np.empty((min(stop, self.count) - start, self.width), np.float32)
        at = start
        while at < start + len(block):
            shard, first = divmod(at, SHARD)
            part = _shard(self.folder / f"{shard:05d}.npy")[first : first + start + len(block) - at]
            block[at - start : at - start + len(part)] = part
            at += len(part)
        return block

    def at(self, rows: Int64[np.ndarray, " P"]) -> Embeddings:
        """Any rows, in memory."""
        block = np.empty((len(rows), self.width), np.float32)
        for shard in np.unique(rows // SHARD):
            places = np.flatnonzero(rows // SHARD == shard)
            block[places] = _shard(self.folder / f"{shard:05d}.npy")[rows[places] % SHARD]
        return block

    def empty(self) -> Bool[np.ndarray, " N"]:
        """Which rows are all zeros."""
        parts = [~_shard(file).any(axis=1) for file in sorted(self.folder.glob("*.npy"))]
        return np.concatenate(parts) if parts else np.empty(0, bool)

    def sample(self, count: int) -> Embeddings:
        """About `count` rows, evenly spread."""
        step = max(1, self.count // max(1, count))
        parts = [_shard(file)[::step].copy() for file in sorted(self.folder.glob("*.npy"))]
        return np.concatenate(parts) if parts else np.empty((0, self.width), np.float32)


def encode_texts(folder: Path, texts: Texts, encode: Encode, language: str, label: str) -> Vectors:
    """The vectors of `found`, of which there is at least one, made shard by shard where they are not there yet.

    Raises DataError where one is not finite.
    """
    encode = verified(encode)
    with track(len(texts), label, "texts") as progress:
        for shard, start in enumerate(range(0, len(texts), SHARD)):
            rows = range(start, min(start + SHARD, len(texts)))
            file = folder / f"{shard:05d}.npy"
            if not _sound(file):
                pieces = within(texts.each(rows), SHARD, TOGETHER, lambda text: len(text.encode()))
                write_shard(file, np.concatenate([encode(some, language) for some in pieces]))
            progress.advance(len(rows))
    return Vectors(folder, len(texts), _shard(folder / "00000.npy").shape[1])


def _shard(file: Path) -> Embeddings:
    try:
        return np.load(file, mmap_mode="r")
    except (OSError, ValueError, EOFError) as error:
        raise DataError("this file is damaged; remove it, it is made again", file) from error


def write_shard(file: Path, vectors: Embeddings) -> None:
    """Write rows, made unit rows, whole or not at all. Raises DataError for a row that is not finite."""
    vectors = unit(vectors)
    with write_whole(file) as temporary:
        save_array(temporary, vectors)
        checksum = bytes.fromhex(digest(temporary))
        with temporary.open("ab") as stream:
            stream.write(checksum)


def _sound(file: Path) -> bool:
    """Whether a shard is there as it was written."""
    if not file.exists():
        return False
    with file.open("rb") as stream:
        content = hashlib.sha256()
        left = os.fstat(stream.fileno()).st_size - content.digest_size
        while block := stream.read(min(1 << 20, max(0, left))):
            content.update(block)
            left -= len(block)
        sound = content.digest() == stream.read()
    if not sound:
        log(f"{file}: damaged; its vectors are made again")
    return sound
