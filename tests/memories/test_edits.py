"""What is left to edit between two texts."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlingua.memories.edits import Edit, Piece, What, compare, places


@pytest.mark.parametrize(
    ("segment", "known", "edits"),
    [
        ("enable the alarm", "Enable the alarm.", [(What.case, "enable", "Enable"), (What.mark, "", ".")]),
        ("Version 2.5", "Version 2.6", [(What.number, "2.5", "2.6")]),
        ("at -5 degrees", "at 5 degrees", [(What.number, "-5", "5")]),
        ("Turn left.", "Turn right.", [(What.word, "left", "right")]),
        ("x > 5", "x < 5", [(What.word, ">", "<")]),
        ("Do <b>it</b> now", "Do it now", [(What.code, "<b> </b>", "")]),
        ("Copied %d files to {folder}", "Copied %s files to {name}", [(What.code, "%d {folder}", "%s {name}")]),
        ("100 % sure", "99 % sure", [(What.number, "100", "99")]),
        ("Why", "Why?", [(What.mark, "", "?")]),
        ("Press →", "Press ←", [(What.word, "→", "←")]),
        ("₹500", "₽500", [(What.word, "₹", "₽")]),
        ("a != b", "a = b", [(What.word, "!=", "=")]),
        ("5 MW", "5 mW", [(What.word, "MW", "mW")]),
        ("to -5 degrees", "to +5 degrees", [(What.number, "-5", "+5")]),
        ("{n, plural, other {# files}}", "{n, plural, other {# days}}", [(What.word, "files", "days")]),
        ("cafe\u0301", "caf\u00e9", []),
        ("Don\u2019t", "Don\u2019t", []),
    ],
)
def test_edits(segment: str, known: str, edits: list[tuple[What, str, str]]) -> None:
    assert compare(segment, known).edits == tuple(Edit(*one) for one in edits)


@pytest.mark.parametrize(
    ("segment", "known", "language"),
    [
        ("You can not edit it", "You can edit it", "en"),
        ("You don't know", "You do know", "en-GB"),
        ("Das ist nicht gut", "Das ist gut", "de"),
        ("\u6211\u4e0d\u559c\u6b22", "\u6211\u559c\u6b22", "zh"),
        ("\u092f\u0939 \u0918\u0930 \u0928\u0939\u0940\u0902 \u0939\u0948", "\u092f\u0939 \u0918\u0930 \u0939\u0948", "hi"),
        ("niekas ten be durų", "ten su durimis", "lt"),
        ("sin azúcar", "con azúcar", "und"),
    ],
)  # fmt: skip
def test_words_that_deny(segment: str, known: str, language: str) -> None:
    for one, other in ((segment, known), (known, segment)):
        found = compare(one, other, language)
        assert found.denied
        assert What.negation in [edit.what for edit in found.edits]


def test_a_word_that_denies_elsewhere_is_a_word() -> None:
    assert not compare("The sin of pride", "The pride", "en").denied
    assert not compare("two be or not", "two or not", "en").denied


def test_a_share_of_words_or_of_characters() -> None:
    assert compare("one two three", "one two").words == pytest.approx(2 / 3)
    assert compare("\u4e00\u4e8c\u4e09", "\u4e00\u4e8c").words == pytest.approx(2 / 3)
    files = compare("delete the files", "delete the file")
    door = compare("delete the files", "delete the door")
    assert door.words < files.words < 1  # of another form of a word half stays
    assert files.exchanged
    assert door.exchanged
    assert not compare("one two three", "one two").exchanged


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_two_texts(one: str, other: str) -> None:
    found = compare(one, other)
    assert 0 <= found.words <= 1
    assert compare(one, one).edits == ()
    assert "".join(piece for _, piece, _ in places(one)) == "".join(one.split())


@given(st.lists(st.sampled_from(["<b>", "%s", "12", "word", "\u6211", "...", "-", "{x}"]), max_size=8))
def test_pieces_stand_where_they_are_said_to(parts: list[str]) -> None:
    text = " ".join(parts)
    for kind, piece, start in places(text):
        assert text[start : start + len(piece)] == piece
        assert (kind is Piece.number) == piece.isdigit()


def test_texts_of_a_megabyte_end() -> None:
    began = time.monotonic()
    for one, other in (
        (("ab" * 500_000), ("ba" * 500_000)),
        (" ".join("ab" * 250_000), " ".join("ba" * 250_000)),
        ("<" * 10**6, "{" * 10**6),
    ):
        compare(one, other)
    assert time.monotonic() - began < 60
