"""Columns get their roles by name; what is not clear is an error, never a guess."""

import io
import json
import sys
from pathlib import Path

import pytest

from interlingua.data.examples import similarity, texts
from interlingua.data.parallel import ParallelColumns, parallel, read_parallel
from interlingua.errors import DataError
from interlingua.formats import read_rows


def table(folder, *rows, name="pairs.tsv"):
    path = folder / name
    path.write_text("".join("\t".join(row.split("|")) + "\n" for row in rows), "utf-8")
    return path


def pairs(path, *args, **options):
    return [(*example.texts, *example.languages) for example in parallel(path, *args, **options)]


@pytest.mark.parametrize("header", ["source|target", "target|source", "sentence1|sentence2"])
def test_named_sides(tmp_path, header):
    expected = ("b", "a") if header == "target|source" else ("a", "b")
    assert pairs(table(tmp_path, header, "a|b")) == [(*expected, "en", "und")]
    assert pairs(table(tmp_path, header, "a|b"), "eng", target_language="deu") == [(*expected, "en", "de")]


def test_no_file_and_no_language_are_different_problems(tmp_path):
    with pytest.raises(DataError, match=r"^no file of parallel text was named$"):
        read_parallel([])
    with pytest.raises(DataError, match=r"^no pairs in fr; the files hold de$"):
        read_parallel([table(tmp_path, "en|de", "a|b")], languages=["fr"])


def test_language_columns_of_rows(tmp_path):
    path = table(tmp_path, "source|target|source_language|target_language", "a|b|en_US|deu", "c|d|en|zh_CN", "e|f||")
    assert pairs(path, target_language="fr") == [
        ("a", "b", "en", "de"),
        ("c", "d", "en", "zh-CN"),
        ("e", "f", "en", "fr"),
    ]


def test_rows_from_another_language_are_counted(tmp_path, capsys):
    path = table(tmp_path, "source|target|source_language", "a|b|en", "c|d|fr")
    assert pairs(path) == [("a", "b", "en", "und")]
    assert "left out 1 whose source is not in en" in capsys.readouterr().err


def test_columns_named_by_languages(tmp_path):
    path = table(tmp_path, "de|en|fr", "eins|one|un", "zwei|two|")
    assert pairs(path) == [("one", "eins", "en", "de"), ("one", "un", "en", "fr"), ("two", "zwei", "en", "de")]
    assert pairs(path, "de")[:2] == [("eins", "one", "de", "en"), ("eins", "un", "de", "fr")]
    assert pairs(table(tmp_path, "deu|en-US", "a|b")) == [("b", "a", "en", "de")]


def test_the_columns_of_a_table_without_clear_names(tmp_path):
    path = table(tmp_path, "src_lang|src|tgt_lang|tgt|source", "en|a|de|b|web")
    with pytest.raises(DataError, match=r"which columns are source and target\?.*'src_lang', 'src'.*--columns\.source"):
        pairs(path)
    assert pairs(path, columns=ParallelColumns(source="src", target="tgt")) == [("a", "b", "en", "und")]
    columns = ParallelColumns(source="src", target="tgt", source_language="src_lang", target_language="tgt_lang")
    assert pairs(path, columns=columns) == [("a", "b", "en", "de")]


def test_some_columns_told_and_some_named(tmp_path):
    path = table(tmp_path, "source|target|lang|other", "a|b|de|c")
    assert pairs(path, columns=ParallelColumns(target_language="lang")) == [("a", "b", "en", "de")]
    assert pairs(path, columns=ParallelColumns(target="other")) == [("a", "c", "en", "und")]
    with pytest.raises(DataError, match="there is no column 'langs'; the columns are source, target, lang, other"):
        pairs(path, columns=ParallelColumns(target_language="langs"))
    with pytest.raises(DataError, match="cannot have two roles"):
        pairs(path, columns=ParallelColumns(source="lang", target="lang"))
    with pytest.raises(DataError, match="which columns"):
        pairs(path, columns=ParallelColumns(target="source"))
    with pytest.raises(DataError, match="which columns"):
        pairs(table(tmp_path, "en|de", "a|b"), columns=ParallelColumns(source="en"))


@pytest.mark.parametrize(
    ("rows", "line", "problem"),
    [
        (["Hello there.|Guten Tag.", "Thanks.|Danke."], 2, r"which columns.*'Hello there\.', 'Guten Tag\.'"),
        (["source|translation", "a|b"], 2, "which columns"),
        (["source|text|notes", "a|b|c"], 2, "which columns"),
        (["source|target|sentence1|sentence2", "a|b|c|d"], 2, "which columns"),
        (["en|deutsch", "a|b"], 2, "'deutsch': no language code"),
        (["id|en|de", "17|a|b"], 2, "'id' is named by a language and holds a number"),
        (["src|tgt", "a|b"], 2, "no column is in 'en', the columns are src, tgt.*if these are no languages"),
        (["de|fr", "a|b"], 2, "no column is in 'en', the columns are de, fr; choose a language with --source-language"),
        (["en-US|en-GB|de", "a|b|c"], 2, "2 columns are in 'en'"),
        (["One text a line.", "Another."], 2, "one column .*two are needed"),
        (["source|target|target_language", "a|b|de", "a|b|german"], 3, "'german' is not a language code"),
        (["source|target", "a"], 2, "1 fields"),
        (["source|target"], None, "no pairs"),
        (["source|target", "|b", "a|", " | "], None, "no pairs in this file; left out: 3 with an empty side"),
        ([], None, "empty"),
    ],
)
def test_unclear_tables(tmp_path, rows, line, problem):
    path = table(tmp_path, *rows)
    with pytest.raises(DataError, match=problem) as caught:
        pairs(path)
    assert (caught.value.path, caught.value.line) == (path, line)


@pytest.mark.parametrize("options", [{"source_language": "english"}, {"target_language": "german"}])
def test_languages_asked_for_must_be_languages(tmp_path, options):
    with pytest.raises(DataError, match="not a language code"):
        pairs(table(tmp_path, "source|target", "a|b"), **options)


def test_empty_sides_are_counted_once(tmp_path, capsys):
    path = table(tmp_path, "source|target", "a|b", "|c", "d| ", " e |f")
    assert pairs(path) == [("a", "b", "en", "und"), ("e", "f", "en", "und")]
    assert capsys.readouterr().err == f"{path}: left out 2 with an empty side\n"
    assert pairs(table(tmp_path, "source|target", "a|b")) == [("a", "b", "en", "und")]
    assert capsys.readouterr().err == ""


def test_objects_with_other_keys(tmp_path):
    path = tmp_path / "pairs.jsonl"
    rows = [{"source": "a", "target": "b"}, {"source": "c", "target": "d", "target_language": "de"}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert pairs(path) == [("a", "b", "en", "und"), ("c", "d", "en", "de")]
    path.write_text("".join(json.dumps(row) + "\n" for row in [*rows, {"source": "e"}]))
    with pytest.raises(DataError, match="two are needed") as caught:
        pairs(path)
    assert caught.value.line == 3


def test_columns_are_for_tables(tmp_path):
    """Catalogues and tables may stand in one list: what explains the tables does not disturb the rest."""
    (tmp_path / "de.po").write_text('msgid "a"\nmsgstr "b"\n')
    (tmp_path / "c.de-en.de").write_text("b\n")
    (tmp_path / "c.de-en.en").write_text("a\n")
    columns = ParallelColumns(source="src", target="tgt")
    assert pairs(tmp_path / "de.po", columns=columns) == [("a", "b", "en", "und")]
    assert pairs(tmp_path / "c.de-en", columns=columns) == [("a", "b", "en", "de")]


def test_unknown_formats_list_the_known(tmp_path):
    for name in ("pairs.ods", "pairs", "pairs.ods.gz"):
        (tmp_path / name).touch()
        with pytest.raises(DataError, match=r"not a readable format; readable are .*\.tsv.*\.gz or \.zst, Moses"):
            list(read_rows(tmp_path / name))
    with pytest.raises(DataError, match="no such file"):
        list(read_rows(tmp_path / "absent" / "pairs"))
    with pytest.raises(DataError, match="folder"):
        list(read_rows(tmp_path))


def test_standard_input(monkeypatch):
    def say(text):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8"))

    say("en\tde\na\tb\n")
    assert pairs(Path("-")) == [("a", "b", "en", "de")]
    say("a\n\nb\n")
    assert texts(Path("-")) == ["a", "", "b"]


def test_scores(tmp_path):
    path = table(tmp_path, "score|sentence1|sentence2", "2.5|a|b", "-1e-1||c")
    assert [(e.texts, e.languages, e.target) for e in similarity(path)] == [
        (("a", "b"), ("und", "und"), 2.5),
        (("", "c"), ("und", "und"), -0.1),
    ]


@pytest.mark.parametrize("score", ["nan", "inf", "high", "", "1,5"])
def test_what_is_no_score(tmp_path, score):
    path = table(tmp_path, "sentence1|sentence2|score", "a|b|1", f"a|b|{score}")
    with pytest.raises(DataError, match=f"the score {score!r} is not a number") as caught:
        list(similarity(path))
    assert (caught.value.path, caught.value.line) == (path, 3)


def test_tables_without_scores(tmp_path):
    with pytest.raises(DataError, match="no column 'score'; the columns are sentence1, sentence2"):
        list(similarity(table(tmp_path, "sentence1|sentence2", "a|b")))
    with pytest.raises(DataError, match="no pairs"):
        list(similarity(table(tmp_path, "sentence1|sentence2|score")))


@pytest.mark.parametrize("name", ["a.txt", "a.TXT", "a", "corpus.de-en.de", "corpus.zh_CN"])
def test_texts_one_a_line(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"a\r\n\n b \n\n")
    assert texts(path) == ["a", "", " b ", ""]


def test_texts_of_a_table(tmp_path):
    assert texts(table(tmp_path, "id|text", "1|a", "2|", "3|b")) == ["a", "", "b"]
    with pytest.raises(DataError, match="no column 'text'; the columns are id, sentence"):
        texts(table(tmp_path, "id|sentence", "1|a"))


@pytest.mark.parametrize("name", ["a.tmx", "a.po", "a.xlsx", "a.ids", "a.pdf"])
def test_texts_are_not_guessed_from_other_formats(tmp_path, name):
    path = tmp_path / name
    path.write_text('msgid "a"\nmsgstr "b"\n' if name == "a.po" else "text\n")
    with pytest.raises(DataError):
        texts(path)
