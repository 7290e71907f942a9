"""One score for words and meaning."""

import pytest

from interlingua.memories.edits import compare
from interlingua.memories.scores import deductions, likeness, margin, order, score


def points(segment: str, known: str, apart: float = 0.95, carried: bool = True) -> float:
    found = compare(segment, known, "en")
    return score(segment, known, found, deductions(found), apart, carried)[0]


LONG = "The door of the old house by the river is open until the evening comes"
CASE_OR_MARKS = [LONG.upper(), LONG + ".", LONG.lower() + "!", LONG.title()]
NUMBERS = [("Turn 5 of 9 keys in the lock", "Turn 4 of 9 keys in the lock"), ("Version 2.5", "Version 2.6")]
OPPOSITES = [
    (LONG, LONG.replace("open", "closed")),
    (LONG, LONG.replace("is open", "is not open")),
    (LONG, LONG.replace("until", "before")),
    ("You can enter", "You cannot enter"),
    ("Enable the alarm", "Disable the alarm"),
    ("It works", "It never works"),
    (f"{LONG} and {LONG}", f"{LONG} and never {LONG}"),
]


def test_case_and_marks_stand_above_all_that_changes_the_content() -> None:
    plain = [points(other, LONG) for other in CASE_OR_MARKS]
    assert min(plain) >= 95
    assert max(plain) < 100
    assert min(plain) > max(points(*pair) for pair in NUMBERS)
    assert min(plain) > points(f"{LONG} <b>now</b>", f"{LONG} now")
    assert max(points(*pair) for pair in OPPOSITES) < 85


def test_a_number_to_be_changed_by_hand_costs_more() -> None:
    for pair in NUMBERS:
        assert points(*pair, carried=False) <= 84 < points(*pair)


def test_one_text_that_denies_the_other_is_no_near_match() -> None:
    assert points(LONG, LONG.replace("is open", "is not open")) <= 74


def test_a_word_more_costs_its_share() -> None:
    long, short = points(LONG, LONG.replace("old ", "")), points("Open the door", "Open door")
    assert short < long < 95


@pytest.mark.parametrize("apart", [-1.0, 0.0, 0.2, 0.4])
def test_what_has_nothing_to_do_with_each_other_stays_low(apart: float) -> None:
    found = points("A recipe for plum cake", "The train to Lisbon was late", apart)
    assert 0 <= found < 40


def test_meaning_decides_for_other_words() -> None:
    one, other = "How fast can a rowing boat go?", "What speed can a boat with oars make?"
    assert points(one, other, 0.9) >= 75 > 40 > points(one, other, 0.1)
    assert likeness(one, other, 0.9) > likeness(one, other, 0.5) > likeness(one, other, 0.1)


def test_no_meaning_is_so_sure_that_it_could_not_be_the_opposite() -> None:
    assert points("The house's door was unlocked", "The door of the house is locked.", 1.0) <= 84
    for one, other in (("Enable", "Disable"), ("Unlock", "Lock"), ("Deaktivieren", "Aktivieren")):
        assert points(one, other, 1.0) <= 74


def test_models_of_other_cosines_agree() -> None:
    assert margin(0.9, 0.8) == pytest.approx(margin(0.5, 0.0))
    assert margin(1.0, 0.8) == pytest.approx(1.0)


def test_words_count_in_the_order_where_texts_are_nearly_the_same() -> None:
    near, far = compare("a b c d e", "a b c d x"), compare("a b c d e", "a y z")
    assert order(near, 0.5) > order(far, 0.5) == 0.5
    assert order(compare("a b", "a b."), 0.9) > order(near, 0.99)
