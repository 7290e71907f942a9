"""Language bias: what is lost when texts of many languages are ranked in one pool, because texts of the same language
are preferred?

Papers: Roy et al. 2020 (LAReQA), arXiv:2004.05484; Huang et al. 2025, Modular Sentence Encoders (bilingual against
  concatenated ranking).
"""

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from interlingua.encoding.cache import remembering
from interlingua.errors import DataError
from interlingua.evaluation.judgements import Judged, judged
from interlingua.evaluation.report import Report
from interlingua.evaluation.tasks.sts import rank_correlation
from interlingua.languages import standard
from interlingua.search.knn import nearest
from interlingua.types import Embeddings, Encode
from interlingua.vectors import cosines, verified

DEFINITION = (
    "bias = bilingual - pooled; cosines that are equal to six decimals are ties. Judged pairs: Spearman x 100 of "
    "cosine (fp32) and human score of sentence1 in one language, sentence2 in another; bilingual is the mean over all "
    'ordered pairs of languages, pooled is one Spearman over the pairs of all of them together; "also within" '
    "includes pairs of one language. Translations (of sentence1): bilingual is the share (%) whose nearest text in a "
    "second language is their translation, mean over ordered pairs; pooled the share whose nearest other text of all "
    "languages, their own included, is a translation; own_language the share whose nearest is of their own language."
)


def ranking_bias(cosines: Sequence[Float[np.ndarray, " N"]], scores: Float[np.ndarray, " N"]) -> tuple[float, float]:
    """Mean Spearman (x 100) of each array of cosines with `scores`, and the Spearman of all together."""
    each = [rank_correlation(row, scores)[0] for row in cosines]
    return float(np.mean(each)), rank_correlation(np.concatenate(cosines), np.tile(scores, len(cosines)))[0]


def retrieval_bias(languages: Sequence[Embeddings]) -> tuple[float, float, float]:
    """Of the same texts in each language: accuracy by pairs of languages, accuracy in the pool, own-language share
    (0 to 100).
    """
    rows, n, own = languages, len(languages[0]), np.arange(len(languages[0]))
    pairs = [(one, other) for one, other in product(range(len(rows)), repeat=2) if one != other]
    bilingual = np.mean([(nearest(rows[one], rows[other], 1)[1][:, 0] == own).mean() for one, other in pairs])
    pool = np.concatenate(rows)
    nearest_two = nearest(pool, pool, 2)[1]
    everyone = np.arange(len(pool))
    itself_first = nearest_two[:, 0] == everyone
    other = np.where(itself_first, nearest_two[:, 1], nearest_two[:, 0])
    same_language, translation = other // n == everyone // n, (other % n == everyone % n) & (other >= 0)
    return 100 * float(bilingual), 100 * float(translation.mean()), 100 * float(same_language.mean())


def evaluate(encode: Encode, path: Path, split: str = "test", languages: tuple[str, ...] = ()) -> Report:
    """Compare bilingual with pooled rankings. Raises DataError for files that cannot be used or are not the same pairs.

    Parameters
    ----------
    path
        A folder of LANGUAGE.test.tsv, the same judged pairs in each language.
    split
        Which split of the folder.
    languages
        Only these languages.

    """
    encode = verified(encode)
    wanted = {standard(language) for language in languages}
    sets = [each for each in judged(path, split) if not wanted or each.language in wanted]
    if len(sets) < 2:
        raise DataError(f"{len(sets)} languages are here, at least two are needed", path)
    scores = [example.target for example in sets[0].pairs]
    for each in sets:
        if [example.target for example in each.pairs] != scores:
            problem = (
                "the scores differ from those of the other languages; the files must hold the same pairs in the same "
                "order"
            )
            raise DataError(problem, each.files[0])
    encode = remembering(encode)
    sides = [[_side(encode, each, side) for each in sets] for side in (0, 1)]
    similarities = {
        (one, other): cosines(sides[0][one], sides[1][other]) for one, other in product(range(len(sets)), repeat=2)
    }
    gold = np.array(scores, np.float64)
    across = ranking_bias([values for (one, other), values in similarities.items() if one != other], gold)
    within = ranking_bias(list(similarities.values()), gold)
    first = sorted({example.texts[0]: row for row, example in reversed(list(enumerate(sets[0].pairs)))}.values())
    *translations, own = retrieval_bias([rows[first] for rows in sides[0]])
    rows = (
        _row("judged pairs", across, len(scores)),
        _row("judged pairs, also within", within, len(scores)),
        _row("translations", translations, len(first)) | {"own_language": round(own, 2)},
    )
    averages: dict[str, float] = {f"bias, {row['name']}": row["bias"] for row in rows}
    settings = {"split": split, "languages": [each.name for each in sets]}
    files = tuple(file for each in sets for file in each.files)
    return Report(
        task="language-bias", definition=DEFINITION, rows=rows, averages=averages, settings=settings, files=files
    )


def _row(name: str, figures: Sequence[float], texts: int) -> dict[str, Any]:
    bilingual, pooled = figures
    values = {"bilingual": round(bilingual, 2), "pooled": round(pooled, 2), "bias": round(bilingual - pooled, 2)}
    return {"name": name, **values, "texts a language": texts}


def _side(encode: Encode, each: Judged, side: int) -> Embeddings:
    return encode([example.texts[side] for example in each.pairs], each.language)
