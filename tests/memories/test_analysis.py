"""Jobs counted by what memories know of them."""

from collections.abc import Sequence
from functools import partial

import pytest

from interlingua.errors import ConfigError
from interlingua.memories.analysis import BANDS, SCORES, Analysis, Volume, analysed, together, volume, weights
from interlingua.memories.job import Job
from interlingua.memories.lookup import Known, Match, Segment, in_order, lookup
from interlingua.units.inline import Code
from interlingua.units.unit import Variant
from tests.memories.test_lookup import known, letters, unit

MEMORY = known(
    unit("Close the old window.", "a"), unit("Then open the red door.", "b"), unit("Ask the man.", "c"),
    unit("Go home now.", "d"),
)  # fmt: skip


def job(*texts: str, closed: Sequence[int] = ()) -> Job:
    segments = in_order([Segment(Variant("en", text)) for text in texts])
    return Job(segments, [row not in closed for row in range(len(texts))])


def seen(found: Analysis) -> dict[str, int]:
    return {band: one.segments for band, one in found.items() if one.segments}


def test_each_segment_stands_in_one_band() -> None:
    one = job(
        "Close the old window.", "Then open the red door.", "Ask the man.",  # in the memory's order: contexts
        "Go home now.", "Go home now!", "Quizzical xylophones jazz up fjords", "", "locked text", closed=[7],
    )  # fmt: skip
    look = partial(lookup_in, [Known(MEMORY)])
    (found,) = analysed([one], look)
    assert seen(found) == {"context": 3, "exact": 1, "95-99": 1, "new": 1, "locked": 1}
    assert found["context"] == Volume(3, 4 + 5 + 3, 18 + 19 + 10)
    assert list(found) == list(BANDS)
    assert analysed([one])[0]["new"].segments == 6


def lookup_in(memories: Sequence[Known], segments: Sequence[Segment], k: int) -> list[list[Match]]:
    return lookup(segments, memories, letters, k)


def test_repetitions_are_found_over_all_files_and_looked_up_once() -> None:
    asked = list[str]()

    def look(segments: Sequence[Segment], k: int) -> list[list[Match]]:
        asked.extend(segment.text.text for segment in segments if k > 1)
        return lookup_in([Known(MEMORY)], segments, k)

    files = [
        job("A new text", "Go home now.", "A  new text", "Go home now!"),
        job("Go home now.", "A new text", "Go home now!"),
    ]
    found = analysed(files, look)
    assert [seen(one) for one in found] == [
        {"repetitions": 1, "exact": 1, "95-99": 1, "new": 1}, {"repetitions": 2, "exact": 1},
    ]  # fmt: skip
    assert asked == ["A new text", "Go home now.", "Go home now!"]
    assert together(found)["repetitions"] == Volume(3, 9, 2 * 8 + 10)


def test_a_repetition_may_have_its_context_at_its_own_place() -> None:
    files = [job("Ask the man.", "x"), job("Then open the red door.", "Ask the man.", "Go home now.")]
    found = analysed(files, partial(lookup_in, [Known(MEMORY)]))
    assert [seen(one) for one in found] == [{"exact": 1, "new": 1}, {"context": 2, "exact": 1}]


def test_a_penalty_moves_a_match_to_another_band() -> None:
    look = partial(lookup_in, [Known(MEMORY, penalty=lambda entry: 10.0)])
    (found,) = analysed([job("Ask the man.", "Ask the man.")], look)
    assert seen(found) == {"85-94": 1, "repetitions": 1}


def test_other_tags_are_another_text() -> None:
    text = Variant("en", "press it", "x", "x")
    key, other = Code("standalone", native="<k/>"), Code("standalone", native="<l/>")
    segments = [Segment(text, parts=("press ", one, "it")) for one in (key, other, key)]
    (found,) = analysed([Job(segments, [True] * 3)])
    assert seen(found) == {"repetitions": 1, "new": 2}


@pytest.mark.parametrize(
    ("text", "words", "characters"),
    [
        ("Don't open 2 well-known files.", 6, 26),
        ("Saved %s to {name}", 2, 7),
        ("打开文件", 4, 4),
        ("Cafe\u0301 ol\u00e9", 2, 7),
        ("... !", 0, 4),
    ],
)
def test_words_and_characters(text: str, words: int, characters: int) -> None:
    assert volume(text) == (1, words, characters)


def test_bands_cover_every_score_once() -> None:
    assert sorted(SCORES.values(), reverse=True) == list(SCORES.values())
    assert len({*BANDS}) == len(BANDS)


def test_weights() -> None:
    found = weights(["context=0", "95-99=0.3"])
    assert (found["context"], found["95-99"], found["new"], found["locked"]) == (0, 0.3, 1, 0)
    for wrong in ("fuzzy=1", "new", "new=-1", "new=x"):
        with pytest.raises(ConfigError, match="write BAND=NUMBER"):
            weights([wrong])
