from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua.errors import DataError
from interlingua.mining.margin import LOWEST, Margin
from interlingua.mining.scoring import score_pairs
from interlingua.types import Embeddings


def encode(texts: Sequence[str], language: str = "und") -> Embeddings:
    """A vector by the first digit run of the text: translations carry the same number."""
    return np.stack(
        [np.random.default_rng(int(text.split()[-1])).standard_normal(16).astype(np.float32) for text in texts]
    )


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=25),
    st.sampled_from(Margin),
    st.integers(1, 5),
)
def test_scores_equal_the_definition(numbers: list[tuple[int, int]], margin: Margin, k: int) -> None:
    pairs = [(f"source {one}", f"Ziel {other}") for one, other in numbers]
    found = score_pairs(pairs, encode, margin=margin, k=k)
    sources, targets = sorted({one for one, _ in numbers}), sorted({other for _, other in numbers})
    vectors = {n: encode([str(n)])[0].astype(np.float64) for n in range(21)}
    unit = {n: v / np.linalg.norm(v) for n, v in vectors.items()}
    for row, (one, other) in enumerate(numbers):
        cosine = unit[one] @ unit[other]
        forward = sorted((unit[one] @ unit[t] for t in targets), reverse=True)
        backward = sorted((unit[other] @ unit[s] for s in sources), reverse=True)
        around = (np.mean(forward[:k]) + np.mean(backward[:k])) / 2
        expected = {
            "absolute": cosine,
            "distance": cosine - around,
            "ratio": cosine / around if around > LOWEST else -np.inf,
        }[margin]
        assert found.cosine[row] == pytest.approx(cosine, abs=1e-5)
        assert found.margin[row] == pytest.approx(expected, rel=1e-3, abs=1e-3) or abs(around - LOWEST) < 1e-4
        better = sum(c > cosine + 1e-6 for c in forward) / len(targets) + sum(
            c > cosine + 1e-6 for c in backward
        ) / len(sources)
        assert found.chance[row] == pytest.approx(better / 2, abs=1e-5)


def test_translations_beat_chance_and_no_pairs_are_no_scores() -> None:
    found = score_pairs([(f"a {n}", f"b {n}") for n in range(30)] + [("a 1", "b 2")], encode)
    assert found.chance[:30].max() == 0
    assert found.chance[30] > 0
    assert found.margin[30] < found.margin[:30].min()
    assert score_pairs([], encode).margin.shape == (0,)


def test_a_vector_that_is_not_finite_is_an_error() -> None:
    with pytest.raises(DataError, match="not finite"):
        score_pairs([("a 1", "b 1")], lambda texts, language="und": np.full((len(texts), 4), np.nan, np.float32))


def test_an_embedding_of_zeros_is_nobody_s_translation(capsys: pytest.CaptureFixture[str]) -> None:
    def some(texts: Sequence[str], language: str = "und") -> Embeddings:
        return np.stack([encode([text])[0] * (text != "b 3") for text in texts])

    found = score_pairs([(f"a {n}", f"b {n}") for n in range(9)], some, margin=Margin.absolute)
    assert np.flatnonzero(np.isneginf(found.margin)).tolist() == [3]
    assert found.chance[3] == 1
    assert "1 pairs have an embedding of zeros" in capsys.readouterr().err
