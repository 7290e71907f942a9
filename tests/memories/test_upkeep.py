"""Merging and deduplication: what is kept, in which order, and what of it is remembered."""

from pathlib import Path

from interlingua.memories.upkeep import Count, Keep, conflicts, deduplicated, merged, without_equals
from interlingua.units.unit import ALL, About, Memory, Unit, Variant, prop


def unit(source, *targets, date="", context="", **attributes):
    named = attributes | ({"changedate": date} if date else {})
    variants = (Variant("en", source), *(Variant("de", target) for target in targets))
    return Unit(variants, named, (prop("x-po-context", context),) if context else ())


def memory(*units, language="en", **about):
    return Memory(About({"srclang": language}, **about), lambda: iter(units))


def texts(memory):
    return [" ".join(variant.text for variant in unit.variants) for unit in memory]


def test_equal_units_once_the_newest():
    many = memory(
        unit("a", "b", tuid="old", date="20200101"),
        unit("x", "y"),
        unit("a ", "b", tuid="new", date="20210101"),
        unit("x", "y"),
    )
    kept = without_equals(many)
    assert texts(kept) == ["x y", "a  b"]
    assert [one.attributes.get("tuid") for one in kept] == [None, "new"]
    assert texts(kept) == texts(kept)  # it can be read again


def test_of_equally_new_ones_the_first():
    kept = list(without_equals(memory(unit("a", "b", tuid="1"), unit("a", "b", tuid="2"))))
    assert [one.attributes["tuid"] for one in kept] == ["1"]
    undated = memory(unit("a", "b", tuid="1"), unit("a", "b", tuid="2", date="2001"))
    assert [one.attributes["tuid"] for one in without_equals(undated)] == ["2"]


def test_merged_files_in_order_each_unit_with_its_file():
    named = Unit((Variant("EN_us", "c"),), remarks=(prop("x-memory", "first.tmx"),))
    one, other = memory(unit("a", "b"), root={"xmlns:x": "1"}), memory(named, root={"xmlns:y": "2"})
    whole = merged([Path("d/one.tmx"), Path("other.po")], [one, other])
    assert texts(whole) == ["a b", "c"]
    assert [remark.text for unit in whole for remark in unit.remarks] == ["one.tmx", "first.tmx"]
    assert [variant.language for unit in whole for variant in unit.variants] == ["en", "de", "en-US"]
    assert whole.about.attributes == {"srclang": "en"}
    assert whole.about.root == {"xmlns:x": "1", "xmlns:y": "2"}
    assert not any(unit.remarks for unit in merged([Path("a")], [one], with_origin=False))


def test_files_of_different_source_languages():
    whole = merged([Path("a"), Path("b")], [memory(unit("a", "b")), memory(unit("c", "d"), language="DE")])
    assert whole.about.attributes["srclang"] == ALL
    assert [one.attributes["srclang"] for one in whole] == ["en", "de"]
    alike = merged([Path("a"), Path("b")], [memory(language="en-us"), memory(language="EN_US")])
    assert alike.about.attributes["srclang"] == "en-US"


MANY = (
    unit("a", "1", date="2020"), unit("a", "2", date="2022"), unit("a", "3", date="2021"), unit("a", "2", date="2019"),
    unit("a", "4", context="menu"), unit("wait"), unit("b", "5"), unit("b", "6"),
)  # fmt: skip


def test_what_is_kept_of_several_targets():
    assert texts(deduplicated(memory(*MANY), Keep.all_targets)) == ["a 1", "a 2", "a 3", "a 4", "wait", "b 5", "b 6"]
    assert texts(deduplicated(memory(*MANY), Keep.newest)) == ["a 2", "a 4", "wait", "b 5"]
    assert texts(deduplicated(memory(*MANY), Keep.first)) == ["a 1", "a 4", "wait", "b 5"]
    assert texts(deduplicated(memory(*MANY, *MANY), Keep.newest)) == ["a 2", "a 4", "wait", "b 5"]


def test_a_unit_in_several_languages_loses_what_gives_way():
    old = Unit((Variant("en", "a"), Variant("de", "alt"), Variant("fr", "vieux")), {"changedate": "2020"})
    new = Unit((Variant("en", "a"), Variant("de", "neu")), {"changedate": "2021"})
    assert texts(deduplicated(memory(old, new), Keep.newest)) == ["a vieux", "a neu"]
    assert texts(deduplicated(memory(unit("a", "1", "2")), Keep.newest)) == ["a 1"]
    assert texts(deduplicated(memory(unit("a", "1", "2")), Keep.all_targets)) == ["a 1 2"]


def test_plural_forms_are_one_translation():
    forms = [Variant("en", "file"), Variant("en", "files", remarks=(prop("x-po-plural", "id"),))]
    forms += [
        Variant("de", text, remarks=(prop("x-po-plural", n),))
        for n, text in (("0", "Datei"), ("1", "Dateien"), ("2", "D."))
    ]
    plural = memory(Unit(tuple(forms)))
    assert texts(deduplicated(plural, Keep.newest)) == texts(plural)
    assert not list(conflicts(plural))
    one = unit("file", "Akte", date="2024")  # the same text, without a plural: another entry
    assert texts(deduplicated(memory(*plural, one), Keep.newest)) == [*texts(plural), "file Akte"]


def test_conflicts():
    by_people = (
        unit("c", "7", creationid="ann", date="2020"),
        unit("c", "8"),
        unit("c", "7", changeid="bob", date="2021"),
    )
    found = [
        (row.source, row.target, row.date, row.author, row.count)
        for rows in conflicts(memory(*MANY, *by_people))
        for row in rows
    ]
    assert found == [
        ("a", "1", "2020", "", 1), ("a", "2", "2022", "", 2), ("a", "3", "2021", "", 1), ("b", "5", "", "", 1),
        ("b", "6", "", "", 1), ("c", "7", "2021", "bob", 2), ("c", "8", "", "", 1),
    ]  # fmt: skip
    assert not list(conflicts(memory(*MANY[4:6])))


def test_units_are_counted_as_they_are_read():
    count = Count()
    counted = count.of(memory(*MANY))
    assert (list(counted), list(counted), count.units) == ([*MANY], [*MANY], len(MANY))
