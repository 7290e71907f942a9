"""A teacher's embeddings as targets: computed once and kept on disk, so no run pays for them twice and no objective
holds a teacher.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from interlingua.errors import DataError
from interlingua.files import save_array, write_whole
from interlingua.progress import track
from interlingua.types import Embeddings, Encode

SHARD = 2048
"""Texts a shard; a stopped run loses at most one shard of the teacher's work."""
PROBES = ("A man is playing a guitar.", "Der Zug fährt um acht Uhr ab.", "猫在睡觉。", "2 + 2 = 4")


def fingerprint(teacher: Encode) -> str:
    """What a teacher says of four probe texts, hashed: the same weights give the same cache wherever their folder
    lies.
    """
    return hashlib.sha256(np.ascontiguousarray(np.round(teacher(PROBES), 4) + 0.0).tobytes()).hexdigest()


def teach(
    texts: Sequence[str], teacher: Encode, cache: Path, language: str = "und", label: str = "teacher"
) -> Embeddings:
    """The teacher's embedding of every text, (N, D) in the order given; repeated texts are embedded once.

    Shards are stored in `cache` under the hash of the teacher and their texts, and reused by every later call that
    needs them. Raises DataError where the teacher answers with something that is not finite.
    """
    unique = sorted(set(texts), key=lambda text: (len(text), text))  # alike-long texts share a shard: little padding
    position = {text: row for row, text in enumerate(unique)}
    mark = fingerprint(teacher)
    cache.mkdir(parents=True, exist_ok=True)
    shards: list[Embeddings] = []
    with track(-(-len(unique) // SHARD), label, "shards") as progress:
        for start in range(0, len(unique), SHARD):
            part = unique[start : start + SHARD]
            name = hashlib.sha256("\0".join([mark, language, *part]).encode("utf-8", "surrogatepass")).hexdigest()[:32]
            shards.append(_shard(cache / f"{name}.npy", part, teacher, language))
            progress.advance()
    return np.concatenate(shards)[[position[text] for text in texts]]


def _shard(file: Path, texts: list[str], teacher: Encode, language: str) -> Embeddings:
    if file.exists():
        return np.load(file)
    embeddings = teacher(texts, language)
    if not np.isfinite(embeddings).all():
        bad = texts[int(np.flatnonzero(~np.isfinite(embeddings).all(axis=1))[0])]
        raise DataError(
            f"the teacher's embedding of {bad[:80]!r} is not finite; leave this text out or choose another teacher"
        )
    with write_whole(file) as temporary:
        save_array(temporary, embeddings)
    return embeddings
