from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interlingua.data import stored
from interlingua.data.digest import digest_of
from interlingua.data.holdout import first_texts, hold_out, without
from interlingua.data.stored import Stored, Vectors, open_store, some_texts, take, write_store
from interlingua.errors import DataError
from interlingua.types import Example
from tests.conftest import files_of_at_most

MADE_OF = {"files": [["a.tsv", 1, 2]]}


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few examples fill several blocks, and their hashes are sorted in parts."""
    monkeypatch.setattr(stored, "BLOCK", 7)
    monkeypatch.setattr(stored, "SORTED", 8)


def store(folder: Path, examples: list[Example]) -> Stored:
    write_store(folder, examples, MADE_OF)
    opened = open_store(folder, MADE_OF)
    assert opened is not None
    return opened


def pairs(numbers: list[tuple[int, int]]) -> list[Example]:
    return [Example((f"source {a}", f"Ziel {b}"), ("en", ("de", "sw", "ru")[a % 3])) for a, b in numbers]


SOME = pairs([(k, k * k) for k in range(40)])
numbers = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 60)), max_size=80, unique=True)
in_one_folder = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("examples", [SOME, SOME[:14], SOME[:1]])
def test_examples_come_back(tmp_path: Path, examples: list[Example]) -> None:
    there = store(tmp_path / "store", examples)
    assert len(there) == len(examples)
    assert list(there) == examples
    assert [there[row] for row in range(-len(examples), 0)] == examples
    assert there[::3] == examples[::3]
    rows = np.random.default_rng(0).integers(0, len(examples), 9)
    assert take(there, rows) == take(examples, rows)
    assert there.lengths[rows].tolist() == [sum(map(len, examples[row].texts)) for row in rows]
    assert digest_of(there) == digest_of(examples)
    with pytest.raises(IndexError):
        there[len(examples)]


def test_classes_and_scores_come_back(tmp_path: Path) -> None:
    for name, values in (("classes", [2, 0, 1]), ("scores", [0.5, 4.0, -1.0])):
        examples = [Example(("a", f"b {k}", "c"), ("und",) * 3, target) for k, target in enumerate(values)]
        there = list(store(tmp_path / name, examples))
        assert there == examples
        assert [type(example.target) for example in there] == [type(value) for value in values]
        assert digest_of(there) == digest_of(examples)


def test_the_same_texts_with_another_answer_are_no_repeat(tmp_path: Path) -> None:
    examples = [Example(("a", "b"), ("und", "und"), target) for target in (1, 2, 1)]
    assert list(store(tmp_path / "store", examples)) == examples[:2]


@in_one_folder
@given(numbers=numbers, repeats=st.lists(st.integers(0, 200), max_size=20))
def test_of_equal_examples_the_first_is_kept(
    tmp_path: Path, numbers: list[tuple[int, int]], repeats: list[int]
) -> None:
    examples = pairs([(0, 0), *numbers])
    for place in repeats:
        examples.insert(place % len(examples), examples[place % len(examples)])
    there = store(tmp_path / "store", examples)
    assert list(there) == list(dict.fromkeys(examples))
    assert there.about["repeats"] == len(examples) - len(set(examples))
    assert first_texts(there) == first_texts(examples)


def test_the_same_texts_the_other_way_round_or_in_another_language_are_no_repeats(tmp_path: Path) -> None:
    examples = [Example(("a", "b"), ("en", "de")), Example(("b", "a"), ("en", "de")), Example(("a", "b"), ("en", "sw"))]
    assert list(store(tmp_path / "store", examples)) == examples


@in_one_folder
@given(numbers=numbers, texts=st.integers(1, 4))
def test_as_many_are_held_out_as_of_a_list(tmp_path: Path, numbers: list[tuple[int, int]], texts: int) -> None:
    examples = list(dict.fromkeys(pairs([*((k, k + 100) for k in range(9)), *numbers])))
    there = store(tmp_path / "store", examples)
    (train, dev), (expected_train, expected_dev) = hold_out(there, texts), hold_out(examples, texts)
    assert dev == expected_dev
    assert list(train) == expected_train
    assert len(train) == len(expected_train)
    assert [train[row] for row in range(len(train))] == expected_train
    assert isinstance(train, Stored)
    more = {example.texts[1] for example in expected_train[::3]}
    assert list(without(train, more)) == without(expected_train, more)
    assert digest_of(train) != digest_of(there)


def test_groups_are_those_of_the_examples(tmp_path: Path) -> None:
    there = store(tmp_path / "store", [*SOME, SOME[3]]).without({SOME[0].texts[0], SOME[9].texts[1]})
    names, which = there.groups(lambda example: example.languages[1])
    assert names == ["de", "ru", "sw"]
    assert [names[number] for number in which] == [example.languages[1] for example in there]


def test_targets_are_found_by_the_first_text(tmp_path: Path) -> None:
    there = store(tmp_path / "store", SOME)
    keys = np.unique(there.keys[:, 0])
    rows = np.arange(2 * len(keys), dtype=np.float32).reshape(-1, 2)
    places = np.random.default_rng(0).permutation(len(keys))
    taught = stored.replace(there, vectors=Vectors(keys, places, rows)).without({SOME[0].texts[0]})
    for example in taught:
        place = places[np.flatnonzero(keys == stored.hashes([example.texts[0]])[0])[0]]
        assert np.array_equal(np.asarray(example.target), rows[place])


def test_a_vocabulary_needs_some_texts_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = store(tmp_path / "store", SOME)
    assert list(some_texts(there)) == [text for example in SOME for text in example.texts]
    monkeypatch.setattr(stored, "ENOUGH", 15)
    assert list(some_texts(there)) == [text for example in SOME[::3] for text in example.texts]
    assert len(list(some_texts(SOME))) == 80


def test_a_store_of_something_else_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "store"
    assert open_store(folder, MADE_OF) is None
    store(folder, SOME)
    assert open_store(folder, {"files": []}) is None
    monkeypatch.setattr(stored, "VERSION", 99)
    assert open_store(folder, MADE_OF) is None
    monkeypatch.undo()
    for name in ("store.json", "examples.arrow", "keys", "kinds", "characters", "repeats.npy"):
        kept = (folder / name).read_bytes()
        (folder / name).write_bytes(kept[: len(kept) // 2])
        assert open_store(folder, MADE_OF) is None, name
        (folder / name).write_bytes(kept)


def test_nothing_is_left_of_a_store_that_could_not_be_finished(tmp_path: Path) -> None:
    def breaking() -> Iterator[Example]:
        yield from SOME
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_store(tmp_path / "store", breaking(), MADE_OF)
    with pytest.raises(DataError, match="there are no examples"):
        write_store(tmp_path / "store", [], MADE_OF)
    many = [Example((f"{k} " * 40, "b"), ("en", "de")) for k in range(200)]
    with files_of_at_most(4000), pytest.raises(DataError, match="cannot be written"):
        write_store(tmp_path / "store", many, MADE_OF)
    assert list(tmp_path.iterdir()) == []
