import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua.errors import ConfigError, DataError
from interlingua.search import both_ways, coding, estimated_bounds, integer_product, knn
from interlingua.search.nearest import NOBODY, Nearest

ROWS = np.array([[a, b, c] for a in (-1, 0, 1) for b in (-1, 0, 1) for c in (-1, 0, 1)], np.float32)


def brute(queries, keys, k):
    """Every inner product in float64, rounded to float32; of equal ones the lower row."""
    products = (queries.astype(np.float64) @ keys.astype(np.float64).T).astype(np.float32)
    rows = np.argsort(-products, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(products, rows, 1), rows


def vectors(kind: str, seed: int, count: int, width: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    rows = random.standard_normal((count, width))
    match kind:
        case "narrow cone":  # as E5's: all cosines between 0.7 and 1
            rows = 0.4 * rows + 2 * np.random.default_rng(9).standard_normal(width)
        case "one huge coordinate":
            rows[:, 0] *= 40
        case "unequal lengths":
            rows *= random.lognormal(0, 2, (count, 1))
        case "near duplicates":
            rows = rows[random.integers(0, max(1, count // 20), count)] + 1e-4 * rows
        case "copies":
            rows = rows[random.integers(0, max(1, count // 20), count)]
        case "zeros":
            rows[::3] = 0
        case _:
            rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float32)


KINDS = ("unit", "narrow cone", "one huge coordinate", "unequal lengths", "near duplicates", "copies", "zeros")


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.integers(0, 26), min_size=1, max_size=20),
    st.lists(st.integers(0, 26), min_size=1, max_size=30),
    st.integers(1, 8),
)
def test_equals_brute_force_and_ties_go_to_the_lower_row(queries: list[int], keys: list[int], k: int) -> None:
    scores, rows = knn.neighbours(ROWS[queries], ROWS[keys], k)
    expected_scores, expected_rows = brute(ROWS[queries], ROWS[keys], min(k, len(keys)))
    assert np.array_equal(rows, expected_rows)
    assert np.array_equal(scores, expected_scores)


@pytest.fixture
def small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several tiles of few rows."""
    monkeypatch.setattr(both_ways, "TILE", 128)
    monkeypatch.setattr(both_ways, "WIDTH", 1024)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("k", [1, 5, 40])
def test_equals_the_exact_product_both_ways(kind: str, k: int, small_tiles: None) -> None:
    same_as_brute(kind, k, 180, 1300)


def test_equals_the_exact_product_in_tiles_of_full_size() -> None:
    same_as_brute("narrow cone", 5, 700, 5000)


def same_as_brute(kind: str, k: int, rows_of_source: int, rows_of_target: int) -> None:
    source, target = vectors(kind, 1, rows_of_source, 48), vectors(kind, 2, rows_of_target, 48)
    for found, sides in zip(
        knn.neighbours_both_ways(source, target, k), ((source, target), (target, source)), strict=True
    ):
        scores, rows = brute(*sides, k)
        # BLAS adds in another order; one rounding step may differ
        assert np.allclose(found[0], scores, rtol=1e-6, atol=0)
        different = found[1] != rows
        assert np.all(np.isclose(found[0][different], scores[different], rtol=1e-6, atol=0))
        assert np.mean(different) < 1e-3 or kind in ("copies", "zeros")
        if kind != "copies":
            assert np.array_equal(found[1][~different], rows[~different])


@pytest.mark.parametrize("kind", ["unit", "unequal lengths", "copies"])
def test_guesses_that_are_too_high_change_nothing(
    kind: str, small_tiles: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = vectors(kind, 1, 150, 32), vectors(kind, 2, 1100, 32)
    expected = knn.neighbours_both_ways(source, target, 3)
    monkeypatch.setattr(both_ways, "AGAIN", 50)
    for share in (0.3, 1):

        def wrong(rows: np.ndarray, others: np.ndarray, k: int, share: float = share) -> np.ndarray:
            best = brute(rows, others, k)[0]
            spoilt = np.random.default_rng(0).random(len(rows)) < share
            return np.where(spoilt, np.nextafter(best[:, -1], np.float32(np.inf)), -np.inf).astype(np.float32)

        monkeypatch.setattr(both_ways.estimated_bounds, "lower_bounds", wrong)
        for found, right in zip(knn.neighbours_both_ways(source, target, 3), expected, strict=True):
            assert np.array_equal(found[0], right[0])
            assert np.array_equal(found[1], right[1])


def test_what_is_likely_is_reached_by_nearly_all_and_is_high() -> None:
    source, target = vectors("unit", 1, 500, 48), vectors("unit", 2, 5000, 48)
    scores = brute(source, target, 200)[0]
    floors = estimated_bounds.lower_bounds(source, target, 4)
    assert np.mean(scores[:, 3] >= floors) > 0.99
    assert np.mean(scores[:, 199] >= floors) < 0.01
    assert np.isneginf(estimated_bounds.lower_bounds(source, target[:200], 4)).all()


def test_nothing_is_as_high_as_is_likely_of_two_lumps(small_tiles: None) -> None:
    lumps = np.repeat(np.eye(2, 8, dtype=np.float32), 650, axis=0)
    lumps[:, 2:] += 0.01 * np.random.default_rng(0).standard_normal((1300, 6), np.float32)
    assert np.all(brute(lumps, lumps, 4)[0][:, -1] < estimated_bounds.lower_bounds(lumps, lumps, 4))
    scores, rows = knn.neighbours(lumps, lumps, 4)
    expected = brute(lumps, lumps, 4)
    assert np.allclose(scores, expected[0], rtol=1e-6, atol=0)
    assert np.mean(rows != expected[1]) < 1e-3


@settings(deadline=None, max_examples=25)
@given(st.sampled_from(KINDS), st.integers(0, 9999), st.integers(1, 40), st.sampled_from([127, 63]))
def test_coded_products_are_never_too_low(kind: str, seed: int, width: int, levels: int) -> None:
    source, target = vectors(kind, seed, 60, width), vectors(kind, seed + 1, 90, width)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coding, "levels", lambda: levels)
        shared = coding.fit(source[:20], target[:30])  # fitted to some, used for all
        one, other = coding.code(shared, source, 0), coding.code(shared, target, 1)
    assert np.abs(other.integers).max(initial=0) <= levels
    coded = shared.unit * ((one.integers.astype(np.int64) - 128) @ other.integers.astype(np.int64).T) + shared.constant
    products = source.astype(np.float64) @ target.astype(np.float64).T
    assert np.all(coded + coding.surplus(shared, one, other, width, 0)[:, None] >= products)
    assert np.all(coded + coding.surplus(shared, one, other, width, 1)[None, :] >= products)


def test_integer_products_are_right_to_the_extremes() -> None:
    random = np.random.default_rng(0)
    largest = integer_product.levels()
    left = random.choice(np.array([0, 1, 127, 128, 129, 255], np.uint8), (37, 392))
    right = random.choice(np.array([-largest, 0, largest], np.int8), (392, 48))
    out = np.empty((37, 48), np.int32)
    integer_product.Product(right).into(left, out)
    assert np.array_equal(out, (left.astype(np.int32) - 128) @ right.astype(np.int32))


@pytest.mark.parametrize("kind", ["unit", "narrow cone"])
def test_blocks_threads_and_tiles_do_not_show(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    queries, keys = vectors(kind, 3, 300, 24), vectors(kind, 4, 500, 24)
    whole = knn.neighbours(queries, keys, 5), knn.neighbours_both_ways(queries, keys, 5)
    monkeypatch.setattr(knn, "QUERY_BLOCK", 64)
    monkeypatch.setattr(both_ways, "TILE", 48)
    monkeypatch.setattr(both_ways, "WIDTH", 80)
    for threads in ("1", "3"):
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
        again = knn.neighbours(queries, keys, 5), knn.neighbours_both_ways(queries, keys, 5)
        for one, other in (
            (whole[0], again[0]),
            (whole[1][0], again[1][0]),
            (whole[1][1], again[1][1]),
            (whole[0], again[1][0]),
        ):
            assert np.array_equal(one[0], other[0])
            assert np.array_equal(one[1], other[1])


def test_few_are_computed_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    exact = both_ways.exact
    monkeypatch.setattr(both_ways, "exact", lambda one, other: seen.append(len(one)) or exact(one, other))
    source, target = vectors("unit", 5, 1000, 64), vectors("unit", 6, 5000, 64)
    knn.neighbours_both_ways(source, target, 4)
    assert sum(seen) < 0.05 * len(source) * len(target)


def test_merging_twice_is_merging_once() -> None:
    random = np.random.default_rng(7)
    places, rows = random.integers(0, 5, 200), random.integers(0, 40, 200)
    scores = ((places * 7 + rows * 3) % 11).astype(np.float32)  # a score belongs to its pair
    once, twice = Nearest.empty(5, 3), Nearest.empty(5, 3)
    once.add(places, rows, scores)
    for part in (slice(100, 200), slice(0, 150), slice(0, 200)):
        twice.add(places[part], rows[part], scores[part])
    assert np.array_equal(once.rows, twice.rows)
    assert np.array_equal(once.scores, twice.scores)
    for place in range(5):
        pairs = sorted({(-score, row) for p, row, score in zip(places, rows, scores, strict=True) if p == place})[:3]
        assert once.rows[place].tolist() == [row for _, row in pairs]
    assert np.all(Nearest.empty(2, 2).rows == NOBODY)


def test_more_neighbours_than_keys() -> None:
    assert knn.neighbours(ROWS[:2], ROWS[:3], 10)[1].shape == (2, 3)
    assert knn.neighbours(ROWS[:2], ROWS[:0], 10)[1].shape == (2, 0)


@pytest.mark.parametrize(("keys", "k", "problem"), [(ROWS[:, :2], 1, "width 3 .* width 2"), (ROWS, 0, "at least 1")])
def test_unusable_input(keys, k, problem) -> None:
    with pytest.raises(ConfigError, match=problem):
        knn.neighbours(ROWS, keys, k)


def test_a_row_that_is_not_finite_is_named() -> None:
    broken = ROWS.copy()
    broken[5, 1] = np.nan
    with pytest.raises(DataError, match="row 5 of the target"):
        knn.neighbours(ROWS, broken, 2)
