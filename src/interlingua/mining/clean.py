"""What is wrong with the pairs of a bitext: each has its measures, and the reasons that follow from them by thresholds.

The length measure is Gale & Church's (1993): the difference of lengths over what is usual for texts so long, in
standard deviations.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp

import numpy as np
from jaxtyping import Float32

from interlingua.data.bitext import Bitext, by_languages
from interlingua.data.identify import strangeness, usual_language
from interlingua.folding import canonical, numbers, plain
from interlingua.languages import UNKNOWN
from interlingua.mining.filters import usual_ratio
from interlingua.mining.scoring import Scores, score_pairs
from interlingua.quantities import require_fields
from interlingua.types import Encode

ENDS = ".!?。！？।॥؟۔…។።։;:)]}\"'»”」』｡"
GRAM, COMPARED = 4, 20_000
"""Characters of the pieces by which texts are compared, and of the beginnings of texts that are: no sentence is longer,
and each piece takes a hundred bytes."""


ONE_SIDED = 0.3
"""The measure of numbers that only one side has in digits."""


class Reason(StrEnum):
    """Why a pair is rejected, in the order in which reasons are written."""

    empty = "empty"
    """A side without a letter or digit."""
    duplicated = "duplicated"
    """The same pair stands earlier, case and punctuation aside."""
    unfinished = "unfinished"
    """The file itself marks the translation as not to be used: fuzzy, obsolete."""
    untranslated = "untranslated"
    """The target is the source, or nearly."""
    language = "language"
    """A side is in another language than it should be."""
    number = "number"
    """The sides hold different numbers in digits."""
    truncated = "truncated"
    """One side stops early: much shorter than usual, and without the end mark that the other has."""
    length = "length"
    """The lengths do not go together."""
    misaligned = "misaligned"
    """Other texts of the corpus fit as well as this one (needs a model)."""


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """A pair is rejected if a measure is above its threshold; docs/cleaning.md shows what the defaults find and what
    they cost.
    """

    untranslated: float = 0.8
    """Share of groups of four characters that both sides have."""
    language: float = 0.6
    """By how much another language is more probable than the expected one."""
    number: float = ONE_SIDED
    """Share of the numbers of both sides that have no partner; 0 also rejects numbers that one side has in words."""
    length: float = 6.0
    """Standard deviations."""
    truncated: float = 3.5
    """Standard deviations that a side is too short; a missing end mark adds 2."""
    misaligned: float = 0.02
    """Share of other texts that fit better; this share of wrong pairs is not found."""

    def __post_init__(self) -> None:
        require_fields(self)


@dataclass(frozen=True)
class Measures:
    """Of N pairs; each grows with the defect it is named for."""

    empty: Float32[np.ndarray, " N"]
    duplicated: Float32[np.ndarray, " N"]
    unfinished: Float32[np.ndarray, " N"]
    untranslated: Float32[np.ndarray, " N"]
    language: Float32[np.ndarray, " N"]
    number: Float32[np.ndarray, " N"]
    truncated: Float32[np.ndarray, " N"]
    length: Float32[np.ndarray, " N"]
    misaligned: Float32[np.ndarray, " N"] | None
    """None without a model."""

    def of(self, reason: Reason) -> Float32[np.ndarray, " N"] | None:
        """The measure behind a reason."""
        return getattr(self, reason.value)


def measure(
    pairs: Sequence[tuple[str, str]],
    languages: tuple[str, str],
    scores: Scores | None = None,
    unfinished: Sequence[bool] | None = None,
) -> Measures:
    """The measures of pairs between two languages; a language that is "und" is the one most texts of its side are
    in. Texts are compared in their canonical form.
    """
    pairs = [(canonical(source), canonical(target)) for source, target in pairs]
    known = [
        usual_language([pair[side] for pair in pairs]) if languages[side] == UNKNOWN and pairs else languages[side]
        for side in (0, 1)
    ]
    strange = [strangeness([pair[side] for pair in pairs], known[side]) for side in (0, 1)]
    folded = [(plain(source), plain(target)) for source, target in pairs]
    deviation = deviations(pairs)
    return Measures(
        empty=_floats(
            [not any(c.isalnum() for c in source) or not any(c.isalnum() for c in target) for source, target in pairs]
        ),
        duplicated=_floats(_seen_before(folded)),
        unfinished=_floats(unfinished or [False] * len(pairs)),
        untranslated=_floats([overlap(source, target) for source, target in folded]),
        language=np.maximum(strange[0], strange[1]),
        number=_floats([number_mismatch(source, target) for source, target in pairs]),
        truncated=_floats([_cut(pair, by) for pair, by in zip(pairs, deviation.tolist(), strict=True)]),
        length=np.abs(deviation),
        misaligned=None if scores is None else scores.chance,
    )


def reasons(measures: Measures, thresholds: Thresholds) -> list[list[Reason]]:
    """Why each pair is rejected; [] where it is not."""
    limits = {reason: getattr(thresholds, reason, 0.0) for reason in Reason}
    by_pair: list[list[Reason]] = [[] for _ in measures.length]
    for reason in Reason:
        values = measures.of(reason)
        if values is not None:
            for row in np.flatnonzero(values > limits[reason]).tolist():
                by_pair[row].append(reason)
    return by_pair


def deviations(pairs: Sequence[tuple[str, str]]) -> Float32[np.ndarray, " N"]:
    """By how many standard deviations a target is longer (negative: shorter) than is usual in this corpus.

    The variance of lengths is taken as proportional to length, as Gale & Church found it, and estimated by the median.
    """
    if not pairs:
        return np.zeros(0, np.float32)
    lengths = np.array([[len(source), len(target)] for source, target in pairs], np.float64)
    usual = exp(usual_ratio(pairs))
    expected = lengths[:, 0] * usual
    spread = np.sqrt((expected + lengths[:, 1]) / 2 + 1)
    apart = (lengths[:, 1] - expected) / spread
    scale = 1.4826 * float(np.median(np.abs(apart)))  # the median of |x| of a normal distribution
    return (apart / max(scale, 0.5)).astype(np.float32)


def overlap(source: str, target: str) -> float:
    """Dice's coefficient of the pieces of GRAM characters of two texts; texts shorter than that are equal or not."""
    if min(len(source), len(target)) < GRAM:
        return float(source == target and any(character.isalpha() for character in source))
    source, target = source[:COMPARED], target[:COMPARED]
    one, other = (Counter(text[i : i + GRAM] for i in range(len(text) - GRAM + 1)) for text in (source, target))
    return 2 * (one & other).total() / (one.total() + other.total()) if any(c.isalpha() for c in source) else 0.0


def number_mismatch(source: str, target: str) -> float:
    """The share of the numbers in two texts that the other does not have; 0 where neither has any.

    ONE_SIDED where only one has any: the other may have them in words.
    """
    one, other = Counter(numbers(source)), Counter(numbers(target))
    if not one or not other:
        return ONE_SIDED if one or other else 0.0
    return 1 - (one & other).total() / (one | other).total()


def _cut(pair: tuple[str, str], deviation: float) -> float:
    """How many standard deviations short the shorter side is, and 2 more where it alone lacks an end mark."""
    shorter, longer = (pair[1], pair[0]) if deviation < 0 else pair
    missing = (
        longer.rstrip()[-1:] in ENDS and shorter.rstrip()[-1:] not in ENDS
        if longer.strip() and shorter.strip()
        else False
    )
    return abs(deviation) + 2 * missing


def _seen_before(folded: Sequence[tuple[str, str]]) -> list[bool]:
    seen = set[tuple[str, str]]()
    return [pair in seen or bool(seen.add(pair)) for pair in folded]


def _floats(values: Sequence[float] | Sequence[bool]) -> Float32[np.ndarray, " N"]:
    return np.array(values, np.float32)


MEASURED = [reason for reason in Reason if reason not in (Reason.empty, Reason.duplicated, Reason.unfinished)]
"""Reasons that have a measure."""


def judge(
    pairs: Bitext, encode: Encode | None, thresholds: Thresholds, leave: tuple[Reason, ...] = ()
) -> tuple[list[list[Reason]], tuple[list[str], list[list[str]]]]:
    """The reasons against each entry, and the table of rejected entries: header and rows."""
    why: list[list[Reason]] = [[] for _ in pairs.entries]
    measures: dict[int, tuple[Measures, int]] = {}
    for languages, places in by_languages(pairs.entries).items():
        texts = [pairs.entries[place].texts for place in places]
        scores = None if encode is None else score_pairs(texts, encode, languages)
        measured = measure(texts, languages, scores, [pairs.entries[place].unfinished for place in places])
        for row, (place, given) in enumerate(zip(places, reasons(measured, thresholds), strict=True)):
            why[place] = [reason for reason in given if reason not in leave]
            measures[place] = measured, row
    header = [
        "reasons",
        "line",
        "source",
        "target",
        "source_language",
        "target_language",
        *(f"measure_{reason}" for reason in MEASURED),
    ]
    rows: list[list[str]] = []
    for place in np.flatnonzero([bool(given) for given in why]).tolist():
        entry, (measured, row) = pairs.entries[place], measures[place]
        values = [measured.of(reason) for reason in MEASURED]
        numbers = ["" if value is None else f"{value[row]:.3f}" for value in values]
        rows.append([" ".join(why[place]), str(pairs.line(entry)), *entry.texts, *entry.languages, *numbers])
    return why, (header, rows)
