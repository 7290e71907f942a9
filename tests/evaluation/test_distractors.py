"""Distractors differ in what they should and in nothing else, are the same every time, and mislead whom they should."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlingua.errors import ConfigError
from interlingua.evaluation.distractors import NUMBERS, Distractor, distractors
from interlingua.evaluation.tasks import xsim
from interlingua.types import Embeddings

TEXTS = [
    "The 12 ships left Boston in 1987.",
    "She is in Paris, and Mary is not.",
    "They can't swim.",
    "Three dogs barked.",
    "Nothing here",
]


def test_each_kind_changes_one_thing() -> None:
    made = distractors(TEXTS)
    by = {(each.of, each.kind): each.text for each in made}
    assert set(by) == {(0, "number"), (0, "entity"), (1, "entity"), (1, "negation"), (2, "negation"), (3, "number")}
    number = by[0, "number"]
    assert re.fullmatch(r"The \d\d ships left Boston in 1987\.|The 12 ships left Boston in \d{4}\.", number)
    assert number != TEXTS[0]
    assert re.fullmatch(r"The 12 ships left (Paris|Mary) in 1987\.", by[0, "entity"])
    assert re.fullmatch(r"She is in Boston, and Mary is not\.|She is in Paris, and Boston is not\.", by[1, "entity"])
    assert by[1, "negation"] == "She is in Paris, and Mary is."
    assert by[2, "negation"] == "They can swim."
    word = by[3, "number"].split()[0]
    assert word.lower() in NUMBERS.split("|")
    assert word[0].isupper()
    assert made == distractors(TEXTS)
    assert len(distractors(TEXTS, each=3)) > len(made)


def test_a_negation_comes_where_there_is_none() -> None:
    assert [each.text for each in distractors(["It was cold."])] == ["It was not cold."]
    assert distractors(["Is it cold?"]) == []  # "Is not it cold?" is no English
    assert distractors(["It was cold.", "It was not cold."]) == []  # each is what the other would become


@given(st.lists(st.text(alphabet="019aBc is.nt'Do ", max_size=30), max_size=8))
def test_none_is_one_of_the_texts(texts: list[str]) -> None:
    made = distractors(texts)
    assert not {each.text for each in made} & set(texts)
    assert len({each.text for each in made}) == len(made)
    assert all(0 <= each.of < len(texts) for each in made)


def test_what_misled_is_counted() -> None:
    queries = keys = np.eye(4, dtype=np.float32)
    made = [Distractor(0, "number", "a"), Distractor(2, "entity", "b"), Distractor(0, "negation", "c")]
    wrong = np.array([[0.1, 0, 1, 0], [0, 0.2, 2, 0.5], [0, 0, 0, 1]], np.float32)
    wrong[1] = [0, 0, 1, 0]  # equal to key 2: the lower row number wins, which is right
    found = xsim.with_distractors(queries + 0.01, keys, wrong, made, k=2)
    assert found == {"plus": 0.0, "number": 0.0, "entity": 0.0, "negation": 0.0}
    near = keys.copy()
    near[2] = [0, 0, 1, 0.6]
    found = xsim.with_distractors(queries, near, wrong, made, k=2)
    assert found == {"plus": 25.0, "number": 0.0, "entity": 25.0, "negation": 0.0}


def test_distractors_make_it_harder(tmp_path: Path) -> None:
    rows = [f"Es kamen {n} Leute.\tThere came {n} people." for n in range(100, 900, 20)]
    (tmp_path / "de.tsv").write_text("\n".join(["de\ten", *rows]) + "\n", encoding="utf-8")

    def coarse(texts: Sequence[str], language: str = "und") -> Embeddings:
        """Knows numbers, but English ones not to the last digit."""
        numbers = np.array([float(re.findall(r"\d+", text)[0]) for text in texts])
        angle = numbers / 1000 + np.where(np.array([text[0] for text in texts]) == "T", (numbers % 7) / 1500, 0)
        return np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)

    (row,) = xsim.evaluate(coarse, tmp_path / "de.tsv", distractors=True).rows
    assert row["plus"] > row["ratio"]
    assert 30 < row["with"] <= 40  # what reads like another text is left out
    assert "plus" not in xsim.evaluate(coarse, tmp_path / "de.tsv").rows[0]
    with pytest.raises(ConfigError, match="rules for English"):
        xsim.evaluate(coarse, tmp_path / "de.tsv", source_language="de", distractors=True)
