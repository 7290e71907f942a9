from pathlib import Path

import pytest

from interlingua.data.labelled import class_names, labelled_pairs, positives
from interlingua.errors import DataError


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


SNLI = """{"gold_label": "neutral", "sentence1": "A man sits.", "sentence2": "He is tall.", "annotator_labels": ["neutral"]}
{"gold_label": "-", "sentence1": "A dog runs.", "sentence2": "It is fast.", "annotator_labels": ["neutral", "entailment"]}
{"gold_label": "entailment", "sentence1": "A dog runs.", "sentence2": "A dog moves.", "annotator_labels": []}
"""


def test_public_layouts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    snli = write(tmp_path, "snli.jsonl", SNLI)
    quora = write(
        tmp_path, "quora.tsv", "id\tquestion1\tquestion2\tis_duplicate\n1\tHow?\tIn what way?\t1\n2\tHow?\tWhy?\t0\n"
    )
    mnli = write(
        tmp_path,
        "mnli.jsonl",
        '{"genre": "fiction", "gold_label": "neutral", "sentence1": "A", "sentence2": "B", "pairID": "1n"}\n',
    )
    assert [(e.texts, e.target) for e in labelled_pairs(mnli, ("neutral",))] == [(("A", "B"), 0)]
    sick = write(tmp_path, "sick.tsv", "relatedness\tentailment\tsentence1\tsentence2\n4.5\tneutral\tA\tB\n")
    assert class_names([snli]) == ("entailment", "neutral")
    assert [(e.texts, e.target) for e in labelled_pairs(snli, ("entailment", "neutral"))] == [
        (("A man sits.", "He is tall."), 1), (("A dog runs.", "A dog moves."), 0),
    ]  # fmt: skip
    assert "left out 1 pairs labelled '-'" in capsys.readouterr().err
    assert [e.target for e in labelled_pairs(quora, ("0", "1"))] == [1, 0]
    assert [e.texts for e in labelled_pairs(sick, ("neutral",))] == [("A", "B")]


def test_rows_of_positives(tmp_path: Path) -> None:
    triplets = write(tmp_path, "t.tsv", "anchor\tpositive\thard_negative\na\tb\tc\n")
    several = write(tmp_path, "s.tsv", "query\tpositive\tnegative_1\tnegative_2\na\tb\tc\td\n")
    simcse = write(tmp_path, "c.csv", 'sent0,sent1,hard_neg\n"a, b",c,d\n')
    assert [e.texts for e in positives(triplets)] == [("a", "b", "c")]
    assert [e.texts for e in positives(several)] == [("a", "b", "c", "d")]
    all_nli = write(tmp_path, "all-nli.jsonl", '{"anchor": "a", "positive": "b", "negative": "c"}\n')
    assert [e.texts for e in positives(all_nli)] == [("a", "b", "c")]
    assert [e.texts for e in positives(simcse)] == [("a, b", "c", "d")]


@pytest.mark.parametrize(
    ("text", "problem", "line"),
    [
        ("premise\thypothesis\tlabel\na\tb\tmaybe\n", "the label 'maybe' is not one of no, yes", 2),
        ("premise\thypothesis\na\tb\n", "no column is the label; the columns are premise, hypothesis", 2),
        ("text\tlabel\na\tyes\n", "no column is the two texts", 2),
        ("premise\thypothesis\tlabel\tgold_label\na\tb\tyes\tno\n", "2 columns could be the label", 2),
        ("premise\thypothesis\tlabel\n", "no labelled pairs", None),
    ],
)
def test_what_is_wrong_with_labels_is_named(tmp_path: Path, text: str, problem: str, line: int | None) -> None:
    path = write(tmp_path, "nli.tsv", text)
    with pytest.raises(DataError, match=problem) as caught:
        list(labelled_pairs(path, ("no", "yes")))
    assert (caught.value.path, caught.value.line) == (path, line)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("anchor\tpositive\na\t\n", "column 'positive' is empty"),
        ("a\tb\nc\td\n", "no column is anchor and positive"),
        ("anchor\tpositive\n", "no rows"),
    ],
)
def test_what_is_wrong_with_positives_is_named(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        list(positives(write(tmp_path, "pairs.tsv", text)))
