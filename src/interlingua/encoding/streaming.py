"""More texts than memory holds to vectors in a file: shard by shard, and continued where a stopped run left off."""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext, suppress
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from interlingua.encoding.batches import CHARACTERS
from interlingua.errors import DataError
from interlingua.outputs import write_whole
from interlingua.progress import log, track
from interlingua.types import Embeddings, Encode
from interlingua.vectors import verified

SHARD = 32_768
"""Texts read, encoded and written together."""


def encoded(
    encode: Encode, texts: Iterable[str], language: str = "und", characters: int = 0, shard: int = SHARD
) -> Iterator[tuple[list[str], Embeddings]]:
    """Lists of up to `shard` texts with their embeddings; repeated texts of one list are encoded once.

    `characters`, of all texts, make an honest ETA: the work is proportional to them.
    """
    encode = verified(encode)
    rest = iter(texts)
    with track(characters, "encoding", CHARACTERS) if characters else nullcontext():
        while some := list(islice(rest, shard)):
            yield some, encode(some, language)


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
) -> int:
    """Write the embeddings of all texts to `output` (N, width) in memory for one shard, and return N.

    What a stopped run finished is kept beside `output` and used where `settings` (what the embeddings depend on) and
    the texts are the same; `again` says whether `read` can read them more than once. Raises DataError where the output
    cannot be written.
    """
    rows, state = (output.with_name(f".{output.name}.unfinished{suffix}") for suffix in ("", ".json"))
    try:
        if output.exists() and not output.is_file():
            raise DataError("this is a folder or a device, which is never replaced; give the name of a file", output)
        output.parent.mkdir(parents=True, exist_ok=True)
        done, digest = _kept(rows, state, read, width, settings) if again and state.exists() else (0, hashlib.sha256())
        if not done:
            state.unlink(missing_ok=True)  # its rows are about to be written over
        texts = islice(read(), done, None)
        characters = sum(map(len, islice(read(), done, None))) if again and sys.stderr.isatty() else 0
        with rows.open("r+b" if done else "w+b") as stream:
            stream.truncate(_place(stream, done, width))
            for some, embeddings in encoded(encode, texts, language, characters, shard):
                stream.seek(0, os.SEEK_END)
                stream.write(np.ascontiguousarray(embeddings, "<f4").tobytes())
                done += len(some)
                _update(digest, some)
                if again and len(some) == shard:  # others may follow
                    _keep(stream, state, {"texts": done, "digest": digest.hexdigest(), "settings": settings()})
            _place(stream, done, width)
        os.replace(rows, os.path.realpath(output))
        state.unlink(missing_ok=True)
    except OSError as error:
        raise DataError(f"cannot be written ({error.strerror or error})", output) from error
    finally:
        if not state.exists():  # nothing to continue from
            with suppress(OSError):
                rows.unlink()
    return done


def _kept(
    rows: Path, state: Path, read: Callable[[], Iterator[str]], width: int, settings: Callable[[], dict[str, Any]]
) -> tuple[int, Any]:
    """How many texts a stopped run finished, and the digest of those texts; none where model or texts are others."""
    digest = hashlib.sha256()
    try:
        kept = json.loads(state.read_text(encoding="utf-8"))
        done = int(kept["texts"])
        if kept["settings"] == settings() and rows.stat().st_size >= done * width * 4:
            _update(digest, islice(read(), done))
            if digest.hexdigest() == kept["digest"]:
                log(f"continuing behind text {done:,}, where a stopped run left off")
                return done, digest
    except (OSError, ValueError, KeyError, TypeError):
        pass
    log("a stopped run's vectors are of other texts or another model: beginning anew")
    state.unlink(missing_ok=True)
    return 0, hashlib.sha256()


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
