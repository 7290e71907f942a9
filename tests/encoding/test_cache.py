"""What has been encoded is not encoded again, is kept on disk per text, must be finite; memory is bounded."""

import gc
import os
import signal
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from interlingua.encoding import cache
from interlingua.encoding.cache import remembering
from interlingua.errors import DataError, InterlinguaError
from interlingua.types import Embeddings


class Counting:
    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def __call__(self, texts: Sequence[str], language: str = "und") -> Embeddings:
        self.asked += [(language, text) for text in texts]
        return np.array([[len(text), ord(text[-1]), len(language)] for text in texts], np.float32).reshape(-1, 3)


def test_remembering_twice_is_remembering_once() -> None:
    encode = remembering(Counting())
    assert remembering(encode) is encode


def test_the_store_outlives_the_process_and_tells_languages_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "CHUNK", 2)
    texts = ["a", "bb", "c\0d", "ü", "bb", "日本"]
    first, second = Counting(), Counting()
    found = remembering(first, tmp_path / "deep" / "m.sqlite")(texts, "en")
    assert np.array_equal(remembering(second, tmp_path / "deep" / "m.sqlite")(texts, "en"), found)
    assert np.array_equal(found, Counting()(texts, "en"))
    assert (len(first.asked), second.asked) == (5, [])
    again = remembering(second, tmp_path / "deep" / "m.sqlite")
    again(["a", "new"], "de")
    assert second.asked == [("de", "a"), ("de", "new")]
    assert again([]).shape == (0, 3)


def test_a_stopped_run_keeps_what_was_encoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "CHUNK", 2)
    inner = Counting()

    def stops(texts: Sequence[str], language: str = "und") -> Embeddings:
        if "e" in texts:
            raise KeyboardInterrupt
        return inner(texts, language)

    with pytest.raises(KeyboardInterrupt):
        remembering(stops, tmp_path / "m.sqlite")(["a", "b", "c", "d", "e"])
    rest = Counting()
    remembering(rest, tmp_path / "m.sqlite")(["a", "b", "c", "d", "e"])
    assert rest.asked == [("und", "e")]


def test_what_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "m.sqlite").write_bytes(b"no data base" * 100)
    with pytest.raises(DataError, match="m.sqlite: the store of embeddings cannot be used"):
        remembering(Counting(), tmp_path / "m.sqlite")(["a"])
    with pytest.raises(InterlinguaError, match="embedding of 'b' is not finite"):
        remembering(lambda texts, language="und": np.array([[1.0], [np.nan]], np.float32))(["a", "b"])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("name", ["m.sqlite", None])
def test_a_forked_process_has_a_connection_of_its_own(name: str | None, tmp_path: Path) -> None:
    counting = Counting()
    encode = remembering(counting, tmp_path / name if name else None)
    vectors = encode(["a"])
    child = os.fork()
    if not child:
        signal.alarm(60)
        same = np.array_equal(encode(["a"]), vectors)
        os._exit(same and len(counting.asked) == (1 if name else 2) and encode(["bb"]) is not None)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 1
    encode(["a", "bb"])
    assert counting.asked == [("und", "a")] + ([] if name else [("und", "bb")])


def test_no_text_is_encoded_twice() -> None:
    counting = Counting()
    encode = remembering(counting)
    assert np.array_equal(encode(["a 1", "b 2", "a 1"]), Counting()(["a 1", "b 2", "a 1"]))
    assert np.array_equal(encode(["b 2", "c 33"]), Counting()(["b 2", "c 33"]))
    assert [text for _, text in counting.asked] == ["a 1", "b 2", "c 33"]


@pytest.mark.parametrize("kept", [True, False])
def test_what_was_encoded_is_not_held_in_memory(tmp_path: Path, kept: bool) -> None:
    texts, width = 500, 256

    def wide(texts: Sequence[str], language: str = "und") -> Embeddings:
        return np.ones((len(texts), width), np.float32)

    encode = remembering(wide, tmp_path / "kept.sqlite" if kept else None)
    encode(["the first call imports and prepares"])
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for part in range(6):
            encode([f"text {number} of part {part}" for number in range(texts)])
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < texts * width * 4  # not even one of the parts


def test_it_asks_for_no_more_texts_at_a_time_than_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "CHUNK", 7)
    sizes: list[int] = []
    counting = Counting()

    def counted(texts: Sequence[str], language: str = "und") -> Embeddings:
        sizes.append(len(texts))
        return counting(texts, language)

    texts = [f"text {number}" for number in range(20)]
    both = [*texts, *texts[::-1]]
    np.testing.assert_array_equal(remembering(counted)(both), Counting()(both))
    assert sizes == [7, 7, 6]


def test_a_failed_call_keeps_the_chunks_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "CHUNK", 5)
    texts = [f"text {number}" for number in range(12)]

    def damaged(some: Sequence[str], language: str = "und") -> Embeddings:
        computed = Counting()(some, language)
        if texts[7] in some:
            computed[2, 0] = np.nan
        return computed

    with pytest.raises(InterlinguaError, match="embedding of 'text 7' is not finite"):
        remembering(damaged, tmp_path / "kept.sqlite")(texts)
    rest = Counting()
    np.testing.assert_array_equal(remembering(rest, tmp_path / "kept.sqlite")(texts), Counting()(texts))
    assert [text for _, text in rest.asked] == texts[5:]
