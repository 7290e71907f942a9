"""What the cache of embeddings promises beside not encoding a text twice: memory is bounded, however many texts come."""

import gc
import tracemalloc
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from interlingua.encoding import cache
from interlingua.encoding.cache import remembering
from interlingua.errors import InterlinguaError
from interlingua.types import Embeddings

TEXTS, WIDTH = 500, 256
"""Half a megabyte of vectors at a time."""


def vectors(texts: Sequence[str], language: str = "und") -> Embeddings:
    return np.array([[len(text), sum(map(ord, text)), *[0] * (WIDTH - 2)] for text in texts], np.float32)


def collections(count: int) -> Iterator[list[str]]:
    for part in range(count):
        yield [f"text {number} of part {part}" for number in range(TEXTS)]


@pytest.mark.parametrize("kept", [True, False])
def test_what_was_encoded_is_not_held_in_memory(tmp_path: Path, kept: bool) -> None:
    encode = remembering(vectors, tmp_path / "kept.sqlite" if kept else None)
    encode(["the first call imports and prepares"])
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for texts in collections(6):
            encode(texts)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < TEXTS * WIDTH * 4  # not even one of the parts


def test_it_asks_for_no_more_texts_at_a_time_than_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "CHUNK", 7)
    asked: list[int] = []

    def counted(texts: Sequence[str], language: str = "und") -> Embeddings:
        asked.append(len(texts))
        return vectors(texts)

    texts = [f"text {number}" for number in range(20)]
    encode = remembering(counted)
    np.testing.assert_array_equal(encode([*texts, *texts[::-1]]), vectors([*texts, *texts[::-1]]))
    assert asked == [7, 7, 6]


def test_a_stopped_call_keeps_the_chunks_it_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "CHUNK", 5)
    texts = [f"text {number}" for number in range(12)]

    def damaged(some: Sequence[str], language: str = "und") -> Embeddings:
        found = vectors(some)
        if texts[7] in some:
            found[2, 0] = np.nan
        return found

    with pytest.raises(InterlinguaError, match="no finite embedding .* for the text 'text 7'"):
        remembering(damaged, tmp_path / "kept.sqlite")(texts)
    asked: list[str] = []

    def counted(some: Sequence[str], language: str = "und") -> Embeddings:
        asked.extend(some)
        return vectors(some)

    np.testing.assert_array_equal(remembering(counted, tmp_path / "kept.sqlite")(texts), vectors(texts))
    assert asked == texts[5:]
