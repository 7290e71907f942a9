"""A person corrects the table of an alignment: what stays is kept, what is marked is aligned anew."""

from dataclasses import replace

import numpy as np
import pytest

from interlingua import cli
from interlingua.errors import ConfigError, DataError
from interlingua.formats import csv, read_rows, tsv
from interlingua.mining import review
from interlingua.mining.align import Link
from interlingua.mining.documents import Alignment, Document, align_documents
from interlingua.mining.review import HEADER, Row, Status

EN = Document(("One.", "Two here.", "Three 3.", "Four.", "Five."), (5,), "en")
DE = Document(("Eins.", "Zwei hier.", "Drei 4.", "Vier.", "Fünf."), (5,), "de")
WORDS = ["one", "two", "three", "four", "five"]
GERMAN = ["eins", "zwei", "drei", "vier", "fünf"]


def encode(texts, language="und"):
    """A vector of which numbers a text names, in either language."""
    vectors = np.full((len(texts), 6), 0.01, np.float32)
    for row, text in enumerate(texts):
        for number, names in enumerate(zip(WORDS, GERMAN, strict=True)):
            vectors[row, number] += any(name in text.lower() for name in names)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def link(source, target, score=0.9):
    return Link(source, target, score)


LINKS = [
    link((0, 1), (0, 1)), link((1, 3), (1, 2)), link((3, 3), (2, 3), 0.0), link((3, 4), (3, 4)), link((4, 5), (4, 5)),
]  # fmt: skip


def test_every_link_is_a_row_with_what_is_remarkable():
    rows = review.rows_of(Alignment(EN, DE, LINKS))
    assert [(row.source, row.target) for row in rows] == [
        ("One.", "Eins."),
        ("Two here. Three 3.", "Zwei hier."),
        ("", "Drei 4."),
        ("Four.", "Vier."),
        ("Five.", "Fünf."),
    ]
    assert [row.flags for row in rows] == [(), ("2 to 1", "number"), ("no counterpart",), (), ()]


def test_a_score_far_below_the_others_is_low():
    many = Document(tuple(f"sentence {'abcdefghij'[n]}" for n in range(10)), (10,))
    links = [link((n, n + 1), (n, n + 1), 0.2 if n == 4 else 0.9 + n / 1000) for n in range(10)]
    flags = [row.flags for row in review.rows_of(Alignment(many, many, links))]
    assert flags == [("low score",) if n == 4 else () for n in range(10)]


def test_a_table_comes_back_whatever_its_order(tmp_path):
    path = tmp_path / "review.tsv"
    rows = review.rows_of(Alignment(EN, DE, LINKS))
    review.write(path, rows)
    read = review.read(path)
    assert [(row.source, row.target, row.status) for row in read] == [(r.source, r.target, Status.keep) for r in rows]
    found = list(read_rows(path))
    tsv.write(path, HEADER, [tuple(row.columns.values()) for row in reversed(found)])
    assert [row.source for row in review.read(path)] == [row.source for row in rows]


def test_a_row_without_a_number_belongs_behind_the_one_before_it(tmp_path):
    path = tmp_path / "review.tsv"
    tsv.write(path, ("number", "source", "target"), [("2", "b", "B"), ("", "c", "C"), ("1", "a", "A")])
    assert [row.source for row in review.read(path)] == ["a", "b", "c"]


def test_a_number_between_two_may_have_a_comma(tmp_path):
    path = tmp_path / "review.tsv"
    tsv.write(path, ("number", "source", "target"), [("1", "a", "A"), ("2", "c", "C"), ("1,5", "b", "B")])
    assert [row.source for row in review.read(path)] == ["a", "b", "c"]


def test_line_breaks_in_a_cell_become_spaces_and_no_other_space_changes(tmp_path):
    path = tmp_path / "review.csv"
    csv.write(path, ("source", "target"), [(" One \n\n two ", "Un\u202f! \u3000Deux\xa0?")])
    (row,) = review.read(path)
    assert (row.source, row.target) == ("One two", "Un\u202f! \u3000Deux\xa0?")


@pytest.mark.parametrize("broken", ["#NAME?", "Err:509"])
def test_what_a_spreadsheet_took_for_a_formula_is_an_error(tmp_path, broken):
    path, rows = tmp_path / "r.csv", [Row("One.", "Eins."), Row("Two.", broken, line=3)]
    with pytest.raises(DataError, match=r"r\.csv:3: .* in the place of a text"):
        review.check_cells(path, rows, EN, DE)
    review.check_cells(path, rows, EN, Document((broken,), (1,)))  # the document says so itself
    review.check_cells(path, [replace(rows[1], status=Status.drop)], EN, DE)


def test_the_table_of_other_documents_is_an_error(tmp_path):
    with pytest.raises(DataError, match="none of its texts stands in its document"):
        review.check_cells(tmp_path / "r.csv", [Row("Eins.", "One.")], EN, DE)


def test_a_table_without_a_status_says_so(tmp_path, capsys):
    path = tmp_path / "review.tsv"
    path.write_text("source\ttarget\tState\nOne.\tEins.\tdrop\n", "utf-8")
    assert len(review.read(path)) == 1
    assert "no column is named status" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("source\ttext\na\tb\n", ":2: the columns source and target"),
        ("source\ttarget\tstatus\na\tb\tmaybe\n", ":2: the status 'maybe': write redo or drop"),
        ("number\tsource\ttarget\nx\ta\tb\n", ":2: the number 'x' is none"),
        ("number\tsource\ttarget\nnan\ta\tb\n", ":2: the number 'nan' is none"),
        ("number\tsource\ttarget\n1,000\ta\tb\n", ":2: the number '1,000' is none"),
        ("source\ttarget\n \t \n", "no rows"),
    ],
)
def test_a_table_that_cannot_be_used_is_one_error(tmp_path, content, said):
    path = tmp_path / "review.tsv"
    path.write_text(content, "utf-8")
    with pytest.raises(DataError, match=said):
        review.read(path)


def test_rows_that_stay_are_kept_with_their_texts():
    rows = [
        Row("One.", "Eins."),
        Row("Two here.", "Zwei  hierher."),
        Row("x", "", status=Status.keep),
        Row("a", "b", status=Status.drop),
    ]
    found = review.reviewed(rows, EN, DE, encode)
    assert [pair[1:] for pair in found.pairs] == [("One.", "Eins."), ("Two here.", "Zwei  hierher.")]
    assert [pair[0] for pair in found.pairs] == pytest.approx([1, 1])
    assert found.counts == {"rows": 4, "edited": 2, "redone": 0, "dropped": 1, "without_counterpart": 1, "pairs": 2}


def test_rows_to_redo_are_aligned_between_those_around_them():
    redo = Status.redo
    rows = [
        Row("One.", "Fünf."),  # a person says so: it stays
        Row("Two here. Three 3.", "Zwei hier.", status=redo),
        Row("", "Drei 4.", status=redo),
        Row("Four.", "Vier."),
        Row("Five.", "", status=redo),
    ]
    found = review.reviewed(rows, EN, DE, encode)
    assert [(row.source, row.target) for row in found.rows] == [
        ("One.", "Fünf."),
        ("Two here.", "Zwei hier."),
        ("Three 3.", "Drei 4."),
        ("Four.", "Vier."),
        ("Five.", ""),  # there is nothing to align it with
    ]
    assert "redone" in found.rows[1].flags
    assert found.counts["redone"] == 3


def test_to_redo_every_row_is_to_align_the_documents():
    links = align_documents(EN, DE, encode)
    rows = [replace(row, status=Status.redo) for row in review.rows_of(Alignment(EN, DE, LINKS))]
    found = review.reviewed(rows, EN, DE, encode)
    assert [(row.source, row.target) for row in found.rows] == [Alignment(EN, DE, links).texts(link) for link in links]


def test_rows_to_redo_with_texts_on_one_side_only_stay():
    rows = [Row("One.", "", status=Status.redo), Row("Two here.", "", status=Status.redo), Row("Four.", "Vier.")]
    found = review.reviewed(rows, EN, DE, encode)
    assert [(row.source, row.target) for row in found.rows] == [("One.", ""), ("Two here.", ""), ("Four.", "Vier.")]


@pytest.mark.parametrize("max_size", [1, 41])
def test_links_to_redo_are_of_a_size_that_can_be_found(max_size):
    many = Document(tuple(f"Sentence {n}." for n in range(30)), (30,))
    rows = [Row(text, text, status=Status.redo) for text in many.sentences]
    with pytest.raises(ConfigError, match="--max-size"):
        review.reviewed(rows, many, many, encode, max_size)


def test_sentences_are_found_as_wholes():
    text = Document(("Oh one.", "Two.", "One.", "Oh.", "one.", "Two."), (6,), "en")
    rows = [Row("one. Two.", "Eins. Zwei.", status=Status.redo)]
    found = review.reviewed(rows, text, Document(("Eins.", "Zwei."), (2,), "de"), encode)
    assert [pair[1:] for pair in found.pairs] == [("one.", "Eins."), ("Two.", "Zwei.")]


def test_new_links_have_their_size_among_their_flags():
    text = Document(("one", "one", "Two."), (3,), "en")
    rows = [Row("one one", "", status=Status.redo), Row("Two.", "Eins eins. Zwei.", status=Status.redo)]
    found = review.reviewed(rows, text, Document(("Eins eins.", "Zwei."), (2,), "de"), encode)
    assert [(row.source, row.flags) for row in found.rows] == [("one one", ("redone", "2 to 1")), ("Two.", ("redone",))]


def test_a_sentence_that_a_person_cut_is_aligned_as_it_is():
    rows = [Row("Two", "Zwei", status=Status.redo), Row("here. Three 3.", "hier. Drei 4.", status=Status.redo)]
    found = review.reviewed(rows, EN, DE, encode)
    assert [pair[1:] for pair in found.pairs] == [("Two", "Zwei"), ("here. Three 3.", "hier. Drei 4.")]


def test_flags_that_do_not_go_together(tmp_path, capsys):
    (tmp_path / "a.txt").write_text("a\n", "utf-8")
    (tmp_path / "r.tsv").write_text("source\ttarget\na\ta\n", "utf-8")
    command = [
        "align",
        str(tmp_path / "a.txt"),
        str(tmp_path / "a.txt"),
        "--model",
        "none",
        "--review",
        str(tmp_path / "r.tsv"),
    ]
    assert cli.run([*command, "--threshold", "0.5"]) == 2
    assert "leave out --threshold" in capsys.readouterr().err
    assert cli.run([*command, "--table", str(tmp_path / "r.tsv")]) == 2
    assert "is the same as" in capsys.readouterr().err
    with pytest.raises(ConfigError, match="tables to review are written as"):
        review.check_table(tmp_path / "r.tmx")
