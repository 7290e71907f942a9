"""Texts in any order and number to embeddings: alike-long texts share a batch, repeated texts are embedded once, the
order is kept.

The next texts are tokenised while the present ones are computed; batches are computed by several threads where `embed`
allows it.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np

from interlingua.progress import track
from interlingua.shapes import Bool, Float32, Int, Int32, Int64
from interlingua.types import Embeddings
from interlingua.vectors import require_finite

Ids: TypeAlias = Int32[np.ndarray, " _"]
Tokenize: TypeAlias = Callable[[Sequence[str]], list[Ids]]
Embed: TypeAlias = Callable[[Int64[np.ndarray, "B T"], Bool[np.ndarray, "B T"]], Float32[np.ndarray, "B D"]]
Group: TypeAlias = Int[np.ndarray, " _"]

COLUMNS = 4
"""Fewer different shapes: oneDNN compiles and keeps a kernel for each, which costs time and, over a long training,
gigabytes."""
CHARACTERS = "characters"
"""The unit of progress."""
CHUNK, CHUNK_TOKENS = 16_384, 1 << 23
"""Texts tokenised and sorted together: so many, fewer where they have more than so many tokens, at 17 bytes each
with those of the next chunk. No matter of the memory asked for: vectors should not depend on that."""
PIECE = 2048
"""Texts tokenised before their tokens are counted."""


def by_length(lengths: Sequence[int], max_tokens: int, equal: bool = False) -> list[Group]:
    """Group texts, longest first, so that no group computes more than `max_tokens` tokens, padding included.

    A text that is longer than that stands alone. `equal` puts only texts of one length into a group, so that there is
    no padding. Returns the positions of each group's texts.
    """
    every = np.asarray(lengths, np.int64)
    order = np.argsort(-every, kind="stable")
    runs = np.flatnonzero(np.diff(every[order])) + 1 if equal else np.empty(0, np.int64)
    ends = [0, *runs.tolist(), len(order)]
    groups: list[Group] = []
    for start, end in pairwise(ends):
        while start < end:
            stop = min(end, start + max(1, max_tokens // max(1, int(every[order[start]]))))
            groups.append(order[start:stop])
            start = stop
    return groups


def pad(
    rows: Sequence[Ids], value: int, columns: int = COLUMNS
) -> tuple[Int64[np.ndarray, "B T"], Bool[np.ndarray, "B T"]]:
    """Ids as one array, padded with `value` to the longest row (rounded up to a multiple of `columns`), and the mask
    of real tokens.
    """
    lengths = np.array([len(row) for row in rows])
    mask = np.arange(max(1, -(-lengths.max() // columns)) * columns) < lengths[:, None]
    ids = np.full(mask.shape, value, np.int64)
    ids[mask] = np.concatenate(rows)
    return ids, mask


def encode(
    texts: Sequence[str],
    tokenize: Tokenize,
    embed: Embed,
    *,
    width: int,
    padding: int,
    max_tokens: int,
    equal: bool = False,
    workers: int = 1,
    label: str = "encoding",
) -> Embeddings:
    """Embed `texts` in the order given: (N, width). No texts give (0, width); an empty text has an embedding like any
    other.

    `max_tokens` bounds the tokens of one call of `embed`; `equal` gives it texts of one length only; `workers` threads
    call it (one is the caller's own). Progress counts characters, to which the work is proportional, as it is not to
    texts. Raises DataError, which names the text, for an embedding that is not finite.
    """
    position = {text: row for row, text in enumerate(dict.fromkeys(texts))}
    unique = list(position)
    embeddings = np.empty((len(unique), width), np.float32)
    with track(sum(map(len, texts)), label, CHARACTERS) as bar, _threads(min(workers, len(unique))) as compute:
        for start, ids in _tokenised(unique, tokenize):
            groups = by_length([len(row) for row in ids], max_tokens, equal)
            padded = [pad([ids[row] for row in group], padding, 1 if equal else COLUMNS) for group in groups]
            for group, computed in zip(groups, compute(embed, *zip(*padded, strict=True)), strict=True):
                require_finite(computed, [unique[start + row] for row in group])
                embeddings[start + group] = computed
                bar.advance(sum(len(unique[start + row]) for row in group))
        bar.advance(sum(map(len, texts)) - sum(map(len, unique)))  # repeated texts cost nothing
    if len(unique) == len(texts):
        return embeddings
    return embeddings[[position[text] for text in texts]]


def _tokenised(texts: list[str], tokenize: Tokenize) -> Iterator[tuple[int, list[Ids]]]:
    """The ids of a chunk of texts after another, with the number of the first; the next are made while these are
    computed.
    """
    chunks = _chunks(texts, tokenize)
    if len(texts) <= PIECE:
        yield from chunks
        return
    with ThreadPoolExecutor(1) as producer:
        coming = producer.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = producer.submit(next, chunks, None)
            yield chunk


def _chunks(texts: list[str], tokenize: Tokenize) -> Iterator[tuple[int, list[Ids]]]:
    start, ids, tokens = 0, list[Ids](), 0
    while start + len(ids) < len(texts):
        first = start + len(ids)
        made = tokenize(texts[first : min(first + PIECE, start + CHUNK)])
        ids, tokens = ids + made, tokens + sum(map(len, made))
        if len(ids) == CHUNK or tokens >= CHUNK_TOKENS:
            yield start, ids
            start, ids, tokens = start + len(ids), [], 0
    if ids:
        yield start, ids


@contextmanager
def _threads(workers: int) -> Iterator[Callable[..., Iterator[Any]]]:
    """The `map` that several threads compute; after an error or Ctrl-C, what they have not begun is dropped."""
    if workers <= 1:
        yield map
        return
    pool = ThreadPoolExecutor(workers)
    try:
        yield pool.map
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
