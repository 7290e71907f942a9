"""Detection of pairs against scikit-learn, thresholds that are tuned where they should be, and entailment."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, average_precision_score, f1_score

from interlingua.errors import ConfigError, DataError
from interlingua.evaluation.tasks import entailment, pairs
from interlingua.types import Embeddings


def angles(texts: Sequence[str], language: str = "und") -> Embeddings:
    found = np.array([float(text.split()[-1]) for text in texts])
    return np.stack([np.cos(found), np.sin(found)], axis=1).astype(np.float32)


def write(file: Path, rows: list[tuple[str, float, float]], header: str = "label\tsentence1\tsentence2") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        "\n".join([header, *(f"{label}\ta {one}\tb {other}" for label, one, other in rows)]) + "\n", encoding="utf-8"
    )
    return file


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=2, max_size=40))
def test_against_scikit_learn(drawn: list[tuple[int, bool]]) -> None:
    scores, positive = np.array([score / 12 for score, _ in drawn]), np.array([label for _, label in drawn])
    if positive.any():
        assert pairs.average_precision(scores, positive) == pytest.approx(average_precision_score(positive, scores))
    else:
        assert pairs.average_precision(scores, positive) == 0
    every = [*np.unique(scores), np.inf]
    f1, threshold = pairs.best_f1(scores, positive)
    assert f1 == pytest.approx(max(f1_score(positive, scores >= t, zero_division=0) for t in every))
    assert pairs.f1_at(threshold, scores, positive) == pytest.approx(f1)
    accuracy, threshold = pairs.best_accuracy(scores, positive)
    assert accuracy == pytest.approx(max(accuracy_score(positive, scores >= t) for t in every))
    assert pairs.accuracy_at(threshold, scores, positive) == pytest.approx(accuracy)


def test_the_threshold_comes_from_dev(tmp_path: Path) -> None:
    dev = [("1", 0, 0.1), ("1", 0, 0.2), ("0", 0, 0.4), ("0", 0, 0.5)]
    test = [
        ("1", 0, 0.2),
        ("1", 0, 0.35),
        ("0", 0, 0.36),
        ("0", 0, 0.9),
    ]  # told apart perfectly, not at dev's threshold
    write(tmp_path / "para" / "test.tsv", test)
    write(tmp_path / "para" / "dev.tsv", dev)
    write(tmp_path / "para" / "train.tsv", dev[:1])
    with pytest.raises(DataError, match="the class '0' does not occur in train.tsv"):
        pairs.evaluate(angles, tmp_path / "para")
    write(tmp_path / "para" / "train.tsv", dev)
    (row,) = pairs.evaluate(angles, tmp_path / "para").rows
    assert (row["average_precision"], row["accuracy"], row["f1"], row["tuned_on"]) == (
        100.0,
        75.0,
        pytest.approx(66.67),
        "dev",
    )
    (row,) = pairs.evaluate(angles, write(tmp_path / "alone.tsv", test)).rows
    assert (row["accuracy"], row["f1"], row["tuned_on"], row["positive"]) == (100.0, 100.0, "all", 2)


def test_what_is_positive_must_occur(tmp_path: Path) -> None:
    file = write(tmp_path / "x.tsv", [("yes", 0, 0), ("no", 0, 1)])
    with pytest.raises(ConfigError, match="no pair is labelled '1', labels are no, yes; choose with --positive"):
        pairs.evaluate(angles, file)
    assert pairs.evaluate(angles, file, positive="yes").rows[0]["average_precision"] == 100
    (tmp_path / "y.tsv").write_text("label\ttext\n1\ta 0\n")
    with pytest.raises(DataError, match="pairs of texts are needed"):
        pairs.evaluate(angles, tmp_path / "y.tsv")


NLI = "label\tpremise\thypothesis"


def relation(one: float, other: float) -> str:
    return "entailment" if abs(one - other) < 0.5 else "contradiction" if abs(one - other) > 2 else "neutral"


def inference(file: Path, count: int, seed: int) -> Path:
    drawn = np.random.default_rng(seed).uniform(0, 3, (count, 2)).round(3).tolist()
    return write(file, [(relation(a, b), a, b) for a, b in drawn], NLI)


def test_entailment_from_features_of_pairs(tmp_path: Path) -> None:
    train, test = inference(tmp_path / "train.tsv", 300, 1), inference(tmp_path / "test.tsv", 100, 2)
    report = entailment.evaluate(angles, tmp_path)
    (row,) = report.rows
    assert row["accuracy"] > 80 > row["majority"]
    assert entailment.evaluate(angles, test, train=(train,)).rows == report.rows
    poor = entailment.evaluate(angles, tmp_path, features=("first", "second")).rows[0]
    assert poor["accuracy"] < row["accuracy"]
    drawn = [np.random.default_rng(seed).uniform(0, 3, (count, 2)).round(3) for seed, count in ((1, 300), (2, 100))]
    x = [np.abs(angles([f"a {v}" for v in part[:, 0]]) - angles([f"a {v}" for v in part[:, 1]])) for part in drawn]
    y = [[relation(a, b) for a, b in part.tolist()] for part in drawn]
    one = entailment.evaluate(angles, tmp_path, features=("difference",))
    oracle = LogisticRegression(C=one.settings["C"], max_iter=5000, tol=1e-6).fit(x[0], y[0]).score(x[1], y[1])
    assert one.rows[0]["accuracy"] == pytest.approx(100 * oracle, abs=0.006)


def test_a_dev_file_chooses_the_penalty(tmp_path: Path) -> None:
    for name, count in (("train", 60), ("dev", 40), ("test", 40)):
        inference(tmp_path / f"{name}.tsv", count, count)
    assert entailment.evaluate(angles, tmp_path).settings["C"] in entailment.CS
    assert len(entailment.evaluate(angles, tmp_path).files) == 3


def test_entailment_refuses(tmp_path: Path) -> None:
    train = write(tmp_path / "train.tsv", [("entailment", 0, 0), ("neutral", 0, 1)] * 4, NLI)
    with pytest.raises(DataError, match="train.tsv and test.tsv are needed"):
        entailment.evaluate(angles, tmp_path)
    with pytest.raises(ConfigError, match="--train"):
        entailment.evaluate(angles, train)
    with pytest.raises(ConfigError, match="--features sum is not one of first, second, difference, product"):
        entailment.evaluate(angles, train, features=("sum",))
    other = write(tmp_path / "other.tsv", [("contradiction", 0, 0)], NLI)
    with pytest.raises(DataError, match=r"other.tsv:2: the label 'contradiction' is not one of entailment, neutral"):
        entailment.evaluate(angles, other, train=(train,))
