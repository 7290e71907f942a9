"""Subtitles."""

import pytest

from interlingua.documents.subtitles import passages
from interlingua.errors import DataError


@pytest.fixture
def read(tmp_path):
    def read(content, suffix=".srt"):
        path = tmp_path / f"film{suffix}"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return [(one.place, one.text) for one in passages(path)]

    return read


def srt(*cues):
    """Cues of a second each: (begin in seconds, text)."""
    return "".join(
        f"{n}\n00:00:{at:02},000 --> 00:00:{at + 1:02},000\n{text}\n\n" for n, (at, text) in enumerate(cues, 1)
    )


def test_cues_are_joined_to_sentences(read):
    assert read(
        srt(
            (1, "It was a dark\nand stormy night,"),
            (2, "and nobody slept."),
            (3, "Then it"),
            (4, "stopped. We"),
            (5, "went."),
        )
    ) == [
        ("00:00:01.000", "It was a dark and stormy night, and nobody slept."),
        ("00:00:03.000", "Then it stopped. We went."),
    ]


def test_a_pause_ends_a_passage(read):
    assert read(srt((1, "one"), (5, "two"), (10, "three"))) == [("00:00:01.000", "one two"), ("00:00:10.000", "three")]


@pytest.mark.parametrize(
    "text", ["Who?", "He said “no.”", "走吧。", "मैं गया।", "ماذا؟", "ተኛ።", "Really?!»", "♪ la la ♪", "Wait…"]
)
def test_sentences_end_in_every_script(read, text):
    assert [one for _, one in read(srt((1, text), (2, "next")))] == [text, "next"]


def test_scripts_without_spaces_are_joined_without(read):
    assert read(srt((1, "我们现在"), (2, "走\n吧"))) == [("00:00:01.000", "我们现在走吧")]


def test_machines_write_no_full_stops(read):
    found = read(srt(*((n, f"{n:04} " * 20) for n in range(20))))
    assert [place[-6:-4] for place, _ in found] == ["00", "06", "12", "18"]


def test_lines_of_dialogue_stand_alone(read):
    assert read(srt((1, "- Who is there\n- Me"), (2, "and you\n-5 degrees"))) == [
        ("00:00:01.000", "Who is there"),
        ("00:00:01.000", "Me and you -5 degrees"),
    ]


def test_formatting_is_no_text(read):
    text = '{\\an8}<i>One</i> <font color="red">two</font> &lt;3 &amp; R&D <3 <b>x'
    assert read(srt((1, text))) == [("00:00:01.000", "One two <3 & R&D <3 x")]


def test_webvtt(read):
    content = (
        "\ufeffWEBVTT - a title\nKind: captions\n\nSTYLE\n::cue(i) {}\n\nNOTE\nmore\nnotes --\n\nREGION\nid:x\n\nintro\n"
        "00:01.000 --> 00:02.000 line:0\n<v.loud Ann>Hello <c.x>my</c>, <00:01.500>dear</v>\n\n01:00:02.100 --> 01:00:03.000\n"
        "<ruby>漢<rt>kan</rt></ruby>\n\nNOTE end"
    )
    assert read(content, ".vtt") == [("00:00:01.000", "Hello my, dear"), ("01:00:02.100", "漢")]


def test_captions_that_roll_are_read_once(read):
    content = (
        "WEBVTT\n\n00:01.000 --> 00:02.000\n \nso<00:01.500><c> this</c>\n\n00:02.000 --> 00:02.010\nso this\n \n\n"
        "00:02.010 --> 00:03.000\nso this\nis<c> it</c>\n\n00:04.000 --> 00:05.000\nis it"
    )
    assert read(content, ".vtt") == [("00:00:01.000", "so this is it is it")]


def test_files_as_they_are(read):
    """Line ends of Windows, UTF-16, empty lines where none belong, missing numbers and missing empty lines."""
    content = srt((1, "one"), (2, "two"))
    assert read(content.replace("\n", "\r\n").encode("utf-16")) == [("00:00:01.000", "one two")]
    assert read(content.replace("\n", "\n\n")) == [("00:00:01.000", "one two")]
    assert read(content.replace("\n\n", "\n")) == [("00:00:01.000", "one two")]
    assert read(content.replace("1\n00", "00").replace("2\n00", "00")) == [("00:00:01.000", "one two")]
    assert read(srt((1, "one\n\nstill one"), (2, "42"))) == [("00:00:01.000", "one still one 42")]
    assert read("1\n0:0:1,5 --> 0:0:2.0 X1:1\na") == [("00:00:01.500", "a")]
    assert read("") == []


@pytest.mark.parametrize(
    ("content", "suffix", "said"),
    [
        ("1\n00:00:01,000 -> 00:00:02,000\na", ".srt", ":2: not a timing"),
        ("1\n00:00:01,000 -->\na", ".srt", ":2: not a timing"),
        (srt((1, "a")) + "2\n00:00:0x,000 --> 00:00:02,000\nb", ".srt", ":6: not a timing"),
        ("Hello\n", ".srt", ":1: text before the first timing"),
        ("00:01.000 --> 00:02.000\na", ".vtt", ":1: not WebVTT"),
        (b"1\n00:00:01,000 --> 00:00:02,000\n\xe9", ".srt", ":3: byte 33 is not UTF-8"),
    ],
)
def test_damage_is_one_error_with_its_line(read, content, suffix, said):
    with pytest.raises(DataError, match=said):
        read(content, suffix)
