"""Similarity of structure across languages (RSIM): are two texts as similar in one language as their translations are
in the other?

Paper: Huang et al. 2025, Modular Sentence Encoders; representational similarity analysis, Kriegeskorte et al. 2008.
"""

from pathlib import Path
from typing import Any

import numpy as np

from interlingua.encoding.cache import remembering
from interlingua.errors import DataError
from interlingua.evaluation.bitext import bitexts, files_of
from interlingua.evaluation.report import Report
from interlingua.types import Embeddings, Encode
from interlingua.vectors import unit, verified

DEFINITION = (
    "Pearson correlation x 100 of two similarity matrices: the cosines (fp32) of all pairs of texts in one language, "
    "and of their translations in the source language. Averages are plain means over languages."
)


def rsim(one: Embeddings, other: Embeddings) -> float:
    """Pearson correlation (x 100) of the cosines between the rows of `one` with those between the same rows of
    `other`.
    """
    upper = np.triu_indices(len(one), 1)
    first, second = ((unit(rows) @ unit(rows).T)[upper].astype(np.float64) for rows in (one, other))
    if len(first) < 2 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return 0.0
    return 100 * float(np.corrcoef(first, second)[0, 1])


def evaluate(
    encode: Encode, path: Path, source_language: str = "en", languages: tuple[str, ...] = (), texts: int = 2000
) -> Report:
    """Compare similarity structures. Raises DataError where files cannot be used or a language is not there.

    Parameters
    ----------
    path
        A file of parallel text, or a folder of such files, a pair of languages each.
    source_language
        The language that all others are compared with.
    languages
        Only these languages.
    texts
        Use at most this many pairs of a file, the first ones.

    """
    encode = verified(encode)
    if texts < 3:
        raise DataError(f"--texts {texts} must be at least 3: two similarities have no correlation")
    encode = remembering(encode)
    rows: list[dict[str, Any]] = []
    sets = bitexts(path, source_language, languages)
    for bitext in sets:
        source, target = encode(bitext.source[:texts], source_language), encode(bitext.target[:texts], bitext.language)
        rows.append({"name": bitext.language, "rsim": round(rsim(source, target), 2), "pairs": len(source)})
    averages = {f"all {len(rows)}": round(float(np.mean([row["rsim"] for row in rows])), 2)}
    return Report(
        task="rsim",
        definition=DEFINITION,
        rows=tuple(rows),
        averages=averages,
        settings={"texts": texts},
        files=files_of(sets),
    )
