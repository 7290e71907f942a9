"""New embeddings out of old ones, against a brute-force computation and against scipy's projection onto the simplex."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.optimize import minimize

from interlingua import tokenization
from interlingua.encoders.modular import focus
from interlingua.encoders.modular.focus import (
    RARE,
    SMOOTHING,
    Origin,
    cooccurrence_space,
    initialise,
    same_pieces,
    sparsemax,
)


def simplex_projection(row: np.ndarray) -> np.ndarray:
    """The nearest point of the simplex, by bisection on the threshold: no sorting, no formula."""
    low, high = row.min() - 1, row.max()
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if np.maximum(row - middle, 0).sum() > 1 else (low, middle)
    return np.maximum(row - (low + high) / 2, 0)


@settings(deadline=None)
@given(arrays.arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 9)), elements=st.floats(-5, 5, width=32)))
def test_sparsemax_is_the_projection_onto_the_simplex(scores: np.ndarray) -> None:
    found = sparsemax(scores)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-9)
    np.testing.assert_allclose(found, [simplex_projection(row) for row in scores], atol=1e-9)


def test_sparsemax_is_what_a_general_optimiser_finds() -> None:
    row = np.array([0.3, 0.9, -0.4, 0.7])
    best = minimize(lambda p: ((p - row) ** 2).sum(), np.full(4, 0.25), bounds=[(0, 1)] * 4, constraints={"type": "eq", "fun": lambda p: p.sum() - 1})  # fmt: skip
    np.testing.assert_allclose(sparsemax(row[None])[0], best.x, atol=1e-4)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_mixtures_are_those_of_a_loop(seed: int) -> None:
    random = np.random.default_rng(seed)
    source, space = random.normal(size=(7, 5)).astype(np.float32), random.normal(size=(9, 4))
    places, known = np.array([3, -1, 0, -1, 6, -1, 2, -1, 5]), np.array([1, 1, 1, 0, 1, 1, 0, 1, 1], bool)
    found, origin = initialise(source, places, space, known, seed)
    assert origin == Origin(copied=5, mixed=3, drawn=1)
    for new in range(9):
        if places[new] >= 0:
            np.testing.assert_array_equal(found[new], source[places[new]])
        elif known[new]:
            anchors = [other for other in range(9) if places[other] >= 0 and known[other]]
            cosines = [
                space[new] @ space[other] / np.linalg.norm(space[new]) / np.linalg.norm(space[other])
                for other in anchors
            ]
            weights = simplex_projection(np.array(cosines))
            np.testing.assert_allclose(found[new], sum(w * source[places[other]] for w, other in zip(weights, anchors, strict=True)), atol=1e-5)  # fmt: skip
    np.testing.assert_array_equal(found, initialise(source, places, space, known, seed)[0])


def test_pieces_that_are_unknown_are_drawn_like_the_old_ones() -> None:
    random = np.random.default_rng(0)
    source = (random.normal(size=(50, 3)) * [1, 5, 0.1] + [0, 10, -2]).astype(np.float32)
    places = np.full(4000, -1)
    places[0] = 0
    known = places >= 0
    found = initialise(source, places, np.ones((4000, 2)), known, 1)[0][1:]
    np.testing.assert_allclose(found.mean(axis=0), source.mean(axis=0), atol=0.4)
    np.testing.assert_allclose(found.std(axis=0), source.std(axis=0), rtol=0.1)


def test_nothing_in_common() -> None:
    assert initialise(np.ones((2, 2), np.float32), np.array([-1, 0]), np.ones((2, 2)), np.array([True, False]), 0)[
        1
    ] == Origin(1, 0, 1)


def test_the_space_is_the_factorisation_of_positive_mutual_information() -> None:
    random = np.random.default_rng(0)
    size, window = 12, 2
    ids = [random.integers(0, size - 1, 9) for _ in range(30)] + [np.array([size - 1])]
    counts: Counter[tuple[int, int]] = Counter()
    for row in ids:
        for i, j in ((i, j) for i in range(len(row)) for j in range(len(row)) if 0 < abs(i - j) <= window):
            counts[int(row[i]), int(row[j])] += 1
    rows, columns = Counter[int](), Counter[int]()
    for (one, other), times in counts.items():
        rows[one] += times
        columns[other] += times
    total = sum(times**SMOOTHING for times in columns.values())
    dense = np.zeros((size, size))
    for (one, other), times in counts.items():
        dense[one, other] = max(0, math.log(times * total / (rows[one] * columns[other] ** SMOOTHING)))
    left, values, _ = np.linalg.svd(dense)
    space, known = cooccurrence_space(ids, size, width=4, window=window)
    expected = left[:, :4] * values[:4]
    np.testing.assert_allclose(space @ space.T, left[:, :4] * values[:4] @ left[:, :4].T, atol=1e-4)
    assert expected.shape == space.shape
    occurrences = np.bincount(np.concatenate(ids), minlength=size)
    np.testing.assert_array_equal(known, (occurrences >= RARE) & (np.arange(size) != size - 1))


def test_few_singular_vectors_are_the_first_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    ids = [random.integers(0, 40, 12) for _ in range(60)]
    whole, _ = cooccurrence_space(ids, 40, width=5)
    monkeypatch.setattr(focus, "DENSE", 0)
    few, _ = cooccurrence_space(ids, 40, width=5)
    np.testing.assert_allclose(few @ few.T, whole @ whole.T, atol=1e-4)


def test_pieces_of_different_vocabularies_meet_by_what_they_stand_for() -> None:
    import tokenizers

    listed = [*tokenization.SPECIAL, "▁Haus", "▁und", "e", "▁Baum"]
    unigram = tokenizers.Tokenizer(tokenizers.models.Unigram([(piece, -1.0) for piece in listed], 3))
    unigram.add_special_tokens(list(tokenization.SPECIAL))
    new = tokenization.Tokenizer(unigram, 32)
    words = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4, "haus": 5, "und": 6, "##e": 7}
    rules = tokenizers.Tokenizer(tokenizers.models.WordPiece(words, unk_token="[UNK]"))
    rules.normalizer = tokenizers.normalizers.BertNormalizer(lowercase=True)
    rules.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    old = tokenization.Tokenizer(rules, 32)
    found = dict(zip(new.pieces(), same_pieces(new, old).tolist(), strict=True))
    assert found == {
        "<pad>": 0,
        "<unk>": 1,
        "<s>": 2,
        "</s>": 3,
        "<mask>": 4,
        "▁Haus": 5,
        "▁und": 6,
        "e": 7,
        "▁Baum": -1,
    }
    levels = tokenizers.Tokenizer(tokenizers.models.BPE({"Ġund": 0, "Ã¤": 1}, []))
    levels.pre_tokenizer, levels.decoder = tokenizers.pre_tokenizers.ByteLevel(), tokenizers.decoders.ByteLevel()
    assert tokenization.Tokenizer(levels, 32).pieces() == ["▁und", "ä"]


def test_padding_stands_where_a_body_wants_it() -> None:
    one = tokenization.train(["a text that is long enough"] * 5, 400, pad=1)
    assert one.pieces()[:5] == ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    (ids,) = one.ids(["a text"])
    assert (ids[0], ids[-1], one.pad, one.text(ids.tolist())) == (0, 2, 1, "a text")
