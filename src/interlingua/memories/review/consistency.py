"""One text with several translations, and one translation of several texts, over all files of a review."""

from array import array
from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Int64, UInt64
from rapidfuzz.distance import Levenshtein

from interlingua.data.doctor import is_long
from interlingua.folding import canonical, plain
from interlingua.memories.edits import COMPARED, places
from interlingua.memories.review.findings import Kind, PairFinding, Place, Segment, Spool
from interlingua.units.facts import Pair, digest, source_key
from interlingua.units.unit import Unit

SHOWN = 80
"""Characters of another translation that a reason shows."""


class Consistency:
    """What has been seen of all pairs: hashes in memory (16 bytes each), the texts on disk."""

    def __init__(self) -> None:
        self._sources, self._targets = array("Q"), array("Q")
        """Of each pair what its translations are compared by, and the translation."""
        self._shared, self._plain = array("Q"), array("Q")
        """Of each pair with a translation that is long enough: it, and the source text's letters and digits."""
        self._rows = array("Q")
        """Which pairs these are."""
        self._texts = Spool()

    def add(self, unit: Unit, pair: Pair, segment: Segment) -> None:
        """A pair that has a translation."""
        source, target = segment.source, segment.target
        self._sources.append(_number(source_key(unit, pair)))
        self._targets.append(_number(digest(target.shown)))
        folded = plain(canonical(source.shown))
        if is_long(plain(canonical(target.shown))):
            self._rows.append(len(self._texts))
            self._shared.append(_number(digest(target.language.lower(), target.shown)))
            self._plain.append(_number(digest(folded)))
        texts = (source.shown, target.shown, source.language, target.language)
        self._texts.add([segment.file, segment.line, segment.unit, *texts])

    def findings(self) -> Iterator[PairFinding]:
        """One for each different translation of a text that has several, where it first stands; the same for each
        different text of a translation that stands for several.
        """
        for group in _several(self._sources, self._targets):
            yield from self._of(group, Kind.inconsistent)
        rows = np.frombuffer(self._rows, np.uint64)
        for group in _several(self._shared, self._plain):
            yield from self._of([(int(rows[row]), count) for row, count in group], Kind.shared)

    def _of(self, group: Sequence[tuple[int, int]], kind: Kind) -> Iterator[PairFinding]:
        total = sum(count for _, count in group)
        side, noun = (
            (4, "translations of this text") if kind is Kind.inconsistent else (3, "texts with this translation")
        )
        first, second = sorted(group, key=lambda one: -one[1])[:2]
        for row, count in group:
            cells = self._texts.at(row)
            other = self._texts.at(second[0] if row == first[0] else first[0])
            said = f"{len(group)} {noun}, this one {count} of {total} times; another: {_short(other[side])}"
            if other[:2] != cells[:2]:
                said += f" ({other[0]}, line {other[1]})" if other[0] != cells[0] else f" (line {other[1]})"
            marks = differing(cells[side], other[side])
            both = ((), marks) if kind is Kind.inconsistent else (marks, ())
            file, line, unit, *texts = cells
            yield PairFinding(kind.value, file, line, unit, said, *texts, source_marks=both[0], target_marks=both[1])

    def close(self) -> None:
        """Remove the temporary file."""
        self._texts.close()


def differing(text: str, other: str) -> list[Place]:
    """The places of a text whose words, numbers and marks another text has not there."""
    here, there = (list(places(one[: 20 * COMPARED]))[:COMPARED] for one in (text, other))
    steps = Levenshtein.opcodes([piece for _, piece, _ in here], [piece for _, piece, _ in there])
    changed = [here[step.src_start : step.src_end] for step in steps if step.tag != "equal"]
    return [(some[0][2], some[-1][2] + len(some[-1][1])) for some in changed if some]


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _number(hashed: bytes) -> int:
    return int.from_bytes(hashed[:8], "big")


def _several(keys: "array[int]", values: "array[int]") -> Iterator[list[tuple[int, int]]]:
    """For each key with several different values: of each value the first row, and how many it has."""
    if not keys:
        return
    key, value = np.frombuffer(keys, np.uint64), np.frombuffer(values, np.uint64)
    order = np.lexsort((value, key))  # stable: equal ones stay in their order
    pairs = _starts(np.stack([key[order], value[order]]))
    counts = np.diff(np.append(pairs, len(order)))
    firsts = order[pairs]
    groups = _starts(key[firsts][None])
    sizes = np.diff(np.append(groups, len(firsts)))
    found = [
        sorted(zip(firsts[at : at + size].tolist(), counts[at : at + size].tolist(), strict=True))
        for at, size in zip(groups[sizes > 1].tolist(), sizes[sizes > 1].tolist(), strict=True)
    ]
    yield from sorted(found)


def _starts(columns: UInt64[np.ndarray, "C P"]) -> Int64[np.ndarray, " S"]:
    """Where a row differs from the one before it."""
    return np.flatnonzero(np.append(True, (columns[:, 1:] != columns[:, :-1]).any(axis=0)))
