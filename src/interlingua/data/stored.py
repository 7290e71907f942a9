"""Examples on disk, mapped into memory as they are needed: data of any size trains in the memory of a batch.

A store is an Arrow file of texts and targets, and three arrays beside it: a hash of each text, the characters of each
example, and the number of its languages. It is made once for a set of files.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, overload

import numpy as np
import pyarrow as pa
from jaxtyping import Int, Int64, UInt64

from interlingua.data.batching import Lengths
from interlingua.data.digest import Digest, as_line, canonical_example
from interlingua.data.sampling import Groups
from interlingua.errors import DataError
from interlingua.folding import canonical
from interlingua.outputs import save_array, write_whole_folder
from interlingua.progress import track
from interlingua.types import Embeddings, Example

BLOCK = 65_536
"""Examples that are written, and looked through, together."""
VERSION = 2
"""Of this layout; a store of another is made again."""
ENOUGH = 500_000
"""Examples whose texts are enough to learn a vocabulary from."""
SORTED = 2**23
"""Hashes that are sorted at a time, to find those that occur twice."""


def hashes(texts: Iterable[str]) -> UInt64[np.ndarray, " N"]:
    """The first eight bytes of the SHA-256 of each text in its canonical form, as a number that sorts as they do."""
    first = b"".join(sha256(canonical(text).encode("utf-8", "surrogatepass")).digest()[:8] for text in texts)
    return np.frombuffer(first, ">u8").astype(np.uint64)


@dataclass(frozen=True, eq=False)
class Vectors:
    """Embeddings of texts on disk, found by the hash of the text."""

    keys: UInt64[np.ndarray, " U"] = field(repr=False)
    places: Int64[np.ndarray, " U"] = field(repr=False)
    rows: Embeddings = field(repr=False)

    def of(self, keys: UInt64[np.ndarray, " P"]) -> Embeddings:
        """The embeddings of the texts with these hashes."""
        return self.rows[self.places[np.searchsorted(self.keys, keys)]]


@dataclass(frozen=True, eq=False)
class Stored(Sequence[Example]):
    """The examples of a store, without some."""

    folder: Path
    about: dict[str, Any]
    """Number of texts of an example, all its languages, the digest, distinct first texts, and what it was made of."""
    blocks: list[pa.RecordBatch] = field(repr=False)
    keys: UInt64[np.ndarray, "N K"] = field(repr=False)
    characters: Int[np.ndarray, " N"] = field(repr=False)
    kinds: Int[np.ndarray, " N"] = field(repr=False)
    """Which of `about["languages"]` each has."""
    left_out: Int64[np.ndarray, " M"] = field(repr=False)
    """Rows of the store that are none of these examples, in ascending order."""
    vectors: Vectors | None = None
    """Of first texts: the targets, where there are some."""

    def __len__(self) -> int:
        return len(self.characters) - len(self.left_out)

    @overload
    def __getitem__(self, index: int) -> Example: ...
    @overload
    def __getitem__(self, index: slice) -> list[Example]: ...
    def __getitem__(self, index: int | slice) -> Example | list[Example]:
        if isinstance(index, slice):
            return self.take(np.arange(*index.indices(len(self))))
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self.take(np.array([index % len(self)]))[0]

    def __iter__(self) -> Iterator[Example]:
        for start in range(0, len(self), BLOCK):
            yield from self[start : start + BLOCK]

    def take(self, places: Int[np.ndarray, " P"]) -> list[Example]:
        """The examples at these places, in this order."""
        rows, known = self.rows(places), self.languages
        languages = [known[kind] for kind in self.kinds[rows].tolist()]
        examples = [self._example(row, each) for row, each in zip(rows.tolist(), languages, strict=True)]
        if self.vectors is None:
            return examples
        targets = self.vectors.of(self.keys[rows, 0])
        return [replace(example, target=target) for example, target in zip(examples, targets, strict=True)]

    def _example(self, row: int, languages: tuple[str, ...]) -> Example:
        block, line = divmod(row, BLOCK)
        columns, count = self.blocks[block].columns, self.about["texts"]
        target = columns[count][line].as_py() if len(columns) > count else None
        return Example(tuple(column[line].as_py() for column in columns[:count]), languages, target)

    @cached_property
    def lengths(self) -> Lengths:
        """Characters of each example, looked up as they are needed."""
        return _Characters(self)

    @property
    def digest(self) -> str:
        """Of all examples that were read, and of those left out since."""
        left_out = len(self.left_out) - self.about["repeats"]
        return self.about["digest"] + (f" without {left_out}" if left_out else "")

    @cached_property
    def languages(self) -> list[tuple[str, ...]]:
        """The languages that examples have, each combination once."""
        return [tuple(each) for each in self.about["languages"]]

    def groups(self, group: Callable[[Example], str]) -> Groups:
        """The group of each example. `group` sees an example's languages, and no text."""
        named = [group(Example(("",) * len(each), each)) for each in self.languages]
        names = sorted(set(named))
        numbers = np.array([names.index(name) for name in named], np.int16)
        return Groups(names, np.delete(numbers[self.kinds], self.left_out))

    def without(self, texts: Collection[str]) -> "Stored":
        """The examples that hold none of these texts."""
        return replace(self, left_out=np.union1d(self.left_out, self._rows_with(hashes(texts))))

    def hold_out(self, texts: int) -> list[Example]:
        """Every example of the `texts` first texts with the lowest hashes."""
        lowest = np.empty(0, np.uint64)
        for start in range(0, len(self.keys), BLOCK):
            first = self.keys[start : start + BLOCK, 0]
            if len(lowest) == texts:
                first = first[first < lowest[-1]]
            lowest = np.union1d(lowest, first)[:texts]
        rows = np.setdiff1d(self._rows_with(lowest, first=True), self.left_out, assume_unique=True)
        return replace(self, left_out=np.empty(0, np.int64)).take(rows)

    def rows(self, places: Int[np.ndarray, " P"]) -> Int64[np.ndarray, " P"]:
        """Where the examples at these places stand in the store."""
        return places + np.searchsorted(self._gaps, places, side="right")

    @cached_property
    def _gaps(self) -> Int64[np.ndarray, " M"]:
        """The place at which each row that is left out would stand, were it kept and those before it not."""
        return self.left_out - np.arange(len(self.left_out))

    def _rows_with(self, wanted: UInt64[np.ndarray, " W"], first: bool = False) -> Int64[np.ndarray, " R"]:
        """Rows with a text, or a first text, of these hashes. Their upper bits rule out most rows at little cost."""
        upper = np.zeros(2**16, bool)
        upper[wanted >> np.uint64(48)] = True
        rows: list[np.ndarray] = []
        for start in range(0, len(self.keys), BLOCK):
            part = self.keys[start : start + BLOCK, : 1 if first else None]
            some = np.flatnonzero(upper[part >> np.uint64(48)].any(axis=1))
            rows.append(start + some[np.isin(part[some], wanted).any(axis=1)])
        return np.concatenate(rows)


@dataclass(frozen=True, eq=False)
class _Characters:
    """Characters of each example."""

    examples: Stored

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, places: Int[np.ndarray, " P"]) -> Int[np.ndarray, " P"]:
        return self.examples.characters[self.examples.rows(places)]


def open_store(folder: Path, made_of: Any) -> Stored | None:
    """The store in a folder; None where there is none, or one of another version, or made of other files."""
    try:
        about = json.loads((folder / "store.json").read_text(encoding="utf-8"))
        if about["version"] != VERSION or about["made_of"] != made_of:
            return None
        keys = np.memmap(folder / "keys", np.uint64, "r", shape=(about["examples"], about["texts"]))
        characters = np.memmap(folder / "characters", np.int32, "r", shape=about["examples"])
        kinds = np.memmap(folder / "kinds", np.int16, "r", shape=about["examples"])
        reader = pa.ipc.open_file(pa.memory_map(str(folder / "examples.arrow")))
        blocks = [reader.get_batch(number) for number in range(reader.num_record_batches)]
        return Stored(folder, about, blocks, keys, characters, kinds, np.load(folder / "repeats.npy"))
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowInvalid):
        return None


def take(examples: Sequence[Example], places: Int[np.ndarray, " P"]) -> list[Example]:
    """The examples at these places, in this order, wherever they are kept."""
    return examples.take(places) if isinstance(examples, Stored) else [examples[place] for place in places]


def language_combinations(examples: Sequence[Example]) -> set[tuple[str, ...]]:
    """The languages that examples have, each combination once."""
    return set(examples.languages) if isinstance(examples, Stored) else {example.languages for example in examples}


def some_texts(examples: Sequence[Example]) -> Iterator[str]:
    """The texts of examples; of those on disk about ENOUGH, evenly spread."""
    every = -(-len(examples) // ENOUGH) if isinstance(examples, Stored) else 1
    yield from (text for example in (examples[::every] if every > 1 else examples) for text in example.texts)


def write_store(folder: Path, examples: Iterable[Example], made_of: Any) -> None:
    """Write a store, whole or not at all, in the memory of a block. Of equal examples all but the first are left out.

    Raises DataError where there are none, and where the folder cannot be written.
    """
    digest, kinds, count, width = Digest(), dict[tuple[str, ...], int](), 0, 0
    examples = iter(examples)
    with write_whole_folder(folder) as temporary, ExitStack() as opened:
        streams = [
            opened.enter_context((temporary / name).open("wb")) for name in ("keys", "characters", "kinds", "marks")
        ]
        arrow: pa.RecordBatchFileWriter | None = None
        progress = opened.enter_context(track(None, "reading", "examples"))
        while block := list(islice(examples, BLOCK)):
            width = width or len(block[0].texts)
            columns = _columns(block, width)
            if arrow is None:
                arrow = opened.enter_context(pa.ipc.new_file(str(temporary / "examples.arrow"), columns.schema))
            arrow.write_batch(columns)
            numbers = [kinds.setdefault(example.languages, len(kinds)) for example in block]
            keys = hashes([text for example in block for text in example.texts])
            characters = np.array([sum(map(len, example.texts)) for example in block], np.int32)
            lines = [as_line(example) for example in block]
            values = (
                keys,
                characters,
                np.array(numbers, np.int16),
                hashes(as_line(canonical_example(example)) for example in block),
            )
            for stream, some in zip(streams, values, strict=True):
                stream.write(some.tobytes())
            for line in lines:
                digest.add(line)
            count += len(block)
            progress.advance(len(block))
        if not count:
            raise DataError("there are no examples in these files", folder)
        opened.close()
        repeats, distinct = _repeats(temporary, count, width)
        (temporary / "marks").unlink()  # they served to find the repeats
        save_array(temporary / "repeats.npy", repeats)
        about = {
            "version": VERSION, "made_of": made_of, "examples": count, "repeats": len(repeats), "texts": width,
            "languages": list(kinds), "digest": digest.finish(), "first_texts": distinct,
        }  # fmt: skip
        (temporary / "store.json").write_text(json.dumps(about, indent=1), encoding="utf-8")


def _columns(block: Sequence[Example], width: int) -> pa.RecordBatch:
    columns: dict[str, Any] = {
        f"text_{place}": pa.array([example.texts[place] for example in block], pa.string()) for place in range(width)
    }
    if block[0].target is not None:
        columns["target"] = pa.array([example.target for example in block])
    return pa.record_batch(columns)


def _repeats(folder: Path, count: int, width: int) -> tuple[Int64[np.ndarray, " R"], int]:
    """The rows of a store that say what an earlier one says, and how many different first texts it has."""
    keys = np.memmap(folder / "keys", np.uint64, "r", shape=(count, width))
    marks = np.memmap(folder / "marks", np.uint64, "r")
    repeats, _ = _repeated(lambda start, stop: marks[start:stop], count)
    return repeats, _repeated(lambda start, stop: keys[start:stop, 0], count)[1]


def _repeated(marks: Callable[[int, int], UInt64[np.ndarray, " _"]], count: int) -> tuple[Int64[np.ndarray, " R"], int]:
    """The rows, in ascending order, whose mark stands before them already, and how many different marks there are.

    Marks are looked at by their upper bits, so that no more than about SORTED are in memory.
    """
    parts = 1 << max(0, (count // SORTED).bit_length())
    shift = np.uint64(64 - parts.bit_length() + 1)
    rows: list[np.ndarray] = []
    for part in range(parts):
        places, found = list[np.ndarray](), list[np.ndarray]()
        for start in range(0, count, BLOCK):
            some = marks(start, min(start + BLOCK, count))
            inside = np.flatnonzero(some >> shift == part) if parts > 1 else np.arange(len(some))
            places.append(start + inside)
            found.append(some[inside])
        where, which = np.concatenate(places), np.concatenate(found)
        order = np.argsort(which, kind="stable")  # of equal ones the first comes first
        again = np.flatnonzero(which[order][1:] == which[order][:-1]) + 1
        rows.append(where[order[again]])
    repeated = np.sort(np.concatenate(rows))
    return repeated, count - len(repeated)
