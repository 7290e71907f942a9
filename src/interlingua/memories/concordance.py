"""Where a text stands in translation memories, and which texts in them mean the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from interlingua.folding import spaced
from interlingua.languages import UNKNOWN, is_language
from interlingua.memories.selection import Side, together
from interlingua.memories.words import Pattern, Phrase, Place
from interlingua.search.knn import nearest
from interlingua.types import Encode
from interlingua.units.facts import TOOLS, Pair, authors, context_of, date_of, named, pairs
from interlingua.units.unit import PROPERTY, Memory, Unit
from interlingua.vectors import verified


@dataclass(frozen=True)
class Hit:
    """A pair in which something was found."""

    path: Path
    unit: Unit
    source: str
    target: str
    languages: tuple[str, str]
    places: tuple[tuple[Place, ...], tuple[Place, ...]] = ((), ())
    """Where it stands in the source and in the target; nowhere, where the meaning was found."""
    cosine: float | None = None
    """Of what was found by its meaning."""

    def as_row(self) -> dict[str, Any]:
        """By name, with what is known of where it comes from."""
        unit = self.unit
        about = {"unit": unit.attributes.get("tuid", ""), "context": context_of(unit), "date": date_of(unit),
                 "author": next(iter(authors(unit)), ""), "tool": next(iter(named(unit, *TOOLS)), "")}  # fmt: skip
        properties = {remark.name: remark.text for remark in unit.remarks if remark.kind == PROPERTY}
        return {
            "kind": "form" if self.cosine is None else "meaning", "cosine": self.cosine,
            "source": self.source, "target": self.target,
            "source_places": list(map(list, self.places[0])), "target_places": list(map(list, self.places[1])),
            "source_language": self.languages[0], "target_language": self.languages[1],
            "memory": self.path.name, "line": unit.line, **about, "properties": properties,
        }  # fmt: skip


Source = tuple[Path, Memory, str]
"""A memory, the file it was read from, and its source language."""


def by_form(memories: Sequence[Source], form: Phrase | Pattern, side: Side = Side.both) -> Iterator[Hit]:
    """The pairs in which `form` stands, in the order of the files. Equal pairs of a memory are hits of their own."""
    for path, memory, language in memories:
        for units in together(memory):
            found = [(unit, pair) for unit in units for pair in pairs(unit, language)]
            on = [[side is not Side.target, side is not Side.source] for _ in found]
            texts = [text for _, pair in found for text in (pair.source.text, pair.target.text)]
            occurs = iter(form.occurs(texts))
            for (unit, pair), asked in zip(found, on, strict=True):
                is_in = [next(occurs) and wanted for wanted in asked]
                if any(is_in):
                    sides = zip((pair.source.text, pair.target.text), is_in, strict=True)
                    places = [tuple(form.places(text)) if here else () for text, here in sides]
                    if any(places):
                        yield _hit(path, unit, pair, (places[0], places[1]))


def by_meaning(
    memories: Sequence[Source], text: str, encode: Encode, k: int, side: Side = Side.both, language: str = UNKNOWN
) -> list[Hit]:
    """The `k` pairs with a text (of the `side`) whose embedding is nearest to that of `text`, which is in `language`.
    Of equal texts and equal pairs the first; memory holds some units at a time.
    """
    encode, best = verified(encode), dict[tuple[str, str], Hit]()
    query = encode([text], language)
    for path, memory, of_memory in memories:
        for units in together(memory):
            for spoken, found in _by_language(units, of_memory, side).items():
                texts = list(found)
                cosines, rows = nearest(query, encode(texts, spoken), k)
                for cosine, row in zip(np.round(cosines[0], 4).tolist(), rows[0].tolist(), strict=True):
                    if row >= 0:  # a text without any direction is near none
                        hit = _hit(path, *found[texts[row]], cosine=cosine)
                        key = spaced(hit.source), spaced(hit.target)
                        if key not in best or cosine > (best[key].cosine or 0):
                            best[key] = hit
            best = dict(sorted(best.items(), key=lambda item: -(item[1].cosine or 0))[:k])
    return list(best.values())


def _by_language(units: Sequence[Unit], source_language: str, side: Side) -> dict[str, dict[str, tuple[Unit, Pair]]]:
    found: dict[str, dict[str, tuple[Unit, Pair]]] = {}
    for unit in units:
        for pair in pairs(unit, source_language):
            for one, other in ((pair.source, Side.target), (pair.target, Side.source)):
                if side is not other and one.text.strip():
                    spoken = one.language if is_language(one.language) else UNKNOWN
                    found.setdefault(spoken, {}).setdefault(one.text, (unit, pair))
    return found


def _hit(
    path: Path,
    unit: Unit,
    pair: Pair,
    places: tuple[tuple[Place, ...], tuple[Place, ...]] = ((), ()),
    cosine: float | None = None,
) -> Hit:
    languages = pair.source.language, pair.target.language
    return Hit(path, unit, pair.source.text, pair.target.text, languages, places, cosine)
