"""Memories in order: several in one, equal units once, one target for each source. Memory holds a hash of each unit,
never its texts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from interlingua.languages import spelled
from interlingua.units.catalogue import is_plural
from interlingua.units.facts import Pair, authors, date_of, digest, pairs, source_key, unit_key
from interlingua.units.unit import ALL, About, Memory, Unit, prop, value_of

ORIGIN = "x-memory"
"""The property that says which file a unit comes from."""


class Keep(StrEnum):
    """What is left of several translations of one source."""

    all_targets = "all-targets"
    """Every different one; equal pairs once, the newest."""
    newest = "newest"
    """The newest."""
    first = "first"
    """The first in the file."""


class Count:
    """The number of units that a memory had when it was last read to its end."""

    units = 0

    def of(self, memory: Memory) -> Memory:
        """The same memory, counted as it is read."""

        def units() -> Iterator[Unit]:
            number = 0
            for number, unit in enumerate(memory, 1):  # noqa: B007
                yield unit
            self.units = number

        return replace(memory, stream=units)


def merged(paths: Sequence[Path], memories: Sequence[Memory], with_origin: bool = True) -> Memory:
    """All units of several files in order, with the file that each comes from as a property, unless it has one."""

    def units() -> Iterator[Unit]:
        for path, memory, about in zip(paths, memories, abouts, strict=True):
            source_language = about.attributes.get("srclang", "")
            for unit in memory:
                remarks = unit.remarks
                if with_origin and not value_of(remarks, ORIGIN):
                    remarks = (*remarks, prop(ORIGIN, path.name))
                attributes = unit.attributes
                if differ and source_language:
                    attributes = {"srclang": source_language} | attributes
                variants = tuple(replace(variant, language=spelled(variant.language)) for variant in unit.variants)
                yield replace(unit, variants=variants, attributes=attributes, remarks=remarks)

    abouts = [_spelled(memory.about) for memory in memories]
    languages = {about.attributes.get("srclang", "") for about in abouts}
    differ = len(languages) > 1
    root = {name: value for about in reversed(abouts) for name, value in about.root.items()}
    attributes = abouts[0].attributes | ({"srclang": ALL} if differ else {})
    return Memory(About(attributes, abouts[0].remarks, root), units)


def other_headers(memories: Sequence[Memory]) -> int:
    """How many memories say something of themselves that the first does not say."""
    return sum(not set(map(str, one.about.remarks)) <= set(map(str, memories[0].about.remarks)) for one in memories[1:])


def _spelled(about: About) -> About:
    language = about.attributes.get("srclang", "")
    return replace(about, attributes=about.attributes | {"srclang": spelled(language)}) if language else about


class _Chosen:
    """Of things with equal keys the newest, of equally new ones the first: which, by a hash of each."""

    def __init__(self, by_date: bool = True) -> None:
        self._by_date, self._ranks = by_date, dict[bytes, int]()

    def _rank(self, number: int, date: str) -> int:
        day = int("".join(filter(str.isdigit, date)).ljust(14, "0")) if self._by_date else 0
        return (day << 48) - number

    def add(self, key: bytes, number: int, date: str) -> None:
        rank = self._rank(number, date)
        self._ranks[key] = max(rank, self._ranks.get(key, rank))

    def has(self, key: bytes, number: int, date: str) -> bool:
        return self._ranks[key] == self._rank(number, date)


def without_equals(memory: Memory) -> Memory:
    """Equal units once, the newest of each. Reads the memory twice."""
    chosen = _Chosen()
    for number, unit in enumerate(memory):
        chosen.add(unit_key(unit), number, date_of(unit))

    def units() -> Iterator[Unit]:
        for number, unit in enumerate(memory):
            if chosen.has(unit_key(unit), number, date_of(unit)):
                yield unit

    return replace(memory, stream=units)


def deduplicated(memory: Memory, keep: Keep) -> Memory:
    """Equal units once and, as `keep` says, one translation for each source text in the same context and language.

    A unit in several languages loses the texts that give way; one that has no translation left is left out. What waits
    for its translation stays, once. Reads the memory twice.
    """
    if keep is Keep.all_targets:
        return without_equals(memory)
    source_language = memory.about.attributes.get("srclang", "")
    chosen = _Chosen(keep is Keep.newest)
    for number, unit in enumerate(memory):
        date = date_of(unit)
        for _, key in _keyed(unit, source_language) or [(None, unit_key(unit))]:
            chosen.add(key, number, date)

    def units() -> Iterator[Unit]:
        for number, unit in enumerate(memory):
            date, found = date_of(unit), _keyed(unit, source_language)
            kept = [pair for pair, key in found if chosen.has(key, number, date)]
            if not is_plural(unit):  # of several in one language, the first
                kept = list({pair.target.language.lower(): pair for pair in reversed(kept)}.values())
            gone = {id(pair.target) for pair, _ in found} - {id(pair.target) for pair in kept}
            if kept or (not found and chosen.has(unit_key(unit), number, date)):
                yield replace(unit, variants=tuple(one for one in unit.variants if id(one) not in gone))

    return replace(memory, stream=units)


def _keyed(unit: Unit, source_language: str) -> list[tuple[Pair, bytes]]:
    """The pairs of a unit that have a translation, each with the key of its source."""
    return [(pair, source_key(unit, pair)) for pair in pairs(unit, source_language) if pair.target.text]


@dataclass
class Conflict:
    """One of several different translations of a source."""

    source: str
    target: str
    date: str
    author: str
    count: int


def conflicts(memory: Memory) -> Iterator[list[Conflict]]:
    """Of each source with several different translations in the same context and language these, each once, with its
    newest date and author and how often it occurs. Reads the memory twice; memory holds what is in conflict.
    """
    source_language = memory.about.attributes.get("srclang", "")
    first, several = dict[bytes, bytes](), dict[bytes, dict[bytes, Conflict]]()
    for unit, pair in _translated(memory, source_language):
        key, target = source_key(unit, pair), digest(pair.target.text)
        if first.setdefault(key, target) != target:
            several[key] = {}
    for unit, pair in _translated(memory, source_language) if several else ():
        if (rows := several.get(source_key(unit, pair))) is not None:
            date, author = date_of(unit), next(iter(authors(unit)), "")
            source = next(iter(rows.values())).source if rows else pair.source.text
            row = rows.setdefault(digest(pair.target.text), Conflict(source, pair.target.text, date, author, 0))
            row.count += 1
            if date > row.date:
                row.date, row.author = date, author
    yield from (list(rows.values()) for rows in several.values())


def _translated(memory: Memory, source_language: str) -> Iterator[tuple[Unit, Pair]]:
    """The pairs that are one translation of their source; plural forms are several."""
    for unit in memory:
        if not is_plural(unit):
            yield from ((unit, pair) for pair in pairs(unit, source_language) if pair.target.text)
