"""Interface strings in JSON."""

import json

import pytest

from interlingua.documents.json import passages
from interlingua.errors import DataError


def read(tmp_path, content):
    path = tmp_path / "en.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return {passage.key: passage.text for passage in passages(path)}


def test_texts_have_the_names_that_lead_to_them(tmp_path):
    content = {"menu": {"open": "Open", "recent": ["One", "Two"]}, "title": "Home", "width": 3, "empty": " "}
    assert read(tmp_path, content) == {
        "menu.open": "Open",
        "menu.recent.0": "One",
        "menu.recent.1": "Two",
        "title": "Home",
    }


def test_plurals_of_icu_are_one_text(tmp_path):
    text = "{n, plural, one {# file} other {# files}}"
    assert read(tmp_path, {"files": text}) == {"files": text}


def test_what_arb_says_about_messages_is_no_text(tmp_path):
    content = {"@@locale": "en", "hello": "Hello", "@hello": {"description": "A greeting"}}
    assert read(tmp_path, content) == {"hello": "Hello"}


def test_messages_of_an_extension(tmp_path):
    content = {"name": {"message": "Notes", "description": "Its name"}, "open": {"message": "Open"}}
    assert read(tmp_path, content) == {"name": "Notes", "open": "Open"}
    assert read(tmp_path, {"form": {"message": "Your message", "name": "Your name"}}) == {
        "form.message": "Your message",
        "form.name": "Your name",
    }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{\n'a': 1}", ":2: not JSON"),
        ('"text"', "texts under names"),
        ("[" * 100_000, "too deeply"),
        ("1" * 5000, "too"),
    ],
)
def test_what_is_no_json_of_strings_is_one_error(tmp_path, content, said):
    with pytest.raises(DataError, match=said):
        read(tmp_path, content)


def test_a_name_twice_is_said(tmp_path, capsys):
    content = '{"a": "First", "b": {"c": "x", "c": "y"}, "a": "Second", "@a": 1, "@a": 2}'
    assert read(tmp_path, content) == {"a": "Second", "b.c": "y"}
    assert "2 names stand twice in one object; the last counts: a, c" in capsys.readouterr().err
