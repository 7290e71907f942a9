"""A translation memory as an index on disk: read and encoded once, opened in an instant, searched by text and meaning.

A folder of memory-mapped files: the entries (Arrow), ordered by source text and, of equal texts, the latest first; the
vectors of the different source texts; their hashes. A memory that has changed is read again, and only texts that are
new are encoded.
"""

import hashlib
import json
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from interlingua.encoding.cache import remembering
from interlingua.folding import spaced
from interlingua.languages import UNKNOWN
from interlingua.memories.background import TEXTS
from interlingua.memories.entries import Entry
from interlingua.outputs import folder_of, write_whole_folder
from interlingua.resumable import beside, resumable
from interlingua.types import Encode
from interlingua.units.unit import Variant
from interlingua.vectors import unit, verified

FORM = 1
"""Of the files; others are made anew."""
BLOCK = 16_384
"""Entries, or texts to be encoded, held at a time."""
DAMAGED = (OSError, EOFError, ValueError, TypeError, LookupError, pa.ArrowInvalid)
"""What a folder raises that is no whole index: it is made anew."""
SIDES = ("source", "target")
OF_A_SIDE = ("text", "language", "markup", "dialect")
SCHEMA = pa.schema(
    [(f"{side}_{name}", pa.string()) for side in SIDES for name in OF_A_SIDE]
    + [(name, pa.string()) for name in ("before", "after", "context", "facts")]
    + [("line", pa.int64())]
)
ARRAYS = ("vectors", "background", "starts", "texts", "same")
ROWS = np.dtype([("key", np.uint64), ("row", np.int64)])


class Index:
    """An index that was opened."""

    def __init__(self, folder: Path) -> None:
        """Map the files of `folder`. Raises one of DAMAGED for what is no index of this form."""
        self.state: dict[str, Any] = json.loads((folder / "state.json").read_text(encoding="utf-8"))
        if self.state["form"] != FORM:
            raise ValueError("an index of another form")
        reader = pa.ipc.open_file(pa.memory_map(str(folder / "entries.arrow")))
        self._batches = [reader.get_batch(number) for number in range(reader.num_record_batches)]  # mapped, not read
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in ARRAYS}
        self.vectors, self.background = arrays["vectors"], arrays["background"]
        """Rows of length 1: of the different source texts (N, D), and of texts that have nothing to do with them."""
        self._starts, self._texts, self._same = (arrays[name] for name in ("starts", "texts", "same"))
        if len(self._starts) != len(self.vectors) + 1 or self._starts[-1] != self.state["entries"]:
            raise ValueError("files that do not belong together")
        rows = (int(self._same["row"].max(initial=-1)), int(self._texts["row"].max(initial=-1)))
        if self.background.shape[1:] != self.vectors.shape[1:] or max(rows) >= len(self.vectors):
            raise ValueError("files that do not belong together")
        self.language = self._entry(0).source.language if len(self) else UNKNOWN
        """That of the source texts."""

    def __len__(self) -> int:
        """The number of entries."""
        return int(self._starts[-1])

    def text(self, row: int) -> str:
        """The source text of a row of `vectors`."""
        place = int(self._starts[row])
        return self._batches[place // BLOCK].column(0)[place % BLOCK].as_py()

    def of_text(self, row: int) -> list[Entry]:
        """The entries of the source text with this row of `vectors`, the latest first."""
        return [self._entry(place) for place in range(int(self._starts[row]), int(self._starts[row + 1]))]

    def same(self, text: str) -> list[Entry]:
        """The entries of a text, white space and the encoding of accents aside."""
        key = _hash(spaced(text))
        first, last = (int(np.searchsorted(self._same["key"], key, side)) for side in ("left", "right"))
        found = [entry for row in self._same["row"][first:last] for entry in self.of_text(int(row))]
        found = [entry for entry in found if spaced(entry.source.text) == spaced(text)]
        return sorted(found, key=lambda entry: entry.date, reverse=True)

    def known(self, keys: np.ndarray) -> np.ndarray:
        """The row of each text in `vectors`, by its hash; -1 for texts that are new."""
        places = np.minimum(np.searchsorted(self._texts["key"], keys), len(self._texts) - 1)
        return np.where(self._texts["key"][places] == keys, self._texts["row"][places], -1)

    def _entry(self, place: int) -> Entry:
        row = self._batches[place // BLOCK].slice(place % BLOCK, 1).to_pylist()[0]
        source, target = (Variant(**{name: row.pop(f"{side}_{name}") for name in OF_A_SIDE}) for side in SIDES)
        return Entry(source, target, **row)


def index_of(entries: Iterable[Entry], encode: Encode, language: str = "und") -> Index:
    """An index in a temporary folder, which lasts as long as the index."""
    folder = tempfile.TemporaryDirectory(prefix="interlingua-")
    _write(Path(folder.name), entries, verified(encode), language, None, {})
    index = Index(Path(folder.name))
    weakref.finalize(index, folder.cleanup)
    return index


def opened(
    folder: Path, memory: Path, entries: Iterable[Entry], encode: Encode, language: str, about: dict[str, Any]
) -> Index:
    """The index of the file `memory` in `folder`, made or brought up to date where the file or what is said `about` it
    (languages, model) has changed. A stopped run is gone on with. Raises what reading and encoding raise.
    """
    said = json.loads(json.dumps(about, default=str))
    described = said | {"memory": str(memory.resolve()), "changed": _changed(memory)}
    old = None
    with suppress(*DAMAGED):
        old = Index(folder)
    if old is not None and old.state["about"] == described:
        return old
    if old is not None and {**old.state["about"], "changed": 0} != {**described, "changed": 0}:
        old = None
    with folder_of(folder), resumable(beside(folder), "*.sqlite", ours=True) as work:
        kept = work / "vectors.sqlite"
        with write_whole_folder(folder) as part:
            _write(part, entries, remembering(encode, kept), language, old, described)
        kept.unlink(missing_ok=True)
    return Index(folder)


def folder_in(folder: Path, memory: Path, about: dict[str, Any]) -> Path:
    """Where the index of a memory belongs among those in `folder`."""
    described = json.dumps([str(memory.resolve()), about], sort_keys=True, default=str)
    return folder / "memories" / hashlib.sha256(described.encode()).hexdigest()[:24]


def _changed(memory: Path) -> list[list[Any]]:
    """What tells a file, or several of one name, from what it was."""
    files = [memory] if memory.exists() else sorted(memory.parent.glob(f"{memory.name}.*"))
    return [[file.name, file.stat().st_size, file.stat().st_mtime_ns] for file in files]


def _write(
    folder: Path, entries: Iterable[Entry], encode: Encode, language: str, old: Index | None, about: dict[str, Any]
) -> None:
    """All files of an index; vectors of texts that `old` knows are taken from it."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        unsorted = Path(scratch) / "entries.arrow"
        sources, pairs, same, dates = _stored(entries, unsorted)
        order = _newest(sources, pairs, dates)
        texts, starts = np.unique(sources[order], return_index=True)
        starts = np.append(starts, len(order))
        with pa.memory_map(str(unsorted)) as mapped:
            _copied(pa.ipc.open_file(mapped), order, folder / "entries.arrow")
    _save(folder, "starts", starts)
    _save(folder, "texts", _rows(texts))
    _save(folder, "same", np.sort(_rows(same[order[starts[:-1]]])))
    background = unit(encode(TEXTS, language))
    _save(folder, "background", background)
    shape = len(texts), background.shape[1]
    vectors = np.lib.format.open_memmap(folder / "vectors.npy", "w+", np.float32, shape)
    known = old.known(texts) if old is not None else np.full(len(texts), -1)
    with pa.memory_map(str(folder / "entries.arrow")) as mapped:
        reader = pa.ipc.open_file(mapped)
        for first in range(0, len(texts), BLOCK):
            rows = np.arange(first, min(first + BLOCK, len(texts)))
            is_new = known[rows] < 0
            if old is not None:
                vectors[rows[~is_new]] = old.vectors[known[rows[~is_new]]]
            if is_new.any():
                vectors[rows[is_new]] = unit(encode(_sources(reader, starts[rows[is_new]]), language))
    vectors.flush()
    state = {"form": FORM, "entries": len(order), "texts": len(texts), "about": about}
    (folder / "state.json").write_text(json.dumps(state, indent=1), encoding="utf-8")


def _stored(entries: Iterable[Entry], file: Path) -> tuple[np.ndarray, ...]:
    """Write the entries as they come. Of each: the hashes of its source text, of the pair, of the source text without
    what makes no difference, and the date.
    """
    hashes, dates = list[tuple[int, int, int]](), list[str]()
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, SCHEMA) as writer:
        for some in _blocks(entries):
            writer.write_batch(pa.RecordBatch.from_pylist([_row(entry) for entry in some], SCHEMA))
            for entry in some:
                same = spaced(entry.source.text)
                pair = f"{same}\0{spaced(entry.target.text)}\0{entry.source.markup}\0{entry.target.markup}"
                hashes.append((_hash(entry.source.text), _hash(pair), _hash(same)))
                dates.append(entry.date)
    columns = np.array(hashes, np.uint64).reshape(-1, 3)
    return columns[:, 0], columns[:, 1], columns[:, 2], np.array(dates, "U")


def _blocks(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    some = list[Entry]()
    for entry in entries:
        some.append(entry)
        if len(some) == BLOCK:
            yield some
            some = []
    if some:
        yield some


def _row(entry: Entry) -> dict[str, Any]:
    texts = {f"{side}_{name}": getattr(getattr(entry, side), name) for side in SIDES for name in OF_A_SIDE}
    return texts | {name: getattr(entry, name) for name in ("before", "after", "context", "facts", "line")}


def _newest(sources: np.ndarray, pairs: np.ndarray, dates: np.ndarray) -> np.ndarray:
    """The places of the entries that are kept, the latest of equal pairs, ordered by source text and then from the
    latest; of one date the first in the file comes first.
    """
    places = np.arange(len(pairs))
    age = np.unique(dates, return_inverse=True)[1]
    by_pair = np.lexsort((places, -age, pairs))
    kept = by_pair[np.append(True, np.diff(pairs[by_pair]) != 0)] if len(pairs) else by_pair
    return kept[np.lexsort((kept, -age[kept], sources[kept]))]


def _copied(reader: pa.ipc.RecordBatchFileReader, order: np.ndarray, file: Path) -> None:
    """The entries in their order, block by block."""
    table = reader.read_all()  # mapped, not read
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, SCHEMA) as writer:
        for first in range(0, len(order), BLOCK):
            for batch in table.take(order[first : first + BLOCK]).combine_chunks().to_batches():
                writer.write_batch(batch)


def _sources(reader: pa.ipc.RecordBatchFileReader, places: np.ndarray) -> list[str]:
    """The source texts of entries in ascending order."""
    blocks, texts = places // BLOCK, list[str]()
    for block in np.unique(blocks):
        texts += reader.get_batch(int(block)).column("source_text").take(places[blocks == block] % BLOCK).to_pylist()
    return texts


def _rows(keys: np.ndarray) -> np.ndarray:
    numbered = np.empty(len(keys), ROWS)
    numbered["key"], numbered["row"] = keys, np.arange(len(keys))
    return numbered


def _save(folder: Path, name: str, array: np.ndarray) -> None:
    np.save(folder / f"{name}.npy", array, allow_pickle=False)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
