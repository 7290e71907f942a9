"""Look-ups: equal texts first, then near ones, with where they come from."""

import time

import numpy as np
import pytest

from interlingua.errors import ConfigError, DataError
from interlingua.memories.lookup import ENOUGH, Kind, entries, lookup, surface
from interlingua.units.unit import About, Memory, Unit, Variant, prop


def unit(source, target, language="de", date="", **named):
    attributes = named | ({"changedate": date} if date else {})
    return Unit((Variant("en-US", source), Variant(language, target)), attributes, (prop("x-domain", "law"),), line=7)


def memory(*units):
    return Memory(About({"srclang": "en"}), lambda: iter(units))


def letters(texts, language="und"):
    """Texts by how often they use each letter."""
    return np.array([[text.lower().count(chr(97 + k)) for k in range(26)] for text in texts], np.float32).reshape(
        len(texts), 26
    )


KNOWN = [
    unit("a  red house", "ein rotes Haus", tuid="1"),
    unit("two cars", "zwei Autos", tuid="2"),
    unit("a red mouse", "eine rote Maus", tuid="3"),
]


def test_equal_texts_come_first_then_near_ones():
    found = lookup(["a red house", "a red horse", "", "zzz"], entries(memory(*KNOWN)), letters, k=2)
    assert [[(m.kind, m.entry.target) for m in matches] for matches in found] == [
        [(Kind.exact, "ein rotes Haus"), (Kind.fuzzy, "eine rote Maus")],
        [(Kind.fuzzy, "ein rotes Haus"), (Kind.fuzzy, "eine rote Maus")],
        [],
        [(Kind.fuzzy, "ein rotes Haus"), (Kind.fuzzy, "zwei Autos")],
    ]
    assert found[0][0].score == 1.0
    cosine = letters(["a red horse", "a red house"])
    assert found[1][0].cosine == pytest.approx(
        cosine[0] @ cosine[1] / np.prod(np.linalg.norm(cosine, axis=1)), abs=1e-4
    )
    assert found[1][0].surface == pytest.approx(2 / 3, abs=1e-3)


def test_matches_are_those_of_brute_force():
    random = np.random.default_rng(0)
    words = ["".join(random.choice(list("abcdefghij"), 8)) for _ in range(80)]
    known = entries(memory(*(unit(word, f"de {word}") for word in words[:60])))
    vectors = letters(words) / np.linalg.norm(letters(words), axis=1, keepdims=True)
    cosines = vectors[60:] @ vectors[:60].T
    pairs = vectors @ vectors.T
    average = (pairs.sum() - np.trace(pairs)) / (80 * 79)
    found = lookup(words[60:], known, letters, k=5)
    assert len(known) >= ENOUGH
    for row, matches in enumerate(found):
        best = np.sort(cosines[row])[::-1][:5]
        assert [match.cosine for match in matches] == pytest.approx(best, abs=1e-4)
        assert [match.score for match in matches] == pytest.approx(
            np.clip((best - average) / (1 - average), 0, 1), abs=2e-3
        )


def test_the_threshold_holds_back():
    found = lookup(["zzz", "two cars"], entries(memory(*KNOWN)), letters, threshold=0.99)
    assert [len(matches) for matches in found] == [0, 1]


def test_of_equal_pairs_the_latest_is_kept_and_told():
    known = entries(
        memory(
            unit("a", "b", date="20200101T000000Z", creationid="ann"),
            unit("a", "b", date="20210101T000000Z", creationid="bob"),
        )
    )
    assert [entry.provenance() for entry in known] == [
        {"creationid": "bob", "date": "20210101T000000Z", "properties": {"x-domain": "law"}}
    ]


def test_equal_sources_with_several_translations():
    known = entries(memory(unit("a b", "eins", date="20200101T000000Z"), unit("a b", "zwei", date="20210101T000000Z")))
    assert [match.entry.target for match in lookup(["a b"], known, letters)[0]] == ["zwei", "eins"]


def test_languages():
    mixed = memory(unit("a", "b"), unit("a", "c", language="fr"))
    with pytest.raises(ConfigError, match="de, fr beside en; choose with --target-language"):
        entries(mixed)
    assert [entry.target for entry in entries(mixed, "en", "fr")] == ["c"]
    with pytest.raises(DataError, match="no finished pair from en to it"):
        entries(mixed, "en", "it")
    fuzzy = Unit((Variant("en", "a"), Variant("de", "b")), remarks=(prop("x-po-flags", "c-format, fuzzy"),))
    with pytest.raises(DataError, match="no finished pair"):
        entries(memory(fuzzy))


def test_surface_counts_words_or_characters():
    assert surface("one two three", "one two four") == pytest.approx(2 / 3, abs=1e-4)
    assert surface("一二三", "一二四") == pytest.approx(2 / 3, abs=1e-4)
    assert surface("same", "same") == 1


def test_surface_of_texts_of_a_megabyte_ends():
    one, other = ("ab" * 500_000, "ba" * 500_000), (" ".join("ab" * 250_000), " ".join("ba" * 250_000))
    began = time.monotonic()
    assert 0.9 < surface(*one) <= 1
    assert 0.9 < surface(*other) <= 1
    assert time.monotonic() - began < 60


def test_numbers_that_no_look_up_has():
    known = entries(memory(*KNOWN))
    for options in ({"k": -1}, {"threshold": float("nan")}):
        with pytest.raises(ConfigError, match=next(iter(options))):
            lookup(["a"], known, letters, **options)


def test_plural_forms_are_translations_of_their_own_source():
    variants = (
        Variant("en", "%d cat"), Variant("en", "%d cats", remarks=(prop("x-po-plural", "id"),)),
        *(Variant("de", text, remarks=(prop("x-po-plural", str(form)),)) for form, text in enumerate(["Katze", "Katzen"])),
    )  # fmt: skip
    known = entries(Memory(About({"srclang": "en"}), lambda: iter([Unit(variants)])))
    assert [(entry.source, entry.target) for entry in known] == [("%d cat", "Katze"), ("%d cats", "Katzen")]
