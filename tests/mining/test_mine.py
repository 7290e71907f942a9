import inspect
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua.errors import ConfigError, DataError, InputTypeError, UnknownName
from interlingua.mining.margin import LOWEST
from interlingua.mining.mine import mine, mine_texts
from interlingua.types import Embeddings, Pair

MARGINS, RETRIEVALS = ("absolute", "distance", "ratio"), ("forward", "backward", "intersection", "max")


def oracle(source: Embeddings, target: Embeddings, margin: str, retrieval: str, k: int) -> list[Pair]:
    """The definition, pair by pair."""
    cosine = (source @ target.T).astype(np.float32)
    n, m = cosine.shape
    near_s = [sorted(range(m), key=lambda t: (-cosine[s, t], t))[:k] for s in range(n)]
    near_t = [sorted(range(n), key=lambda s: (-cosine[s, t], s))[:k] for t in range(m)]
    mean_s = [np.mean([cosine[s, t] for t in near_s[s]]) for s in range(n)]
    mean_t = [np.mean([cosine[s, t] for s in near_t[t]]) for t in range(m)]

    def score(s: int, t: int) -> float:
        around = np.float32((mean_s[s] + mean_t[t]) / 2)
        if margin == "ratio":
            return round(float(cosine[s, t] / around), 6) if round(float(around), 6) >= LOWEST else -np.inf
        return round(float(cosine[s, t] - around) if margin == "distance" else float(cosine[s, t]), 6)

    forward = {(s, max(near_s[s], key=lambda t: (score(s, t), -t))) for s in range(n)}
    backward = {(max(near_t[t], key=lambda s: (score(s, t), -s)), t) for t in range(m)}
    chosen = {"forward": forward, "backward": backward, "intersection": forward & backward, "max": forward | backward}[
        retrieval
    ]
    ranked = sorted(
        (Pair(s, t, score(s, t)) for s, t in chosen if np.isfinite(score(s, t))),
        key=lambda p: (-p.score, p.source, p.target),
    )
    if retrieval != "max":
        return ranked
    kept: list[Pair] = []
    for pair in ranked:
        if all(pair.source != other.source and pair.target != other.target for other in kept):
            kept.append(pair)
    return kept


# Unit rows whose inner products are exact in any order of summation, so that ties are ties: four axes with signs, and
# halves of them all.
ROWS = np.concatenate([np.eye(4), -np.eye(4), np.array(list(product((0.5, -0.5), repeat=4)))]).astype(np.float32)
piles = st.lists(st.integers(0, len(ROWS) - 1), min_size=1, max_size=9)


@settings(max_examples=25, deadline=None)
@given(piles, piles, st.integers(1, 5))
@pytest.mark.parametrize("margin", MARGINS)
@pytest.mark.parametrize("retrieval", RETRIEVALS)
def test_equals_the_definition_ties_included(
    margin: str, retrieval: str, source: list[int], target: list[int], k: int
) -> None:
    found = mine(ROWS[source], ROWS[target], margin, retrieval, k)
    expected = oracle(ROWS[source], ROWS[target], margin, retrieval, k)
    assert [(pair.source, pair.target) for pair in found] == [(pair.source, pair.target) for pair in expected]
    assert np.allclose([pair.score for pair in found], [pair.score for pair in expected], atol=1e-6)


@pytest.mark.parametrize(("margin", "retrieval"), list(product(MARGINS, RETRIEVALS)))
def test_equals_the_definition_on_random_vectors(margin: str, retrieval: str) -> None:
    random = np.random.default_rng(1)
    source, target = random.normal(size=(60, 16)), random.normal(size=(45, 16))
    source[:30] = target[:30] + 0.4 * source[:30]
    source, target = (
        (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32) for rows in (source, target)
    )
    found, expected = mine(source, target, margin, retrieval), oracle(source, target, margin, retrieval, 4)
    assert {(p.source, p.target) for p in found} == {(p.source, p.target) for p in expected}


def test_length_does_not_matter() -> None:
    random = np.random.default_rng(2)
    source, target = random.normal(size=(20, 8)).astype(np.float32), random.normal(size=(20, 8)).astype(np.float32)
    longer = source * random.uniform(0.5, 9, (20, 1)).astype(np.float32)
    assert [p[:2] for p in mine(source, target)] == [p[:2] for p in mine(longer, target)]


def test_the_threshold_is_strict() -> None:
    pairs = mine(ROWS[:4], ROWS[:4], "absolute", "forward", threshold=1.0)
    assert pairs == []
    assert len(mine(ROWS[:4], ROWS[:4], "absolute", "forward", threshold=0.999)) == 4


@pytest.mark.parametrize("retrieval", RETRIEVALS)
def test_a_row_of_zeros_is_never_paired(retrieval: str, capsys: pytest.CaptureFixture[str]) -> None:
    """And is as if it were not there: no other pair is another, or scores otherwise, for it."""
    random = np.random.default_rng(3)
    source, target = random.normal(size=(2, 12, 8)).astype(np.float32)
    zeros = np.zeros((2, 8), np.float32)
    with_zeros = np.concatenate([zeros, source]), np.concatenate([target[:5], zeros, target[5:]])
    found = mine(*with_zeros, "distance", retrieval)
    assert "2 source texts have an embedding of zeros" in capsys.readouterr().err
    moved = [Pair(s - 2, t - 2 * (t > 4), score) for s, t, score in found]
    assert moved == mine(source, target, "distance", retrieval)
    assert mine(zeros, target) == []


@given(st.integers(0, 10**6), st.integers(2, 6), st.integers(1, 5))
@settings(max_examples=50, deadline=None)
def test_a_ratio_is_never_of_a_mean_near_zero_or_below(seed: int, width: int, k: int) -> None:
    source, target = np.random.default_rng(seed).normal(size=(2, 7, width)).astype(np.float32)
    assert all(abs(pair.score) <= 1 / LOWEST for pair in mine(source, target, "ratio", "forward", k))


def test_what_has_no_ratio_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert mine(ROWS[:1], -ROWS[:1]) == []
    assert "1 source texts have no ratio: the cosines around them are below 0.05" in capsys.readouterr().err
    assert len(mine(ROWS[:1], -ROWS[:1], "distance")) == 1


def test_scores_that_differ_by_rounding_alone_are_ordered_by_row() -> None:
    random = np.random.default_rng(0)
    one = random.normal(size=(1, 32)).astype(np.float32)
    noisy = one * (1 + random.uniform(-1e-7, 1e-7, (50, 32)).astype(np.float32))
    assert {pair.target for pair in mine(noisy, noisy[:4], "absolute", "forward", k=4)} == {0}
    pairs = mine(noisy, noisy, "absolute", "forward", k=60)
    assert [(pair.source, pair.target, pair.score) for pair in pairs] == [(row, 0, 1.0) for row in range(50)]


def test_an_empty_side_gives_nothing() -> None:
    assert mine(ROWS[:0], ROWS) == mine(ROWS, ROWS[:0]) == []


def test_memory_mapped(tmp_path) -> None:
    np.save(tmp_path / "rows.npy", ROWS)
    assert mine(np.load(tmp_path / "rows.npy", mmap_mode="r"), ROWS[:5]) == mine(ROWS, ROWS[:5])


def test_what_cannot_be_mined_is_named() -> None:
    broken = ROWS.copy()
    broken[3, 0] = np.nan
    with pytest.raises(DataError, match="row 3 of the target embeddings is not finite"):
        mine(ROWS, broken)
    with pytest.raises(UnknownName, match="Did you mean 'ratio'"):
        mine(ROWS, ROWS, margin="ration")
    with pytest.raises(ConfigError, match="width 4 .* width 3"):
        mine(ROWS, ROWS[:, :3])


def test_texts_repeated_texts_are_left_to_their_first_occurrence() -> None:
    def encode(texts, language="und"):
        return ROWS[[ord(text) - ord("a") for text in texts]]

    pairs = mine_texts(["a", "a", "b"], ["b", "c", "a"], encode, margin="absolute", retrieval="intersection")
    assert [(pair.source, pair.target) for pair in pairs] == [(0, 2), (2, 0)]


def test_texts_and_vectors_from_outside_are_held_against_each_other() -> None:
    texts = [f"text {number}" for number in range(5)]
    rows = np.eye(5, 8)  # float64

    def encode(some: Any, language: str = "und") -> Any:
        return rows[: len(some)]

    assert [pair[:2] for pair in mine_texts(iter(texts), tuple(texts), encode)] == [(row, row) for row in range(5)]
    with pytest.raises(DataError, match="4 rows for 5 texts"):
        mine_texts(texts, texts, lambda some, language="und": rows[:4])
    with pytest.raises(InputTypeError, match=r"text 2 is no str but a NoneType.*\(target\[1\]\)"):
        mine_texts(texts, iter(["a", None]), encode)  # pyright: ignore[reportArgumentType]
    assert len(mine(rows, rows.astype(np.float16))) == 5


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"k": 1.5}, ConfigError), ({"k": -1}, ConfigError), ({"k": True}, InputTypeError), ({"k": "4"}, InputTypeError),
        ({"threshold": float("nan")}, ConfigError), ({"threshold": "1"}, InputTypeError),
    ],
)  # fmt: skip
def test_numbers_are_held_against_what_they_may_be(options: dict[str, Any], problem: type[Exception]) -> None:
    """Without the types that tests hold arguments against, which callers do without."""

    def encode(texts: Any, language: str = "und") -> Any:
        pytest.fail("refused before anything is encoded")

    with pytest.raises(problem, match=next(iter(options))):
        inspect.unwrap(mine_texts)(["one"], ["one"], encode, **options)
