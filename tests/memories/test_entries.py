"""The pairs of a memory."""

import pytest

from interlingua.errors import ConfigError, DataError
from interlingua.memories.entries import entries
from interlingua.units.unit import About, Memory, Unit, Variant, prop


def unit(source: str, target: str, language: str = "de", **named: str) -> Unit:
    return Unit((Variant("en-US", source), Variant(language, target)), named, (prop("x-domain", "law"),), line=7)


def memory(*units: Unit) -> Memory:
    return Memory(About({"srclang": "en"}), lambda: iter(units))


def texts(known: object) -> list[tuple[str, str]]:
    return [(entry.source.text, entry.target.text) for entry in list(known)]  # type: ignore[call-overload]


def test_entries_know_their_neighbours_and_where_they_come_from() -> None:
    first, second = entries(memory(unit("a", "b", tuid="menu.a", changeid="ann", changedate="2021"), unit("c", "d")))
    assert (first.before, first.after, first.context, first.line) == ("", "c", "menu.a", 7)
    assert (second.before, second.after, second.context) == ("a", "", "")
    assert first.provenance == {"tuid": "menu.a", "changeid": "ann", "date": "2021", "properties": {"x-domain": "law"}}


def test_numbers_name_nothing_and_contexts_of_catalogues_do() -> None:
    named = Unit(unit("a", "b").variants, {"tuid": "12"}, (prop("x-po-context", "menu"),))
    assert [entry.context for entry in entries(memory(unit("a", "b", tuid="12"), named))] == ["", "menu"]


def test_languages() -> None:
    mixed = memory(unit("a", "b"), unit("a", "c", language="fr"))
    with pytest.raises(ConfigError, match="de, fr beside en; choose with --target-language"):
        list(entries(mixed))
    assert texts(entries(mixed, "en", "fr")) == [("a", "c")]
    with pytest.raises(DataError, match="no finished pair from en to it"):
        list(entries(mixed, "en", "it"))


def test_drafts_are_left_out() -> None:
    fuzzy = Unit((Variant("en", "a"), Variant("de", "b")), remarks=(prop("x-po-flags", "c-format, fuzzy"),))
    with pytest.raises(DataError, match="no finished pair"):
        list(entries(memory(fuzzy)))


def test_plural_forms_are_translations_of_their_own_source() -> None:
    variants = (
        Variant("en", "%d cat"), Variant("en", "%d cats", remarks=(prop("x-po-plural", "id"),)),
        *(Variant("de", text, remarks=(prop("x-po-plural", str(form)),)) for form, text in enumerate(["Katze", "Katzen"])),
    )  # fmt: skip
    known = entries(Memory(About({"srclang": "en"}), lambda: iter([Unit(variants)])))
    assert texts(known) == [("%d cat", "Katze"), ("%d cats", "Katzen")]
