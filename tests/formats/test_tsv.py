"""Tables: tabs without quoting, commas with."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua.errors import ConfigError, DataError
from interlingua.formats import csv, tsv


def rows(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [(row.line, *row.columns.values()) for row in (csv if path.suffix == ".csv" else tsv).read(path)]


def test_quotes_are_text_in_tsv(tmp_path):
    assert rows(tmp_path / "a.tsv", 'source\ttarget\n"one\t"zwei""\n\'\t"\n') == [(2, '"one', '"zwei""'), (3, "'", '"')]


def test_a_mark_and_windows_line_ends(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_bytes("source\ttarget\r\na\tä\r\n".encode("utf-8-sig"))
    assert [row.columns for row in tsv.read(path)] == [{"source": "a", "target": "ä"}]


def test_quotes_and_line_ends_in_csv(tmp_path):
    content = 'source,target\n"a, ""b""\nc",d\n\ne,f\n'
    assert rows(tmp_path / "a.csv", content) == [(2, 'a, "b"\nc', "d"), (5, "e", "f")]


@pytest.mark.parametrize(
    ("name", "content", "line", "problem"),
    [
        ("a.tsv", "source\ttarget\na\tb\na\n", 3, "1 fields, the header names 2"),
        ("a.tsv", "source\ttarget\na\tb\tc\n", 2, "3 fields"),
        ("a.tsv", "source\ttarget\na\tb\n\n", 3, "1 fields"),
        ("a.csv", "source,target\na,b\na,b,c\n", 3, "3 fields"),
        ("a.csv", 'source,target\na,b\n"a,b\nc,d\n', 3, "not CSV"),
        ("a.tsv", "source\tsource\na\tb\n", 1, "name each column once"),
        ("a.tsv", "source\ttarget\ra\tb\rc\td\r", 1, "lone carriage returns"),
        ("a.tsv", "source\t\na\tb\n", 1, "name each column once"),
        ("a.tsv", b"source\ttarget\na\tb\nc\t\xff\n", 3, "not UTF-8"),
        ("a.csv", b"source,target\na,\xff\n", 2, "not UTF-8"),
        ("a.tsv", "source\ttarget\na\0\tb\n", 2, "NUL"),
        ("a.tsv", "", None, "empty"),
    ],
)
def test_bad_tables_name_the_line(tmp_path, name, content, line, problem):
    with pytest.raises(DataError, match=problem) as caught:
        rows(tmp_path / name, content)
    assert (caught.value.path, caught.value.line) == (tmp_path / name, line)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), st.just("x")), max_size=6
    )
)
def test_what_is_written_is_read(tmp_path_factory, pairs):
    """Tabs and line ends would break the table: they become spaces, and no row is lost for them."""
    path = tmp_path_factory.mktemp("tsv") / "a.tsv"
    tsv.write(path, ("source", "target"), pairs)
    read = [tuple(row.columns.values()) for row in tsv.read(path)]
    assert len(read) == len(pairs)
    assert [text.split() for text, _ in read] == [text.split() for text, _ in pairs]


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\t\n\r\0\ufeff"), max_size=12)


@settings(deadline=None)
@given(st.lists(st.tuples(CELL, CELL), max_size=8))
def test_what_needs_no_change_is_read_as_it_was(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("tsv") / "a.tsv"
    tsv.write(path, ("x", "y"), rows)
    assert [(row.columns["x"], row.columns["y"]) for row in tsv.read(path)] == rows


def test_a_failed_writing_keeps_the_old_table(tmp_path):
    path = tmp_path / "a.tsv"
    tsv.write(path, ("a", "b"), [("1", "2")])

    def broken():
        yield ("3", "4")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tsv.write(path, ("a", "b"), broken())
    assert path.read_text() == "a\tb\n1\t2\n"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("header", [["", "de"], ["de", " "], ["de", "de"], ["de", " de\t"]])
@pytest.mark.parametrize("one", [tsv, csv])
def test_a_header_that_cannot_be_read_back_is_not_written(tmp_path, one, header):
    with pytest.raises(ConfigError, match=r"each column needs a name of its own.*--source-language"):
        one.write(tmp_path / "a", header, [["a", "b"]])
    assert not (tmp_path / "a").exists()


def test_columns_are_known_whatever_their_capitals(tmp_path):
    (tmp_path / "a.tsv").write_text("Source\tTARGET\tNote\na\tb\tc\n", "utf-8")
    assert [row.columns for row in tsv.read(tmp_path / "a.tsv")] == [{"source": "a", "target": "b", "Note": "c"}]
