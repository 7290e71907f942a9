"""Translation retrieval: does every sentence find its translation among all of the other language's (Artetxe & Schwenk 2019)?"""

from pathlib import Path

import numpy as np

from interlingua.data.examples import parallel
from interlingua.errors import DataError
from interlingua.evaluation.geometry import unit
from interlingua.evaluation.memory import remembering
from interlingua.evaluation.report import Report
from interlingua.languages import standard
from interlingua.search.knn import neighbours
from interlingua.types import Embeddings, Encode

DEFINITION = (
    "Top-1 accuracy (%) of the nearest sentence by cosine, in fp32, among all sentences of the other side of the same file; accuracy is "
    "the mean of both directions (to_source: from the language into the source language, the direction papers report). "
    "Averages are plain means over languages."
)
# Artetxe & Schwenk 2019 and XTREME (Hu et al. 2020); Chidambaram et al. 2019; the set of baselines for small encoders.
GROUPS: dict[str, str] = {
    "XTREME-36": "ar af bg bn de el es et eu fa fi fr he hi hu id it ja jv ka kk ko ml mr nl pt ru sw ta te th tl tr ur vi zh",
    "mUSE-14": "ar de es fr id it ja ko nl pl pt ru tr zh",
}


def accuracies(source: Embeddings, target: Embeddings) -> tuple[float, float]:
    """Share of rows (0 to 100) whose nearest row on the other side is their own: source to target, and target to source."""
    source, target = unit(source), unit(target)
    own = np.arange(len(source))
    forward, backward = (100 * float((neighbours(a, b, 1)[1][:, 0] == own).mean()) for a, b in ((source, target), (target, source)))
    return forward, backward


def retrieval_accuracy(source: Embeddings, target: Embeddings) -> float:
    """Mean of both directions' accuracy, 0 to 100."""
    return sum(accuracies(source, target)) / 2


def evaluate(encode: Encode, path: Path, source_language: str = "en", languages: tuple[str, ...] = ()) -> Report:
    """Evaluate on one file of parallel text or on a folder of TSV files, a pair of languages each; `languages` chooses among them.

    Raises DataError where files cannot be used or a language is not there.
    """
    encode = remembering(encode)
    files = sorted(path.glob("*.tsv")) if path.is_dir() else [path]
    wanted = {standard(language) for language in languages}
    rows: list[dict[str, str | float | int]] = []
    for file in files:
        if wanted and len(files) > 1 and not _names_one_of(file, wanted):
            continue
        examples = list(parallel(file, source_language))
        for language in sorted({e.languages[1] for e in examples}):
            texts = [e.texts for e in examples if e.languages[1] == language]
            if not wanted or language in wanted:
                there, back = accuracies(encode([s for s, _ in texts], source_language), encode([t for _, t in texts], language))
                rows.append({"name": language, "accuracy": round((there + back) / 2, 2), "to_source": round(back, 2), "pairs": len(texts)})
    found = {str(row["name"]): float(row["accuracy"]) for row in rows}
    if missing := wanted - found.keys():
        raise DataError(f"there is no test set for {', '.join(sorted(missing))}", path)
    if not rows:
        raise DataError("there are no TSV files here", path)
    averages = {f"all {len(rows)}": round(float(np.mean(list(found.values()))), 2)}
    for name, members in GROUPS.items():
        codes = members.split()
        if len(rows) > len(codes) and all(code in found for code in codes):
            averages[name] = round(float(np.mean([found[code] for code in codes])), 2)
    return Report(task="tatoeba", definition=DEFINITION, rows=tuple(rows), averages=averages)


def _names_one_of(file: Path, languages: set[str]) -> bool:
    """Whether a file name such as deu-eng.tsv names one of the languages (a name that says nothing is looked into)."""
    parts = file.name.split(".")[0].split("-")
    try:
        return any(standard(part) in languages for part in parts)
    except DataError:
        return True
