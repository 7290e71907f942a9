"""No text is encoded twice: in one evaluation, and with a folder for it, between evaluations."""

import hashlib
import json
import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from interlingua.errors import DataError
from interlingua.printing import versions
from interlingua.texts import texts_of
from interlingua.types import Embeddings, Encode
from interlingua.vectors import verified

CHUNK = 16_384
"""Texts looked up, encoded and written down together: what a stopped run loses, and what is held beside the answer."""
QUERY = 500
"""Keys in one question to the database."""


def remembering(encode: Encode, file: Path | None = None) -> Encode:
    """`encode`, with the embeddings that it has given before kept by language and text: in an SQLite `file`, or in a
    temporary one that ends with the process. Memory holds no more than one answer and one chunk.

    One file is for one model: `file_of` names it. Raises DataError for a file that cannot be used; a call raises it as
    `verified` does.
    """
    if isinstance(encode, _Remembering) and file is None:
        return encode
    return _Remembering(verified(encode), _Store(file))


def file_of(folder: Path, about: Mapping[str, Any]) -> Path:
    """The file of a model's embeddings in `folder`; other weights, settings or versions of packages are another file.

    `about` is what the model says of itself, with a hash of its content; its "name" makes no difference.
    """
    described = {key: value for key, value in about.items() if key != "name"} | versions(measuring=False)
    name = hashlib.sha256(json.dumps(described, sort_keys=True, default=str).encode()).hexdigest()[:24]
    return folder / f"{name}.sqlite"


class _Remembering:
    def __init__(self, encode: Encode, store: "_Store") -> None:
        self._encode, self._store = encode, store

    def __call__(self, texts: Sequence[str], language: str = "und") -> Embeddings:
        texts = texts_of(texts)
        row_of = {text: row for row, text in enumerate(dict.fromkeys(texts))}
        different = list(row_of)
        parts = [self._some(different[start : start + CHUNK], language) for start in range(0, len(different), CHUNK)]
        if not parts:
            return self._encode([], language)
        vectors = parts[0] if len(parts) == 1 else np.concatenate(parts)
        return vectors if len(different) == len(texts) else vectors[[row_of[text] for text in texts]]

    def _some(self, texts: list[str], language: str) -> Embeddings:
        vectors = self._store.read(texts, language)
        new = [text for text in texts if text not in vectors]
        if new:
            encoded = self._encode(new, language)
            self._store.write(new, language, encoded)
            if len(new) == len(texts):
                return encoded
            vectors.update(zip(new, encoded, strict=True))
        return np.stack([vectors[text] for text in texts])


class _Store:
    """Embeddings by the hash of language and text."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._opened = self._open()

    def _open(self) -> tuple[int, AbstractContextManager[bool | None], sqlite3.Connection]:
        with self._problems():
            if self._file is not None:
                self._file.parent.mkdir(parents=True, exist_ok=True)
            # SQLite's own name for a temporary database, which moves to the disk as it grows, is ""
            base = sqlite3.connect("" if self._file is None else self._file, timeout=60, check_same_thread=False)
            weakref.finalize(self, base.close)
            with base:
                base.execute(
                    "CREATE TABLE IF NOT EXISTS embeddings (text BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"
                )
        return os.getpid(), threading.Lock(), base

    @contextmanager
    def _base(self) -> Iterator[sqlite3.Connection]:
        """The connection, for one thread at a time; a forked process has one of its own, as SQLite asks."""
        if self._opened[0] != os.getpid():
            self._opened = self._open()
        _, lock, base = self._opened
        with lock, self._problems():
            yield base

    def read(self, texts: Sequence[str], language: str) -> dict[str, np.ndarray]:
        keys = {_key(text, language): text for text in texts}
        asked, vectors = list(keys), dict[str, np.ndarray]()
        with self._base() as base:
            for start in range(0, len(asked), QUERY):
                some = asked[start : start + QUERY]
                query = f"SELECT text, vector FROM embeddings WHERE text IN ({','.join('?' * len(some))})"
                rows = base.execute(query, some)
                vectors |= {keys[key]: np.frombuffer(vector, np.float32) for key, vector in rows}
        return vectors

    def write(self, texts: Sequence[str], language: str, vectors: Embeddings) -> None:
        rows = (
            (_key(text, language), np.ascontiguousarray(vector).tobytes())
            for text, vector in zip(texts, vectors, strict=True)
        )
        with self._base() as base, base:
            base.executemany("INSERT OR REPLACE INTO embeddings VALUES (?, ?)", rows)

    @contextmanager
    def _problems(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            problem = f"the store of embeddings cannot be used ({error}); delete the file, or choose another folder"
            raise DataError(problem, self._file) from error


def _key(text: str, language: str) -> bytes:
    return hashlib.blake2b(f"{language}\0{text}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
