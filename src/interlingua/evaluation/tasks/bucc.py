"""Bitext mining: in two collections of text with few translations among them, does mining find these and nothing else?

Paper: Zweigenbaum et al. 2018, BUCC shared task; mining as in Artetxe & Schwenk 2019, arXiv:1811.01136.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from interlingua.encoding.cache import remembering
from interlingua.errors import DataError
from interlingua.evaluation.report import Report
from interlingua.files import check_name, read_lines
from interlingua.folding import canonical
from interlingua.languages import is_language, standard
from interlingua.mining.mine import mine_texts
from interlingua.types import Encode
from interlingua.vectors import DECIMALS, GRID, verified

DEFINITION = (
    "F1, precision and recall (%) of the mined pairs against the gold pairs of the test half; pairs are mined by "
    "margin score in fp32 and kept above the threshold that is best for F1 on the training half (tuned_f1 is its F1 "
    "there). Of repeated texts only the first is mined, and it stands for all of them in the gold pairs."
)


@dataclass(frozen=True, kw_only=True)
class Half:
    """Two collections of texts and the pairs of positions that are translations."""

    texts: tuple[list[str], list[str]]
    gold: set[tuple[int, int]]
    files: tuple[Path, ...]


def best_threshold(scored: Sequence[tuple[float, bool]], gold: int) -> tuple[float, float]:
    """The threshold above which scored pairs (score, right or not) have the highest F1 (0 to 1) against `gold` pairs,
    and that F1.

    It lies halfway between the last score kept and the first one that is not. Scores that rounding alone takes apart
    are equal.
    """
    ordered = sorted(((round(score, DECIMALS), is_right) for score, is_right in scored), key=lambda pair: -pair[0])
    best, threshold, right = 0.0, float("inf"), 0
    for kept, (score, is_right) in enumerate(ordered, 1):
        right += is_right
        following = ordered[kept][0] if kept < len(ordered) else None
        f1 = 2 * right / (kept + gold)
        if f1 > best and following != score:  # equal scores are kept or left together
            best, threshold = f1, score - GRID / 2 if following is None else (score + following) / 2
    return round(threshold, DECIMALS + 1), best


def precision_recall_f1(predicted: set[tuple[int, int]], gold: set[tuple[int, int]]) -> tuple[float, float, float]:
    """Each 0 to 1; 0 where there is nothing to divide by."""
    right = len(predicted & gold)
    total = len(predicted) + len(gold)
    return right / max(1, len(predicted)), right / max(1, len(gold)), 2 * right / total if total else 0.0


def evaluate(
    encode: Encode,
    path: Path,
    tune: str = "training",
    test: str = "test",
    languages: tuple[str, ...] = (),
    margin: str = "ratio",
    retrieval: str = "max",
    k: int = 4,
) -> Report:
    """Mine and compare with gold. Raises DataError for files that are missing or cannot be used, UnknownName for an
    unknown margin.

    Parameters
    ----------
    path
        A folder of XX-YY.training.XX, XX-YY.training.YY (identifier, tab, text), XX-YY.training.gold (two identifiers),
        and the same for test.
    tune
        The half to choose the threshold on.
    test
        The half to measure.
    languages
        Only pairs with one of these languages.
    margin
        absolute, distance or ratio.
    retrieval
        forward, backward, intersection or max.
    k
        How many neighbours the margin uses.

    """
    encode = verified(encode)
    encode = remembering(encode)
    check_name(path)
    wanted = {standard(language) for language in languages}
    names = [file.name.removesuffix(f".{tune}.gold") for file in sorted(path.glob(f"*-*.{tune}.gold"))]
    names = [
        name
        for name in names
        if not wanted or wanted & {standard(code) for code in name.split("-") if is_language(code)}
    ]
    if not names:
        raise DataError(
            f"there is no XX-YY.{tune}.gold here" + (f" for {', '.join(sorted(wanted))}" if wanted else ""), path
        )
    rows: list[dict[str, Any]] = []
    files: list[Path] = []
    for name in names:
        halves = [_read(path, name, half) for half in (tune, test)]
        mined = [_mine(encode, half, name, margin, retrieval, k) for half in halves]
        scored = [(score, pair in halves[0].gold) for pair, score in mined[0].items()]
        threshold, tuned = best_threshold(scored, len(halves[0].gold))
        predicted = {pair for pair, score in mined[1].items() if score > threshold}
        precision, recall, f1 = (round(100 * value, 2) for value in precision_recall_f1(predicted, halves[1].gold))
        row = {"name": name, "f1": f1, "precision": precision, "recall": recall, "tuned_f1": round(100 * tuned, 2)}
        rows.append(
            row
            | {
                "threshold": threshold if mined[0] else None,
                "mined": len(predicted),
                "gold": len(halves[1].gold),
            }
        )
        files += [file for half in halves for file in half.files]
    averages = {f"f1, all {len(rows)}": round(float(np.mean([row["f1"] for row in rows])), 2)}
    settings = {"tune": tune, "test": test, "margin": margin, "retrieval": retrieval, "k": k}
    return Report(
        task="bucc", definition=DEFINITION, rows=tuple(rows), averages=averages, settings=settings, files=tuple(files)
    )


def _mine(encode: Encode, half: Half, name: str, margin: str, retrieval: str, k: int) -> dict[tuple[int, int], float]:
    one, other = (standard(code) if is_language(code) else "und" for code in name.split("-", 1))
    source, target = half.texts
    pairs = mine_texts(
        source, target, encode, source_language=one, target_language=other, margin=margin, retrieval=retrieval, k=k
    )
    return {(pair.source, pair.target): round(pair.score, DECIMALS) for pair in pairs}


def _read(folder: Path, name: str, half: str) -> Half:
    files = [folder / f"{name}.{half}.{ending}" for ending in (*name.split("-", 1), "gold")]
    identifiers: list[dict[str, int]] = []
    texts: list[list[str]] = []
    for file in files[:2]:
        rows = [(line, text.split("\t", 1)) for line, text in read_lines(file)]
        first: dict[str, int] = {}
        known: dict[str, int] = {}
        for place, (line, fields) in enumerate(rows):
            if len(fields) != 2:
                raise DataError("one field, an identifier and a text with a tab between them are needed", file, line)
            if fields[0] in known:
                raise DataError(f"the identifier {fields[0]!r} occurs twice", file, line)
            known[fields[0]] = first.setdefault(canonical(fields[1]), place)
        identifiers.append(known)
        texts.append([fields[1] for _, fields in rows])
    gold: set[tuple[int, int]] = set()
    for line, text in read_lines(files[2]):
        fields = text.split("\t")
        if len(fields) != 2 or fields[0] not in identifiers[0] or fields[1] not in identifiers[1]:
            raise DataError(
                f"{text!r} is no pair of identifiers of {files[0].name} and {files[1].name}", files[2], line
            )
        gold.add((identifiers[0][fields[0]], identifiers[1][fields[1]]))
    if not gold:
        raise DataError("no gold pairs in this file", files[2])
    return Half(texts=(texts[0], texts[1]), gold=gold, files=tuple(files))
