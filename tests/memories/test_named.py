"""Memories as they are named, and what their matches cost."""

from pathlib import Path

import pytest

from interlingua.errors import ConfigError
from interlingua.memories.entries import Entry
from interlingua.memories.named import Named, Penalties, named
from interlingua.units.unit import Variant


def entry(facts: str) -> Entry:
    return Entry(Variant("en", "a"), Variant("de", "b"), facts=facts)


def test_points_stand_behind_the_name(tmp_path: Path) -> None:
    assert named("old.tmx:5") == Named(Path("old.tmx"), 5.0)
    assert named("C:/old.tmx") == Named(Path("C:/old.tmx"), 0.0)
    (tmp_path / "a:5").touch()
    assert named(str(tmp_path / "a:5")) == Named(tmp_path / "a:5", 0.0)
    with pytest.raises(ConfigError, match="points are of 100, 101 are more"):
        named("old.tmx:101")


def test_penalties() -> None:
    rules = ["author=mt:10", "before=2020-06-01:2.5", "x-project=old:1", "tool=omegat:4"]
    cost = Penalties.of(rules).on(3.0)
    assert cost(entry("{}")) == 3.0
    assert cost(entry('{"creationid": "mt"}')) == 13.0
    assert cost(entry('{"creationid": "mt", "changeid": "ann"}')) == 3.0
    assert cost(entry('{"date": "20200531T120000Z"}')) == 5.5
    assert cost(entry('{"date": "20200601T120000Z"}')) == 3.0
    assert cost(entry('{"properties": {"x-project": "old"}, "creationtool": "omegat"}')) == 8.0


@pytest.mark.parametrize("rule", ["author", "author=mt", "mt:10", "=x:1", "before=2020:1", "author=mt:x"])
def test_penalties_that_say_nothing(rule: str) -> None:
    with pytest.raises(ConfigError, match="--penalty"):
        Penalties.of([rule])
