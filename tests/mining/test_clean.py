import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua.mining.clean import (
    Measures,
    Reason,
    Thresholds,
    deviations,
    measure,
    number_mismatch,
    overlap,
    reasons,
)
from interlingua.mining.scoring import Scores

GOOD = [
    ("The train to Vienna leaves at eight in the morning.", "Der Zug nach Wien fährt um acht Uhr morgens ab."),
    ("She has been learning Japanese for more than two years.", "Sie lernt seit mehr als zwei Jahren Japanisch."),
    ("We could not find a hotel near the old harbour.", "Wir konnten kein Hotel in der Nähe des alten Hafens finden."),
    ("My brother bought 12 apples and a loaf of bread.", "Mein Bruder hat 12 Äpfel und ein Brot gekauft."),
    ("The museum will be closed until the end of the month.", "Das Museum bleibt bis zum Ende des Monats geschlossen."),
    (
        "Nobody knows who wrote this letter to the mayor.",
        "Niemand weiß, wer diesen Brief an den Bürgermeister schrieb.",
    ),
    (
        "It rained all night, so the streets are still wet.",
        "Es regnete die ganze Nacht, deshalb sind die Straßen noch nass.",
    ),
    (
        "Please close the window before you leave the house.",
        "Bitte schließen Sie das Fenster, bevor Sie das Haus verlassen.",
    ),
]
LONG = "This is a rather long sentence about the weather, the harbour and the people who live near it, and it goes on for a while."
BAD = {
    Reason.empty: ("Something.", " -- "),
    Reason.duplicated: (GOOD[0][0].upper(), GOOD[0][1] + "!"),
    Reason.untranslated: ("The old harbour is closed today.", "The old harbour is closed today"),
    Reason.language: ("The child sleeps in the large room.", "L'enfant dort dans la grande chambre avec son frère."),
    Reason.number: ("The tickets cost 45 euros each.", "Die Karten kosten jeweils 54 Euro."),
    Reason.truncated: (LONG, "Das ist ein ziemlich langer Satz über"),
    Reason.length: (
        "Yes, of course.",
        "Ja, natürlich, und das gilt für alle, die heute hier im großen Saal zusammengekommen sind, um zu feiern. " * 3,
    ),
}


@pytest.mark.parametrize("languages", [("en", "de"), ("und", "und")])
def test_each_defect_is_found_for_its_reason_and_good_pairs_stay(languages: tuple[str, str]) -> None:
    found = reasons(measure(GOOD + list(BAD.values()), languages), Thresholds())
    assert found[: len(GOOD)] == [[]] * len(GOOD)
    for reason, why in zip(BAD, found[len(GOOD) :], strict=True):
        assert reason in why


def test_misaligned_pairs_need_a_model() -> None:
    scores = Scores(
        *(np.array([0.9, 0.1], np.float32), np.array([1.2, 0.9], np.float32), np.array([0.0, 0.4], np.float32))
    )
    assert reasons(measure(GOOD[:2], ("en", "de"), scores), Thresholds()) == [[], [Reason.misaligned]]
    assert measure(GOOD[:2], ("en", "de")).misaligned is None


def test_thresholds_are_limits_not_included() -> None:
    measures = measure([GOOD[3]], ("en", "de"))
    raised = Measures(
        **{**{r.value: getattr(measures, r.value) for r in Reason}, "number": np.array([0.5], np.float32)}
    )
    assert reasons(raised, Thresholds(number=0.5)) == [[]]
    assert reasons(raised, Thresholds(number=0.49)) == [[Reason.number]]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=40), st.text(max_size=40)), max_size=8))
def test_any_texts_have_finite_measures_and_every_reason_follows_from_one(pairs: list[tuple[str, str]]) -> None:
    measures = measure(pairs, ("en", "de"))
    for row, why in enumerate(reasons(measures, Thresholds())):
        for reason in Reason:
            values = measures.of(reason)
            assert values is None or (np.isfinite(values[row]) and values[row] >= 0)
            assert (reason in why) == (values is not None and bool(values[row] > getattr(Thresholds(), reason, 0.0)))


@given(st.text(), st.text())
def test_overlap_is_symmetric_and_whole_for_a_copy(one: str, other: str) -> None:
    assert 0 <= overlap(one, other) <= 1
    if any(c.isalpha() for c in one) and any(c.isalpha() for c in other):
        assert overlap(one, other) == pytest.approx(overlap(other, one))
    if any(c.isalpha() for c in one):
        assert overlap(one, one) == 1


@pytest.mark.parametrize(
    ("source", "target", "share"),
    [
        ("1,000 men", "1.000 Mann", 0),
        ("2 of 3", "3", 0.5),
        ("3", "٣", 0),
        ("one", "eins", 0),
        ("4", "5", 1),
        ("4", "four", 0.3),
    ],
)
def test_numbers_are_compared_by_their_digits(source: str, target: str, share: float) -> None:
    assert number_mismatch(source, target) == pytest.approx(share)


def test_lengths_are_held_against_what_is_usual_here() -> None:
    usual = [("x" * n, "y" * (2 * n + n % 3)) for n in range(20, 60)]
    assert abs(deviations([*usual, ("x" * 40, "y" * 80)])[-1]) < 1
    assert deviations([*usual, ("x" * 40, "y" * 40)])[-1] < -6
