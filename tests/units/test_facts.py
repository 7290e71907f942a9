"""Dates in one form, pairs of every kind of unit, and keys that are equal where texts are."""

import pytest

from interlingua.errors import ConfigError
from interlingua.units.facts import authors, bound, compact, date_of, digest, pairs, source_key, unit_key
from interlingua.units.unit import Unit, Variant, prop


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("20240131T100000Z", "20240131T100000"),
        ("2024-01-31T10:00:00+02:00", "20240131T080000"),
        ("2024-01-31 10:00", "20240131T100000"),
        ("2024-01-31", "20240131"),
        ("2024-01", "202401"),
        ("2024", "2024"),
        ("2024-13", ""),
        ("2024-02-31", ""),
        ("31.1.2024", ""),
        ("", ""),
    ],
)
def test_dates(written, read):
    assert compact(written) == read


def test_a_date_that_is_none_is_refused():
    assert bound("--since", "") == ""
    with pytest.raises(ConfigError, match="--since 'May' is no date"):
        bound("--since", "May")


def test_the_latest_date_wherever_it_stands():
    text = Variant("de", "b", attributes={"changedate": "20230101T000000Z", "changeid": "eve"})
    unit = Unit((Variant("en", "a"), text), {"creationdate": "20200101T000000Z", "creationid": "ann"})
    assert date_of(unit) == "20230101T000000"
    assert authors(unit) == ["eve", "ann"]
    assert date_of(Unit((), remarks=(prop("changedate", "2024-05-01"),))) == "20240501"  # a column of a table
    assert date_of(Unit((), {"changedate": "yesterday"})) == ""


def texts(unit, *languages):
    return [(pair.source.text, pair.target.text) for pair in pairs(unit, *languages)]


def test_pairs():
    several = Unit((Variant("en", "a"), Variant("de", "b"), Variant("fr", "c"), Variant("de", "d")))
    assert texts(several) == [("a", "b"), ("a", "c"), ("a", "d")]
    assert texts(several, "fr", "de") == [("c", "b"), ("c", "d")]
    assert texts(several, "it") == [("a", "b"), ("a", "c"), ("a", "d")]
    assert texts(Unit((Variant("und", "a"), Variant("und", "b")))) == [("a", "b")]
    assert texts(Unit((Variant("en", "a"),))) == texts(Unit(())) == []
    forms = [Variant("en", "file"), Variant("en", "files", remarks=(prop("x-po-plural", "id"),))]
    forms += [Variant("de", f"Datei{n}", remarks=(prop("x-po-plural", str(n)),)) for n in range(3)]
    assert texts(Unit(tuple(forms)), "en") == [("file", "Datei0"), ("files", "Datei1"), ("files", "Datei2")]


def test_keys():
    one = Unit((Variant("en", "caf\u00e9  au lait"), Variant("de", "b")))
    other = Unit((Variant("EN", " cafe\u0301 au\tlait"), Variant("de", "b")), {"tuid": "7"})
    assert unit_key(one) == unit_key(other)
    in_context = Unit(one.variants, remarks=(prop("x-po-context", "menu"),))
    assert len({unit_key(unit) for unit in (one, in_context, Unit(one.variants[:1]))}) == 3
    assert source_key(one, next(pairs(one))) == source_key(other, next(pairs(other)))
    assert source_key(one, next(pairs(one))) != source_key(in_context, next(pairs(in_context)))
    assert digest("a", "b") != digest("ab", "")
