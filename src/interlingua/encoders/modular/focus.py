"""Word embeddings for a new vocabulary, out of those of an old one: what both hold is copied, the rest is mixed from
what is alike.

Dobler & de Melo 2023, "FOCUS: Effective Embedding Initialization for Monolingual Specialization of Multilingual
Models", arXiv:2305.14481; Martins & Astudillo 2016 for sparsemax; Levy & Goldberg 2014 for the vector space: a
factorisation of co-occurrence in the text.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32, Int

from interlingua.tokenization import Tokenizer

BLOCK = 512
"""Rows mixed at a time."""
SMOOTHING = 0.75
"""Power on context counts (Levy et al. 2015, section 3.2): rare contexts weigh less."""
DENSE = 1500
"""Up to this many pieces, all singular vectors are computed at once; the iteration for a few stumbles over small
matrices."""
RARE = 3
"""A piece seen less often than this is unknown: it has no company to be known by."""


@dataclass(frozen=True)
class Origin:
    """Where the embeddings of a new vocabulary come from, in pieces."""

    copied: int
    mixed: int
    drawn: int
    """At random, with the mean and spread of the old ones."""


def sparsemax(scores: Float[np.ndarray, "N M"]) -> Float[np.ndarray, "N M"]:
    """The nearest point of the probability simplex to each row: weights that sum to 1, most 0 (Martins & Astudillo,
    Algorithm 1).
    """
    ordered = -np.sort(-scores, axis=1)
    excess = np.cumsum(ordered, axis=1) - 1
    support = (ordered * np.arange(1, scores.shape[1] + 1) > excess).sum(axis=1)
    threshold = excess[np.arange(len(scores)), support - 1] / support
    return np.maximum(scores - threshold[:, None], 0)


def initialise(
    source: Float32[np.ndarray, "M D"],
    places: Int[np.ndarray, " V"],
    space: Float[np.ndarray, "V K"],
    known: Bool[np.ndarray, " V"],
    seed: int,
) -> tuple[Float32[np.ndarray, "V D"], Origin]:
    """Embeddings of V new pieces out of those of the old vocabulary, `source` (M, D).

    `places` says which old piece a new one is, -1 for none: those are copied. The others are sums of copied ones,
    weighed by the sparsemax of their cosines in `space`, among pieces `known` there; those unknown are drawn from
    N(mean, std) of the old embeddings, by coordinate; so are all that are not copied where no copied piece is known.
    """
    shared = places >= 0
    anchors = np.flatnonzero(shared & known)
    if not len(anchors):
        known = np.zeros_like(known)
    random = np.random.default_rng(seed)
    embeddings = random.normal(source.mean(axis=0), source.std(axis=0), (len(places), source.shape[1])).astype(
        np.float32
    )
    embeddings[shared] = source[places[shared]]
    directions = space / np.maximum(np.linalg.norm(space, axis=1, keepdims=True), 1e-12)
    mixed = np.flatnonzero(~shared & known)
    for start in range(0, len(mixed), BLOCK):
        rows = mixed[start : start + BLOCK]
        embeddings[rows] = sparsemax(directions[rows] @ directions[anchors].T) @ source[places[anchors]]
    return embeddings, Origin(int(shared.sum()), len(mixed), int((~shared & ~known).sum()))


def same_pieces(new: Tokenizer, old: Tokenizer) -> Int[np.ndarray, " V"]:
    """For each new piece the old one that stands for the same characters (as the old vocabulary would normalise
    them), or -1.
    """
    place = {piece: number for number, piece in reversed(list(enumerate(old.pieces())))}
    return np.array([place.get(piece, place.get(old.normalized(piece), -1)) for piece in new.pieces()])


def cooccurrence_space(
    ids: Sequence[Int[np.ndarray, " _"]], vocabulary_size: int, width: int = 128, window: int = 5
) -> tuple[Float32[np.ndarray, "V K"], Bool[np.ndarray, " V"]]:
    """A vector a piece, in which pieces of like company lie near each other, and which pieces are known in it.

    Singular vectors of the positive pointwise mutual information of pieces within `window` of each other in one text.
    `ids`: the pieces of each text. K is at most `width`. The same text gives the same space.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.linalg import svds

    counts = csr_array((vocabulary_size, vocabulary_size), dtype=np.float64)
    for distance in range(1, window + 1):
        long = [row for row in ids if len(row) > distance]
        if long:
            one, other = (
                np.concatenate([row[cut] for row in long]) for cut in (slice(None, -distance), slice(distance, None))
            )
            ones = np.ones(2 * len(one))
            places = (np.concatenate([one, other]), np.concatenate([other, one]))
            counts += csr_array((ones, places), shape=counts.shape)
    counts.sum_duplicates()
    occurrences = np.bincount(np.concatenate([*ids, np.zeros(0, np.int64)]).astype(np.int64), minlength=vocabulary_size)
    known = (occurrences >= RARE) & (counts.sum(axis=1) > 0)
    shift = counts.sum(axis=0) ** SMOOTHING
    table = counts.tocoo()
    rows, columns = table.coords
    row_sums = counts.sum(axis=1)
    information = np.log(table.data * shift.sum() / (row_sums[rows] * shift[columns]))
    positive = csr_array((np.maximum(information, 0), (rows, columns)), shape=counts.shape)
    kept = np.flatnonzero(known)
    block, width = positive[kept][:, kept], min(width, len(kept))
    vectors = np.zeros((vocabulary_size, width), np.float32)
    if len(kept) <= DENSE:
        left, values, _ = np.linalg.svd(block.toarray())
    else:
        left, values, _ = svds(block, k=width, v0=np.ones(len(kept)) / len(kept) ** 0.5)
    vectors[kept] = np.asarray(left)[:, :width] * np.sqrt(values[:width])
    return vectors, known
