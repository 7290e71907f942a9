"""Numbers put into a proposal."""

import pytest

from interlingua.memories.carrying import carried
from interlingua.memories.edits import compare


@pytest.mark.parametrize(
    ("segment", "known", "target", "wanted"),
    [
        ("Version 2.5", "Version 2.6", "Fassung 2.6", "Fassung 2.5"),
        ("From 1 to 9", "From 2 to 8", "Von 2 bis 8", "Von 1 bis 9"),
        ("From 2 to 1", "From 1 to 2", "Von 1 bis 2", "Von 2 bis 1"),
        ("12 of 3", "7 of 3", "7 von 3", "12 von 3"),
        ("5 cats", "5 dogs", "5 Hunde", "5 Hunde"),
    ],
)
def test_numbers_that_have_a_place(segment: str, known: str, target: str, wanted: str) -> None:
    assert carried(compare(segment, known).edits, known, target) == (wanted, True)


@pytest.mark.parametrize(
    ("segment", "known", "target"),
    [
        ("5 boxes", "4 boxes", "vier Kisten"),
        ("1 and 3", "1 and 1", "1 und 1"),  # which of both?
        ("1.5 kg", "1.4 kg", "1,4 kg"),
        ("40 of 2", "4 of 2", "4 von 4"),
    ],
)
def test_numbers_that_have_none(segment: str, known: str, target: str) -> None:
    assert carried(compare(segment, known).edits, known, target) == (target, False)


def test_a_number_within_another_stays() -> None:
    assert carried(compare("Tab 5", "Tab 1").edits, "Tab 1", "Reiter 1 (Strg+10)") == ("Reiter 5 (Strg+10)", True)
