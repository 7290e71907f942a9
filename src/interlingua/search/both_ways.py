"""Exact nearest neighbours of two blocks of vectors, in both directions from one product.

Each product is computed in 8-bit integers first. With the proven bound of `coding`, whatever could still be among the k
best is computed again exactly; the rest cannot. As long as nothing is known of a row, an estimate of what its
neighbours reach (`estimated_bounds`) stands in. Tiles are small enough to stay in the cache, where a pass over them
costs little: the highest of every few products is compared with what is needed, and only where it is high enough are
they looked at one by one.
"""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from jaxtyping import Float, Float32, Int32, Int64

from interlingua.machine import threads
from interlingua.search import coding, estimated_bounds
from interlingua.search.coding import Coded, Coding
from interlingua.search.integer_product import Product
from interlingua.search.nearest import Nearest

TILE = 512
"""Source rows of a tile."""
WIDTH = 4096
"""Target rows of a tile."""
GROUP = 16
"""Products whose highest is looked at first."""
AT_ONCE = 256
"""Pairs computed together."""
AGAIN = 8192
"""Rows searched again together."""
NEVER = np.iinfo(np.int32).min


@dataclass(frozen=True)
class Side:
    """Rows of one side, and the number of the first of them."""

    vectors: Float32[np.ndarray, "N D"]
    first: int = 0


def exact(one: Float[np.ndarray, "P D"], other: Float[np.ndarray, "P D"]) -> Float32[np.ndarray, " P"]:
    """Inner products row by row: summed in float64, then rounded to float32. They depend on nothing but the two
    rows.
    """
    return np.vecdot(one.astype(np.float64, copy=False), other.astype(np.float64, copy=False)).astype(np.float32)


def _rows(
    vectors: Float32[np.ndarray, "N D"], places: Int64[np.ndarray, " P"], out: Float32[np.ndarray, "Q D"]
) -> Float32[np.ndarray, "P D"]:
    return np.take(vectors, places, 0, out[: len(places)], mode="clip")  # with mode "raise" it would not write in place


class _Buffers(threading.local):
    """Memory of each thread that every tile is written into: new memory costs page faults, and more than what is
    computed in it.
    """

    def __init__(self, width: int) -> None:
        self.products, self.highest = np.empty(TILE * WIDTH, np.int32), np.empty(TILE * WIDTH // GROUP, np.int32)
        self.one, self.other = np.empty((AT_ONCE, width), np.float32), np.empty((AT_ONCE, width), np.float32)
        self.wide = np.empty((2, AT_ONCE, width), np.float64)

    def inner(
        self,
        left: Float32[np.ndarray, "N D"],
        a: Int64[np.ndarray, " P"],
        right: Float32[np.ndarray, "M D"],
        b: Int64[np.ndarray, " P"],
    ) -> Float32[np.ndarray, " P"]:
        """Inner products of rows `a` of `left` with rows `b` of `right`, in float32."""
        return np.vecdot(_rows(left, a, self.one), _rows(right, b, self.other))

    def exact(
        self,
        left: Float32[np.ndarray, "N D"],
        a: Int64[np.ndarray, " P"],
        right: Float32[np.ndarray, "M D"],
        b: Int64[np.ndarray, " P"],
    ) -> Float32[np.ndarray, " P"]:
        """The same as `exact` has them."""
        one, other = self.wide[0, : len(a)], self.wide[1, : len(b)]
        one[...], other[...] = _rows(left, a, self.one), _rows(right, b, self.other)
        return exact(one, other)


def search(shared: Coding, source: Side, target: Side, forward: Nearest | None, backward: Nearest | None) -> None:
    """Merge what `target` has for `source` into `forward`, and what `source` has for `target` into `backward`.

    Raises DataError for a row that is not finite.
    """
    guessed = forward and _guess(forward, source, target), backward and _guess(backward, target, source)
    _sweep(shared, source, target, *guessed)
    for rows, part in _short(guessed[0]):
        _sweep(shared, Side(source.vectors[rows]), target, part, None)
    for rows, part in _short(guessed[1]):
        _sweep(shared, source, Side(target.vectors[rows]), None, part)


def _guess(nearest: Nearest, side: Side, other: Side) -> Nearest:
    """The same neighbours, with a floor where there are none yet."""
    unknown = np.isneginf(nearest.lowest)
    floor = (
        estimated_bounds.lower_bounds(side.vectors, other.vectors, nearest.scores.shape[1])
        if unknown.any()
        else np.float32(-np.inf)
    )
    return replace(nearest, floor=np.where(unknown, floor, np.float32(-np.inf)))


def _short(nearest: Nearest | None) -> Iterator[tuple[Int64[np.ndarray, " S"], Nearest]]:
    """Rows whose floor was too high, some at a time, to be searched again without it."""
    if nearest is None:
        return
    short = np.flatnonzero(nearest.scores[:, -1] < nearest.floor)
    for start in range(0, len(short), AGAIN):
        rows = short[start : start + AGAIN]
        part = Nearest(nearest.scores[rows], nearest.rows[rows])
        yield rows, part
        nearest.scores[rows], nearest.rows[rows] = part.scores, part.rows


def _sweep(shared: Coding, source: Side, target: Side, forward: Nearest | None, backward: Nearest | None) -> None:
    coded, buffers = coding.code(shared, source.vectors, 0, source.first), _Buffers(source.vectors.shape[1])
    columns = [slice(start, min(start + WIDTH, len(target.vectors))) for start in range(0, len(target.vectors), WIDTH)]
    with ThreadPoolExecutor(threads()) as pool:
        stripes = (pool.submit(_Stripe, shared, source, coded, target, some, forward, backward) for some in columns)
        following = next(stripes, None)
        while following is not None:
            tiles = pool.map(partial(following.result().tile, buffers=buffers), range(0, len(source.vectors), TILE))
            following = next(stripes, None)  # a thread that finds no more tiles prepares the next stripe
            list(tiles)


class _Stripe:
    """All source rows against the target rows of one tile's width."""

    def __init__(
        self,
        shared: Coding,
        source: Side,
        coded: Coded,
        target: Side,
        columns: slice,
        forward: Nearest | None,
        backward: Nearest | None,
    ) -> None:
        self.shared, self.source, self.source_coded, self.forward, self.backward = (
            shared,
            source,
            coded,
            forward,
            backward,
        )
        self.vectors, self.first = target.vectors[columns], target.first + columns.start
        self.coded = coding.code(shared, self.vectors, 1, self.first)
        self.count, self.width = len(self.vectors), -(-len(self.vectors) // GROUP) * GROUP
        integers = np.zeros((self.coded.integers.shape[1], self.width), np.int8)
        integers[:, : self.count] = self.coded.integers.T
        self.product = Product(integers)
        self.own = slice(columns.start, columns.stop)
        self.lock = threading.Lock()

    def tile(self, start: int, buffers: _Buffers) -> None:
        rows = slice(start, min(start + TILE, len(self.source.vectors)))
        count = rows.stop - rows.start
        height = -(-count // GROUP) * GROUP
        coded = self.source_coded.part(rows)
        left = coded.integers
        if height != count:
            left = np.concatenate([left, np.full((height - count, left.shape[1]), 128, np.uint8)])
        products = buffers.products[: height * self.width].reshape(height, self.width)
        self.product.into(left, products)
        products[count:], products[:, self.count :] = NEVER, NEVER
        if self.forward is not None:
            part = self.forward.part(rows)
            bound = coding.surplus(self.shared, coded, self.coded, self.vectors.shape[1], 0)
            self._add(part, products, bound, rows, buffers, across=True)
        if self.backward is not None:
            part = self.backward.part(self.own)
            bound = coding.surplus(self.shared, coded, self.coded, self.vectors.shape[1], 1)
            self._add(part, products, bound, rows, buffers, across=False)

    def _add(
        self, nearest: Nearest, products: Int32[np.ndarray, "N M"], bound: Float[np.ndarray, " R"],
        rows: slice, buffers: _Buffers, across: bool,
    ) -> None:  # fmt: skip
        """Merge this tile into the neighbours of its source rows (`across`) or of its target rows."""
        groups, size = _groups(products.shape[1] if across else products.shape[0], nearest.scores.shape[1])
        shape = (products.shape[0], groups) if across else (groups, products.shape[1])
        highest = buffers.highest[: shape[0] * shape[1]].reshape(shape) if size == GROUP else np.empty(shape, np.int32)
        if across:
            products.reshape(-1, size, groups).max(axis=1, out=highest)
        else:
            products.reshape(groups, size, -1).max(axis=1, out=highest)
        count = len(bound)
        if not np.isfinite(
            nearest.lowest
        ).all():  # what is best by the integers first: it raises what is needed of the rest
            self._merge(
                nearest,
                products,
                highest,
                _high(highest, count, nearest.scores.shape[1], across),
                rows,
                buffers,
                across,
            )
        needed = np.full(products.shape[0 if across else 1], np.iinfo(np.int32).max, np.int64)
        lowest = np.ceil((nearest.lowest.astype(np.float64) - bound - self.shared.constant) / self.shared.unit - 1e-3)
        needed[:count] = np.clip(lowest, NEVER + 1, np.iinfo(np.int32).max)
        self._merge(nearest, products, highest, needed.astype(np.int32), rows, buffers, across)

    def _merge(
        self, nearest: Nearest, products: Int32[np.ndarray, "N M"], highest: Int32[np.ndarray, "_ _"],
        needed: Int32[np.ndarray, " R"], rows: slice, buffers: _Buffers, across: bool,
    ) -> None:  # fmt: skip
        i, j = _at_least(products, highest, needed, across)
        slack = coding.rounding(self.source_coded, self.coded, self.vectors.shape[1])
        here = self.source.vectors[rows]
        lowest = nearest.lowest.copy() - np.float32(slack)
        pieces: list[tuple[Int64[np.ndarray, " P"], Int64[np.ndarray, " P"], Float32[np.ndarray, " P"]]] = []
        for start in range(0, len(i), AT_ONCE):
            a, b = i[start : start + AT_ONCE], j[start : start + AT_ONCE]
            kept = np.flatnonzero(buffers.inner(here, a, self.vectors, b) >= lowest[a if across else b])
            pieces.append((a[kept], b[kept], buffers.exact(here, a[kept], self.vectors, b[kept])))
        if not pieces:
            return
        a, b, scores = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
        if across:
            nearest.add(a, b + self.first, scores)
        else:
            with self.lock:
                nearest.add(b, a + rows.start + self.source.first, scores)


def _groups(length: int, k: int) -> tuple[int, int]:
    """How many groups, and of how many products each: enough groups to hold the k best in different ones, mostly."""
    size = GROUP
    while size > 1 and (length % size or length // size < 4 * k):
        size //= 2
    return length // size, size


def _high(highest: Int32[np.ndarray, "_ _"], count: int, k: int, across: bool) -> Int32[np.ndarray, " R"]:
    """For each row (or column) a value that at least k of its products reach, where it has so many."""
    axis = 1 if across else 0
    length = highest.shape[axis]
    if length < k:
        needed = np.full(highest.shape[1 - axis], NEVER + 1, np.int32)
    else:
        needed = np.take(np.partition(highest, length - k, axis=axis), length - k, axis=axis)
    needed = np.maximum(needed, NEVER + 1)
    needed[count:] = np.iinfo(np.int32).max
    return needed


def _at_least(
    products: Int32[np.ndarray, "N M"], highest: Int32[np.ndarray, "_ _"], needed: Int32[np.ndarray, " R"], across: bool
) -> tuple[Int64[np.ndarray, " P"], Int64[np.ndarray, " P"]]:
    """Rows and columns of all products that reach what their row (or column) needs."""
    if across:
        groups = highest.shape[1]
        row, group = np.divmod(np.flatnonzero(highest >= needed[:, None]), groups)
        values = products.reshape(products.shape[0], -1, groups)[row, :, group]
        hit, member = np.divmod(np.flatnonzero(values >= needed[row, None]), values.shape[1])
        return row[hit], member * groups + group[hit]
    groups = highest.shape[0]
    group, column = np.divmod(np.flatnonzero(highest >= needed[None, :]), highest.shape[1])
    values = products.reshape(groups, -1, products.shape[1])[group, :, column]
    hit, member = np.divmod(np.flatnonzero(values >= needed[column, None]), values.shape[1])
    return group[hit] * values.shape[1] + member, column[hit]
