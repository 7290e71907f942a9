"""Natural language inference with a frozen encoder: do the embeddings of two sentences show how the sentences are
related?

Paper: Conneau et al. 2017 (InferSent), arXiv:1705.02364, on (u, v, |u-v|, u*v); SentEval's SNLI task.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from interlingua.data.labelled import class_names, labelled_pairs
from interlingua.encoding.cache import remembering
from interlingua.errors import ConfigError, DataError
from interlingua.evaluation import plots
from interlingua.evaluation.calibration import calibration_error
from interlingua.evaluation.linear import CS, accuracy, best_c, fit, pair_features, splits
from interlingua.evaluation.report import Report
from interlingua.files import bare_suffix, check_name
from interlingua.formats import by_suffix
from interlingua.types import Encode
from interlingua.vectors import verified

DEFINITION = (
    "Accuracy (%) of multinomial logistic regression (scikit-learn, L2) on features of frozen embeddings u, v of "
    "premise and hypothesis, fp32. C is chosen from 2^-2 to 2^3 by accuracy on the dev file or, without one, on a "
    "stratified tenth of the training pairs; the final classifier is trained on all of them. majority: accuracy of "
    "always choosing the most frequent class of the tested pairs. Pairs labelled - are left out. calibration_error "
    "(%): expected calibration error of the probability of the most probable class over 10 equally wide bins."
)
PARTS = ("first", "second", "difference", "product")


def evaluate(
    encode: Encode,
    *paths: Path,
    train: tuple[Path, ...] = (),
    dev: Path | None = None,
    features: tuple[str, ...] = PARTS,
    plot: Path | None = None,
) -> Report:
    """Train a classifier of pairs and test it. Raises DataError for files that cannot be used, ConfigError for unknown
    features.

    Parameters
    ----------
    paths
        Files of premise, hypothesis and label to test on, or one folder with train.tsv, test.tsv and perhaps dev.tsv.
    train
        Files to train on.
    dev
        A file to choose the penalty on.
    features
        What the classifier sees: any of first (u), second (v), difference (|u-v|), product (u*v).
    plot
        An SVG or PNG file for the reliability of the classifier's probabilities, over all tested pairs.

    """
    encode = verified(encode)
    if unknown := [name for name in features if name not in PARTS]:
        raise ConfigError(f"--features {unknown[0]} is not one of {', '.join(PARTS)}")
    for path in paths:
        check_name(path)
    if len(paths) == 1 and paths[0].is_dir():
        inside = _folder(paths[0])
        paths, train, dev = (inside["test"],), train or (inside["train"],), dev or inside.get("dev")
    if not train or not paths or not features:
        raise ConfigError(
            "give files to test on and files to train on (--train), or a folder with train.tsv and test.tsv"
        )
    plots.checked(plot)
    encode = remembering(encode)
    classes = class_names(train)
    seen = [_see(encode, path, classes, features) for path in train]
    x, y = np.concatenate([each for each, _ in seen]), np.concatenate([each for _, each in seen])
    c = _best_c(x, y, None if dev is None else _see(encode, dev, classes, features))
    model = fit(x, y, c)
    rows: list[dict[str, Any]] = []
    sure: list[Float[np.ndarray, " _"]] = []
    right: list[Bool[np.ndarray, " _"]] = []
    for path in paths:
        tested, labels = _see(encode, path, classes, features)
        majority = max(Counter(labels.tolist()).values()) / len(labels)
        figures = {"accuracy": round(100 * accuracy(model, tested, labels), 2), "majority": round(100 * majority, 2)}
        sure.append(model.predict_proba(tested).max(axis=1).astype(np.float64))
        right.append(model.predict(tested) == labels)
        figures["calibration_error"] = round(100 * calibration_error(sure[-1], right[-1]), 2)
        rows.append({"name": path.name, **figures, "pairs": len(labels), "trained on": len(y)})
    if plot is not None:
        plots.reliability(plot, "Entailment", np.concatenate(sure), np.concatenate(right))
    averages = {f"all {len(rows)}": round(float(np.mean([row["accuracy"] for row in rows])), 2)}
    settings = {
        "features": list(features),
        "C": c,
        "Cs": list(CS),
        "classes": list(classes),
    }
    files = (*paths, *train, *([dev] if dev else []))
    return Report(
        task="entailment", definition=DEFINITION, rows=tuple(rows), averages=averages, settings=settings, files=files
    )


def _folder(path: Path) -> dict[str, Path]:
    files = [file for file in sorted(path.iterdir()) if bare_suffix(file) in by_suffix()]
    by_split: dict[str, Path] = {}
    for split in ("train", "dev", "test"):
        named = [file for file in files if file.name.split(".")[0] == split]
        if len(named) > 1:
            raise DataError(f"{named[0].name} and {named[1].name} are both the {split} split", path)
        if named:
            by_split[split] = named[0]
    if not by_split.keys() >= {"train", "test"}:
        raise DataError("train.tsv and test.tsv are needed here; or give files and --train", path)
    return by_split


def _see(
    encode: Encode, path: Path, classes: tuple[str, ...], features: tuple[str, ...]
) -> tuple[Float[np.ndarray, "N F"], Int[np.ndarray, " N"]]:
    examples = list(labelled_pairs(path, classes))
    one, other = (encode([example.texts[side] for example in examples]) for side in (0, 1))
    return pair_features(one, other, features), np.array([example.target for example in examples], np.int64)


def _best_c(
    x: Float[np.ndarray, "N F"],
    y: Int[np.ndarray, " N"],
    dev: tuple[Float[np.ndarray, "M F"], Int[np.ndarray, " M"]] | None,
) -> float:
    if dev is None:
        return best_c(x, y, splits(y, min(10, int(np.bincount(y).min())), 1111)[:1])
    together, labels = np.concatenate([x, dev[0]]), np.concatenate([y, dev[1]])
    rows = np.arange(len(labels))
    return best_c(together, labels, [(rows[: len(y)], rows[len(y) :])])
