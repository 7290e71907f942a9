"""How much of a proposed translation can stay: one score for words and meaning, the same with every model."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from interlingua.memories.edits import Comparison, What

FIRST = {What.negation: 20.0, What.word: 0.0, What.number: 6.0, What.code: 5.0, What.mark: 1.0, What.case: 1.0}
"""Points, of 100, for the first edit of a kind; words count by their share."""
FURTHER = {What.number: 1.0, What.code: 1.0, What.mark: 1.0, What.case: 0.5}
"""And for each one more."""
AT_MOST = {What.number: 12.0, What.code: 12.0, What.mark: 3.0, What.case: 2.0}
EXCHANGE = 8.0
"""Points for words that stand in the place of others: nothing says that they are not the opposite."""
ALIKE, EXCHANGED, DENIED, BY_HAND = 99.0, 84.0, 74.0, 84.0
"""The most points for texts that are not the same, for such an exchange, where one denies what the other says, and
where a number is to be found and changed by hand."""
REWRITTEN = 0.5
"""Of texts that share fewer words than this, meaning decides."""
NEAR = 0.6
"""From this share of words on, they count beside the meaning in the order of matches: up to `BY_WORDS`."""
BY_WORDS = 0.6
FEW = 3
"""Words of a text that say too little for its meaning to be sure."""
RANKS = slice(5, 20)
"""Neighbours of a segment that say how near any text comes: not its own variants, not the far ones."""
MARGIN, SURFACE, LENGTH, CONSTANT = 18.7, 21.1, 5.3, -20.6
"""Of the logistic curve behind `likeness`."""
COMPARED = 1000
"""Characters of a text that are compared."""


@dataclass(frozen=True, slots=True)
class Deduction:
    """Points taken off, and for what."""

    what: What
    count: int
    points: float


def margin(cosine: float, around: float) -> float:
    """How far a neighbour stands out: 1 for the same text, 0 for one as near as others are. `around` is the mean cosine
    of the neighbours of the `RANKS`; models, whose cosines differ, agree in this (Artetxe and Schwenk, 2019).
    """
    return (cosine - around) / (1 - around + 1e-9)


def order(found: Comparison, margin: float) -> float:
    """What matches of one segment are ordered by: the meaning, and the words of texts that are nearly the same."""
    return margin + BY_WORDS * max(0.0, found.words - NEAR) / (1 - NEAR)


def likeness(segment: str, known: str, margin: float) -> float:
    """0 to 100: how sure it is that two texts that share few words mean the same. Fitted to sentences with the same
    translation and to unrelated ones.
    """
    one, other = segment[:COMPARED].casefold(), known[:COMPARED].casefold()
    surface = Levenshtein.normalized_similarity(one, other)
    length = min(len(one), len(other)) / max(len(one), len(other), 1)
    return 100 / (1 + math.exp(-(MARGIN * margin + SURFACE * surface + LENGTH * length + CONSTANT)))


def deductions(found: Comparison) -> list[Deduction]:
    """What is taken off for the edits that are left, beside the words themselves."""
    kinds = [edit.what for edit in found.edits]
    taken = [Deduction(what, kinds.count(what), _points(what, kinds.count(what))) for what in dict.fromkeys(kinds)]
    if found.exchanged:
        taken.append(Deduction(What.word, kinds.count(What.word), EXCHANGE))
    return [one for one in taken if one.points]


def _points(what: What, count: int) -> float:
    return min(FIRST[what] + FURTHER.get(what, 0.0) * (count - 1), AT_MOST.get(what, 100.0))


def score(
    segment: str, known: str, found: Comparison, taken: Sequence[Deduction], margin: float, carried: bool
) -> tuple[float, bool]:
    """0 to 99 for texts that are not the same, and whether it is the meaning, not the words, that speaks for it.

    `carried` says that all numbers that differ stand in the proposal.
    """
    by_hand = any(edit.what is What.number for edit in found.edits) and not carried
    if found.words < REWRITTEN:
        few = min(len(segment.split()), len(known.split())) < FEW
        return min(likeness(segment, known, margin), DENIED if found.denied or few else EXCHANGED), True
    most = min(
        EXCHANGED if found.exchanged else ALIKE,
        BY_HAND if by_hand else ALIKE,
        DENIED if found.denied or any(edit.what is What.negation for edit in found.edits) else ALIKE,
    )
    return max(0.0, min(most, 100 * found.words - sum(one.points for one in taken))), False
