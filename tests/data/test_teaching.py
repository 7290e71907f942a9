from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from interlingua.data import teaching
from interlingua.data.stored import Stored, open_store, write_store
from interlingua.errors import DataError
from interlingua.machine import lock
from interlingua.types import Embeddings, Example


class Teacher:
    """Embeds a text by its characters, and counts how often it is asked."""

    def __init__(self, factor: float = 1.0) -> None:
        self.factor, self.asked = factor, list[str]()

    def __call__(self, texts: Sequence[str], language: str = "und") -> Embeddings:
        self.asked += [text for text in texts if text not in teaching.PROBES]
        return np.array([[self.factor * len(text), ord(text[0])] for text in texts], np.float32)


TEXTS = ["one", "three", "one", "a", "seven"]


def test_order_is_kept_and_repeated_texts_are_asked_once(tmp_path: Path) -> None:
    teacher = Teacher()
    embeddings = teaching.teach(TEXTS, teacher, tmp_path)
    assert embeddings[:, 0].tolist() == [3, 5, 3, 1, 5]
    assert sorted(teacher.asked) == ["a", "one", "seven", "three"]


def test_a_second_call_asks_nothing(tmp_path: Path) -> None:
    first = teaching.teach(TEXTS, Teacher(), tmp_path)
    again = Teacher()
    assert np.array_equal(teaching.teach(TEXTS, again, tmp_path), first)
    assert again.asked == []


def test_another_teacher_is_asked_anew(tmp_path: Path) -> None:
    teaching.teach(TEXTS, Teacher(), tmp_path)
    assert teaching.teach(TEXTS, Teacher(2.0), tmp_path)[:, 0].tolist() == [6, 10, 6, 2, 10]


def test_a_stopped_call_loses_no_finished_shard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teaching, "SHARD", 2)
    teacher = Teacher()

    def stop_at_seven(texts: Sequence[str], language: str = "und") -> Embeddings:
        if "seven" in texts:
            raise KeyboardInterrupt
        return teacher(texts, language)

    with pytest.raises(KeyboardInterrupt):
        teaching.teach(TEXTS, stop_at_seven, tmp_path)
    again = Teacher()
    teaching.teach(TEXTS, again, tmp_path)
    assert sorted(again.asked) == ["seven", "three"]


def test_a_vector_that_is_not_finite_names_its_text(tmp_path: Path) -> None:
    def broken(texts: Sequence[str], language: str = "und") -> Embeddings:
        return np.array([[np.nan if text == "three" else 1.0] for text in texts], np.float32)

    with pytest.raises(DataError, match="'three' is not finite"):
        teaching.teach(TEXTS, broken, tmp_path)


def on_disk(folder: Path) -> Stored:
    examples = [Example((text, f"{text}!"), ("en", "de")) for text in dict.fromkeys(TEXTS)]
    write_store(folder, [*examples, Example(("one", "eins"), ("en", "de"))], "here")
    stored = open_store(folder, "here")
    assert stored is not None
    return stored


def test_examples_on_disk_have_their_targets_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teaching, "SHARD", 2)
    there, teacher = on_disk(tmp_path / "store"), Teacher()
    for examples in (there, there.without(["three"])):
        taught = teaching.taught(examples, teacher, tmp_path / "cache")
        assert isinstance(taught, Stored)
        assert [(e.texts, np.asarray(e.target).tolist()) for e in taught] == [
            (e.texts, [len(e.texts[0]), ord(e.texts[0][0])]) for e in examples
        ]
    assert sorted(teacher.asked) == ["a", "one", "seven", "three"]  # once, although one is the source of two
    other = teaching.taught(there, Teacher(2.0), tmp_path / "cache")
    assert np.asarray(other[0].target).tolist() == [6, ord("o")]


def test_a_teacher_that_is_stopped_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teaching, "SHARD", 1)
    there, first, asked = on_disk(tmp_path / "store"), Teacher(), list[str]()

    def stopped(texts: Sequence[str], language: str = "und") -> Embeddings:
        if len(asked) == 2 and texts[0] not in teaching.PROBES:
            raise KeyboardInterrupt
        asked.extend(text for text in texts if text not in teaching.PROBES)
        return first(texts, language)

    with pytest.raises(KeyboardInterrupt):
        teaching.taught(there, stopped, tmp_path / "cache")
    (file,) = (tmp_path / "cache").glob("stored-*/embeddings")
    with file.open("ab") as stream:
        stream.write(b"half")  # what a kill may leave behind
    again = Teacher()
    taught = teaching.taught(there, again, tmp_path / "cache")
    assert sorted([*asked, *again.asked]) == ["a", "one", "seven", "three"]
    assert [np.asarray(e.target)[0] for e in taught] == [len(e.texts[0]) for e in there]


def test_a_teacher_on_disk_that_cannot_be_written(tmp_path: Path) -> None:
    there = on_disk(tmp_path / "store")
    with pytest.raises(DataError, match="the model's embedding of .* is not finite"):
        teaching.taught(there, Teacher(np.nan), tmp_path / "cache")
    teaching.taught(there, Teacher(), tmp_path / "cache")
    (file,) = (one for one in (tmp_path / "cache").glob("stored-*/embeddings") if one.stat().st_size)
    file.unlink()
    with lock(file.with_name("lock")), pytest.raises(DataError, match="another run is at work"):
        teaching.taught(there, Teacher(), tmp_path / "cache")
