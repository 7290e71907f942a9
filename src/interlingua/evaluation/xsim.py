"""Similarity search errors: how often is the best-scoring text, by each margin, not the translation?

Paper: Artetxe & Schwenk 2019 (margins), arXiv:1811.01136; the xsim of LASER and NLLB.
"""

from pathlib import Path
from typing import Any

import numpy as np

from interlingua.errors import ConfigError
from interlingua.evaluation.bitext import bitexts, files_of
from interlingua.evaluation.memory import remembering
from interlingua.evaluation.report import Report
from interlingua.mining.margin import Margin
from interlingua.mining.mine import mine
from interlingua.types import Embeddings, Encode

DEFINITION = (
    "Error (%) of finding, for each text of the language, its line among all of the source language in the same file: of its k nearest "
    "by cosine (fp32) the one of the highest margin score. absolute is the cosine; distance and ratio hold it against the mean cosine of "
    "both texts to their k nearest. A right text on another line counts as an error. Averages are plain means over languages."
)


def error(queries: Embeddings, keys: Embeddings, margin: Margin, k: int = 4) -> float:
    """Share of rows of `queries` (0 to 100) whose best-scoring row of `keys` is not of the same number."""
    found = mine(queries, keys, margin, "forward", k)
    return 100 * (1 - sum(pair.source == pair.target for pair in found) / len(queries))


def evaluate(encode: Encode, path: Path, source_language: str = "en", languages: tuple[str, ...] = (), k: int = 4) -> Report:
    """Count errors of translation search. Raises DataError where files cannot be used or a language is not there.

    Parameters
    ----------
    path
        A file of parallel text, or a folder of TSV files, a pair of languages each.
    source_language
        The language that is searched in.
    languages
        Only these languages.
    k
        Neighbours that a margin looks at.

    """
    if k < 1:
        raise ConfigError(f"--k {k} must be at least 1")
    encode = remembering(encode)
    rows: list[dict[str, Any]] = []
    sets = bitexts(path, source_language, languages)
    for bitext in sets:
        source, target = bitext.embeddings(encode)
        errors = {str(margin): round(error(target, source, margin, k), 2) for margin in Margin}
        rows.append({"name": bitext.language, **errors, "pairs": len(source)})
    averages = {f"{margin}, all {len(rows)}": round(float(np.mean([row[margin] for row in rows])), 2) for margin in Margin}
    return Report(task="xsim", definition=DEFINITION, rows=tuple(rows), averages=averages, settings={"k": k}, files=files_of(sets))
