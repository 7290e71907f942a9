import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlingua.mining import selection
from interlingua.mining.margin import Margin
from interlingua.mining.mine import mine


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=60), st.integers(0, 3))
def test_each_once_is_the_greedy_loop(pairs: list[tuple[int, int]], rounds: int) -> None:
    source, target = (np.array([pair[side] for pair in pairs], np.int64) for side in (0, 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(selection, "ROUNDS", rounds)
        found = selection.each_once(source, target).tolist()
    used, expected = (set(), set()), []
    for place, (one, other) in enumerate(pairs):
        if one not in used[0] and other not in used[1]:
            expected.append(place)
            used[0].add(one)
            used[1].add(other)
    assert found == expected


def test_lasers_definitions_on_a_toy_case() -> None:
    """Cosines [[.8, .6], [.6, .8]] at k = 2: every mean is .7, so ratio .8 / .7, distance .8 - .7."""
    source = np.array([[1, 0], [0.96, 0.28]], np.float32)
    target = np.array([[0.8, -0.6], [0.936, 0.352]], np.float32)
    cosine = source @ target.T
    means = cosine.mean(axis=1)[:, None] / 2 + cosine.mean(axis=0)[None] / 2
    for margin, scores in (
        (Margin.ratio, cosine / means),
        (Margin.distance, cosine - means),
        (Margin.absolute, cosine),
    ):
        for retrieval, pairs in (
            ("forward", [(s, int(scores[s].argmax())) for s in (0, 1)]),
            ("backward", [(int(scores[:, t].argmax()), t) for t in (0, 1)]),
        ):
            found = mine(source, target, margin, retrieval, k=2)
            assert sorted((pair.source, pair.target) for pair in found) == sorted(pairs)
            assert all(pair.score == pytest.approx(scores[pair.source, pair.target], abs=1e-6) for pair in found)
