"""Segments looked up in a translation memory: the same text first, then what means the same, each with where it
comes from.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

import numpy as np

from interlingua.errors import ConfigError, DataError
from interlingua.folding import canonical
from interlingua.quantities import given
from interlingua.search.knn import neighbours
from interlingua.texts import texts_of
from interlingua.types import Encode
from interlingua.units.catalogue import PLURAL
from interlingua.units.states import is_unfinished
from interlingua.units.unit import PROPERTY, Memory, Unit, Variant, is_source, sides, value_of
from interlingua.vectors import mean_cosine, verified
from interlingua.vectors import unit as of_unit_length

FURTHER = 4
"""Neighbours fetched for each match asked for, as several units may hold the same pair."""
ENOUGH = 20
"""Different texts in a memory that make an average."""
COMPARED = 1000
"""Words of a text that are held against another's: the time for it grows with their square."""


class Kind(StrEnum):
    """How a match was found."""

    exact = "exact"
    """The same text, white space and the encoding of accents aside."""
    fuzzy = "fuzzy"
    """A near meaning."""


@dataclass(frozen=True)
class Entry:
    """A pair of texts in the memory, with the unit it stands in."""

    source: str
    target: str
    unit: Unit

    @property
    def date(self) -> str:
        """When it was last changed, in TMX's form: such dates order as texts do."""
        places = [self.unit.attributes, *(variant.attributes for variant in self.unit.variants)]
        return max((named.get(name, "") for named in places for name in ("changedate", "creationdate")), default="")

    def provenance(self) -> dict[str, Any]:
        """Where the pair comes from: identity, tool, author, date, usage, and the unit's properties."""
        named: dict[str, str] = {}
        for variant in reversed(self.unit.variants):
            named |= variant.attributes
        named |= self.unit.attributes
        chosen = {
            name: named[name]
            for name in ("tuid", "creationtool", "creationid", "changeid", "usagecount")
            if named.get(name)
        }
        properties = {remark.name: remark.text for remark in self.unit.remarks if remark.kind == PROPERTY}
        return chosen | ({"date": self.date} if self.date else {}) | ({"properties": properties} if properties else {})


@dataclass(frozen=True)
class Match:
    """A translation that the memory proposes for a segment."""

    score: float
    """1 for the same text, 0 for one no nearer than two texts of the memory are on average: (cosine - average) / (1
    - average)."""
    cosine: float
    kind: Kind
    surface: float
    """Share of words the two source texts have in common, in order: what a CAT tool calls a fuzzy match, 0 to 1."""
    entry: Entry


def entries(memory: Memory, source_language: str = "", target_language: str = "") -> list[Entry]:
    """The pairs of a memory between two languages: its own where they are clear; fuzzy and obsolete ones left out, the
    latest of equals.

    Raises ConfigError where the languages are not clear, DataError where there is no pair.
    """
    source_language = source_language or memory.about.attributes.get("srclang", "")
    known: dict[tuple[str, str], Entry] = {}
    languages: dict[str, str] = {}
    for unit in memory:
        source, target = sides(unit, source_language)
        target = [variant for variant in target if not target_language or is_source(variant.language, target_language)]
        if not source or is_unfinished(unit):
            continue
        for variant in target:
            entry = Entry(_source_of(variant, source), variant.text, unit)
            languages.setdefault(variant.language.lower().split("-")[0], variant.language)
            key = _folded(entry.source), _folded(entry.target)
            if all(key) and (key not in known or entry.date > known[key].date):
                known[key] = entry
    if len(languages) > 1:
        raise ConfigError(
            f"the memory has {', '.join(sorted(languages.values()))} beside {source_language}; choose with "
            "--target-language"
        )
    if not known:
        asked = f"from {source_language or 'any language'} to {target_language or 'another'}"
        raise DataError(f"the memory has no finished pair {asked}; choose with --source-language and --target-language")
    return list(known.values())


def _source_of(target: Variant, source: Sequence[Variant]) -> str:
    """The source text of a translation: of plural forms but the first, the one in the plural."""
    plural = next((one for one in source if value_of(one.remarks, PLURAL) == "id"), source[0])
    return source[0].text if value_of(target.remarks, PLURAL) in ("", "0") else plural.text


def lookup(
    segments: Iterable[str],
    known: Sequence[Entry],
    encode: Encode,
    k: int = 3,
    threshold: float = 0.0,
    language: str = "und",
) -> list[list[Match]]:
    """For each segment the best `k` matches of at least `threshold`: equal texts first (the latest first), then by
    score.

    Models differ in what cosine two texts of no kinship have (0.8 is not rare); a score is the cosine held against the
    average of the memory's texts and the segments, so that it means the same for all. Below `ENOUGH` different texts
    the average is taken as 0.
    """
    k, threshold = given("k", k, int), given("threshold", threshold, float)
    segments, encode = texts_of(segments, "segments"), verified(encode)
    by_text = defaultdict[str, list[Entry]](list)
    for entry in sorted(known, key=lambda entry: entry.date, reverse=True):
        by_text[_folded(entry.source)].append(entry)
    exact = [by_text.get(_folded(segment), []) for segment in segments]
    open_rows = [row for row, same in enumerate(exact) if len(same) < k and segments[row].strip()]
    nearest: dict[int, list[Match]] = {}
    if open_rows:
        vectors = of_unit_length(encode([entry.source for entry in known], language))
        queries = of_unit_length(encode([segments[row] for row in open_rows], language))
        cosines, rows = neighbours(queries, vectors, k * FURTHER)
        different = list({entry.source: row for row, entry in enumerate(known)}.values())
        average = mean_cosine(np.concatenate([vectors[different], queries])) if len(different) >= ENOUGH else 0.0
        scores = np.clip((cosines - average) / (1 - average + 1e-9), 0.0, 1.0)
        for place, row in enumerate(open_rows):
            near = [
                (float(s), float(c), known[which])
                for s, c, which in zip(scores[place], cosines[place], rows[place], strict=True)
            ]
            nearest[row] = [
                Match(round(score, 4), round(cosine, 4), Kind.fuzzy, surface(segments[row], entry.source), entry)
                for score, cosine, entry in near
                if score >= threshold and _folded(entry.source) != _folded(segments[row])
            ]
    return [
        [*(Match(1.0, 1.0, Kind.exact, 1.0, entry) for entry in same), *nearest.get(row, [])][:k]
        if segments[row].strip()
        else []
        for row, same in enumerate(exact)
    ]


def surface(one: str, other: str) -> float:
    """The share of words (of characters, where there are no spaces) that two texts have in common, in order; of long
    texts, the share among the first COMPARED.
    """
    one, other = canonical(one), canonical(other)
    parts = (one.split(), other.split()) if " " in one.strip() or " " in other.strip() else (one, other)
    parts = [part[:COMPARED] for part in parts]
    return round(SequenceMatcher(None, *parts, autojunk=False).ratio(), 4)


def _folded(text: str) -> str:
    """A text without what makes no difference: white space, and how accents are encoded."""
    return " ".join(canonical(text).split())
