"""CSV: every text comes back, whatever line ends stand in it."""

from csv import QUOTE_ALL, QUOTE_MINIMAL, writer
from io import StringIO
from pathlib import Path

import pytest

from interlingua.errors import DataError
from interlingua.formats import csv


@pytest.mark.parametrize("text", ["a\rb", "\r", "a\nb", "a\r\nb", 'a "b"\r', "a,b", ""])
def test_line_ends_inside_a_text_come_back(tmp_path: Path, text: str) -> None:
    path = tmp_path / "table.csv"
    csv.write(path, ["en", "de"], [[text, "x"], ["y", text]])
    rows = [dict(row.columns) for row in csv.read(path)]
    expected = text.replace("\r\n", "\n")  # line ends of files are one, as everywhere
    assert rows == [{"en": expected, "de": "x"}, {"en": "y", "de": expected}]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("quoted", [False, True])
def test_the_header_shows_what_stands_between_the_fields(tmp_path: Path, delimiter: str, quoted: bool) -> None:
    """As spreadsheets write it where the comma is that of decimals: with a byte order mark and CRLF, too."""
    rows = [["en", "de", "a, b; c" if quoted else "note"], ["Salt; pepper", "Eins, zwei", ""], ['"yes"', "a\tb", "; ;"]]
    lines = StringIO()
    writer(lines, delimiter=delimiter, quoting=QUOTE_ALL if quoted else QUOTE_MINIMAL).writerows(rows)
    path = tmp_path / "table.csv"
    path.write_bytes(b"\xef\xbb\xbf" + lines.getvalue().encode())
    assert [list(row.columns) for row in csv.read(path)] == [rows[0]] * 2
    assert [list(row.columns.values()) for row in csv.read(path)] == rows[1:]


@pytest.mark.parametrize("header", ["a\rb,c\n", '"a\n', '"a"b,c\n', "\n"])
def test_a_header_that_is_none_is_one_error(tmp_path: Path, header: str) -> None:
    (tmp_path / "t.csv").write_text(header, encoding="utf-8", newline="")
    with pytest.raises(DataError):
        list(csv.read(tmp_path / "t.csv"))
