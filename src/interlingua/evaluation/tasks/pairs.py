"""Detection of paraphrases and translations: does the cosine separate pairs that belong together from pairs that do
not?
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from interlingua.encoding.cache import remembering
from interlingua.errors import ConfigError, DataError
from interlingua.evaluation import plots
from interlingua.evaluation.labelled_sets import LabelledSet, Part, labelled_sets
from interlingua.evaluation.report import Report
from interlingua.types import Encode
from interlingua.vectors import DECIMALS, GRID, cosines, on_grid, verified

DEFINITION = (
    "Cosine of the two texts' embeddings in fp32, to six decimals, compared with the label. average_precision (%): "
    "sum over the distinct cosines, highest first, of precision times gain in recall. f1 and accuracy (%): a pair "
    "counts as positive if its cosine is at least the threshold that is best for that metric on the dev file. If "
    "there is none, the threshold is chosen on the tested pairs themselves, and the figure is too good (column "
    "tuned_on)."
)


def average_precision(scores: Float[np.ndarray, " N"], positive: Bool[np.ndarray, " N"]) -> float:
    """Average precision, 0 to 1; equal scores are one step. Zero where nothing is positive."""
    if not positive.any():
        return 0.0
    precision, recall = _by_threshold(scores, positive)[1:]
    return float(np.sum(precision * np.diff(recall, prepend=0.0)))


def best_f1(scores: Float[np.ndarray, " N"], positive: Bool[np.ndarray, " N"]) -> tuple[float, float]:
    """The highest F1 (0 to 1) that a threshold reaches, and the threshold: scores at or above it are positive."""
    steps, precision, recall = _by_threshold(scores, positive)
    total = precision + recall
    f1 = np.divide(2 * precision * recall, total, out=np.zeros_like(total), where=total > 0)
    best = int(np.argmax(f1))
    return float(f1[best]), _between(steps, best)


def best_accuracy(scores: Float[np.ndarray, " N"], positive: Bool[np.ndarray, " N"]) -> tuple[float, float]:
    """The highest accuracy (0 to 1) that a threshold reaches, and the threshold; infinity calls every pair negative."""
    steps, precision, recall = _by_threshold(scores, positive)
    right = recall * positive.sum()
    wrong = (
        np.divide(
            right,
            precision,
            out=np.array([(on_grid(scores) >= step).sum() for step in steps], float),
            where=precision > 0,
        )
        - right
    )
    accuracy = (right + (~positive).sum() - wrong) / len(positive)
    best = int(np.argmax(accuracy))
    none = float((~positive).mean())
    return (none, float("inf")) if none > accuracy[best] else (float(accuracy[best]), _between(steps, best))


def f1_at(threshold: float, scores: Float[np.ndarray, " N"], positive: Bool[np.ndarray, " N"]) -> float:
    """F1 (0 to 1) of calling positive what scores at least `threshold`."""
    called = on_grid(scores) >= threshold
    total = int(called.sum() + positive.sum())
    return 2 * int((called & positive).sum()) / total if total else 0.0


def accuracy_at(threshold: float, scores: Float[np.ndarray, " N"], positive: Bool[np.ndarray, " N"]) -> float:
    """Accuracy (0 to 1) of calling positive what scores at least `threshold`."""
    return float(((on_grid(scores) >= threshold) == positive).mean())


def _by_threshold(
    scores: Float[np.ndarray, " N"], positive: Bool[np.ndarray, " N"]
) -> tuple[Float[np.ndarray, " S"], Float[np.ndarray, " S"], Float[np.ndarray, " S"]]:
    """The distinct scores, highest first, and precision and recall of calling positive what scores at least that."""
    scores = on_grid(scores)
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    right = np.cumsum(positive[order])[ends]
    return scores[order][ends].astype(np.float64), right / (ends + 1), right / max(1, int(positive.sum()))


def _between(steps: Float[np.ndarray, " S"], chosen: int) -> float:
    """Halfway to the next lower score: the threshold with most room on both sides, as it is reported."""
    lowest = chosen + 1 == len(steps)
    return round(float(steps[chosen] - GRID / 2 if lowest else (steps[chosen] + steps[chosen + 1]) / 2), DECIMALS + 1)


def evaluate(encode: Encode, *paths: Path, positive: str = "1", plot: Path | None = None) -> Report:
    """Detect pairs that belong together. Raises DataError for files that cannot be used, ConfigError where no pair is
    `positive`.

    Parameters
    ----------
    paths
        Files of two texts and a label a row, or folders with test.tsv and dev.tsv (or train.tsv, then used for the
        threshold) of them.
    positive
        The label of pairs that belong together; every other label says that they do not.
    plot
        An SVG or PNG file for histograms of the cosines of the tested pairs that belong together, and of those that do
        not.

    """
    encode = verified(encode)
    if not paths:
        raise DataError("which files? Give at least one file or folder of labelled pairs")
    plots.checked(plot)
    encode = remembering(encode)
    sets = [each for path in paths for each in labelled_sets(path)]
    rows = [_row(encode, each, positive) for each in sets]
    if plot is not None:
        plots.histogram(plot, "Similarity of pairs", _by_label(encode, sets, positive), "cosine")
    averages = {
        f"average precision, all {len(rows)}": round(float(np.mean([row["average_precision"] for row in rows])), 2)
    }
    files = tuple(file for each in sets for file in each.files)
    return Report(
        task="pairs",
        definition=DEFINITION,
        rows=tuple(rows),
        averages=averages,
        settings={"positive": positive},
        files=files,
    )


def _by_label(encode: Encode, sets: Sequence[LabelledSet], positive: str) -> dict[str, Float[np.ndarray, " _"]]:
    tested = [
        _scores(encode, each.parts["all" if "all" in each.parts else "test"], each.classes.index(positive))
        for each in sets
    ]
    scores, truth = (np.concatenate(parts) for parts in zip(*tested, strict=True))
    return {
        name: scores[truth == kind] for name, kind in (("apart", False), ("together", True)) if (truth == kind).any()
    }


def _row(encode: Encode, each: LabelledSet, positive: str) -> dict[str, Any]:
    if not each.pairs:
        raise DataError("single texts, pairs of texts are needed (columns sentence1 and sentence2)", each.files[0])
    if positive not in each.classes:
        raise ConfigError(
            f"{each.files[0]}: no pair is labelled {positive!r}, labels are {', '.join(each.classes)}; choose with "
            "--positive"
        )
    tested = "all" if "all" in each.parts else "test"
    tuned = next(split for split in ("dev", "train", tested) if split in each.parts)
    scores, truth = _scores(encode, each.parts[tested], each.classes.index(positive))
    dev = (scores, truth) if tuned == tested else _scores(encode, each.parts[tuned], each.classes.index(positive))
    return {
        "name": each.name,
        "average_precision": round(100 * average_precision(scores, truth), 2),
        "f1": round(100 * f1_at(best_f1(*dev)[1], scores, truth), 2),
        "accuracy": round(100 * accuracy_at(best_accuracy(*dev)[1], scores, truth), 2),
        "f1_threshold": best_f1(*dev)[1],
        "tuned_on": tuned,
        "pairs": len(scores),
        "positive": int(truth.sum()),
    }


def _scores(encode: Encode, part: Part, positive: int) -> tuple[Float[np.ndarray, " N"], Bool[np.ndarray, " N"]]:
    one, other = (encode([texts[side] for texts in part.texts]) for side in (0, 1))
    return cosines(one, other), part.labels == positive
