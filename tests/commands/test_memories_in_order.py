"""`tm info`, `merge`, `dedupe`, `filter`, `search` and `terms` as a user meets them."""

import csv
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from interlingua import cli
from interlingua.formats import open_memory

TMX = """<tmx version="1.4"><header creationtool="T" creationtoolversion="1" segtype="sentence" o-tmf="T" adminlang="en"
 srclang="en" datatype="plaintext"><note>about</note></header><body>
<tu tuid="1" creationdate="20220301T100000Z" creationid="ann"><prop type="x-domain">law</prop>
<tuv xml:lang="en"><seg>The <hi>printer</hi> is open.</seg></tuv><tuv xml:lang="de"><seg>Der Drucker ist offen.</seg></tuv></tu>
<tu tuid="2" changedate="20240301T100000Z" changeid="bob"><tuv xml:lang="en"><seg>Close it.</seg></tuv>
<tuv xml:lang="de"><seg>Bitte schließen.</seg></tuv></tu>
<tu tuid="3" changedate="20230301T100000Z"><tuv xml:lang="EN"><seg>Close  it.</seg></tuv>
<tuv xml:lang="de"><seg>Schließen.</seg></tuv></tu></body></tmx>"""
PO = """msgid ""
msgstr "Language: de\\nContent-Type: text/plain; charset=UTF-8\\n"

msgctxt "menu"
msgid "Close it."
msgstr "Zu"

msgid "Close it."
msgstr "Schließen."

#, fuzzy
msgid "Print"
msgstr "Drucken?"
"""
TABLE = "en,de,who,note\nClose it.,Schließen.,eve,\nRed,Rot,ann,kept\nBlue,,,\n"


@pytest.fixture(autouse=True)
def _files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, content in {"a.tmx": TMX, "b.po": PO, "c.csv": TABLE}.items():
        Path(name).write_text(content, encoding="utf-8")


def run(*arguments):
    assert cli.run(["tm", *arguments]) == 0


def texts(path):
    return [" | ".join(variant.text for variant in unit.variants) for unit in open_memory(Path(path))]


def table(text):
    return list(csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))


def test_info(capsys):
    run("info", "a.tmx", "c.csv")
    shown = capsys.readouterr().out
    assert shown.startswith("a.tmx: 3 units\n")
    assert "\n\nc.csv: 3 units\n" in shown
    run("info", "b.po", "--json")
    (found,) = json.loads(capsys.readouterr().out)["files"]
    assert (found["file"], found["units"], found["fuzzy"]) == ("b.po", 3, 1)
    assert cli.run(["tm", "info", "absent.tmx"]) == 2


def test_merge(capsys):
    run("merge", "a.tmx", "b.po", "c.csv", "-o", "all.tmx", "--source-language", "en", "--target-language", "de")
    assert capsys.readouterr().err == (
        "7 units from 3 files: all.tmx; 2 of 9 were equal to another\n"
        "not kept (number of units): headers of further files 1\n"
    )
    units = list(open_memory(Path("all.tmx")))
    assert [unit.variants[0].text for unit in units] == [
        "The printer is open.", "Close it.", "Close  it.", "Close it.", "Print", "Red", "Blue",
    ]  # fmt: skip
    origins = [next(r.text for r in unit.remarks if r.name == "x-memory") for unit in units]
    assert origins == ["a.tmx"] * 3 + ["b.po"] * 2 + ["c.csv"] * 2
    assert "<hi>printer</hi>" in Path("all.tmx").read_text("utf-8")
    run("merge", "all.tmx", "a.tmx", "-o", "again.tmx")
    assert Path("again.tmx").read_text("utf-8") == Path("all.tmx").read_text("utf-8")


def test_merged_tables_have_all_columns(capsys):
    Path("d.tsv").write_text("de\ten\textra\nGrün\tGreen\t+\n", encoding="utf-8")
    run("merge", "c.csv", "d.tsv", "-o", "all.csv")
    assert "not kept" not in capsys.readouterr().err
    assert Path("all.csv").read_text("utf-8").splitlines() == [
        "en,de,who,x-memory,note,extra", "Close it.,Schließen.,eve,c.csv,,", "Red,Rot,ann,c.csv,kept,", "Blue,,,c.csv,,",
        "Green,Grün,,d.tsv,,+",
    ]  # fmt: skip
    Path("e.csv").write_text("source,target\na,b\n", encoding="utf-8")
    assert cli.run(["tm", "merge", "c.csv", "e.csv", "-o", "f.csv"]) == 2
    assert "e.csv does not name the languages" in capsys.readouterr().err
    assert not Path("f.csv").exists()


def test_dedupe(capsys):
    run("dedupe", "a.tmx", "-o", "out.tmx", "--keep", "newest", "--conflicts", "conflicts.tsv")
    assert capsys.readouterr().err == (
        "2 units: out.tmx; 1 of 3 removed\n1 sources with several translations: conflicts.tsv\n"
    )
    assert texts("out.tmx") == ["The printer is open. | Der Drucker ist offen.", "Close it. | Bitte schließen."]
    assert table(Path("conflicts.tsv").read_text("utf-8")) == [
        {"source": "Close it.", "target": "Bitte schließen.", "date": "20240301T100000", "author": "bob", "count": "1"},
        {"source": "Close it.", "target": "Schließen.", "date": "20230301T100000", "author": "", "count": "1"},
    ]
    run("dedupe", "b.po", "-o", "out.po", "--keep", "first")
    assert texts("out.po") == texts("b.po")  # another context is another entry
    run("dedupe", "a.tmx", "-o", "out.xlf", "--json")
    result = json.loads(capsys.readouterr().out)
    assert (result["units"], result["removed"], result["not_kept"]) == (3, 0, {})


def test_a_table_keeps_its_rows_as_they_were():
    Path("t.csv").write_text("id,en,de,fr,date\n1,a,b,,\n2,a,b,,x\n2,a,d,e,y\n3,,x,y,\n", encoding="utf-8")
    run("dedupe", "t.csv", "-o", "out.csv", "--keep", "first")
    assert Path("out.csv").read_text("utf-8") == "id,en,de,fr,date\n1,a,b,,\n2,a,,e,y\n3,,x,y,\n"
    Path("u.csv").write_text("source,target,who\n,b,ann\nc,,bob\nd,e,ann\n", encoding="utf-8")
    run("filter", "u.csv", "-o", "out.csv", "--property", "who=ann")
    assert Path("out.csv").read_text("utf-8") == "source,target,who\n,b,ann\nd,e,ann\n"


def test_filter(capsys):
    run("filter", "a.tmx", "-o", "law.tmx", "--property", "x-domain=law", "--rest", "rest.tmx")
    assert capsys.readouterr().err == "1 of 3 units: law.tmx; 2 others: rest.tmx\n"
    assert [len(texts(name)) for name in ("law.tmx", "rest.tmx")] == [1, 2]
    assert "<note>about</note>" in Path("rest.tmx").read_text("utf-8")
    run("filter", "b.po", "-o", "out.po", "--state", "needs-work", "--invert")
    assert texts("out.po") == texts("b.po")[:2]
    run("filter", "a.tmx", "-o", "out.tsv", "--pattern", "^Close", "--in", "source", "--until", "2023", "--json")
    result = json.loads(capsys.readouterr().out)
    assert (result["units"], result["read"]) == (1, 3)


@pytest.mark.parametrize("suffix", [".tmx", ".xlf", ".po", ".mo", ".jsonl", ".parquet", ".tsv", ".csv"])
def test_nothing_is_a_valid_file(suffix, capsys):
    run("filter", "a.tmx", "-o", f"out{suffix}", "--since", "2030")
    assert "0 of 3 units: " in (said := capsys.readouterr().err)
    assert "no unit fits: the file has no units" in said
    if suffix != ".csv" and suffix != ".tsv":
        assert texts(f"out{suffix}") == []
    else:
        assert (
            Path(f"out{suffix}").read_text("utf-8").split()
            == [f"en{',' if suffix == '.csv' else chr(9)}de".split()[0], "de"][: 1 if suffix == ".csv" else 2]
        )


def test_search(capsys):
    run("search", "close it", "--memory", "a.tmx", "b.po", "c.csv")
    said = capsys.readouterr()
    assert [(row["target"], row["memory"], row["line"], row["context"]) for row in table(said.out)] == [
        ("Bitte schließen.", "a.tmx", "6", ""), ("Zu", "b.po", "4", "menu"), ("Schließen.", "b.po", "8", ""),
        ("Schließen.", "c.csv", "2", ""),
    ]  # fmt: skip
    assert said.err == "4 hits\n"
    run("search", "drucke.", "--regex", "--memory", "a.tmx", "b.po", "--limit", "1", "-o", "hits.jsonl")
    assert capsys.readouterr().err == "1 hits (the first 1; --limit 0 shows all)\n"
    run("search", "PRINTER", "--memory", "a.tmx", "--json")
    (hit,) = json.loads(capsys.readouterr().out)["hits"]
    assert (hit["source_places"], hit["unit"], hit["properties"]) == ([[4, 11]], "1", {"x-domain": "law"})
    run("search", "PRINTER", "--memory", "a.tmx", "--exact-case")
    run("search", "schliessen", "--in", "source", "--memory", "a.tmx")
    assert capsys.readouterr().err == "0 hits\n0 hits\n"


def test_a_terminal_shows_what_was_found(capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    Path("bad.jsonl").write_text('{"en": "red \\u001b[2J", "de": "rot"}\n', encoding="utf-8")
    run("search", "red", "--memory", "bad.jsonl")
    shown = capsys.readouterr().out
    assert "\x1b[1;7mred\x1b[0m" in shown
    assert "\x1b[2J" not in shown
    assert "bad.jsonl:1" in shown


def test_search_by_meaning(capsys, monkeypatch):
    class Model:
        def encode(self, texts, language="und"):
            return np.stack([np.array([np.cos(len(text)), np.sin(len(text))], np.float32) for text in texts])

    monkeypatch.setattr("interlingua.commands.tm.search.load", lambda *_: Model())
    monkeypatch.setattr("interlingua.commands.tm.search.about", lambda *_: {"name": "model"})
    run("search", "Red", "--memory", "c.csv", "-m", "model", "-k", "1", "--cache", "kept")
    said = capsys.readouterr()
    assert [(row["kind"], row["source"]) for row in table(said.out)] == [("form", "Red"), ("meaning", "Close it.")]
    assert said.err == "1 hits, 1 by meaning\n"
    assert len(list(Path("kept").iterdir())) == 1


def test_terms(capsys):
    Path("g.tsv").write_text(
        "source\ttarget\tstatus\nprinter\tDruckgerät\t\nclose\tzumachen\t\nclose\tschließen\tforbidden\n", "utf-8"
    )
    run("terms", "a.tmx", "--glossary", "g.tsv")
    said = capsys.readouterr()
    assert [(row["line"], row["unit"], row["problem"], row["term"], row["expected"]) for row in table(said.out)] == [
        ("4", "1", "missing", "printer", "Druckgerät"),
        ("6", "2", "missing", "close", "zumachen"), ("6", "2", "forbidden", "schließen", ""),
        ("8", "3", "missing", "close", "zumachen"), ("8", "3", "forbidden", "schließen", ""),
    ]  # fmt: skip
    assert said.err == "3 pairs: 3 terms without their translation, 2 forbidden terms\n"
    with pytest.raises(SystemExit) as ended:
        cli.run(["tm", "terms", "a.tmx", "--glossary", "g.tsv", "--fail", "--json"])
    assert ended.value.code == 1
    assert json.loads(capsys.readouterr().out)["missing"] == 3
    Path("good.txt").write_text("printer\tDrucker\n", encoding="utf-8")
    run("terms", "a.tmx", "--glossary", "good.txt", "--fail")
    run("terms", "b.po", "--glossary", "good.txt", "--fail", "-o", "none.csv")
    assert Path("none.csv").read_text("utf-8").count("\n") == 1


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("info", "FILES"),
        ("filter a.tmx -o out.tmx", "say which units to keep"),
        ("filter a.tmx -o out.tmx --since soon", "'soon' is no date"),
        ("filter a.tmx -o out.tmx --pattern (", "no regular expression of RE2"),
        ("filter a.tmx -o out.doc --author a", "out.doc: the suffix '.doc' is no known format"),
        ("dedupe a.tmx -o out.tmx --conflicts out.po", "conflicts are written as"),
        ("dedupe a.tmx -o out.tmx --keep all", "--keep"),
        ("search x --memory absent.tmx", "no such file"),
        ("search x --memory a.tmx -o out.tmx", "hits are written as"),
        ("terms a.tmx --glossary c.csv --target-language fr", "c.csv has terms in en, de, and none in fr"),
    ],
)
def test_what_cannot_be_done_is_one_line(line, problem, capsys):
    assert cli.run(["tm", *line.split()]) == 2
    said = capsys.readouterr().err
    assert problem in said
    assert said.count("error: ") == 1
    assert sorted(path.name for path in Path().iterdir()) == ["a.tmx", "b.po", "c.csv"]
