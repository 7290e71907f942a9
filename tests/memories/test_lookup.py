"""Look-ups: equal texts first, then near ones, with where they come from."""

import numpy as np
import pytest

from interlingua.errors import ConfigError
from interlingua.memories.entries import entries
from interlingua.memories.index import Index, index_of
from interlingua.memories.lookup import Kind, Known, Match, Segment, lookup
from interlingua.types import Embeddings
from interlingua.units.unit import About, Memory, Unit, Variant, prop


def unit(source: str, target: str, language: str = "de", date: str = "", **named: str) -> Unit:
    attributes = named | ({"changedate": date} if date else {})
    return Unit((Variant("en-US", source), Variant(language, target)), attributes, (prop("x-domain", "law"),), line=7)


def letters(texts: list[str] | tuple[str, ...], language: str = "und") -> Embeddings:
    """Texts by how often they use each letter."""
    counts = [[text.lower().count(chr(97 + k)) for k in range(26)] for text in texts]
    return np.array(counts, np.float32).reshape(len(texts), 26)


def known(*units: Unit) -> Index:
    return index_of(entries(Memory(About({"srclang": "en"}), lambda: iter(units))), letters, "en")


KNOWN = [
    unit("a  red house", "ein rotes Haus", tuid="1"),
    unit("two cars", "zwei Autos", tuid="2"),
    unit("a red mouse", "eine rote Maus", tuid="3"),
]


def told(matches: list[Match]) -> list[tuple[Kind, str]]:
    return [(match.kind, match.target.text) for match in matches]


def test_equal_texts_come_first_then_near_ones() -> None:
    found = lookup(["a red house", "a red horse", "", "zzz"], known(*KNOWN), letters, k=2)
    assert told(found[0]) == [(Kind.exact, "ein rotes Haus"), (Kind.fuzzy, "eine rote Maus")]
    assert told(found[1]) == [(Kind.fuzzy, "ein rotes Haus"), (Kind.fuzzy, "eine rote Maus")]
    assert found[2] == []
    assert [match.kind for match in found[3]] == [Kind.meaning, Kind.meaning]
    assert found[0][0].score == 1.0
    cosine = letters(["a red horse", "a red house"])
    expected = cosine[0] @ cosine[1] / np.prod(np.linalg.norm(cosine, axis=1))
    assert found[1][0].cosine == pytest.approx(expected, abs=1e-4)
    assert 0.4 < found[1][0].score <= 0.84
    assert all(match.score < 0.4 for match in found[3])


def test_texts_without_kinship_stay_low_in_a_memory_of_three() -> None:
    for match in lookup(["Prices rose sharply last winter."], known(*KNOWN), letters)[0]:
        assert match.score < 0.4


def test_the_threshold_holds_back() -> None:
    found = lookup(["zzz", "two cars"], known(*KNOWN), letters, threshold=0.99)
    assert [len(matches) for matches in found] == [0, 1]


def test_of_equal_pairs_the_latest_is_told() -> None:
    both = known(
        unit("a", "b", date="20200101T000000Z", creationid="ann"),
        unit("a", "b", date="20210101T000000Z", creationid="bob"),
    )
    assert [match.entry.provenance for match in lookup(["a"], both, letters)[0]] == [
        {"creationid": "bob", "date": "20210101T000000Z", "properties": {"x-domain": "law"}}
    ]


def test_equal_sources_with_several_translations() -> None:
    both = known(unit("a b", "eins", date="20200101T000000Z"), unit("a b", "zwei", date="20210101T000000Z"))
    assert told(lookup(["a b"], both, letters)[0]) == [(Kind.exact, "zwei"), (Kind.exact, "eins")]


def test_the_same_place_comes_first() -> None:
    memory = known(
        unit("file", "Datei"), unit("open", "offen", date="2022"), unit("edit", "bearbeiten"),
        unit("shop", "Laden"), unit("open", "geöffnet", date="2021"), unit("until", "bis"),
    )  # fmt: skip
    found = lookup(["shop", "open", "until"], memory, letters, k=2)
    assert told(found[1]) == [(Kind.context, "geöffnet"), (Kind.exact, "offen")]
    by_name = known(unit("open", "offen", tuid="menu.open"), unit("open", "geöffnet", tuid="shop.open"))
    segment = Segment(Variant("en", "open"), context="shop.open")
    assert told(lookup([segment], by_name, letters)[0]) == [(Kind.context, "geöffnet"), (Kind.exact, "offen")]


def test_numbers_are_carried_over_and_said() -> None:
    match = lookup(["Version 2.5"], known(unit("Version 2.6", "Fassung 2.6")), letters)[0][0]
    assert (match.target.text, match.entry.target.text, match.carried) == ("Fassung 2.5", "Fassung 2.6", True)
    assert 0.84 < match.score < 0.95
    by_hand = lookup(["5 boxes"], known(unit("4 boxes", "vier Kisten")), letters)[0][0]
    assert (by_hand.target.text, by_hand.carried) == ("vier Kisten", False)
    assert by_hand.score <= 0.84


def test_several_memories_with_penalties() -> None:
    old, new = known(unit("a b", "alt"), unit("c d", "C")), known(unit("a b", "neu"), unit("c x d", "CX"))
    memories = [Known(old, "old.tmx", lambda entry: 5.0), Known(new, "new.tmx")]
    found = lookup(["a b", "c d"], memories, letters)
    assert [(m.target.text, m.memory, m.score) for m in found[0][:2]] == [
        ("neu", "new.tmx", 1.0),
        ("alt", "old.tmx", 0.95),
    ]
    assert [(m.target.text, m.kind) for m in found[1]][:2] == [("C", Kind.context), ("CX", Kind.fuzzy)]


def test_the_same_alone_and_together() -> None:
    memory = known(*(unit(f"{chr(97 + n)}{chr(99 + n)} text {n}", f"Text {n}") for n in range(20)))
    segments = [f"{chr(98 + n)} text {n}" for n in range(12)]
    alone = [lookup([Segment(Variant("und", text))], memory, letters)[0] for text in segments]
    assert lookup([Segment(Variant("und", text)) for text in segments], memory, letters) == alone


def test_numbers_that_no_look_up_has() -> None:
    for options in ({"k": -1}, {"threshold": float("nan")}):
        with pytest.raises(ConfigError, match=next(iter(options))):
            lookup(["a"], known(*KNOWN), letters, **options)
