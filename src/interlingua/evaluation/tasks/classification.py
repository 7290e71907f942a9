"""Transfer to classification: how accurate is logistic regression on frozen embeddings, with all the labels or with a
few?

Paper: Conneau & Kiela 2018 (SentEval), arXiv:1803.05449: MR, CR, SUBJ, MPQA, SST2, TREC, MRPC.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from interlingua.encoding.cache import remembering
from interlingua.errors import ConfigError, DataError
from interlingua.evaluation import plots
from interlingua.evaluation.labelled_sets import LabelledSet, Part, labelled_sets
from interlingua.evaluation.linear import CS, accuracy, best_c, fit, pair_features, splits
from interlingua.evaluation.report import Report
from interlingua.progress import Bar, track
from interlingua.types import Encode
from interlingua.vectors import verified

DEFINITION = (
    "Accuracy (%) of logistic regression (scikit-learn, L2) on frozen embeddings, fp32, SentEval's non-neural "
    "setting. C is chosen from 2^-2 to 2^3 by accuracy: for sets without test file (MR, CR, SUBJ, MPQA) nested "
    "cross-validation, the mean over the outer folds, C by the inner ones; with train and test (TREC, MRPC) "
    "cross-validation on train; with a dev file (SST2) by accuracy on dev, with training on train alone. Pairs (MRPC) "
    "are represented by |u-v|, u*v, their dev file joins train, and F1 is that of class 1."
)
CURVE = (
    "Accuracy (%) of logistic regression (scikit-learn, L2) on frozen embeddings from n texts of each class, drawn at "
    "random once for each seed: mean and standard deviation (n-1) over the seeds. C is chosen from 2^-2 to 2^3 by "
    "4-fold cross-validation on these texts alone. Tested on the test file, or, if there is none, on a fifth of the "
    "texts that is the same for all seeds and never used in training."
)
SEVEN = ("mr", "cr", "subj", "mpqa", "sst2", "trec", "mrpc")


@dataclass(frozen=True)
class _Seen:
    features: Float[np.ndarray, "N F"]
    labels: Int[np.ndarray, " N"]

    def rows(self, chosen: Int[np.ndarray, " _"]) -> "_Seen":
        return _Seen(self.features[chosen], self.labels[chosen])


def f1(predicted: Int[np.ndarray, " N"], labels: Int[np.ndarray, " N"], positive: int = 1) -> float:
    """F1 of the class `positive`, 0 to 1; 0 where neither side has it."""
    both = int(((predicted == positive) & (labels == positive)).sum())
    total = int((predicted == positive).sum() + (labels == positive).sum())
    return 2 * both / total if total else 0.0


def nested(seen: _Seen, folds: int, seed: int, bar: Bar) -> float:
    """Mean accuracy (0 to 1) over outer folds, C chosen by inner folds of the same number."""
    accuracies: list[float] = []
    for train, test in splits(seen.labels, folds, seed):
        inner, outer = seen.rows(train), seen.rows(test)
        c = best_c(inner.features, inner.labels, splits(inner.labels, folds, seed))
        accuracies.append(accuracy(fit(inner.features, inner.labels, c), outer.features, outer.labels))
        bar.advance()
    return float(np.mean(accuracies))


def curve(train: _Seen, test: _Seen, shots: int, seeds: int) -> list[float]:
    """Accuracies (0 to 1), one a seed, after training on `shots` rows of each class."""
    accuracies: list[float] = []
    for seed in range(seeds):
        random = np.random.default_rng(seed)
        classes = [np.flatnonzero(train.labels == label) for label in np.unique(train.labels)]
        chosen = train.rows(np.concatenate([random.permutation(rows)[:shots] for rows in classes]))
        c = best_c(chosen.features, chosen.labels, splits(chosen.labels, 4, seed))
        accuracies.append(accuracy(fit(chosen.features, chosen.labels, c), test.features, test.labels))
    return accuracies


def evaluate(
    encode: Encode,
    *paths: Path,
    folds: int = 10,
    shots: tuple[int, ...] = (),
    seeds: int = 5,
    seed: int = 1111,
    plot: Path | None = None,
) -> Report:
    """Train and test classifiers. Raises DataError for files that cannot be used and sets that are too small,
    ConfigError for bad numbers.

    Parameters
    ----------
    paths
        Folders with all.tsv, or with train.tsv, test.tsv and perhaps dev.tsv (columns text or two sentences, and
        label), or folders of such folders; or single files.
    folds
        Folds of every cross-validation; SentEval's is 10.
    shots
        Measure learning curves instead, from this many texts of each class, such as 8 16 32 64.
    seeds
        How many random draws are made for each point of a learning curve.
    seed
        Seed of the folds; SentEval's is 1111.
    plot
        An SVG or PNG file for the learning curves.

    """
    encode = verified(encode)
    if not paths:
        raise DataError("which files? Give at least one folder of labelled texts")
    if folds < 2 or seeds < 1 or any(number < 4 for number in shots):
        raise ConfigError(
            f"--folds {folds} must be at least 2, --seeds {seeds} at least 1, and each of --shots at least 4"
        )
    plots.checked(plot)
    if plot is not None and not shots:
        raise ConfigError("--plot draws learning curves; say with --shots which")
    encode = remembering(encode)
    sets = [each for path in paths for each in labelled_sets(path)]
    rows: list[dict[str, Any]] = []
    for each in sets:
        seen = {split: _see(encode, part) for split, part in each.parts.items()}
        try:
            rows += _learning_curve(each, seen, shots, seeds, seed) if shots else [_transfer(each, seen, folds, seed)]
        except DataError as error:
            raise DataError(str(error), each.files[0]) from error
    if plot is not None:
        lines = [_line(each.name, [row for row in rows if row["name"] == each.name]) for each in sets]
        plots.curves(plot, "Learning curves", lines, "texts of each class", "accuracy (%)")
    by_name = {row["name"]: row["accuracy"] for row in rows if "accuracy" in row}
    averages = {} if shots else {f"all {len(rows)}": round(float(np.mean([row["accuracy"] for row in rows])), 2)}
    if all(name in by_name for name in SEVEN):
        averages["SentEval's seven"] = round(float(np.mean([by_name[name] for name in SEVEN])), 2)
    settings = {"seeds": seeds, "shots": list(shots)} if shots else {"folds": folds, "seed": seed}
    return Report(
        task="classification",
        definition=CURVE if shots else DEFINITION,
        rows=tuple(rows),
        averages=averages,
        settings=settings | {"Cs": list(CS)},
        files=tuple(file for each in sets for file in each.files),
    )


def _line(name: str, rows: list[dict[str, Any]]) -> plots.Line:
    return plots.Line(
        name, [float(row["texts a class"]) for row in rows], [row["mean"] for row in rows], [row["sd"] for row in rows]
    )


def _see(encode: Encode, part: Part) -> _Seen:
    sides = [encode([texts[side] for texts in part.texts]) for side in range(len(part.texts[0]))]
    return _Seen(sides[0] if len(sides) == 1 else pair_features(sides[0], sides[1]), part.labels)


def _transfer(each: LabelledSet, seen: dict[str, _Seen], folds: int, seed: int) -> dict[str, Any]:
    row: dict[str, Any] = {"name": each.name, "classes": len(each.classes)}
    if "all" in seen:
        with track(folds, each.name, "folds") as bar:
            mean = nested(seen["all"], folds, seed, bar)
        return row | {"accuracy": round(100 * mean, 2), "texts": len(seen["all"].labels)}
    train = _joined(each, seen)
    if "dev" in seen and not each.pairs:
        together = _join(train, seen["dev"])
        rows = np.arange(len(together.labels))
        c = best_c(together.features, together.labels, [(rows[: len(train.labels)], rows[len(train.labels) :])])
    else:
        c = best_c(train.features, train.labels, splits(train.labels, folds, seed))
    model = fit(train.features, train.labels, c)
    test = seen["test"]
    row |= {"accuracy": round(100 * accuracy(model, test.features, test.labels), 2), "texts": len(test.labels)}
    return row | (
        {"f1": round(100 * f1(model.predict(test.features), test.labels), 2)}
        if each.pairs and len(each.classes) == 2
        else {}
    )


def _learning_curve(
    each: LabelledSet, seen: dict[str, _Seen], shots: tuple[int, ...], seeds: int, seed: int
) -> list[dict[str, Any]]:
    if "all" in seen:
        rest, held_out = splits(seen["all"].labels, 5, seed)[0]
        train, test = seen["all"].rows(rest), seen["all"].rows(held_out)
    else:
        train, test = _joined(each, seen), seen["test"]
    fewest = int(np.bincount(train.labels).min())
    if fewest < min(shots):
        raise DataError(f"the smallest class has {fewest} texts to train on, --shots asks for {min(shots)}")
    rows: list[dict[str, Any]] = []
    with track(len(shots), each.name, "points") as bar:
        for number in sorted(shots):
            if number > fewest:
                break  # the curve ends where the smallest class does
            accuracies = 100 * np.array(curve(train, test, number, seeds))
            sd = float(accuracies.std(ddof=1)) if seeds > 1 else 0.0
            rows.append(
                {
                    "name": each.name,
                    "texts a class": number,
                    "mean": round(float(accuracies.mean()), 2),
                    "sd": round(sd, 2),
                }
            )
            bar.advance()
    return rows


def _joined(each: LabelledSet, seen: dict[str, _Seen]) -> _Seen:
    """What is trained on: MRPC's dev file is a part of what SentEval trains on."""
    return _join(seen["train"], seen["dev"]) if each.pairs and "dev" in seen else seen["train"]


def _join(one: _Seen, other: _Seen) -> _Seen:
    return _Seen(np.concatenate([one.features, other.features]), np.concatenate([one.labels, other.labels]))
