"""The SentEval protocol against scikit-learn's own nested search, and learning curves."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score

from interlingua.errors import ConfigError, DataError
from interlingua.evaluation.linear import CS, pair_features
from interlingua.evaluation.tasks import classification
from interlingua.types import Embeddings


def noisy(texts: Sequence[str], language: str = "und") -> Embeddings:
    """The class (the first word) is one of six coordinates, under noise drawn from the number behind it."""
    rows = [np.random.default_rng(int(text.split()[1])).normal(size=6) for text in texts]
    signal = [[1.2 * (["bad", "good", "fine"].index(text.split()[0])), 0, 0, 0, 0, 0] for text in texts]
    return (np.array(rows) + np.array(signal)).astype(np.float32)


def write(file: Path, names: list[str], start: int = 0) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        "label\ttext\n" + "".join(f"{name}\t{name} {start + n}\n" for n, name in enumerate(names)), encoding="utf-8"
    )


def pairs(file: Path, count: int, start: int) -> None:
    """Paraphrases are pairs of the same text."""
    file.parent.mkdir(parents=True, exist_ok=True)
    rows = [f"{n % 2}\tbad {start + n}\tbad {start + n + 1000 * (1 - n % 2)}\n" for n in range(count)]
    file.write_text("label\tsentence1\tsentence2\n" + "".join(rows), encoding="utf-8")


def test_nested_folds_against_scikit_learn(tmp_path: Path) -> None:
    names = [["bad", "good"][n % 2] for n in range(90)]
    write(tmp_path / "mr" / "all.tsv", names)
    report = classification.evaluate(noisy, tmp_path / "mr", folds=3)
    features, labels = (
        noisy([f"{name} {n}" for n, name in enumerate(names)]),
        np.array([int(name == "good") for name in names]),
    )
    folds = StratifiedKFold(3, shuffle=True, random_state=1111)
    search = GridSearchCV(LogisticRegression(max_iter=5000, tol=1e-6), {"C": list(CS)}, cv=folds)
    assert report.rows[0]["accuracy"] == pytest.approx(
        100 * cross_val_score(search, features, labels, cv=folds).mean(), abs=0.006
    )
    assert 60 < report.rows[0]["accuracy"] < 100
    assert report.averages == {"all 1": report.rows[0]["accuracy"]}


def test_train_and_test_with_and_without_dev(tmp_path: Path) -> None:
    names = [["bad", "good", "fine"][n % 3] for n in range(60)]
    for place in ("trec", "sst2"):
        write(tmp_path / place / "train.tsv", names)
        write(tmp_path / place / "test.tsv", names, 1000)
    write(tmp_path / "sst2" / "dev.tsv", names, 500)
    report = classification.evaluate(noisy, tmp_path, folds=3)
    train, dev, test = (noisy([f"{name} {start + n}" for n, name in enumerate(names)]) for start in (0, 500, 1000))
    labels = np.array([["bad", "fine", "good"].index(name) for name in names])
    models = [LogisticRegression(C=c, max_iter=5000, tol=1e-6).fit(train, labels) for c in CS]
    chosen = models[int(np.argmax([model.score(dev, labels) for model in models]))]
    assert [row["name"] for row in report.rows] == ["sst2", "trec"]
    assert report.rows[0]["accuracy"] == pytest.approx(100 * chosen.score(test, labels), abs=0.006)
    folds = StratifiedKFold(3, shuffle=True, random_state=1111)
    search = GridSearchCV(LogisticRegression(max_iter=5000, tol=1e-6), {"C": list(CS)}, cv=folds).fit(train, labels)
    assert report.rows[1]["accuracy"] == pytest.approx(100 * search.score(test, labels), abs=0.006)


def test_pairs_are_seen_as_difference_and_product(tmp_path: Path) -> None:
    u, v = np.array([[1.0, 2.0]], np.float32), np.array([[3.0, -1.0]], np.float32)
    assert pair_features(u, v).tolist() == [[2, 3, 3, -2]]
    assert pair_features(u, v, ("first", "second", "difference", "product")).tolist() == [[1, 2, 3, -1, 2, 3, 3, -2]]
    for split, start in (("train", 0), ("dev", 200), ("test", 400)):
        pairs(tmp_path / "mrpc" / f"{split}.tsv", 40, start)
    (row,) = classification.evaluate(noisy, tmp_path / "mrpc", folds=4).rows
    assert (row["accuracy"], row["f1"], row["texts"]) == (100.0, 100.0, 40)


@pytest.mark.parametrize("seed", range(4))
def test_f1_against_scikit_learn(seed: int) -> None:
    found, labels = np.random.default_rng(seed).integers(0, 2, (2, 30))
    assert classification.f1(found, labels) == pytest.approx(f1_score(labels, found))


def test_f1_of_nothing() -> None:
    assert classification.f1(np.zeros(3, np.int64), np.zeros(3, np.int64)) == 0


def test_learning_curves_rise_and_repeat(tmp_path: Path) -> None:
    write(tmp_path / "cr" / "all.tsv", [["bad", "good"][n % 2] for n in range(240)])
    report = classification.evaluate(noisy, tmp_path / "cr", shots=(64, 8, 1000), seeds=2)
    assert [row["texts a class"] for row in report.rows] == [8, 64]  # 1,000 are not there
    assert report.rows[1]["mean"] > report.rows[0]["mean"] > 50
    assert report.rows[0]["sd"] > 0
    again = classification.evaluate(noisy, tmp_path / "cr", shots=(8,), seeds=2, plot=tmp_path / "curve.svg")
    assert "curve cr" in (tmp_path / "curve.svg").read_text()
    assert report.rows[:1] == again.rows
    train, test = classification._Seen(np.eye(8), np.arange(8) % 2), classification._Seen(np.eye(8), np.arange(8) % 2)
    assert classification.curve(train, test, 4, 2) == [1.0, 1.0]


def test_any_seed_draws_folds(tmp_path: Path) -> None:
    write(tmp_path / "mr" / "all.tsv", [["bad", "good"][n % 2] for n in range(60)])
    one, other = (
        classification.evaluate(noisy, tmp_path / "mr", folds=2, seed=seed).rows for seed in (2**62, 2**63 - 1)
    )
    assert one != other


def test_what_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no all.tsv and no train.tsv"):
        classification.evaluate(noisy, tmp_path)
    write(tmp_path / "x" / "train.tsv", ["bad", "good"] * 5)
    with pytest.raises(DataError, match="only train; train and test are needed"):
        classification.evaluate(noisy, tmp_path / "x")
    write(tmp_path / "x" / "test.tsv", ["bad", "fine"])
    with pytest.raises(DataError, match=r"test.tsv: the class 'fine' does not occur in train.tsv \(bad, good\)"):
        classification.evaluate(noisy, tmp_path / "x")
    write(tmp_path / "x" / "test.tsv", ["bad", "good"])
    with pytest.raises(DataError, match="train.tsv: the smallest class has 5 texts, 10 folds"):
        classification.evaluate(noisy, tmp_path / "x")
    with pytest.raises(DataError, match="the smallest class has 5 texts to train on, --shots asks for 8"):
        classification.evaluate(noisy, tmp_path / "x", shots=(8,))
    (tmp_path / "x" / "train.csv").write_text("label,text\n1,a\n")
    with pytest.raises(DataError, match=r"train.csv and train.tsv are both the train split"):
        classification.evaluate(noisy, tmp_path / "x")
    write(tmp_path / "y" / "all.tsv", ["bad"] * 12)
    with pytest.raises(DataError, match="all of one class"):
        classification.evaluate(noisy, tmp_path / "y", folds=2)
    (tmp_path / "z.tsv").write_text("label\ttext\n\tno label\n")
    with pytest.raises(DataError, match=r"z.tsv:2: column 'label' is empty"):
        classification.evaluate(noisy, tmp_path / "z.tsv")
    with pytest.raises(ConfigError, match="--shots"):
        classification.evaluate(noisy, tmp_path, plot=tmp_path / "curve.svg")
    with pytest.raises(ConfigError, match="--folds 1"):
        classification.evaluate(noisy, tmp_path, folds=1)
