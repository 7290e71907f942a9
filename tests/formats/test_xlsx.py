"""Workbooks: what spreadsheets make of texts, and what they must not make of them."""

import io
import sys
import zipfile
from datetime import date, datetime

import pytest

from interlingua.errors import ConfigError, DataError, MissingDependency
from interlingua.formats import xlsx

pytest.importorskip("xlsxwriter")
pytest.importorskip("python_calamine")
import xlsxwriter
from python_calamine import CalamineWorkbook


def workbook(path, *sheets):
    """Sheets of rows of values, as a person may make them."""
    with xlsxwriter.Workbook(str(path)) as made:
        dated = made.add_format({"num_format": "yyyy-mm-dd"})
        timed = made.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for rows in sheets:
            sheet = made.add_worksheet()
            for number, cells in rows.items():
                for place, value in enumerate(cells):
                    if isinstance(value, date):
                        sheet.write_datetime(number, place, value, timed if isinstance(value, datetime) else dated)
                    else:
                        sheet.write(number, place, value)


def test_cells_are_texts_as_people_see_them(tmp_path):
    path = tmp_path / "a.xlsx"
    row = ["a", 3, 2.5, True, date(2026, 11, 30), datetime(2026, 11, 30, 12, 30), " x\ny "]
    workbook(
        path, {}, {2: ["source", "n", "half", "yes", "day", "time", "target", None], 3: row, 5: ["b", *[""] * 5, "c"]}
    )
    assert [(row.line, list(row.columns.values())) for row in xlsx.read(path)] == [
        (4, ["a", "3", "2.5", "TRUE", "2026-11-30", "2026-11-30 12:30:00", " x\ny "]),
        (6, ["b", "", "", "", "", "", "c"]),
    ]


def test_a_cell_beside_the_named_columns_is_an_error(tmp_path):
    workbook(tmp_path / "a.xlsx", {0: ["source", "target"], 1: ["a", "b", "a note"]})
    with pytest.raises(DataError, match=r":2: a cell beside the columns.*a note"):
        list(xlsx.read(tmp_path / "a.xlsx"))


def test_texts_stay_texts(tmp_path):
    """No formula, no link, no number; spaces, line ends and escapes as they were; the same bytes each time."""
    texts = ["=1+1", "http://example.com", "007", "1e5", " two  spaces ", "a\nb\tc\rd", "_x0041_", "{=x}", "\x01", "😀"]
    for name in ("a.xlsx", "b.xlsx"):
        xlsx.write(tmp_path / name, ("source", "target"), [(text, text) for text in texts])
    assert [row.columns["source"] for row in xlsx.read(tmp_path / "a.xlsx")] == texts
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert "autoFilter" in sheet
    assert 'state="frozen"' in sheet


def test_what_no_sheet_holds_is_one_error_and_no_file(tmp_path, monkeypatch):
    path = tmp_path / "a.xlsx"
    with pytest.raises(ConfigError, match="row 2 has a text of more than 32,767 characters"):
        xlsx.write(path, ("source", "target"), [("a" * 32_768, "b")])
    monkeypatch.setattr(xlsx, "MOST_ROWS", 3)
    with pytest.raises(ConfigError, match="more than 3 rows"):
        xlsx.write(path, ("source", "target"), [("a", "b")] * 3)
    assert list(tmp_path.iterdir()) == []
    xlsx.write(path, ("source", "target"), [("a" * 32_767, "b")] * 2)
    assert len(list(xlsx.read(path))) == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"text", "no ZIP archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "protected by a password"),
    ],
)
def test_what_is_no_workbook_is_one_error(tmp_path, content, said):
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(DataError, match=said):
        list(xlsx.read(tmp_path / "a.xlsx"))


def test_archives_of_other_kinds_and_bombs(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", "<a/>")
    with pytest.raises(DataError, match="not a workbook"):
        list(xlsx.read(tmp_path / "a.xlsx"))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(1 << 27))
    (tmp_path / "b.xlsx").write_bytes(file.getvalue())
    with pytest.raises(DataError, match="decompression bomb"):
        list(xlsx.read(tmp_path / "b.xlsx"))


@pytest.mark.parametrize("package", ["python_calamine", "xlsxwriter"])
def test_packages_are_named_where_they_are_missing(tmp_path, monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingDependency, match="documents"):
        xlsx.write(tmp_path / "a.xlsx", ("a", "b"), [("c", "d")])
        list(xlsx.read(tmp_path / "a.xlsx"))


def test_an_empty_workbook_is_one_error(tmp_path):
    workbook(tmp_path / "a.xlsx", {})
    with pytest.raises(DataError, match="is empty"):
        list(xlsx.read(tmp_path / "a.xlsx"))


def test_what_is_left_out_is_said(tmp_path, capsys):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        sheet = made.add_worksheet("Texts")
        for row, cells in enumerate((["source", "target"], ["One", "Eins"], ["Two", ""], ["Three", ""])):
            sheet.write_row(row, 0, cells)
        sheet.merge_range("A4:A5", "Three")
        sheet.write_formula("B3", '="Z"&"wei"', value="")
        sheet.write_formula("B4", '="D"&"rei"', value="Drei")
        made.add_worksheet("Empty")
        made.add_worksheet("More").write(0, 0, "x")
    assert [list(row.columns.values()) for row in xlsx.read(path)] == [["One", "Eins"], ["Two", ""], ["Three", "Drei"]]
    said = capsys.readouterr().err
    assert "read the sheet 'Texts'; left out 'More'\n" in said
    assert "1 merged cells are over several rows" in said
    assert "1 formulas have no result and were read as empty (B3)" in said


def test_what_is_counted_can_be_sorted(tmp_path):
    path, column = tmp_path / "a.xlsx", ["10", "007", "1.50", "", "x", "0"]
    xlsx.write(path, ("number", "score", "source"), [(one, one, one) for one in column])
    cells = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[1:]
    assert [row[0] for row in cells] == [10.0, "007", "1.50", "", "x", 0.0]
    assert [row[1:] for row in cells] == [[one, one] for one in column]
    assert [row.columns["number"] for row in xlsx.read(path)] == [one for one in column if one]
