"""Whatever holds texts is taken for them, and anything else named with its place."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from interlingua.errors import DataError, InputTypeError, InterlinguaError
from interlingua.texts import pairs_of, texts_of
from tests.conftest import peer

TEXTS = ["one", "zwei", "三", ""]


class Loud(str):
    """Not what its `str` says."""

    def __str__(self) -> str:
        return "LOUD"


@pytest.mark.parametrize(
    "given",
    [
        TEXTS,
        tuple(TEXTS),
        iter(TEXTS),
        (text for text in TEXTS),
        dict.fromkeys(TEXTS).keys(),
        np.array(TEXTS),
        np.array(TEXTS, object),
        pa.array(TEXTS),
        pa.chunked_array([TEXTS[:1], TEXTS[1:]]),
        [Loud(text) for text in TEXTS],
    ],
    ids=lambda given: type(given).__name__,
)
def test_any_iterable_of_texts_is_taken(given: Any) -> None:
    texts = texts_of(given)
    assert texts == TEXTS
    assert {type(text) for text in texts} == {str}


def test_columns_of_pandas() -> None:
    pandas = peer("pandas")
    table = pandas.DataFrame({"text": TEXTS, "n": range(4)})
    assert texts_of(table["text"]) == TEXTS
    assert texts_of(table["text"].astype("category")) == TEXTS
    with pytest.raises(InputTypeError, match="not a DataFrame; choose one column"):
        texts_of(table)
    with pytest.raises(InputTypeError, match="text 2 is no str but "):
        texts_of(pandas.Series(["a", None]))


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("abc", r"not a str; give one text as \[text\]"),
        (b"abc", r"not a bytes; give one text as \[text\]"),
        (None, "not a NoneType"),
        (3, "not 3, a int"),
        ({"a": "b"}, "not a dict; choose one column of it"),
        (np.array("a"), "not a ndarray"),
        (np.array([["a"]]), "not a ndarray; choose one column of it"),
        (["a", None], r"text 2 is no str but a NoneType.* \(texts\[1\]\)"),
        (["a", float("nan")], r"text 2 is no str but nan, a float.*\(texts\[1\]\)"),
        (["a", "b", b"c"], r"text 3 is no str but a bytes"),
        (pa.array(["a", None]), "text 2 is no str but a NoneType"),
        ([["a"]], "text 1 is no str but a list"),
        (np.array([1.5]), "text 1 is no str but 1.5, a float64"),
    ],
)
def test_anything_else_is_one_error_that_names_place_and_type(given: Any, problem: str) -> None:
    with pytest.raises(InputTypeError, match=problem) as caught:
        texts_of(given)
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, InterlinguaError)


def test_half_a_character_is_named_with_its_place() -> None:
    with pytest.raises(DataError, match=r"text 2 holds a lone surrogate.* \(texts\[1\]\)") as caught:
        texts_of(["ä", "\ud800"])
    assert not isinstance(caught.value, TypeError)


def test_pairs() -> None:
    assert pairs_of([("a", "b"), ["c", "d"], np.array(["e", "f"])]) == [("a", "b"), ("c", "d"), ("e", "f")]
    assert pairs_of(np.array([["a", "b"]])) == [("a", "b")]
    with pytest.raises(InputTypeError, match=r"pair 2 has 1 texts, not two \(pairs\[1\]\)"):
        pairs_of([("a", "b"), ("c",)])
    with pytest.raises(InputTypeError, match=r"pairs\[0\]: an iterable of str is needed, not a str"):
        pairs_of(["ab"])
    with pytest.raises(InputTypeError, match=r"\(pairs\[0\]\[1\]\)"):
        pairs_of([("a", None)])
    with pytest.raises(InputTypeError, match="not a str"):
        pairs_of("ab")
