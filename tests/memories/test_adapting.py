"""Numbers and codes put into a proposal."""

import pytest

from interlingua.memories.adapting import adapted, code_edits
from interlingua.memories.edits import Edit, What, compare
from interlingua.units.inline import Code


@pytest.mark.parametrize(
    ("segment", "known", "target", "wanted"),
    [
        ("Version 2.5", "Version 2.6", "Fassung 2.6", "Fassung 2.5"),
        ("From 1 to 9", "From 2 to 8", "Von 2 bis 8", "Von 1 bis 9"),
        ("From 2 to 1", "From 1 to 2", "Von 1 bis 2", "Von 2 bis 1"),
        ("12 of 3", "7 of 3", "7 von 3", "12 von 3"),
        ("to -5", "to +5", "auf +5", "auf -5"),
        ("5 cats", "5 dogs", "5 Hunde", "5 Hunde"),
    ],
)
def test_numbers_that_have_a_place(segment: str, known: str, target: str, wanted: str) -> None:
    found = adapted(compare(segment, known).edits, [segment], [known], [target])
    assert (found.text, found.numbers) == (wanted, True)


@pytest.mark.parametrize(
    ("segment", "known", "target"),
    [
        ("5 boxes", "4 boxes", "vier Kisten"),
        ("1 and 3", "1 and 1", "1 und 1"),  # which of both?
        ("1.5 kg", "1.4 kg", "1,4 kg"),
        ("40 of 2", "4 of 2", "4 von 4"),
        ("10 000 files", "5 files", "5 Dateien"),
        ("1,500 files", "500 files", "500 Dateien"),
        ("2.5 seconds", "2 seconds", "2 Sekunden"),
    ],
)
def test_numbers_that_have_none(segment: str, known: str, target: str) -> None:
    found = adapted(compare(segment, known).edits, [segment], [known], [target])
    assert (found.text, found.numbers) == (target, False)


def test_a_number_within_another_stays() -> None:
    found = adapted(compare("Tab 5", "Tab 1").edits, ["Tab 5"], ["Tab 1"], ["Reiter 1 (Strg+10)"])
    assert found.text == "Reiter 5 (Strg+10)"


BOLD = Code("opening", "1", "1", "<b>"), Code("closing", "1", "1", "</b>")
OURS = Code("opening", "7", "7"), Code("closing", "7", "7")


def test_the_codes_of_the_segment_come_with_the_numbers() -> None:
    known, target = ["Press ", BOLD[0], "4", BOLD[1], " times"], [BOLD[0], "4", BOLD[1], "-mal drücken"]
    segment = ["Press ", OURS[0], "5", OURS[1], " times"]
    found = adapted(compare("Press 5 times", "Press 4 times").edits, segment, known, target)
    assert found.parts == (OURS[0], "5", OURS[1], "-mal drücken")


def test_codes_that_differ() -> None:
    plain, bold = ["Press 4 times"], ["Press ", BOLD[0], "4", BOLD[1], " times"]
    moved = [BOLD[0], "Press", BOLD[1], " 4 times"]
    assert code_edits(plain, plain) == code_edits(bold, bold) == []
    assert code_edits(plain, bold) == [Edit(What.code, "", "<b> </b>")]
    assert code_edits(moved, bold) == [Edit(What.code, "<b> </b>", "<b> </b>")]  # the same text: places count
    assert code_edits([BOLD[0], "Hold", BOLD[1]], bold) == []


def test_a_number_that_a_code_divides_is_left() -> None:
    known, target = ["Version ", BOLD[0], "2", BOLD[1], ".5"], ["Fassung ", BOLD[0], "2", BOLD[1], ".5"]
    segment = ["Version ", OURS[0], "2", OURS[1], ".7"]
    found = adapted(compare("Version 2.7", "Version 2.5").edits, segment, known, target)
    assert (found.text, found.numbers) == ("Fassung 2.5", False)


def test_codes_that_the_translation_has_not() -> None:
    found = adapted([], ["for ", OURS[0], "all", OURS[1]], ["for ", BOLD[0], "all", BOLD[1]], ["für alle Fälle"])
    assert found.lacks == (OURS[0],)
