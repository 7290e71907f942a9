"""What has been encoded is not encoded again, is kept on disk per text, and must be finite."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from interlingua.encoding import cache as memory
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
    monkeypatch.setattr(memory, "CHUNK", 2)
    texts = ["a", "bb", "c\0d", "\ud800", "bb", "日本"]
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
    monkeypatch.setattr(memory, "CHUNK", 2)
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
    with pytest.raises(InterlinguaError, match="no finite embedding .* for the text 'b'"):
        remembering(lambda texts, language="und": np.array([[1.0], [np.nan]], np.float32))(["a", "b"])


def test_no_text_is_encoded_twice() -> None:
    counting = Counting()
    encode = remembering(counting)
    assert np.array_equal(encode(["a 1", "b 2", "a 1"]), Counting()(["a 1", "b 2", "a 1"]))
    assert np.array_equal(encode(["b 2", "c 33"]), Counting()(["b 2", "c 33"]))
    assert [text for _, text in counting.asked] == ["a 1", "b 2", "c 33"]
