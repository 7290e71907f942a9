from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from interlingua.data import teaching
from interlingua.errors import DataError
from interlingua.types import Embeddings


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
