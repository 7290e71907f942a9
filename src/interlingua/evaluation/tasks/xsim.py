"""Errors of translation search: how often is the text with the best margin score not the translation?

Papers: Artetxe & Schwenk 2019 (margins), arXiv:1811.01136; the xsim of LASER and NLLB; Chen et al. 2023 (xsim++),
  arXiv:2306.12907.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32

from interlingua.encoding.cache import remembering
from interlingua.errors import ConfigError
from interlingua.evaluation import distractors as rules
from interlingua.evaluation.bitext import bitexts, files_of
from interlingua.evaluation.distractors import KINDS, Distractor
from interlingua.evaluation.report import Report
from interlingua.mining.margin import Margin
from interlingua.mining.mine import mine
from interlingua.types import Embeddings, Encode
from interlingua.vectors import verified

DEFINITION = (
    "Error (%) of finding, for each text of the language, its line among all of the source language in the same file: "
    "of its k nearest by cosine (fp32), the one with the highest margin score is taken. absolute is the cosine; "
    "distance and ratio compare it with the mean cosine of both texts to their k nearest. A correct text on another "
    "line counts as an error. Averages are plain means over languages."
)

WITH_DISTRACTORS = (
    " plus: the error by ratio when distractors are among the searched texts: English sentences in which our rules "
    "changed one number, name or negation (at most one of each kind a text; not the xsim++ set). number, entity, "
    "negation: the share of texts (%) for which such a distractor of their own translation had the best score; with: "
    "how many texts have one."
)


def error(queries: Embeddings, keys: Embeddings, margin: Margin, k: int = 4) -> float:
    """Share of rows of `queries` (0 to 100) whose best-scoring row of `keys` is not of the same number."""
    pairs = mine(queries, keys, margin, "forward", k)
    return 100 * (1 - sum(pair.source == pair.target for pair in pairs) / len(queries))


def with_distractors(
    queries: Embeddings, keys: Embeddings, wrong: Float32[np.ndarray, "M D"], made: Sequence[Distractor], k: int = 4
) -> dict[str, float]:
    """The error (0 to 100) by ratio when `wrong`, embeddings of the distractors `made`, are searched too, and each
    kind's share of it.
    """
    targets = {
        pair.source: pair.target for pair in mine(queries, np.concatenate([keys, wrong]), Margin.ratio, "forward", k)
    }
    misled = Counter(
        made[target - len(keys)].kind
        for row, target in targets.items()
        if target >= len(keys) and made[target - len(keys)].of == row
    )
    errors = sum(targets.get(row) != row for row in range(len(queries)))
    return {"plus": 100 * errors / len(queries)} | {kind: 100 * misled[kind] / len(queries) for kind in KINDS}


def evaluate(
    encode: Encode,
    path: Path,
    source_language: str = "en",
    languages: tuple[str, ...] = (),
    k: int = 4,
    distractors: bool = False,
) -> Report:
    """Count errors of translation search. Raises DataError where files cannot be used or a language is not there.

    Parameters
    ----------
    path
        A file of parallel text, or a folder of such files, a pair of languages each.
    source_language
        The language that is searched in.
    languages
        Only these languages.
    k
        How many neighbours the margin uses.
    distractors
        Also search among English sentences in which a number, a name or a negation was changed.

    """
    encode = verified(encode)
    if k < 1:
        raise ConfigError(f"--k {k} must be at least 1")
    if distractors and source_language != "en":
        raise ConfigError("--distractors are made by rules for English; the source language must be en")
    encode = remembering(encode)
    rows: list[dict[str, Any]] = []
    sets = bitexts(path, source_language, languages)
    for bitext in sets:
        source, target = bitext.embeddings(encode)
        errors = {str(margin): round(error(target, source, margin, k), 2) for margin in Margin}
        row = {"name": bitext.language, **errors, "pairs": len(source)}
        if distractors:
            made = rules.distractors(bitext.source)
            wrong = encode([each.text for each in made], source_language)
            row |= {name: round(value, 2) for name, value in with_distractors(target, source, wrong, made, k).items()}
            row["with"] = len({each.of for each in made})
        rows.append(row)
    metrics = [*map(str, Margin), *(["plus"] if distractors else [])]
    averages = {
        f"{metric}, all {len(rows)}": round(float(np.mean([row[metric] for row in rows])), 2) for metric in metrics
    }
    definition = DEFINITION + (WITH_DISTRACTORS if distractors else "")
    settings = {"k": k, "distractors": distractors}
    return Report(
        task="xsim", definition=definition, rows=tuple(rows), averages=averages, settings=settings, files=files_of(sets)
    )
