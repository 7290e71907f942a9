"""Pairs judged by a cross-encoder, which reads both texts together: entailment, and similarity scores."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float

from interlingua.data.examples import similarity
from interlingua.data.labelled import labelled_pairs
from interlingua.errors import ConfigError
from interlingua.evaluation import plots
from interlingua.evaluation.calibration import calibration_error
from interlingua.evaluation.report import Report
from interlingua.evaluation.tasks.sts import rank_correlation

JUDGES_PAIRS = True
"""It is given a model that judges pairs, not one that embeds texts."""
DEFINITION = (
    "For a model with classes: accuracy (%) of its most probable class, and macro_f1 (%), the mean of F1 over the "
    "classes; calibration_error (%), the expected calibration error of that class's probability over 10 equally wide "
    "bins. For a model with one score: Spearman and Pearson correlation x 100 of its raw output with the human "
    "scores. Averages are plain means over files."
)


@runtime_checkable
class Judge(Protocol):
    """A cross-encoder."""

    labels: tuple[str, ...]

    def outputs(self, pairs: Sequence[tuple[str, str]]) -> Float[np.ndarray, "N C"]:
        """The raw output for each label."""
        ...


def macro_f1(predicted: Sequence[str], labels: Sequence[str]) -> float:
    """Mean F1 (0 to 1) over the classes that occur on either side."""
    classes = sorted({*predicted, *labels})
    pairs = list(zip(predicted, labels, strict=True))
    totals = [sum((one == name) + (other == name) for one, other in pairs) for name in classes]
    both = [sum(one == other == name for one, other in pairs) for name in classes]
    return float(np.mean([2 * right / total for right, total in zip(both, totals, strict=True)]))


def evaluate(judge: Judge, *paths: Path, plot: Path | None = None) -> Report:
    """Judge the pairs of files. Raises DataError for files that cannot be used, ConfigError without any.

    Parameters
    ----------
    paths
        Files of two texts and a label a row for a model with classes, of two texts and a score for a model with one.
    plot
        An SVG or PNG file for the reliability of a model's class probabilities, over all pairs.

    """
    if not paths:
        raise ConfigError("give at least one file of pairs")
    plots.checked(plot)
    if plot is not None and len(judge.labels) == 1:
        raise ConfigError("--plot draws how reliable class probabilities are; this model gives a single score")
    sure: list[tuple[Float[np.ndarray, " _"], Bool[np.ndarray, " _"]]] = []
    rows = [_scored(judge, path) if len(judge.labels) == 1 else _classified(judge, path, sure) for path in paths]
    if plot is not None:
        confidence, right = (np.concatenate(parts) for parts in zip(*sure, strict=True))
        plots.reliability(plot, "Cross-encoder", confidence, right)
    metric = "spearman" if len(judge.labels) == 1 else "accuracy"
    averages = {f"{metric}, all {len(rows)}": round(float(np.mean([row[metric] for row in rows])), 2)}
    settings = {"labels": list(judge.labels)}
    return Report(
        task="cross-encoder",
        definition=DEFINITION,
        rows=tuple(rows),
        averages=averages,
        settings=settings,
        files=tuple(paths),
    )


def _classified(
    judge: Judge, path: Path, sure: list[tuple[Float[np.ndarray, " _"], Bool[np.ndarray, " _"]]]
) -> dict[str, Any]:
    """The row of a file; the confidence of each prediction and whether it is right are added to `sure`."""
    examples = list(labelled_pairs(path, judge.labels))
    outputs = judge.outputs([(example.texts[0], example.texts[1]) for example in examples])
    predicted = [judge.labels[place] for place in outputs.argmax(axis=1)]
    labels = [judge.labels[int(str(example.target))] for example in examples]
    right = np.array([one == other for one, other in zip(predicted, labels, strict=True)])
    sure.append((_probabilities(outputs).max(axis=1), right))
    return {
        "name": path.name,
        "accuracy": round(100 * float(right.mean()), 2),
        "macro_f1": round(100 * macro_f1(predicted, labels), 2),
        "calibration_error": round(100 * calibration_error(*sure[-1]), 2),
        "pairs": len(labels),
    }


def _probabilities(outputs: Float[np.ndarray, "N C"]) -> Float[np.ndarray, "N C"]:
    powers = np.exp(outputs.astype(np.float64) - outputs.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _scored(judge: Judge, path: Path) -> dict[str, Any]:
    examples = list(similarity(path))
    scores = np.array([example.target for example in examples], np.float64)
    predicted = judge.outputs([(example.texts[0], example.texts[1]) for example in examples])[:, 0].astype(np.float64)
    spearman, pearson = rank_correlation(predicted, scores)
    return {"name": path.name, "spearman": round(spearman, 2), "pearson": round(pearson, 2), "pairs": len(scores)}
