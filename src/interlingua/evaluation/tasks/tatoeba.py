"""Translation retrieval: is the nearest sentence in the other language the translation (Artetxe & Schwenk 2019)?"""

from pathlib import Path

import numpy as np

from interlingua.encoding.cache import remembering
from interlingua.evaluation.bitext import bitexts
from interlingua.evaluation.report import Report
from interlingua.search.knn import nearest
from interlingua.types import Embeddings, Encode

DEFINITION = (
    "Top-1 accuracy (%) of the nearest sentence by cosine, in fp32, among all sentences of the other side of the same "
    "file, of cosines that are equal to six decimals the first in the file; accuracy is the mean of both directions "
    "(to_source: from the language into the source language, the direction papers report). f1 (%): F1 of each source "
    "sentence taken as a class, averaged, in the direction to_source, as MTEB gives it. Averages are plain means over "
    "languages."
)
# Artetxe & Schwenk 2019 and XTREME (Hu et al. 2020); Chidambaram et al. 2019; the set of baselines for small encoders.
GROUPS: dict[str, str] = {
    "XTREME-36": "ar af bg bn de el es et eu fa fi fr he hi hu id it ja jv ka kk ko ml mr nl pt ru sw ta te th "
    "tl tr ur vi zh",
    "mUSE-14": "ar de es fr id it ja ko nl pl pt ru tr zh",
}


def accuracies(source: Embeddings, target: Embeddings) -> tuple[float, float]:
    """Share of rows (0 to 100) whose nearest row on the other side is their own: source to target, and target to
    source.
    """
    own = np.arange(len(source))
    forward, backward = (
        100 * float((nearest(a, b, 1)[1][:, 0] == own).mean()) for a, b in ((source, target), (target, source))
    )
    return forward, backward


def f1(source: Embeddings, target: Embeddings) -> float:
    """F1 (0 to 100) of naming each target row's source row, every source row being a class of one: what is often
    named is often wrong.
    """
    named = nearest(target, source, 1)[1][:, 0]
    times = np.bincount(named[named >= 0], minlength=len(source))
    return 100 * float(np.mean(2 * (named == np.arange(len(named))) / (times + 1)))


def retrieval_accuracy(source: Embeddings, target: Embeddings) -> float:
    """Mean of both directions' accuracy, 0 to 100."""
    return sum(accuracies(source, target)) / 2


def evaluate(encode: Encode, path: Path, source_language: str = "en", languages: tuple[str, ...] = ()) -> Report:
    """Measure how often a sentence finds its translation. Raises DataError where files cannot be used or a language is
    not there.

    Parameters
    ----------
    path
        A file of parallel text, or a folder of such files, a pair of languages each.
    source_language
        The language that all others are paired with.
    languages
        Only these languages.

    """
    encode = remembering(encode)
    rows: list[dict[str, str | float | int]] = []
    sets = bitexts(path, source_language, languages)
    for bitext in sets:
        source, target = bitext.embeddings(encode)
        there, back = accuracies(source, target)
        accuracy = round((there + back) / 2, 2)
        rows.append(
            {
                "name": bitext.language,
                "accuracy": accuracy,
                "to_source": round(back, 2),
                "f1": round(f1(source, target), 2),
                "pairs": len(bitext.source),
            }
        )
    by_language = {str(row["name"]): float(row["accuracy"]) for row in rows}
    averages = {f"all {len(rows)}": round(float(np.mean(list(by_language.values()))), 2)}
    for name, members in GROUPS.items():
        codes = members.split()
        if len(rows) > len(codes) and all(code in by_language for code in codes):
            averages[name] = round(float(np.mean([by_language[code] for code in codes])), 2)
    return Report(
        task="tatoeba",
        definition=DEFINITION,
        rows=tuple(rows),
        averages=averages,
        files=tuple(dict.fromkeys(b.file for b in sets)),
    )
