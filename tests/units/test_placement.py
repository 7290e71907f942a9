"""The codes of a segment in a translation from a memory, and what makes two texts have the same."""

import pytest
from hypothesis import given, settings

from interlingua.units.inline import Code, tags_of, text_of
from interlingua.units.placement import correspondence, placed, same_codes, same_places, signature
from tests.units.test_inline import texts


def pair(identity, native="", kind=""):
    closing = native.replace("<", "</")
    return Code("opening", identity, identity, native, kind), Code("closing", identity, identity, closing)


def alone(identity, native="", kind=""):
    return Code("standalone", "", identity, native, kind)


B, BOLD, ITALIC = pair("1"), pair("7", "<b>", "bold"), pair("8", "<i>", "italic")
LINE = alone("2", "", "lb")


def shown(parts):
    """As text, with the identities of codes."""
    marks = {"opening": "({}:", "closing": ":{})", "standalone": "[{}]"}
    return "".join(part if isinstance(part, str) else marks[part.kind].format(part.id) for part in parts)


def test_the_same_codes():
    first = ["A ", BOLD[0], "b", BOLD[1], LINE]
    assert signature(first) == (("opening", 1), ("closing", 0), ("standalone", -1))
    assert signature(first) == signature([B[0], B[1], LINE])
    assert same_codes(first, [LINE, B[0], B[1]])
    assert same_codes(first, ["x", alone("9"), *BOLD])
    assert not same_codes(first, [LINE, *ITALIC])  # another native content
    assert not same_codes([*pair("1", "", "bold")], [*pair("1", "", "italic")])
    assert same_codes([*BOLD, *ITALIC], [*ITALIC, *B])
    assert not same_codes([*BOLD, *BOLD], [*ITALIC, *B])
    assert not same_codes(first, [BOLD[0], LINE])
    assert same_places(first, ["A ", *("b" if p == "x" else p for p in (B[0], "x", B[1])), alone("5")])
    assert not same_places(first, ["A", BOLD[0], " b", BOLD[1], LINE])
    assert not same_places(first, ["A ", BOLD[0], "c", BOLD[1], LINE])
    assert not same_places(first, ["A ", ITALIC[0], "b", ITALIC[1], LINE])
    mark = Code("opening", "m", "m", annotation=True), Code("closing", "m", "m", annotation=True)
    assert same_places(first, [mark[0], *first, mark[1]])


@pytest.mark.parametrize(
    ("source", "target", "segment", "expected", "left", "dropped"),
    [
        # the same codes under other identities, moved with the words
        (["Press ", *B[:1], "Start", B[1]], [B[0], "Start", B[1], " drücken"], ["Press ", BOLD[0], "Start", BOLD[1]],
         "(7:Start:7) drücken", [], []),
        # by native content, whatever the order
        ([*BOLD, *ITALIC], [BOLD[0], "b", BOLD[1], ITALIC[0], "i", ITALIC[1]], [*pair("1", "<i>"), "x", *pair("2", "<b>")],
         "(2:b:2)(1:i:1)", [], []),
        # what the segment lacks
        (["a", LINE, "b"], ["a", LINE, "b"], ["a", "b"], "ab", [], ["2"]),
        # at the beginning, at the end, around everything
        (["The lid."], ["Der Deckel."], ["The lid.", LINE], "Der Deckel.[2]", [], []),
        (["The lid."], ["Der Deckel."], [LINE, "The lid."], "[2]Der Deckel.", [], []),
        (["The lid."], ["Der Deckel."], [BOLD[0], LINE, "The lid.", BOLD[1], ITALIC[0], ITALIC[1]],
         "(7:[2]Der Deckel.:7)(8::8)", [], []),
        ([B[0], "The lid", B[1]], [B[0], "Der Deckel", B[1]], [LINE, BOLD[0], "The lid", BOLD[1]],
         "[2](7:Der Deckel:7)", [], []),
        # around the same name, if it stands there once and as a word
        (["Open Lid 4"], ["Lid 4 öffnen"], ["Open ", BOLD[0], "Lid 4", BOLD[1]], "(7:Lid 4:7) öffnen", [], []),
        (["Open 4"], ["44 öffnen"], ["Open ", BOLD[0], "4", BOLD[1]], "44 öffnen", ["7"], []),
        (["Open 4"], ["4 und 4"], ["Open ", BOLD[0], "4", BOLD[1]], "4 und 4", ["7"], []),
        (["The lid is"], ["Der Deckel ist"], ["The ", BOLD[0], "lid", BOLD[1], " is"], "Der Deckel ist", ["7"], []),
        (["Press Start"], ["「Startを押す"], ["Press ", BOLD[0], "Start", BOLD[1]], "「(7:Start:7)を押す", [], []),
        # in place of what it stands for
        (["Open %s now"], ["Jetzt %s öffnen"], ["Open ", alone("5", "%s"), " now"], "Jetzt [5] öffnen", [], []),
        (["Open %s now"], ["%s %s"], ["Open ", alone("5", "%s"), " now"], "%s %s", ["5"], []),
        (["a b"], ["c d"], ["a", LINE, "b"], "c d", ["2"], []),
    ],
)  # fmt: skip
def test_codes_of_the_segment_in_the_translation(source, target, segment, expected, left, dropped):
    found = placed(source, target, segment)
    assert shown(found.parts) == expected
    assert [code.id for code in found.left_out] == left
    assert [code.id for code in found.dropped] == dropped


@settings(max_examples=50)
@given(texts(), texts(), texts())
def test_placing_loses_no_code_and_no_text(source, target, segment):
    found = placed(source, target, segment)
    codes = [part for part in found.parts if isinstance(part, Code)]
    own = tags_of(segment)
    assert len(tags_of(found.parts)) + len(found.left_out) == len(own)
    assert all(any(code is part for part in segment) for code in codes)
    if not any(tag.natives[0] for tag in own):
        assert text_of(found.parts) == text_of(target)
    assert same_places(placed(segment, segment, segment).parts, segment)


def test_correspondence_by_identity_then_content_then_order():
    first = tags_of([alone("1", "%s"), alone("2", "%s"), alone(""), alone("9", "<br>")])
    second = tags_of([alone("2", "%s"), alone("7", "<br>"), alone("1", "%d"), alone("")])
    assert correspondence(first, second) == {0: 1, 1: 3, 2: 0, 3: 2}
