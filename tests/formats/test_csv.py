"""CSV: every text comes back, whatever line ends stand in it."""

from pathlib import Path

import pytest

from interlingua.formats import csv


@pytest.mark.parametrize("text", ["a\rb", "\r", "a\nb", "a\r\nb", 'a "b"\r', "a,b", ""])
def test_line_ends_inside_a_text_come_back(tmp_path: Path, text: str) -> None:
    path = tmp_path / "table.csv"
    csv.write(path, ["en", "de"], [[text, "x"], ["y", text]])
    rows = [dict(row.columns) for row in csv.read(path)]
    expected = text.replace("\r\n", "\n")  # line ends of files are one, as everywhere
    assert rows == [{"en": expected, "de": "x"}, {"en": "y", "de": expected}]
