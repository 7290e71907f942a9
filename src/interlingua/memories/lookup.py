"""Segments looked up in translation memories: the same text first, then what is nearest in words and meaning."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from interlingua.folding import spaced
from interlingua.languages import UNKNOWN
from interlingua.memories.adapting import adapted, code_edits, shown
from interlingua.memories.edits import Comparison, Edit, What, compare
from interlingua.memories.entries import Entry
from interlingua.memories.entries import entries as entries
from interlingua.memories.index import Index, index_of
from interlingua.memories.scores import RANKS, Deduction, deductions, margin, order, score
from interlingua.progress import track
from interlingua.quantities import given
from interlingua.search.knn import neighbours
from interlingua.texts import texts_of
from interlingua.types import Embeddings, Encode
from interlingua.units.inline import Code, Parts, parts_of
from interlingua.units.unit import Variant
from interlingua.vectors import unit, verified

CANDIDATES = 32
"""Texts nearest in meaning that are compared word by word."""
FURTHER = 2
"""Of these, the texts scored for each match asked for: several may have the same translation."""
TOGETHER = 1024
"""Segments looked up at a time."""


class Kind(StrEnum):
    """How a match was found."""

    context = "context"
    """The same text in the same place: its neighbours, or its name, are the same too."""
    exact = "exact"
    """The same text and tags, white space and the encoding of accents aside."""
    fuzzy = "fuzzy"
    """Most of its words."""
    meaning = "meaning"
    """Other words that mean the same."""


SAME_WORDS = Comparison((), 1.0, exchanged=False)
SAME = {Kind.context: 200.5, Kind.exact: 200.0}
"""Where the same texts begin in the order, before all others; each point of a penalty takes one off."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A text to be translated, and what stands around it."""

    text: Variant
    before: str = ""
    after: str = ""
    context: str = ""
    parts: tuple[str | Code, ...] = ()
    """The text with its inline codes, where it has any."""

    @property
    def codes(self) -> Parts:
        """The text with its inline codes."""
        return self.parts or (self.text.text,)


@dataclass(frozen=True)
class Match:
    """A translation that a memory proposes for a segment."""

    score: float
    """0 to 1: how much of it can stay."""
    kind: Kind
    target: Variant
    """The translation, with the segment's numbers where it could take them; its markup is the memory's."""
    entry: Entry
    """As it stands in the memory."""
    memory: str
    parts: tuple[str | Code, ...] = ()
    """The translation with the inline codes of the segment."""
    cosine: float = 1.0
    surface: float = 1.0
    """The share of words in common."""
    edits: tuple[Edit, ...] = ()
    """Where the segment differs from the memory's text."""
    deductions: tuple[Deduction, ...] = ()
    penalty: float = 0.0
    """Points that the memory, or where the entry comes from, costs."""
    carried: bool = False
    """Whether numbers of the segment were put into the translation."""


@dataclass(frozen=True)
class Known:
    """A memory to look up in."""

    index: Index
    name: str = ""
    penalty: Callable[[Entry], float] = lambda entry: 0.0
    """Points, of 100, that a match from an entry costs."""


def lookup(
    segments: Iterable[str | Segment],
    known: Index | Iterable[Entry] | Iterable[Known],
    encode: Encode,
    k: int = 3,
    threshold: float = 0.0,
    language: str = "und",
) -> list[list[Match]]:
    """For each segment the best `k` matches that score at least `threshold`, the best first; none for an empty text.

    What is `known` is an index, the entries of a memory, or several memories; `encode` is the model of their indexes.
    The order is that of meaning and words; the score says what is left to edit.
    """
    k, threshold = given("k", k, int), given("threshold", threshold, float)
    asked, encode = _segments(segments), verified(encode)
    memories = _memories(known, encode, language)
    found: list[list[_Ranked]] = [[] for _ in asked]
    with track(len(asked), "looking up", "segments") as bar:
        for first in range(0, len(asked), TOGETHER):
            rows = [row for row in range(first, min(first + TOGETHER, len(asked))) if asked[row].text.text.strip()]
            for row in rows:
                found[row] = [one for memory in memories for one in _same(asked[row], memory)]
            left = [row for row in rows if len(found[row]) < k]
            if left:
                vectors = unit(encode([asked[row].text.text for row in left], language))
                for memory in memories:
                    for row, ranked in zip(left, _near([asked[row] for row in left], vectors, memory, k), strict=True):
                        found[row] += ranked
            bar.advance(min(TOGETHER, len(asked) - first))
    return [_best(ranked, k, threshold) for ranked in found]


_Ranked = tuple[float, Match]
"""A match with what it is ordered by."""


def _best(ranked: list[_Ranked], k: int, threshold: float) -> list[Match]:
    """The first `k` of enough points, each pair of texts once."""
    pairs = dict[tuple[str, str], Match]()
    for _, match in sorted(ranked, key=lambda one: -one[0]):
        pair = spaced(match.entry.source.text), spaced(match.target.text)
        if match.score >= threshold:
            pairs.setdefault(pair, match)
    return list(pairs.values())[:k]


def best_of(matches: Sequence[Match]) -> Match | None:
    """The one with the highest score, which need not be the first, and of equals the first."""
    return max(matches, key=lambda match: match.score, default=None)


def _memories(given: Index | Iterable[Entry] | Iterable[Known], encode: Encode, language: str) -> list[Known]:
    if isinstance(given, Index):
        return [Known(given)]
    listed = list(given)
    memories = [one for one in listed if isinstance(one, Known)]
    pairs = [one for one in listed if isinstance(one, Entry)]
    return [*memories, Known(index_of(pairs, encode, language))] if pairs else memories


def _segments(given: Iterable[str | Segment]) -> list[Segment]:
    listed = given if isinstance(given, str) else list(given)
    if listed and all(isinstance(one, Segment) for one in listed):
        return [one for one in listed if isinstance(one, Segment)]
    return in_order([Segment(Variant(UNKNOWN, text)) for text in texts_of(listed, "segments")])


def in_order(segments: Sequence[Segment]) -> list[Segment]:
    """Segments as they follow each other in a text."""
    around = ["", *(segment.text.text for segment in segments), ""]
    return [replace(one, before=around[row], after=around[row + 2]) for row, one in enumerate(segments)]


def _same(segment: Segment, memory: Known) -> list[_Ranked]:
    ranked: list[_Ranked] = []
    for entry in memory.index.same(segment.text.text):
        parts = parts_of(entry.source)
        found = adapted((), segment.codes, parts, parts_of(entry.target))
        if found.lacks or code_edits(segment.codes, parts):
            match = _match(segment, entry, SAME_WORDS, 1.0, 1.0, memory)
            ranked.append((order(SAME_WORDS, 1.0), match))
            continue
        less = memory.penalty(entry)
        kind = Kind.context if _is_same_place(segment, entry) else Kind.exact
        target = replace(entry.target, text=found.text)
        match = Match(_share(100 - less), kind, target, entry, memory.name, found.parts, penalty=less)
        ranked.append((SAME[kind] - less, match))
    return ranked


def _is_same_place(segment: Segment, entry: Entry) -> bool:
    if segment.context or entry.context:
        return segment.context == entry.context
    around, known = (segment.before, segment.after), (entry.before, entry.after)
    return any(around) and tuple(map(spaced, around)) == tuple(map(spaced, known))


def _near(segments: Sequence[Segment], vectors: Embeddings, memory: Known, k: int) -> list[list[_Ranked]]:
    """The texts nearest to each segment that are not the same, with enough to choose `k` from."""
    cosines, rows = neighbours(vectors, memory.index.vectors, CANDIDATES)
    others = vectors @ np.asarray(memory.index.background).T
    every = -np.sort(-np.concatenate([cosines, others], axis=1), axis=1)
    around = every[:, RANKS].mean(axis=1)
    found: list[list[_Ranked]] = []
    for place, segment in enumerate(segments):
        text = segment.text.text
        near, language = zip(map(float, cosines[place]), map(int, rows[place]), strict=True), memory.index.language
        compared = [
            (compare(text, memory.index.text(row), language), margin(cosine, float(around[place])), cosine, row)
            for cosine, row in near
        ]
        compared.sort(key=lambda one: -order(one[0], one[1]))
        ranked: list[_Ranked] = []
        for how, apart, cosine, row in compared:
            if len(ranked) >= FURTHER * k:
                break
            if spaced(memory.index.text(row)) != spaced(text):
                for entry in memory.index.of_text(row):
                    match = _match(segment, entry, how, apart, cosine, memory)
                    ranked.append((order(how, apart) - match.penalty / 100, match))
        found.append(ranked)
    return found


def _match(segment: Segment, entry: Entry, how: Comparison, apart: float, cosine: float, memory: Known) -> Match:
    parts = parts_of(entry.source)
    how = replace(how, edits=(*how.edits, *code_edits(segment.codes, parts)))
    found = adapted(how.edits, segment.codes, parts, parts_of(entry.target))
    if found.lacks and not any(edit.what is What.code for edit in how.edits):  # the translation had none for them
        how = replace(how, edits=(*how.edits, Edit(What.code, shown(found.lacks), "")))
    taken, less = deductions(how), memory.penalty(entry)
    points, by_meaning = score(segment.text.text, entry.source.text, how, taken, apart, found.numbers)
    return Match(
        _share(points - less), Kind.meaning if by_meaning else Kind.fuzzy, replace(entry.target, text=found.text),
        entry, memory.name, found.parts, round(cosine, 4), round(how.words, 4), how.edits, tuple(taken), less,
        found.numbers and any(edit.what is What.number for edit in how.edits),
    )  # fmt: skip


def _share(points: float) -> float:
    return round(max(0.0, points) / 100, 4)
