"""More texts than memory holds to vectors in a file: shard by shard, and continued where a stopped run left off."""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from interlingua.encoding.batches import CHARACTERS
from interlingua.machine import within
from interlingua.outputs import check_writable, is_stream, write_whole
from interlingua.progress import log, track
from interlingua.resumable import beside, resumable
from interlingua.types import Embeddings, Encode
from interlingua.vectors import verified

SHARD = 32_768
"""Texts read, encoded and written together, where memory has room for them."""
PLAN = 3
"""How texts share a shard and a batch, and what is noted of them; what another version left is not continued."""
MEMORY = 1 << 30
"""Bytes to work in, by default."""
LEAST_MEMORY = 1 << 29
"""Half of it holds two chunks of tokens (`batches.CHUNK_TOKENS`) and what the tokeniser makes of a piece of text."""
TIMES, COORDINATE = 3, 12
"""How often a text is held at a time (as it was read, cut for the tokeniser, as bytes to be written), and the bytes of
a coordinate of its embedding (as computed, in the order of the texts, as bytes)."""


def encoded(
    encode: Encode,
    texts: Iterable[str],
    language: str = "und",
    characters: int = 0,
    shard: int = SHARD,
    memory: int = MEMORY,
    each: int = 0,
) -> Iterator[tuple[list[str], Embeddings]]:
    """Lists of up to `shard` texts with their embeddings; repeated texts of one list are encoded once.

    Half of `memory` bytes is for the texts of a list, with `each` bytes more for what is made of every one; the other
    half for their tokens. `characters`, of all texts, make an honest ETA: the work is proportional to them.
    """
    encode = verified(encode)
    with track(characters, "encoding", CHARACTERS) if characters else nullcontext():
        for some in within(texts, shard, memory // 2, partial(_held, each)):
            yield some, encode(some, language)


def _held(each: int, text: str) -> int:
    """Bytes that a text takes, with `each` for what is made of it."""
    return each + TIMES * sys.getsizeof(text)


def to_npy(
    encode: Encode,
    read: Callable[[], Iterator[str]],
    output: Path,
    *,
    width: int,
    settings: Callable[[], dict[str, Any]],
    language: str = "und",
    again: bool = True,
    shard: int = SHARD,
    memory: int = MEMORY,
) -> int:
    """Write the embeddings of all texts to `output` (N, width) in `memory` bytes, and return N.

    What a stopped run finished is kept beside `output` and used where `settings` (what the embeddings depend on) and
    the texts are the same; `again` says whether `read` can read them more than once. Raises DataError where the output
    cannot be written.
    """
    check_writable(output)
    each = COORDINATE * width
    if not again or is_stream(output):  # nothing could be continued
        with write_whole(output) as rows, rows.open("w+b") as stream:
            return _write(stream, encoded(encode, read(), language, shard=shard, memory=memory, each=each), width)
    with resumable(beside(output), "state.json", ours=True) as folder:
        rows, state = folder / "rows", folder / "state.json"
        done, digest, vectors = _kept(rows, state, read, width, settings) if state.exists() else _nothing()
        characters = sum(map(len, islice(read(), done, None))) if sys.stderr.isatty() else 0
        with rows.open("r+b" if done else "w+b") as stream:

            def shards() -> Iterator[tuple[list[str], Embeddings]]:
                count, rest = done, islice(read(), done, None)
                for some, embeddings in encoded(encode, rest, language, characters, shard, memory, each):
                    yield some, embeddings
                    _update(digest, some)
                    vectors.update(np.ascontiguousarray(embeddings, "<f4"))
                    count += len(some)
                    full = len(some) == shard or sum(map(partial(_held, each), some)) >= memory // 2
                    if full:  # others may follow
                        digests = {"digest": digest.hexdigest(), "vectors": vectors.hexdigest()}
                        _keep(stream, state, {"texts": count, **digests, "settings": settings()})

            count = _write(stream, shards(), width, done)
        with write_whole(output) as whole:
            os.replace(rows, whole)
        state.unlink(missing_ok=True)
    return count


def _write(stream: BinaryIO, shards: Iterable[tuple[list[str], Embeddings]], width: int, done: int = 0) -> int:
    """Write vectors behind the first `done`, and return how many there are then."""
    stream.truncate(_place(stream, done, width))
    for some, embeddings in shards:
        stream.seek(0, os.SEEK_END)
        stream.write(np.ascontiguousarray(embeddings, "<f4").tobytes())
        done += len(some)
    _place(stream, done, width)
    return done


def _kept(
    rows: Path, state: Path, read: Callable[[], Iterator[str]], width: int, settings: Callable[[], dict[str, Any]]
) -> tuple[int, Any, Any]:
    """How many texts a stopped run finished, and the digests of those texts and of their vectors; none where model or
    texts are others, and where the vectors are not those that were written.
    """
    _, digest, vectors = _nothing()
    try:
        kept = json.loads(state.read_text(encoding="utf-8"))
        done = int(kept["texts"])
        if kept["settings"] == settings():
            _update(digest, islice(read(), done))
            with rows.open("rb") as stream:
                np.lib.format.read_magic(stream)
                np.lib.format.read_array_header_1_0(stream)
                for row in range(0, done, SHARD):
                    vectors.update(stream.read(min(SHARD, done - row) * width * 4))
            if [digest.hexdigest(), vectors.hexdigest()] == [kept["digest"], kept["vectors"]]:
                log(f"continuing behind text {done:,}, where a stopped run left off")
                return done, digest, vectors
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        pass
    log("what a stopped run left is damaged, or of other texts or another model: beginning anew")
    state.unlink(missing_ok=True)
    return _nothing()


def _nothing() -> tuple[int, Any, Any]:
    return 0, hashlib.sha256(), hashlib.sha256()


def _keep(stream: BinaryIO, state: Path, content: dict[str, Any]) -> None:
    """First the vectors, then the note that they are there."""
    stream.flush()
    os.fsync(stream.fileno())
    with write_whole(state) as file:
        file.write_text(json.dumps(content) + "\n", encoding="utf-8")


def _place(stream: BinaryIO, rows: int, width: int) -> int:
    """Write the header for `rows` rows and return where they end; a header is as long for any number of rows."""
    stream.seek(0)
    np.lib.format.write_array_header_1_0(stream, {"descr": "<f4", "fortran_order": False, "shape": (rows, width)})
    return stream.tell() + rows * width * 4


def _update(digest: Any, texts: Iterable[str]) -> None:
    for text in texts:
        digest.update(text.encode("utf-8", "surrogatepass") + b"\n")
