"""Which matches become translations."""

import pytest

from interlingua.memories.lookup import Segment, lookup
from interlingua.memories.matches import filled
from interlingua.units.proposal import Filling
from interlingua.units.unit import Variant
from tests.memories.test_lookup import known, letters, unit

MEMORY = known(
    unit("a red house", "ein rotes Haus"), unit("two cars", "zwei Autos"), unit("two cars", "zwei Wagen"),
    unit("stop", "halt", tuid="button.stop"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("segment", "least", "expected"),
    [
        (Segment(Variant("en", "a red house")), 1.0, ("ein rotes Haus", Filling("exact-match", True))),
        (Segment(Variant("en", " a red house\n")), 1.0, (" ein rotes Haus\n", Filling("exact-match", True))),
        (Segment(Variant("en", "A red house")), 0.95, ("ein rotes Haus", Filling("fuzzy-match", False))),
        (Segment(Variant("en", "A red house")), 1.0, None),
        (Segment(Variant("en", "two cars")), 0.95, ("zwei Autos", Filling("exact-match", False))),  # or the other
        (Segment(Variant("en", "stop"), context="button.stop"), 0.95, ("halt", Filling("id-match", True))),
    ],
)
def test_what_fills_a_segment(segment: Segment, least: float, expected: tuple[str, Filling] | None) -> None:
    found = lookup([segment], MEMORY, letters)
    (one,) = filled(found, [True], least)
    assert (one and (one[0].target.text, one[1])) == expected
    assert filled(found, [False], least) == [None]
