"""How embeddings fill their space: signs of collapse, and how near to each other are texts that belong together.

Papers: Wang & Isola 2020, arXiv:2005.10242 (alignment, uniformity); Roy & Vetterli 2007 (effective rank); Radovanovic
  2010 (hubness).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Int

from interlingua.errors import DataError
from interlingua.types import Embeddings, Encode, Example
from interlingua.vectors import mean_cosine, unit, verified

if TYPE_CHECKING:
    from interlingua.evaluation.report import Report

DEFINITION = (
    "For unit-length embeddings in fp32, each different text once. alignment: mean squared distance of texts that "
    "belong together (lower is nearer). uniformity: log of the mean over different texts of exp(-2 squared distance) "
    "(lower is more spread). effective_rank: exp of the entropy of the centred embeddings' singular values. "
    "anisotropy: mean cosine of two different texts. hubness: skewness of how often a text is among the 10 nearest of "
    "another (0: evenly). orphans: share (%) of texts that are never among these. Texts belong together if they are "
    "translations of each other, or if their similarity score is at least the stated one."
)
BLOCK = 2048
"""Rows compared with all others at a time."""


def effective_rank(embeddings: Embeddings) -> float:
    """exp(entropy of the singular values, as shares of their sum) of the centred embeddings (Roy & Vetterli 2007).

    Between 0 (all rows alike) and min(N, D) (all directions used equally).
    """
    centred = embeddings.astype(np.float64) - embeddings.mean(axis=0, dtype=np.float64)
    gram = centred.T @ centred if centred.shape[0] >= centred.shape[1] else centred @ centred.T
    singular = np.sqrt(np.clip(np.linalg.eigvalsh(gram), 0, None))
    if singular.sum() < 1e-9:
        return 0.0
    shares = singular / singular.sum()
    return float(np.exp(-np.sum(shares * np.log(np.where(shares > 0, shares, 1)))))


def alignment(one: Embeddings, other: Embeddings) -> float:
    """Mean squared distance of the rows of `one` to those of `other`, at length 1 (Wang & Isola 2020, alpha = 2): 0
    to 4.
    """
    return float(((unit(one) - unit(other)).astype(np.float64) ** 2).sum(axis=1).mean())


def uniformity(embeddings: Embeddings) -> float:
    """Log of the mean of exp(-2 squared distance) over pairs of different rows, at length 1 (Wang & Isola 2020, t =
    2): -8 to 0.
    """
    rows, n = unit(embeddings), len(embeddings)
    if n < 2:
        return 0.0
    total = 0.0
    for start in range(0, n, BLOCK):
        near = np.exp(4 * (rows[start : start + BLOCK] @ rows.T).astype(np.float64) - 4)
        np.fill_diagonal(near[:, start:], 0)  # a row and itself
        total += float(near.sum())
    return float(np.log(total / (n * (n - 1))))


def occurrences(embeddings: Embeddings, k: int = 10) -> Int[np.ndarray, " N"]:
    """How often each row is among the `k` nearest (by cosine) of the other rows."""
    from interlingua.search.knn import nearest

    counts = np.zeros(len(embeddings), np.int64)
    for row, near in enumerate(nearest(embeddings, embeddings, k + 1)[1].tolist()):
        others = [each for each in near if each not in (row, -1)]
        counts[others[:k]] += 1
    return counts


def hubness(counts: Int[np.ndarray, " N"]) -> float:
    """Skewness of `occurrences`: 0 where neighbours are evenly shared, large where a few texts are near everything."""
    centred = counts - counts.mean()
    spread = float((centred**2).mean())
    return float((centred**3).mean() / spread**1.5) if spread else 0.0


def evaluate(
    encode: Encode, path: Path, source_language: str = "en", positive_score: float = 4.0, plot: Path | None = None
) -> "Report":
    """Describe the geometry of embeddings. Raises DataError for a file that cannot be used, ConfigError for a plot
    in another format.

    Parameters
    ----------
    path
        Parallel text (pairs of translations belong together), judged pairs (those of a high score do), or texts alone.
    source_language
        The source language of parallel text.
    positive_score
        The score from which judged pairs belong together.
    plot
        An SVG file to write: the texts on the first two principal components, pairs joined.

    """
    encode = verified(encode)
    from interlingua.encoding.cache import remembering
    from interlingua.evaluation import scatter as drawing
    from interlingua.evaluation.report import Report

    drawing.checked(plot)
    encode = remembering(encode)
    alone, together = _texts(path, source_language, positive_score)
    if not alone:
        raise DataError("no texts in this file", path)
    by_language: dict[str, dict[str, None]] = {}
    for text, language in alone:
        by_language.setdefault(language, {})[text] = None
    embeddings = np.concatenate([encode(list(texts), language) for language, texts in by_language.items()])
    one, other = (
        np.concatenate([encode([pair.texts[side]], pair.languages[side]) for pair in together]) if together else None
        for side in (0, 1)
    )
    counts = occurrences(embeddings)
    row: dict[str, Any] = {"name": path.name}
    if one is not None and other is not None:
        row["alignment"] = round(alignment(one, other), 4)
    row |= {
        "uniformity": round(uniformity(embeddings), 4),
        "effective_rank": round(effective_rank(unit(embeddings)), 2),
        "anisotropy": round(mean_cosine(embeddings), 4),
        "hubness": round(hubness(counts), 3),
        "orphans": round(100 * float((counts == 0).mean()), 2),
        "width": embeddings.shape[1],
        "texts": len(embeddings),
        "pairs": len(together),
    }
    if plot is not None:
        groups = [language for language, texts in by_language.items() for _ in texts]
        everything, joined = [text for texts in by_language.values() for text in texts], 0
        if one is not None and other is not None:
            embeddings, joined = np.concatenate([one, other]), len(together)
            sides = ["first", "second"] if together[0].languages[0] == together[0].languages[1] else [""] * 2
            groups = [sides[side] or pair.languages[side] for side in (0, 1) for pair in together]
            everything = [pair.texts[side] for side in (0, 1) for pair in together]
        drawing.scatter(plot, path.name, unit(embeddings), everything, groups, joined)
    settings = {"positive_score": positive_score, "neighbours": 10}
    return Report(task="geometry", definition=DEFINITION, rows=(row,), averages={}, settings=settings, files=(path,))


def _texts(path: Path, source_language: str, positive_score: float) -> tuple[list[tuple[str, str]], list[Example]]:
    """Every text with its language, and the pairs that belong together; what a file holds is read from its columns'
    names.
    """
    from interlingua.data import examples
    from interlingua.data.parallel import parallel
    from interlingua.files import bare_suffix, check_name
    from interlingua.formats import read_rows
    from interlingua.languages import UNKNOWN

    check_name(path)
    plain = bare_suffix(path) in ("", ".txt") and path.exists()
    first = None if plain else next(iter(read_rows(path)), None)
    columns = set[str]() if first is None else set(first.columns)
    if plain or "text" in columns:
        return [(text, UNKNOWN) for text in examples.texts(path)], []
    judged = any(name in columns for name in examples.JUDGED[2])
    pairs = list(examples.similarity(path) if judged else parallel(path, source_language))
    together = [
        pair for pair in pairs if not judged or (isinstance(pair.target, float) and pair.target >= positive_score)
    ]
    if judged and not together:
        raise DataError(f"no pair has a score of {positive_score} or more; lower --positive-score", path)
    return [
        (text, language) for pair in pairs for text, language in zip(pair.texts, pair.languages, strict=True)
    ], together
