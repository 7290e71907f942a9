"""Scores of pairs that are given: cosine, margin against the corpus itself (1811.01136, section 3), and how easily
chance does as well.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float32, Int64

from interlingua.data.bitext import Bitext, by_languages
from interlingua.folding import canonical
from interlingua.languages import require
from interlingua.mining.margin import Margin, margin_scores, tell_unscored
from interlingua.mining.selection import mean_cosine
from interlingua.search.knn import neighbours_both_ways
from interlingua.texts import pairs_of
from interlingua.types import Embeddings, Encode
from interlingua.vectors import GRID, cosines, on_grid, unit, verified

SAMPLE = 1000
"""Texts of the other side that a pair is held against."""
BLOCK = 8192


class Scores(NamedTuple):
    """Of P pairs."""

    cosine: Float32[np.ndarray, " P"]
    margin: Float32[np.ndarray, " P"]
    chance: Float32[np.ndarray, " P"]
    """Share of other texts that fit better than the pair's own, mean of both ways: near 0 for a translation, uniform
    for a random pair."""


def score_pairs(
    pairs: Iterable[tuple[str, str]],
    encode: Encode,
    languages: tuple[str, str] = ("und", "und"),
    margin: Margin = Margin.ratio,
    k: int = 4,
) -> Scores:
    """Scores of pairs of texts. Each different text is encoded once and is one neighbour, however often it occurs.

    Raises InputTypeError for what is no pair of texts, DataError for what is no language, and whatever `verified` finds
    in the vectors.
    """
    require(languages, ())
    pairs, encode = pairs_of(pairs), verified(encode)
    if not pairs:
        return Scores(*np.zeros((3, 0), np.float32))
    sides: list[tuple[Embeddings, Int64[np.ndarray, " P"]]] = []
    for side, language in enumerate(languages):
        places: dict[str, int] = {}
        rows = np.array([places.setdefault(canonical(pair[side]), len(places)) for pair in pairs], np.int64)
        first = [pairs[row][side] for row in np.unique(rows, return_index=True)[1]]
        sides.append((unit(encode(first, language)), rows))
    return score_rows(*sides[0], *sides[1], margin, k)


def score_rows(
    source: Float32[np.ndarray, "N D"],
    sources: Int64[np.ndarray, " P"],
    target: Float32[np.ndarray, "M D"],
    targets: Int64[np.ndarray, " P"],
    margin: Margin,
    k: int,
) -> Scores:
    """Scores of the pairs (source[sources[i]], target[targets[i]]), whose rows are of unit length.

    A pair with a row of zeros has no margin (-inf) and a chance of 1; how many have none is said.
    """
    cosine = np.concatenate(
        [
            cosines(source[sources[start : start + BLOCK]], target[targets[start : start + BLOCK]])
            for start in range(0, len(sources), BLOCK)
        ]
    ).astype(np.float32)
    (forward, _), (backward, _) = neighbours_both_ways(source, target, k)
    scores = margin_scores(cosine, mean_cosine(forward)[sources], mean_cosine(backward)[targets], margin)
    chance = (_better(source, sources, target, targets, cosine) + _better(target, targets, source, sources, cosine)) / 2
    zeros = np.all(source == 0, axis=1)[sources] | np.all(target == 0, axis=1)[targets]
    scores, chance = np.where(zeros, -np.inf, scores), np.where(zeros, 1.0, chance)
    tell_unscored(int(np.isneginf(scores).sum()), int(zeros.sum()), "pairs")
    return Scores(cosine, scores.astype(np.float32), chance.astype(np.float32))


def _better(
    ours: Float32[np.ndarray, "N D"],
    rows: Int64[np.ndarray, " P"],
    others: Float32[np.ndarray, "M D"],
    partners: Int64[np.ndarray, " P"],
    cosine: Float32[np.ndarray, " P"],
) -> Float32[np.ndarray, " P"]:
    """The share of SAMPLE other texts, spread evenly, that are nearer to a text than its partner is."""
    chosen = np.unique(np.linspace(0, len(others) - 1, min(SAMPLE, len(others))).astype(np.int64))
    means = np.zeros(len(rows), np.float32)
    for start in range(0, len(rows), BLOCK):
        block = slice(start, start + BLOCK)
        there = on_grid(ours[rows[block]] @ others[chosen].T)
        nearer = (there > cosine[block, None] + 1.5 * GRID) & (partners[block, None] != chosen)
        means[block] = nearer.mean(axis=1)
    return means


def score_bitext(pairs: Bitext, encode: Encode, margin: Margin = Margin.ratio, k: int = 4) -> Scores:
    """The scores of all entries, each pair of languages among its own."""
    whole_bitext = [np.zeros(len(pairs.entries), np.float32) for _ in range(3)]
    for languages, places in by_languages(pairs.entries).items():
        scores = score_pairs([pairs.entries[place].texts for place in places], encode, languages, margin, k)
        for whole, part in zip(whole_bitext, scores, strict=True):
            whole[places] = part
    return Scores(*whole_bitext)
