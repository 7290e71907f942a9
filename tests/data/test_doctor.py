from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua.data.doctor import Finding, Severity, examine, texts_of_tests
from interlingua.data.roles import Dataset, Kind, Record, find
from interlingua.errors import DataError

CLEAN = [
    ("The train to Vienna leaves at eight in the morning.", "Der Zug nach Wien fährt um acht Uhr morgens ab."),
    ("She has been learning Japanese for more than two years.", "Sie lernt seit mehr als zwei Jahren Japanisch."),
    ("We could not find a hotel near the old harbour.", "Wir konnten kein Hotel in der Nähe des alten Hafens finden."),
    (
        "Nobody knows who wrote this letter to the mayor.",
        "Niemand weiß, wer diesen Brief an den Bürgermeister schrieb.",
    ),
]


def examined(
    rows: list[tuple[str, ...]], kind: Kind = Kind.parallel, answers: list[str] | None = None, **tests: set[str]
) -> dict[str, Finding]:
    given = answers or [""] * len(rows)
    languages = ("en", "de") if kind is Kind.parallel else ()
    records = [
        Record(texts, line, languages, answer) for line, (texts, answer) in enumerate(zip(rows, given, strict=True), 2)
    ]
    return {finding.check: finding for finding in examine(Dataset(Path("x.tsv"), kind, {}, records, []), tests)}


def test_clean_rows_have_no_findings() -> None:
    assert examined(list(CLEAN)) == {}


@pytest.mark.parametrize(
    ("check", "row"),
    [
        ("empty", ("Something.", "...")),
        ("duplicates", (CLEAN[1][0].upper(), CLEAN[1][1] + " !")),
        (
            "near duplicates",
            (
                "In the morning, at 8 eight, the train to Vienna leaves.",
                "morgens Der Zug nach Wien fährt um acht Uhr ab.",
            ),
        ),
        ("copies", ("The harbour is closed.", "The harbour is closed")),
        (
            "languages",
            ("The harbour is closed for the winter.", "Le port est fermé pendant tout l'hiver, comme toujours."),
        ),
        ("swapped", ("Der Hafen ist den ganzen Winter geschlossen.", "The harbour is closed for the whole winter.")),
        ("shared texts", ("Quite another sentence in English.", CLEAN[1][1])),
    ],
)
def test_a_planted_row_is_named_by_its_line(check: str, row: tuple[str, str]) -> None:
    found = examined([*CLEAN, row])
    assert 6 in found[check].lines
    assert check == "shared texts" or found[check].lines == (6,)


def test_columns_that_are_swapped_throughout_are_an_error() -> None:
    found = examined([(target, source) for source, target in CLEAN])
    assert found["swapped"].severity is Severity.error
    assert found["swapped"].lines == (2, 3, 4, 5)


def test_negatives_that_are_none() -> None:
    rows = [
        ("an anchor", "its positive", "ITS POSITIVE!"),
        ("an anchor", "another positive", "something else"),
        ("b", "c", "B"),
    ]
    assert examined(rows, Kind.triplets)["false negatives"].lines == (2, 4)


def test_labels_scores_and_contradictions() -> None:
    rows = [("a man walks", "he moves"), ("A man walks.", "he moves"), ("the cat", "a dog")]
    found = examined(rows, Kind.labelled, ["yes", "no", "no"])
    assert found["contradictions"].lines == (2, 3)
    assert found["labels"].figures == {"labels": {"yes": 1, "no": 2}}
    found = examined(rows, Kind.scored, ["0", "5", "nan"])
    assert found["scores"].severity in (Severity.note, Severity.error)
    assert examined(rows, Kind.scored, ["0", "5", ""])["answers"].lines == (4,)


def test_texts_of_test_sets_are_found_and_short_ones_are_not(tmp_path: Path) -> None:
    (tmp_path / "sts").mkdir()
    (tmp_path / "sts/test.tsv").write_text(
        f"sentence1\tsentence2\tscore\n{CLEAN[2][0].lower()}\tYes.\t3\n", encoding="utf-8"
    )
    tests = texts_of_tests([tmp_path / "sts"])
    (name,) = tests
    found = examined([*CLEAN, ("Yes.", "Ja.")], **{name: tests[name]})
    assert found["contamination"].lines == (4,)
    assert found["contamination"].severity is Severity.error
    (tmp_path / "none").mkdir()
    with pytest.raises(DataError, match="no readable file"):
        texts_of_tests([tmp_path / "none"])


@pytest.mark.parametrize(
    ("header", "row", "kind"),
    [
        ("anchor\tpositive\tnegative", "a\tb\tc", Kind.triplets), ("sentence1\tsentence2\tscore", "a\tb\t3.5", Kind.scored),
        ("premise\thypothesis\tlabel", "a\tb\tneutral", Kind.labelled), ("en\tde", "a\tb", Kind.parallel), ("source\ttarget", "a\tb", Kind.parallel),
        ("text\tlabel", "a\tb", Kind.classified), ("text", "a", Kind.plain), ("text1\ttext2", "a\tb", Kind.pairs),
    ],
)  # fmt: skip
def test_columns_tell_what_a_file_is(tmp_path: Path, header: str, row: str, kind: Kind) -> None:
    path = tmp_path / "data.tsv"
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")
    assert find(path).kind is kind


def test_columns_without_a_role_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / "data.tsv"
    path.write_text("foo1\tbar1\na\tb\n", encoding="utf-8")
    with pytest.raises(DataError, match="which columns"):
        find(path)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.text(max_size=12), st.text(max_size=12)), min_size=1, max_size=10),
    st.sampled_from(list(Kind)[:5]),
)
def test_any_rows_can_be_examined_and_lines_are_theirs(rows: list[tuple[str, str]], kind: Kind) -> None:
    for finding in examined(rows, kind, ["1"] * len(rows)).values():
        assert set(finding.lines) <= set(range(2, len(rows) + 2))
