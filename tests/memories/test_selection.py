"""Which units fit what is asked, one question at a time and together."""

import pytest

from interlingua.errors import ConfigError
from interlingua.memories import selection
from interlingua.memories.selection import Asked, Side, judged, selected
from interlingua.units.states import State
from interlingua.units.unit import About, Memory, Unit, Variant, prop

UNITS = (
    Unit(
        (Variant("en-GB", "The printer"), Variant("de", "Der Drucker")),
        {"creationdate": "20220301T235900Z", "creationid": "ann", "creationtool": "T", "usagecount": "3"},
        (prop("x-domain", "law"), prop("x-xliff1-state", "signed-off")),
    ),
    Unit(
        (Variant("en", "Open"), Variant("de", "Öffnen", remarks=(prop("x-origin", "a=b"),))),
        {"creationdate": "2021", "changedate": "20240101T000000Z", "changeid": "bob"},
        (prop("x-domain", "IT"), prop("x-xliff1-state", "final")),
    ),
    Unit((Variant("en", "only"), Variant("fr", "seul"))),
    Unit((Variant("en", "waits"),)),
)


def memory(*units):
    return Memory(About({"srclang": "en"}), lambda: iter(units))


def fitting(**asked):
    return [number for number, (_, fits) in enumerate(judged(memory(*UNITS), Asked(**asked))) if fits]


@pytest.mark.parametrize(
    ("asked", "fit"),
    [
        ({"properties": ("x-domain=law",)}, [0]),
        ({"properties": ("x-domain",)}, [0, 1]),
        ({"properties": ("x-domain=law", "x-domain=IT")}, [0, 1]),
        ({"properties": ("x-domain", "x-origin=a=b")}, [1]),
        ({"properties": ("usagecount=3",)}, [0]),
        ({"authors": ("ann", "bob")}, [0, 1]),
        ({"tools": ("T",)}, [0]),
        ({"since": "2022"}, [0, 1]),
        ({"since": "2022-03-02"}, [1]),
        ({"until": "2022-03-01"}, [0]),
        ({"until": "2022-03-01T23:00"}, []),
        ({"since": "2022-03", "until": "2022-03"}, [0]),
        ({"source_language": "en", "target_language": "de"}, [0, 1]),
        ({"target_language": "fr"}, [2]),
        ({"states": (State.final,)}, [1]),
        ({"states": (State.reviewed, State.final)}, [0, 1]),
        ({"contains": "ÖFFN"}, [1]),
        ({"contains": "o\u0308f"}, [1]),
        ({"contains": "rinter", "side": Side.target}, []),
        ({"contains": "only", "side": Side.source}, [2]),
        ({"pattern": "^[A-Z].*er$"}, [0]),
        ({"pattern": "^[A-Z].*er$", "contains": "open"}, []),
        ({"longest": 5}, [2, 3]),
        ({"shortest": 11}, [0]),
        ({"shortest": 6, "side": Side.target}, [0, 1, 3]),  # what has no target has none that is too short
        ({"longest": 4, "side": Side.source}, [1, 2]),
        ({"authors": ("ann",), "states": (State.final,)}, []),
    ],
)
def test_what_fits(asked, fit):
    assert fitting(**asked) == fit


def test_blocks_make_no_difference(monkeypatch):
    asked = {"pattern": "e"}
    whole = fitting(**asked)
    monkeypatch.setattr(selection, "TOGETHER", 1)
    assert fitting(**asked) == whole == [0, 1, 2]
    monkeypatch.setattr(selection, "TOGETHER", 1000)
    monkeypatch.setattr(selection, "CHARACTERS", 10)
    assert [len(some) for some in selection.together(UNITS)] == [1, 1, 2, 0]


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({"since": "soon"}, "--since 'soon' is no date"),
        ({"until": "2024-13"}, "--until"),
        ({"properties": ("=x",)}, "write NAME=VALUE"),
        ({"shortest": 5, "longest": 4}, "at least 5 and at most 4"),
    ],
)
def test_what_cannot_be_asked(asked, problem):
    with pytest.raises(ConfigError, match=problem):
        Asked(**asked)


def test_the_rest_is_what_is_left():
    asked = Asked(authors=("ann",))
    assert list(selected(memory(*UNITS), asked)) == [UNITS[0]]
    assert list(selected(memory(*UNITS), asked, invert=True)) == [*UNITS[1:]]


def test_of_nothing_the_languages_are_known():
    nothing = selected(memory(*UNITS[:2]), Asked(authors=("eve",)), invert=False)
    assert list(nothing) == []
    two = memory(UNITS[1])
    assert selected(two, Asked(authors=("eve",))).languages() == ["en", "de"]
    assert two.about == selected(two, Asked(authors=("bob",))).about
