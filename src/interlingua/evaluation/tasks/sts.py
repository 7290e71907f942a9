"""Semantic textual similarity: do cosines rank pairs as people do, within a language and across two?

Paper: Gao et al. 2021 (SimCSE), arXiv:2104.08821, appendix B, on "all", "mean" and "weighted mean"; SemEval STS
  2012-2016, STS-B, SICK-R.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from interlingua.encoding.cache import remembering
from interlingua.errors import DataError
from interlingua.evaluation import plots
from interlingua.evaluation.judgements import Columns, Judged, judged
from interlingua.evaluation.report import Report
from interlingua.languages import standard
from interlingua.types import Embeddings, Encode, Example
from interlingua.vectors import cosines, on_grid, verified

DEFINITION = (
    "Spearman (and Pearson) correlation x 100 of the cosine of the two sentences' embeddings with the human score, in "
    "fp32, over all pairs of a file; cosines that are equal to six decimals are ties. en-xx: the English sentence1 "
    "against sentence2 of the same pair in language xx. "
    'Averages are plain means over files. A year of STS12-16 is given as "all" (one Spearman over its subsets\' pairs '
    "together, SimCSE's setting: column spearman), as the plain mean over its subsets and as their mean weighted by "
    "pairs; SMT of 2013 is in no free release."
)
YEARS = ("STS12", "STS13", "STS14", "STS15", "STS16")
SEVEN = (*YEARS, "STS-B", "SICK-R")
COMPLETE = {"STS12": 3108, "STS13": 1500, "STS14": 3750, "STS15": 3000, "STS16": 1186, "STS-B": 1379, "SICK-R": 4927}
"""Pairs of the whole test sets. Some copies lack MSRvid (2012); their figures cannot be compared with any paper's."""


@dataclass(frozen=True)
class Scored:
    """What a model and people said about the pairs of a file."""

    cosines: Float[np.ndarray, " N"]
    scores: Float[np.ndarray, " _"]


def correlations(one: Embeddings, other: Embeddings, scores: Float[np.ndarray, " N"]) -> tuple[float, float]:
    """Spearman and Pearson correlation (x 100) of the rows' cosines with `scores`."""
    return rank_correlation(cosines(one, other), scores)


def rank_correlation(predicted: Float[np.ndarray, " N"], scores: Float[np.ndarray, " N"]) -> tuple[float, float]:
    """Spearman and Pearson correlation (x 100) of what a model found with `scores`; what rounding alone takes apart is
    a tie, and a constant ranks nothing: 0.

    Raises DataError where there is nothing to rank, or something that is not a finite number.
    """
    from scipy.stats import pearsonr, spearmanr

    if not len(scores) or not (np.isfinite(predicted).all() and np.isfinite(scores).all()):
        raise DataError("a correlation needs pairs, and finite numbers on both sides")
    predicted = on_grid(predicted)
    if np.ptp(predicted) == 0 or np.ptp(scores) == 0:
        return 0.0, 0.0
    results: tuple[Any, Any] = (spearmanr(predicted, scores), pearsonr(predicted, scores))
    return 100 * float(results[0].statistic), 100 * float(results[1].statistic)


def over_subsets(subsets: Sequence[Scored]) -> dict[str, float]:
    """The three ways to give one number for several subsets, and Pearson's "all": all of them x 100."""
    spearman, pearson = rank_correlation(
        np.concatenate([s.cosines for s in subsets]), np.concatenate([s.scores for s in subsets])
    )
    each = [rank_correlation(s.cosines, s.scores)[0] for s in subsets]
    weighted = float(np.average(each, weights=[len(s.scores) for s in subsets]))
    return {"spearman": spearman, "pearson": pearson, "mean": float(np.mean(each)), "weighted_mean": weighted}


def evaluate(
    encode: Encode,
    *paths: Path,
    split: str = "test",
    cross: str = "en",
    columns: Columns = None,
    plot: Path | None = None,
) -> Report:
    """Correlate cosines with human scores. Raises DataError where files cannot be used or languages do not hold the
    same pairs.

    Parameters
    ----------
    paths
        Files with two sentences and a score a row, or folders of LANGUAGE.test.tsv (the same pairs in each language),
        YEAR.SUBSET.test.tsv (STS12-16), SemEval's own STS.input.*.txt, STS-B or SICK.
    split
        Which split of a folder.
    cross
        In a folder of languages, also pair this language (if it is there) with every other.
    columns
        The columns of the first sentence, the second sentence and the score, if they do not have the usual names.
    plot
        An SVG or PNG file for histograms of the cosines, one for each whole point of the human scores.

    """
    encode = verified(encode)
    if not paths:
        raise DataError("which files? Give at least one file or folder of judged pairs")
    standard(cross)
    plots.checked(plot)
    encode = remembering(encode)
    rows: list[dict[str, Any]] = []
    everything: list[Scored] = []
    benchmarks: dict[str, list[Scored]] = {}
    mono: list[float] = []
    across: list[float] = []
    files: list[Path] = []
    for path in paths:
        sets = judged(path, split, columns)
        files += [file for each in sets for file in each.files]
        for each in sets:
            scored = _scored(encode, each, each)
            row = _row(each.name, scored)
            rows.append(row)
            everything.append(scored)
            if each.benchmark not in YEARS:
                mono.append(row["spearman"])
            if each.benchmark:
                benchmarks.setdefault(each.benchmark, []).append(scored)
        pivot = [each for each in sets if each.name == cross]
        for each in sets if pivot else []:
            if each.name != cross:
                row = _row(f"{cross}-{each.name}", _scored(encode, pivot[0], each))
                rows.append(row)
                across.append(row["spearman"])
    if plot is not None:
        plots.histogram(plot, "Similarity by human score", by_score(everything), "cosine")
    grouped = {name: over_subsets(subsets) for name, subsets in sorted(benchmarks.items())}
    pairs = {name: sum(len(s.scores) for s in subsets) for name, subsets in benchmarks.items()}
    rows += [
        {"name": name, **_rounded(figures), "pairs": pairs[name], "subsets": len(benchmarks[name])}
        for name, figures in grouped.items()
        if name in YEARS or len(benchmarks[name]) > 1
    ]
    averages = _averages(grouped, pairs) | {
        name: _mean(figures) for name, figures in (("monolingual", mono), ("cross-lingual", across)) if figures
    }
    return Report(
        task="sts",
        definition=DEFINITION,
        rows=tuple(rows),
        averages=averages,
        files=tuple(files),
        settings={"split": split},
    )


def by_score(sets: Sequence[Scored]) -> dict[str, Float[np.ndarray, " _"]]:
    """The cosines of the pairs whose human score has the same whole part, lowest scores first; the highest joins the
    part below it.
    """
    cosines, scores = (np.concatenate([getattr(each, name) for each in sets]) for name in ("cosines", "scores"))
    floors = np.floor(scores)
    if scores.max() == floors.max() > floors.min():
        floors[floors == floors.max()] -= 1
    return {
        f"score {int(low)} to {int(low) + 1}": cosines[floors == low].astype(np.float64) for low in np.unique(floors)
    }


def _scored(encode: Encode, first: Judged, second: Judged) -> Scored:
    scores = np.array([example.target for example in first.pairs], np.float64)
    if [example.target for example in first.pairs] != [example.target for example in second.pairs]:
        problem = (
            "the scores differ from those of the other language; the files must hold the same pairs in the same order"
        )
        raise DataError(problem, second.files[0])
    one, other = (_side(encode, judged.pairs, judged.language, side) for side, judged in enumerate((first, second)))
    return Scored(cosines(one, other), scores)


def _side(encode: Encode, pairs: Sequence[Example], language: str, side: int) -> Embeddings:
    return encode([pair.texts[side] for pair in pairs], language)


def _row(name: str, scored: Scored) -> dict[str, Any]:
    spearman, pearson = rank_correlation(scored.cosines, scored.scores)
    return {"name": name, "spearman": round(spearman, 2), "pearson": round(pearson, 2), "pairs": len(scored.scores)}


def _averages(grouped: dict[str, dict[str, float]], pairs: dict[str, int]) -> dict[str, float]:
    averages: dict[str, float] = {}
    for title, names in (("STS12-16", YEARS), ("SimCSE's seven", SEVEN)):
        if all(name in grouped for name in names):
            partial = [
                f"{name} {pairs[name]:,} of {COMPLETE[name]:,} pairs" for name in names if pairs[name] != COMPLETE[name]
            ]
            doubt = f" ({', '.join(partial)})" if partial else ""
            for key, label in (("spearman", "all"), ("mean", "mean"), ("weighted_mean", "weighted mean")):
                averages[f"{title}, {label}{doubt}"] = _mean([grouped[name][key] for name in names])
    return averages


def _rounded(figures: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 2) for name, value in figures.items()}


def _mean(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 2)
