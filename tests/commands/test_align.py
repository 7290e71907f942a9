"""Two documents, their alignment as a table, the table corrected, and the pairs of that."""

from types import SimpleNamespace

import pytest

from interlingua import cli
from interlingua.formats import csv, read_rows
from tests.mining.test_review import DE, EN, encode


@pytest.fixture
def align(tmp_path, monkeypatch):
    """Runs align on the two documents; what it says."""
    monkeypatch.setattr("interlingua.commands.align.load", lambda *_: SimpleNamespace(encode=encode))
    for document in (EN, DE):
        text = "\n".join(document.sentences).replace("Two here.", "Two\u202fhere.").replace("Zwei hier.\n", "")
        (tmp_path / f"{document.language}.txt").write_text(text + "\n", "utf-8")

    def run(*flags):
        assert (
            cli.run(["align", *(str(tmp_path / f"{name}.txt") for name in ("en", "de")), "--model", "m", *flags]) == 0
        )

    return run


def pairs(path):
    return [(row.columns["source"], row.columns["target"]) for row in read_rows(path)]


def test_a_table_that_nobody_corrected_gives_the_same_pairs(tmp_path, align):
    output, again, table = tmp_path / "pairs.tsv", tmp_path / "again.tsv", tmp_path / "review.csv"
    align("-o", str(output), "--table", str(table))
    assert ("Two\u202fhere.", "") in pairs(table)
    align("-o", str(again), "--review", str(table))
    assert again.read_text("utf-8") == output.read_text("utf-8")


def test_corrections_become_the_pairs(tmp_path, align, capsys):
    output, table = tmp_path / "pairs.tsv", tmp_path / "review.csv"
    align("-o", str(output), "--table", str(table))
    rows = [list(row.columns.values()) for row in read_rows(table)]
    rows[0][1] = "drop"
    rows[1][5] = "Zwei da."  # a translation that the document lacks
    rows[3][1] = rows[4][1] = "redo"
    rows[3][5], rows[4][5] = "", f"{rows[3][5]} {rows[4][5]}"
    del rows[2]
    csv.write(table, ("number", "status", "score", "flags", "source", "target"), rows)
    capsys.readouterr()
    align("-o", str(output), "--review", str(table))
    assert pairs(output) == [("Two\u202fhere.", "Zwei da."), ("Four.", "Vier."), ("Five.", "Fünf.")]
    said = capsys.readouterr()
    assert "3 pairs of 4 rows (1 with other texts than the documents, 2 aligned anew, 1 dropped)" in said.out + said.err


def test_what_a_spreadsheet_broke_is_one_error_with_its_line(tmp_path, align, capsys):
    table = tmp_path / "review.csv"
    csv.write(table, ("source", "target"), [("One.", "Eins."), ("#NAME?", "Vier.")])
    with pytest.raises(AssertionError):
        align("-o", str(tmp_path / "pairs.tsv"), "--review", str(table))
    assert "review.csv:3: #NAME? in the place of a text" in capsys.readouterr().err
    assert not (tmp_path / "pairs.tsv").exists()
