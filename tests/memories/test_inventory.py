"""What a memory holds, counted by hand."""

from interlingua.memories.inventory import inventory, shown
from interlingua.units.unit import NOTE, About, Memory, Remark, Unit, Variant, prop


def unit(source, target, **attributes):
    return Unit((Variant("en", source), Variant("de", target)), attributes)


FUZZY, OBSOLETE = (prop("x-po-flags", "fuzzy, c-format"),), (prop("x-po-obsolete", "yes"),)
UNITS = (
    unit("one two", "eins zwei", creationdate="20200105T000000Z", creationid="ann", creationtool="T"),
    unit("one  two", "eins zwei", changedate="20230105T000000Z", changeid="bob", creationid="ann"),
    unit("one two", "andere"),
    unit("three", "andere"),
    Unit((Variant("en", "wait"),), remarks=(Remark(NOTE, "careful", {}), *FUZZY)),
    Unit((Variant("en", "x"), Variant("de", " "), Variant("ja", "日本")), remarks=OBSOLETE),
    Unit((Variant("en", "one two"), Variant("de", "im Menü")), remarks=(prop("x-po-context", "menu"),)),
)
MEMORY = Memory(About({"srclang": "en"}), lambda: iter(UNITS))


def test_counts():
    found = inventory(MEMORY)
    assert found["languages"] == {
        "en": {"texts": 7, "words": 11, "characters": 39},
        "de": {"texts": 6, "words": 8, "characters": 38},
        "ja": {"texts": 1, "words": None, "characters": 2},
    }
    assert found["pairs"] == {"en > de": 5, "en > ja": 1}
    counts = ("units", "untranslated", "fuzzy", "obsolete", "with_notes", "duplicates")
    assert [found[name] for name in counts] == [7, 1, 1, 1, 1, 1]
    assert (found["sources_with_several_targets"], found["targets_with_several_sources"]) == (1, 1)
    assert (found["oldest"], found["newest"]) == ("2020-01-05", "2023-01-05")
    assert found["authors"] == {"ann": 2, "bob": 1}
    assert found["tools"] == {"T": 1}
    assert found["properties"] == {"x-po-flags": 1, "x-po-obsolete": 1, "x-po-context": 1}
    assert found["states"] == {"not said": 6, "needs_work": 1}


def test_for_people():
    text = shown("m.tmx", inventory(MEMORY))
    assert text.startswith("m.tmx: 7 units\n\nlanguage  texts  words  characters\nen            7     11          39\n")
    assert "\nja            1      -           2\n" in text
    assert "\ndates: 2020-01-05 to 2023-01-05\n" in text
    assert "\nauthors: ann 2, bob 1\n" in text


def test_long_lists_are_cut_for_people_alone():
    many = [Unit((), {"creationid": f"person {number:02}"}) for number in range(12)]
    found = inventory(Memory(About(), lambda: iter(many)))
    assert len(found["authors"]) == 12
    assert "person 09 1, and 2 more" in shown("m", found)


def test_nothing():
    empty = inventory(Memory(About(), lambda: iter(())))
    assert (empty["units"], empty["duplicates"], empty["oldest"]) == (0, 0, "")
    assert shown("m", empty).startswith("m: 0 units\n")
