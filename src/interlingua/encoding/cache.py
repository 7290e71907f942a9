"""No text is encoded twice: in one evaluation, and with a folder for it, between evaluations."""

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np

from interlingua.errors import DataError, InterlinguaError
from interlingua.types import Embeddings, Encode

CHUNK = 16_384
"""Texts encoded before they are written down: what a stopped run does not lose."""


def remembering(encode: Encode, file: Path | None = None) -> Encode:
    """`encode`, with what it has said before kept under language and text, in memory and (if given) in an SQLite
    `file`.

    One file is for one model: name it by what its vectors depend on. Raises InterlinguaError for an embedding that is
    not finite and DataError for a file that cannot be used.
    """
    if isinstance(encode, _Remembering) and file is None:
        return encode
    return _Remembering(encode, None if file is None else _Store(file))


class _Remembering:
    def __init__(self, encode: Encode, store: "_Store | None") -> None:
        self._encode, self._store = encode, store
        self._known: dict[tuple[str, str], np.ndarray] = {}

    def __call__(self, texts: Sequence[str], language: str = "und") -> Embeddings:
        new = [text for text in dict.fromkeys(texts) if (language, text) not in self._known]
        if new and self._store is not None:
            for text, vector in self._store.read(new, language).items():
                self._known[language, text] = vector
            new = [text for text in new if (language, text) not in self._known]
        for start in range(0, len(new), CHUNK):
            chunk = new[start : start + CHUNK]
            vectors = self._encode(chunk, language)
            _check(chunk, vectors)
            if self._store is not None:
                self._store.write(chunk, language, vectors)
            for text, vector in zip(chunk, vectors, strict=True):
                self._known[language, text] = vector
        return np.stack([self._known[language, text] for text in texts]) if texts else self._encode([], language)


def _check(texts: Sequence[str], vectors: Embeddings) -> None:
    bad = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
    if len(bad):
        raise InterlinguaError(
            f"the model gives no finite embedding (nan or infinity) for the text {texts[bad[0]][:80]!r}; it is damaged"
        )


class _Store:
    """Embeddings by the hash of language and text."""

    def __init__(self, file: Path) -> None:
        self._file = file
        with self._open() as base:
            base.execute(
                "CREATE TABLE IF NOT EXISTS embeddings (text BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"
            )

    def read(self, texts: Sequence[str], language: str) -> dict[str, np.ndarray]:
        keys = {_key(text, language): text for text in texts}
        asked, found = list(keys), dict[str, np.ndarray]()
        with self._open() as base:
            for start in range(0, len(asked), 500):
                some = asked[start : start + 500]
                query = f"SELECT text, vector FROM embeddings WHERE text IN ({','.join('?' * len(some))})"
                found |= {keys[key]: np.frombuffer(vector, np.float32) for key, vector in base.execute(query, some)}
        return found

    def write(self, texts: Sequence[str], language: str, vectors: Embeddings) -> None:
        rows = (
            (_key(text, language), np.ascontiguousarray(vector).tobytes())
            for text, vector in zip(texts, vectors, strict=True)
        )
        with self._open() as base, base:
            base.executemany("INSERT OR REPLACE INTO embeddings VALUES (?, ?)", rows)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._file, timeout=60)) as base:
                yield base
        except (OSError, sqlite3.Error) as error:
            problem = f"the store of embeddings cannot be used ({error}); delete the file, or choose another folder"
            raise DataError(problem, self._file) from error


def _key(text: str, language: str) -> bytes:
    return hashlib.blake2b(f"{language}\0{text}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
