import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlingua.data.examples import ParallelColumns, parallel, read_rows, similarity, texts
from interlingua.data.formats import tsv
from interlingua.errors import DataError

PAIRS = [("one", "eins"), ("two", "zwei")]
PO = """\
msgid ""
msgstr "Language: de\\nContent-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "one"
msgstr "eins"

#, fuzzy
msgid "guess"
msgstr "rate"

msgid "untranslated"
msgstr ""

msgid "%d file"
msgid_plural "%d files"
msgstr[0] "%d Datei"
msgstr[1] "%d Dateien"

#~ msgid "old"
#~ msgstr "alt"
"""
TMX = """<?xml version="1.0" encoding="UTF-8"?>
<tmx version="1.4"><header srclang="en"/><body>
<tu><tuv xml:lang="en-US"><seg>one <bpt i="1">&lt;b&gt;</bpt><hi>bold</hi><ept i="1"/> word</seg></tuv><tuv xml:lang="de"><seg>eins</seg></tuv></tu>
<tu><tuv lang="en-US"><seg>two</seg></tuv><tuv lang="de"><seg>zwei</seg></tuv><tuv lang="fr"><seg>deux</seg></tuv></tu>
<tu><tuv xml:lang="de"><seg>nur</seg></tuv><tuv xml:lang="fr"><seg>seul</seg></tuv></tu>
</body></tmx>
"""


def write(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def found(path: Path, **options) -> list[tuple[str, str, str]]:
    return [(*example.texts, example.languages[1]) for example in parallel(path, **options)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.tsv", "source\ttarget\ttarget_language\none\teins\tde\ntwo\tzwei\tdeu\n"),
        ("a.tsv", "deu\teng\neins\tone\nzwei\ttwo\n"),
        ("a.csv", 'en,de\n"one",eins\r\ntwo,"zwei"\r\n'),
        ("a.jsonl", '{"en": "one", "de": "eins"}\n\n{"de": "zwei", "en": "two"}\n'),
        ("a.tmx", '<tmx><body><tu><tuv xml:lang="en"><seg>one</seg></tuv><tuv xml:lang="de"><seg>eins</seg></tuv></tu>'
                  '<tu><tuv xml:lang="de"><seg>zwei</seg></tuv><tuv xml:lang="en"><seg>two</seg></tuv></tu></body></tmx>'),
        ("a.po", PO.split("#, fuzzy")[0] + 'msgid "two"\nmsgstr "zwei"\n'),
    ],
)  # fmt: skip
@pytest.mark.parametrize("packed", [False, True])
def test_every_format_gives_the_same_pairs(tmp_path: Path, name: str, content: str, packed: bool) -> None:
    file = tmp_path / (name + ".gz" * packed)
    file.write_bytes(gzip.compress(content.encode()) if packed else content.encode())
    assert found(file) == [(*pair, "de") for pair in PAIRS]


def test_parquet(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"en": ["one", "two"], "de": ["eins", "zwei"]}), tmp_path / "a.parquet")
    assert found(tmp_path / "a.parquet") == [(*pair, "de") for pair in PAIRS]
    with pytest.raises(DataError, match="not a readable Parquet"):
        found(write(tmp_path / "b.parquet", "nonsense"))


def test_moses(tmp_path: Path) -> None:
    write(tmp_path / "news.de-en.de", "eins\nzwei\n")
    write(tmp_path / "news.de-en.en", "one\ntwo\n")
    assert found(tmp_path / "news.de-en") == [(*pair, "de") for pair in PAIRS]
    write(tmp_path / "news.de-en.en", "one\n")
    with pytest.raises(DataError, match=r"different numbers of lines: news.de-en.de has 2, news.de-en.en has 1"):
        found(tmp_path / "news.de-en")


def test_gettext(tmp_path: Path) -> None:
    expected = [("one", "eins", "de"), ("%d file", "%d Datei", "de"), ("%d files", "%d Dateien", "de")]
    assert found(write(tmp_path / "a.po", PO)) == expected
    import polib

    polib.pofile(PO).save_as_mofile(str(tmp_path / "a.mo"))
    assert sorted(found(tmp_path / "a.mo")) == sorted(expected)
    for name, content in (("b.po", "msgid one\nnonsense\n"), ("b.mo", "nonsense")):
        with pytest.raises(DataError, match="not a readable catalogue"):
            found(write(tmp_path / name, content))


def test_tmx(tmp_path: Path) -> None:
    assert found(write(tmp_path / "a.tmx", TMX)) == [("one bold word", "eins", "de"), ("two", "zwei", "de"), ("two", "deux", "fr")]
    with pytest.raises(DataError, match=r"b.tmx:2: not well-formed"):
        found(write(tmp_path / "b.tmx", "<tmx>\n<body></tmx>"))


@pytest.mark.parametrize(
    "declared", ['<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">', '<!ENTITY a SYSTEM "file:///etc/passwd">'], ids=["laughs", "external"]
)
def test_tmx_that_declares_entities_is_refused(tmp_path: Path, declared: str) -> None:
    content = f'<!DOCTYPE tmx [{declared}]><tmx><body><tu><tuv xml:lang="en"><seg>&a;</seg></tuv></tu></body></tmx>'
    with pytest.raises(DataError, match="refused"):
        found(write(tmp_path / "a.tmx", content))


def test_tmx_with_its_usual_document_type(tmp_path: Path) -> None:
    content = TMX.replace("<tmx ", '<!DOCTYPE tmx SYSTEM "tmx14.dtd"><tmx ')
    assert len(found(write(tmp_path / "a.tmx", content))) == 3


def test_named_columns_overrule_the_header(tmp_path: Path) -> None:
    file = write(tmp_path / "a.tsv", "src_lang\tsrc\ttgt_lang\ttgt\tsource\nen\tone\tde\teins\ttatoeba\n")
    with pytest.raises(DataError, match="--columns.source"):
        found(file)
    columns = ParallelColumns(source="src", target="tgt", source_language="src_lang", target_language="tgt_lang")
    assert found(file, columns=columns) == [("one", "eins", "de")]
    with pytest.raises(DataError, match="no column 'nope'"):
        found(file, columns=ParallelColumns(source="nope", target="tgt"))


def test_the_language_of_a_file_that_does_not_say(tmp_path: Path) -> None:
    file = write(tmp_path / "a.tsv", "source\ttarget\none\teins\n")
    assert found(file) == [("one", "eins", "und")]
    assert found(file, target_language="deu") == [("one", "eins", "de")]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("one\ntwo\n", r"a.tsv:2: one column .* two are needed"),
        ("", "the file is empty"),
        ("source\ttarget\n", "no pairs in this file"),
        ("source\ttarget\none\t\n", r"no pairs in this file \(1 rows have an empty side\)"),
        ("one\teins\ntwo\tzwei\n", "which columns are source and target"),
        ("source\ttarget\none\teins\ttoo many\n", r"a.tsv:2: 3 fields, the header names 2"),
        ("source\tsource\none\teins\n", "must name each column once"),
        ("source\ttarget\ttarget_language\none\teins\tgerman!\n", r"a.tsv:2: 'german!' is not a language code"),
        ("fr\tde\nun\teins\n", "no column is in 'en'; the languages are fr, de; choose one with --source-language"),
    ],
)
def test_unclear_tables_are_errors_with_their_line(tmp_path: Path, content: str, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        found(write(tmp_path / "a.tsv", content))


@pytest.mark.parametrize(
    ("content", "problem"),
    [("{", r"a.jsonl:1: not JSON"), ("[1]", "a JSON list"), ('{"en": {"a": 1}}', "column 'en' is nested")],
)
def test_jsonl_that_is_none(tmp_path: Path, content: str, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        found(write(tmp_path / "a.jsonl", content + "\n"))


def test_an_unknown_suffix_lists_the_readable_ones(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"not a readable format; readable are .*\.po.*\.tmx"):
        found(write(tmp_path / "a.docx", "x"))


def test_similarity(tmp_path: Path) -> None:
    file = write(tmp_path / "a.tsv", "score\tsentence1\tsentence2\n2.5\ta\tb\n")
    assert [(example.texts, example.target) for example in similarity(file)] == [(("a", "b"), 2.5)]
    for score in ("nan", "high", "inf"):
        with pytest.raises(DataError, match=f"a.tsv:2: the score '{score}' is not a number"):
            list(similarity(write(tmp_path / "a.tsv", f"score\tsentence1\tsentence2\n{score}\ta\tb\n")))
    with pytest.raises(DataError, match="no column 'score'"):
        list(similarity(write(tmp_path / "a.tsv", "sentence1\tsentence2\na\tb\n")))


def test_texts(tmp_path: Path) -> None:
    assert texts(write(tmp_path / "a.txt", "one\n\ntwo\n")) == ["one", "", "two"]
    assert texts(write(tmp_path / "a.tsv", "text\tid\none\t1\n")) == ["one"]
    with pytest.raises(DataError, match="no column 'text'"):
        texts(write(tmp_path / "a.tsv", "id\n1\n"))


cell = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\t\n\r\0\ufeff"), max_size=12)


@given(st.lists(st.tuples(cell, cell), max_size=8))
def test_a_written_table_is_read_as_it_was(rows: list[tuple[str, str]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.tsv"
        tsv.write(file, ("x", "y"), rows)
        assert [(row.columns["x"], row.columns["y"]) for row in read_rows(file)] == rows
