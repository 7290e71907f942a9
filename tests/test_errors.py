"""What a user can mend is one line."""

import pickle

import pytest

from interlingua.errors import ConfigError, DataError, InterlinguaError, ModelFormatError, UnknownName
from interlingua.formats import csv, tsv


@pytest.mark.parametrize("sign", ["\r", "\n", "\x1b", "\0", "\x85", "\u2028"])
def test_what_is_cited_neither_breaks_the_line_nor_commands_the_terminal(sign):
    for error in (
        InterlinguaError(f"a{sign}b"),
        ConfigError(f"a{sign}b"),
        DataError("a", f"b{sign}c", 1),
        ModelFormatError(f"a{sign}", "b"),
        UnknownName("thing", f"a{sign}b", ["c"]),
    ):
        assert sign not in str(error)
        assert len(str(error).splitlines()) == 1
    assert str(ConfigError("a\rb \x1b[2J")) == r"a\rb \x1b[2J"


def test_text_of_any_language_is_cited_as_it_is():
    text = "naïve Кошка 猫 \u202bالقطة \U0001f468\u200d\U0001f469"
    assert str(DataError(text, "a", 1)) == f"a:1: {text}"


def test_a_carriage_return_in_a_header(tmp_path):
    """As the fuzzer found it."""
    for module, content in ((tsv, b"a\rb\tc\nd\n"), (csv, b'"a\nb",c\nd\n')):
        path = tmp_path / "some"
        path.write_bytes(content)
        with pytest.raises(DataError) as caught:
            list(module.read(path))
        assert len(str(caught.value).splitlines()) == 1


def test_an_error_travels_between_processes():
    error = pickle.loads(pickle.dumps(ConfigError("a\nb")))
    assert str(error) == r"a\nb"
