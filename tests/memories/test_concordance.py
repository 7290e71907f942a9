"""Hits by form with their places, and by meaning with their cosine."""

from pathlib import Path

import numpy as np

from interlingua.memories import selection
from interlingua.memories.concordance import by_form, by_meaning
from interlingua.memories.selection import Side
from interlingua.memories.words import Pattern, Phrase
from interlingua.units.unit import About, Memory, Unit, Variant, prop

UNITS = (
    Unit(
        (Variant("en", "Open the door, open it"), Variant("de", "Tür auf")),
        {"tuid": "1", "changeid": "ann"},
        (prop("x", "y"),),
        7,
    ),
    Unit((Variant("en", "reopen"), Variant("de", "Open-Air")), line=8),
    Unit((Variant("en", "closed"), Variant("de", "zu"))),
)
ONE = (Path("d/one.tmx"), Memory(About(), lambda: iter(UNITS)), "en")
OTHER = (Path("two.tmx"), Memory(About(), lambda: iter(UNITS[::-1])), "de")


def test_by_form():
    first, second = by_form([ONE], Phrase("open"))
    assert first.places == (((0, 4), (15, 19)), ())
    assert second.places == ((), ((0, 4),))
    assert [hit.unit for hit in by_form([ONE], Phrase("open"), Side.source)] == [UNITS[0]]
    assert [hit.unit for hit in by_form([ONE], Phrase("open"), Side.target)] == [UNITS[1]]
    assert [hit.path.name for hit in by_form([ONE, OTHER], Pattern("^r.*pen"))] == ["one.tmx", "two.tmx"]
    assert not list(by_form([ONE], Pattern("x*")))


def test_the_source_language_says_which_side_is_which():
    (hit,) = by_form([OTHER], Phrase("zu"))
    assert (hit.source, hit.target, hit.languages) == ("zu", "closed", ("de", "en"))


def test_rows_say_where_a_hit_comes_from():
    row = next(by_form([ONE], Phrase("open"))).as_row()
    expected = {"kind": "form", "memory": "one.tmx", "line": 7, "unit": "1", "author": "ann", "properties": {"x": "y"}}
    assert row | expected == row
    assert row["source_places"] == [[0, 4], [15, 19]]


def encode(texts, language="und"):
    """Texts are near each other where their lengths are."""
    asked.append((language, list(texts)))
    angles = np.array([len(text) for text in texts], np.float32) / 20
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


asked: list[tuple[str, list[str]]] = []


def test_by_meaning(monkeypatch):
    found = by_meaning([ONE, OTHER], "twelve signs", encode, 3)
    assert [(hit.source, hit.path.name) for hit in found] == [
        ("reopen", "one.tmx"),  # as Open-Air has eight characters
        ("Open-Air", "two.tmx"),  # the same from the other side
        ("Open the door, open it", "one.tmx"),
    ]
    assert [hit.cosine for hit in found] == sorted((hit.cosine for hit in found), reverse=True)
    assert ("de", ["Tür auf", "Open-Air", "zu"]) in asked
    monkeypatch.setattr(selection, "TOGETHER", 1)
    assert [hit.source for hit in by_meaning([ONE, OTHER], "twelve signs", encode, 3)] == [hit.source for hit in found]
    assert {hit.target for hit in by_meaning([ONE], "a", encode, 9, Side.target)} == {"Tür auf", "Open-Air", "zu"}
