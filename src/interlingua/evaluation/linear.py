"""Logistic regression on frozen embeddings, as SentEval fits it (Conneau & Kiela 2018, arXiv:1803.05449; its
tools/validation.py).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from interlingua.errors import DataError, MissingDependency
from interlingua.types import Embeddings

CS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""SentEval's grid of C, the inverse of the L2 penalty: 2^-2 to 2^3."""
MAX_ITERATIONS = 5000
TOLERANCE = 1e-6
"""Tight enough that accuracies do not depend on how the solver went."""


def pair_features(
    one: Embeddings, other: Embeddings, parts: Sequence[str] = ("difference", "product")
) -> Float[np.ndarray, "N F"]:
    """What a classifier sees of a pair: any of first (u), second (v), difference (|u-v|), product (u*v), side by
    side in this order.
    """
    known = {"first": one, "second": other, "difference": np.abs(one - other), "product": one * other}
    return np.concatenate([known[part] for part in parts], axis=1)


def fit(features: Float[np.ndarray, "N F"], labels: Int[np.ndarray, " N"], c: float) -> Any:
    """The fitted estimator. Raises DataError for labels of a single class, MissingDependency without scikit-learn."""
    if len(np.unique(labels)) < 2:
        raise DataError("the training texts are all of one class; at least two are needed")
    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError as error:
        raise MissingDependency("logistic regression", "eval") from error
    return LogisticRegression(C=c, max_iter=MAX_ITERATIONS, tol=TOLERANCE).fit(features, labels)


def accuracy(model: Any, features: Float[np.ndarray, "N F"], labels: Int[np.ndarray, " N"]) -> float:
    """Share of rows (0 to 1) the model puts into their class."""
    return float((model.predict(features) == labels).mean())


def splits(
    labels: Int[np.ndarray, " N"], folds: int, seed: int
) -> list[tuple[Int[np.ndarray, " _"], Int[np.ndarray, " _"]]]:
    """Stratified folds, as rows to train on and rows to test on. Raises DataError where a class has fewer texts than
    there are folds.
    """
    fewest = int(np.bincount(labels).min())
    if fewest < folds:
        raise DataError(f"the smallest class has {fewest} texts, {folds} folds need at least {folds}; lower --folds")
    try:
        from sklearn.model_selection import StratifiedKFold
    except ImportError as error:
        raise MissingDependency("cross-validation", "eval") from error
    random = seed % 2**32  # the library takes no larger ones
    return list(StratifiedKFold(folds, shuffle=True, random_state=random).split(np.zeros((len(labels), 1)), labels))


def best_c(
    features: Float[np.ndarray, "N F"],
    labels: Int[np.ndarray, " N"],
    parts: Sequence[tuple[Int[np.ndarray, " _"], Int[np.ndarray, " _"]]],
) -> float:
    """The C of the highest mean accuracy on the held-out rows of `parts`; of equals the smallest, as SentEval
    has it.
    """
    means = [
        np.mean(
            [accuracy(fit(features[train], labels[train], c), features[test], labels[test]) for train, test in parts]
        )
        for c in CS
    ]
    return CS[int(np.argmax(means))]
