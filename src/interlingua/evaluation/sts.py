"""Semantic textual similarity: do cosines rank pairs as people do, within a language and across two?"""

from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from interlingua.data.examples import similarity
from interlingua.errors import DataError
from interlingua.evaluation.geometry import unit
from interlingua.evaluation.memory import remembering
from interlingua.evaluation.report import Report
from interlingua.types import Embeddings, Encode, Example

DEFINITION = (
    "Spearman (and Pearson) correlation x 100 of the cosine of the two sentences' embeddings with the human score, in fp32, over all pairs "
    "of a file. en-xx: the English sentence1 against sentence2 of the same pair in language xx. Averages are plain means over files."
)


def correlations(one: Embeddings, other: Embeddings, scores: Float[np.ndarray, " N"]) -> tuple[float, float]:
    """Spearman and Pearson correlation (x 100) of the rows' cosines with `scores`."""
    return rank_correlation((unit(one) * unit(other)).sum(axis=1), scores)


def rank_correlation(found: Float[np.ndarray, " N"], scores: Float[np.ndarray, " N"]) -> tuple[float, float]:
    """Spearman and Pearson correlation (x 100) of what a model found with `scores`."""
    from scipy.stats import pearsonr, spearmanr

    if np.ptp(found) == 0 or np.ptp(scores) == 0:
        return 0.0, 0.0  # a constant ranks nothing
    results: tuple[Any, Any] = (spearmanr(found, scores), pearsonr(found, scores))
    return 100 * float(results[0].statistic), 100 * float(results[1].statistic)


def evaluate(encode: Encode, path: Path, split: str = "test", cross: str = "en") -> Report:
    """Evaluate on one file (columns sentence1, sentence2, score), or on a folder of files LANGUAGE.`split`.tsv with the same pairs.

    In a folder that has the language `cross`, it is also paired with every other. Raises DataError where files cannot be used or
    are not the same pairs.
    """
    encode = remembering(encode)
    if path.is_file():
        files = {path.name: path}
    else:
        files = {file.name.removesuffix(f".{split}.tsv"): file for file in sorted(path.glob(f"*.{split}.tsv"))}
        if not files:
            raise DataError(f"there are no files LANGUAGE.{split}.tsv here; give such a folder or one file", path)
    pairs = {name: list(similarity(file)) for name, file in files.items()}
    mono = [_row(encode, name, examples, examples, files[name]) for name, examples in pairs.items()]
    across = [
        _row(encode, f"{cross}-{name}", pairs[cross], examples, files[name])
        for name, examples in pairs.items()
        if name != cross and cross in pairs
    ]
    averages = {"monolingual": _mean(mono)} | ({"cross-lingual": _mean(across)} if across else {})
    return Report(task="sts", definition=DEFINITION, rows=(*mono, *across), averages=averages)


def _row(encode: Encode, name: str, first: list[Example], second: list[Example], file: Path) -> dict[str, str | float | int]:
    if [example.target for example in first] != [example.target for example in second]:
        raise DataError("the scores differ from those of the other language; the files must hold the same pairs in the same order", file)
    scores = np.array([example.target for example in first], np.float64)
    spearman, pearson = correlations(encode([e.texts[0] for e in first]), encode([e.texts[1] for e in second]), scores)
    return {"name": name, "spearman": round(spearman, 2), "pearson": round(pearson, 2), "pairs": len(first)}


def _mean(rows: list[dict[str, str | float | int]]) -> float:
    return round(float(np.mean([float(row["spearman"]) for row in rows])), 2)
