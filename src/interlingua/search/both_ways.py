"""Exact nearest neighbours of two blocks of vectors, in both directions from one product.

Each product is computed in 8-bit integers first. With the proven bound of `coding`, whatever could still be among the k best is
computed again exactly; the rest cannot. Tiles are small enough to stay in the cache, where a pass over them costs little: the highest of
every few products is compared with what is needed, and only where it is high enough are they looked at one by one.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Int32, Int64

from interlingua.search import coding
from interlingua.search.coding import Coded, Coding
from interlingua.search.integer_product import Product, threads
from interlingua.search.nearest import Nearest

TILE = 512
"""Source rows of a tile."""
WIDTH = 4096
"""Target rows of a tile."""
GROUP = 16
"""Products whose highest is looked at first."""
AT_ONCE = 512
"""Pairs computed together."""
NEVER = np.iinfo(np.int32).min


@dataclass(frozen=True)
class Side:
    """Rows of one side: their vectors, their codes, and the number of the first of them."""

    vectors: Float32[np.ndarray, "N D"]
    coded: Coded
    first: int = 0


def exact(one: Float32[np.ndarray, "P D"], other: Float32[np.ndarray, "P D"]) -> Float32[np.ndarray, " P"]:
    """Inner products row by row: summed in float64, then rounded to float32. They depend on nothing but the two rows."""
    return np.vecdot(one.astype(np.float64), other.astype(np.float64)).astype(np.float32)


def search(shared: Coding, source: Side, target: Side, forward: Nearest | None, backward: Nearest | None) -> None:
    """Merge what `target` has for `source` into `forward`, and what `source` has for `target` into `backward`."""
    workers = threads()
    with ThreadPoolExecutor(workers) as pool:
        buffers = threading.local()
        for start in range(0, len(target.vectors), WIDTH):
            stripe = _Stripe(shared, source, target, slice(start, min(start + WIDTH, len(target.vectors))), forward, backward)
            list(pool.map(lambda first, stripe=stripe: stripe.tile(first, buffers), range(0, len(source.vectors), TILE)))


class _Stripe:
    """All source rows against the target rows of one tile's width."""

    def __init__(
        self, shared: Coding, source: Side, target: Side, columns: slice, forward: Nearest | None, backward: Nearest | None
    ) -> None:
        self.shared, self.source, self.forward, self.backward = shared, source, forward, backward
        self.vectors, self.coded, self.first = target.vectors[columns], target.coded.part(columns), target.first + columns.start
        self.count, self.width = len(self.vectors), -(-len(self.vectors) // GROUP) * GROUP
        integers = np.zeros((self.coded.integers.shape[1], self.width), np.int8)
        integers[:, : self.count] = self.coded.integers.T
        self.product = Product(integers)
        self.own = slice(columns.start, columns.stop)
        self.lock = threading.Lock()

    def tile(self, start: int, buffers: threading.local) -> None:
        rows = slice(start, min(start + TILE, len(self.source.vectors)))
        count = rows.stop - rows.start
        height = -(-count // GROUP) * GROUP
        coded = self.source.coded.part(rows)
        left = coded.integers
        if height != count:
            left = np.concatenate([left, np.full((height - count, left.shape[1]), 128, np.uint8)])
        products = self._buffer(buffers, height)
        self.product.into(left, products)
        products[count:], products[:, self.count :] = NEVER, NEVER
        if self.forward is not None:
            part = Nearest(self.forward.scores[rows], self.forward.rows[rows])
            bound = coding.surplus(self.shared, coded, self.coded, self.vectors.shape[1], 0)
            self._add(part, products, bound, rows, across=True)
        if self.backward is not None:
            part = Nearest(self.backward.scores[self.own], self.backward.rows[self.own])
            bound = coding.surplus(self.shared, coded, self.coded, self.vectors.shape[1], 1)
            self._add(part, products, bound, rows, across=False)

    def _buffer(self, buffers: threading.local, height: int) -> Int32[np.ndarray, "N M"]:
        if not hasattr(buffers, "flat"):
            buffers.flat = np.empty(TILE * WIDTH, np.int32)
        return buffers.flat[: height * self.width].reshape(height, self.width)

    def _add(self, nearest: Nearest, products: Int32[np.ndarray, "N M"], bound: Float[np.ndarray, " R"], rows: slice, across: bool) -> None:
        """Merge this tile into the neighbours of its source rows (`across`) or of its target rows."""
        groups = _groups(products.shape[1] if across else products.shape[0], nearest.scores.shape[1])
        highest = (
            products.reshape(products.shape[0], groups[1], groups[0]).max(axis=1)
            if across
            else products.reshape(groups[1], groups[0], products.shape[1]).max(axis=0)
        )
        count = len(bound)
        if not np.isfinite(nearest.lowest).all():  # what is best by the integers first: it raises what is needed of the rest
            self._merge(nearest, products, highest, _high(highest, count, nearest.scores.shape[1], across), rows, across)
        needed = np.full(products.shape[0 if across else 1], np.iinfo(np.int32).max, np.int64)
        lowest = np.ceil((nearest.lowest.astype(np.float64) - bound - self.shared.constant) / self.shared.unit - 1e-3)
        needed[:count] = np.clip(lowest, NEVER + 1, np.iinfo(np.int32).max)
        self._merge(nearest, products, highest, needed.astype(np.int32), rows, across)

    def _merge(
        self, nearest: Nearest, products: Int32[np.ndarray, "N M"], highest: Int32[np.ndarray, "_ _"],
        needed: Int32[np.ndarray, " R"], rows: slice, across: bool,
    ) -> None:  # fmt: skip
        i, j = _at_least(products, highest, needed, across)
        slack = coding.rounding(self.source.coded, self.coded, self.vectors.shape[1])
        here = self.source.vectors[rows]
        lowest = nearest.lowest.copy() - np.float32(slack)
        found: list[tuple[Int64[np.ndarray, " P"], Int64[np.ndarray, " P"], Float32[np.ndarray, " P"]]] = []
        for start in range(0, len(i), AT_ONCE):
            a, b = i[start : start + AT_ONCE], j[start : start + AT_ONCE]
            one, other = here[a], self.vectors[b]
            kept = np.flatnonzero(np.vecdot(one, other) >= lowest[a if across else b])
            found.append((a[kept], b[kept], exact(one[kept], other[kept])))
        if not found:
            return
        a, b, scores = (np.concatenate(parts) for parts in zip(*found, strict=True))
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
        found = np.full(highest.shape[1 - axis], NEVER + 1, np.int32)
    else:
        found = np.take(np.partition(highest, length - k, axis=axis), length - k, axis=axis)
    found = np.maximum(found, NEVER + 1)
    found[count:] = np.iinfo(np.int32).max
    return found


def _at_least(
    products: Int32[np.ndarray, "N M"], highest: Int32[np.ndarray, "_ _"], needed: Int32[np.ndarray, " R"], across: bool
) -> tuple[Int64[np.ndarray, " P"], Int64[np.ndarray, " P"]]:
    """Rows and columns of all products that reach what their row (or column) needs."""
    if across:
        groups = highest.shape[1]
        row, group = np.divmod(np.flatnonzero(highest >= needed[:, None]), groups)
        found = products.reshape(products.shape[0], -1, groups)[row, :, group]
        hit, member = np.divmod(np.flatnonzero(found >= needed[row, None]), found.shape[1])
        return row[hit], member * groups + group[hit]
    groups = highest.shape[0]
    group, column = np.divmod(np.flatnonzero(highest >= needed[None, :]), highest.shape[1])
    found = products.reshape(-1, groups, products.shape[1])[:, group, column].T
    hit, member = np.divmod(np.flatnonzero(found >= needed[column, None]), found.shape[1])
    return member * groups + group[hit], column[hit]
