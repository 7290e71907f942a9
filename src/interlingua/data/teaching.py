"""A teacher's embeddings as targets: computed once and kept on disk, so no run pays for them twice and no objective
holds a teacher.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from jaxtyping import Int64

from interlingua.data.stored import Stored, Vectors
from interlingua.outputs import save_array, unwritable, write_whole, write_whole_folder
from interlingua.progress import log, track
from interlingua.resumable import alone
from interlingua.types import Embeddings, Encode, Example
from interlingua.vectors import verified

SHARD = 2048
"""Texts a shard; a stopped run loses at most one shard of the teacher's work."""
SOME = 100_000
"""Of examples on disk: targets that tell the teacher's variance."""
PROBES = ("A man is playing a guitar.", "Der Zug fährt um acht Uhr ab.", "猫在睡觉。", "2 + 2 = 4")


def fingerprint(teacher: Encode) -> str:
    """What a teacher says of four probe texts, hashed: the same weights give the same cache wherever their folder
    lies.
    """
    teacher = verified(teacher)
    return hashlib.sha256(np.ascontiguousarray(np.round(teacher(PROBES), 4) + 0.0).tobytes()).hexdigest()


def teach(
    texts: Sequence[str], teacher: Encode, cache: Path, language: str = "und", label: str = "teacher"
) -> Embeddings:
    """The teacher's embedding of every text, (N, D) in the order given; repeated texts are embedded once.

    Shards are stored in `cache` under the hash of the teacher and their texts, and reused by every later call that
    needs them. Raises DataError where the teacher answers with something that is not finite.
    """
    teacher = verified(teacher)
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


def taught(
    examples: Sequence[Example], teacher: Encode, cache: Path, language: str = "und", label: str = "teacher"
) -> Sequence[Example]:
    """Examples with the teacher's embedding of each one's first text as its target. Those of examples on disk stay on
    disk, in `cache`; what an earlier sitting wrote there is not computed again.

    Raises DataError where the teacher answers with something that is not finite, where another run writes to the same
    folder, and where the disk is full.
    """
    teacher = verified(teacher)
    if not isinstance(examples, Stored):
        targets = teach([example.texts[0] for example in examples], teacher, cache, language, label)
        return [replace(example, target=target) for example, target in zip(examples, targets, strict=True)]
    known = "\0".join([fingerprint(teacher), language, examples.about["digest"]])
    folder = cache / f"stored-{hashlib.sha256(known.encode()).hexdigest()[:16]}"
    if not folder.exists():
        keys, first = np.unique(examples.keys[:, 0], return_index=True)
        order = np.argsort(examples.characters[first], kind="stable")  # alike-long texts share a shard: little padding
        places = np.empty_like(order)
        places[order] = np.arange(len(order))
        with write_whole_folder(folder) as temporary:
            for name, array in (("keys", keys), ("places", places), ("order", first[order])):
                save_array(temporary / f"{name}.npy", array)
    keys, places, order = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("keys", "places", "order"))
    file, width = folder / "embeddings", teacher(PROBES[:1]).shape[1]
    if not file.exists() or file.stat().st_size < 4 * width * len(keys):
        with alone(folder):
            log(f"the teacher's embeddings of {len(keys):,} texts take {4 * width * len(keys) / 2**30:.1f} GiB: {file}")
            whole = replace(examples, left_out=examples.left_out[:0])
            _append(file, whole, order, partial(teacher, language=language), width, label)
    rows = np.memmap(file, np.float32, "r", shape=(len(keys), width))
    return replace(examples, vectors=Vectors(keys, places, rows))


def some_targets(examples: Sequence[Example]) -> Embeddings:
    """The targets of examples; of those on disk of some, evenly spread."""
    every = -(-len(examples) // SOME) if isinstance(examples, Stored) else 1
    return np.stack([np.asarray(example.target, np.float32) for example in examples[::every]])


def _append(
    file: Path,
    examples: Stored,
    order: Int64[np.ndarray, " U"],
    teacher: Callable[[Sequence[str]], Embeddings],
    width: int,
    label: str,
) -> None:
    """Write the embeddings of first texts in this order, behind those that are there."""
    with file.open("ab") as stream, track(-(-len(order) // SHARD), label, "shards") as progress:
        done = stream.tell() // (4 * width * SHARD)
        stream.truncate(done * 4 * width * SHARD)
        progress.advance(done)
        for start in range(done * SHARD, len(order), SHARD):
            texts = [example.texts[0] for example in examples.take(order[start : start + SHARD])]
            embeddings = teacher(texts).astype("<f4").tobytes()
            try:
                stream.write(embeddings)
                stream.flush()
            except OSError as error:
                raise unwritable(error, file, file, "what was written is kept") from error
            progress.advance()


def _shard(file: Path, texts: list[str], teacher: Encode, language: str) -> Embeddings:
    if file.exists():
        return np.load(file)
    embeddings = teacher(texts, language)
    with write_whole(file) as temporary:
        save_array(temporary, embeddings)
    return embeddings
