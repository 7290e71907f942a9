"""Moses pairs: two files, line by line."""

import gzip

import pytest

from interlingua.data.parallel import parallel
from interlingua.errors import DataError
from interlingua.formats import moses, read_rows


def write(folder, **sides):
    for name, content in sides.items():
        (folder / name.replace("__", "-").replace("_", ".")).write_text(content, "utf-8")


def test_both_sides_line_by_line(tmp_path):
    write(tmp_path, corpus_de__en_de="eins\n\ndrei\n", corpus_de__en_en="one\ntwo\nthree\n")
    rows = list(read_rows(tmp_path / "corpus.de-en"))
    assert [(row.line, row.columns) for row in rows] == [
        (1, {"de": "eins", "en": "one"}),
        (2, {"de": "", "en": "two"}),
        (3, {"de": "drei", "en": "three"}),
    ]
    assert [(e.texts, e.languages) for e in parallel(tmp_path / "corpus.de-en")] == [
        (("one", "eins"), ("en", "de")),
        (("three", "drei"), ("en", "de")),
    ]


def test_only_the_named_languages_are_sides(tmp_path):
    """OPUS puts .ids and .xml beside them, both codes of small languages."""
    write(
        tmp_path,
        c_de__en_de="eins\n",
        c_de__en_en="one\n",
        c_de__en_ids="1\n",
        c_de__en_xml="<x/>\n",
        c_de__en_fr="un\n",
    )
    assert [row.columns for row in moses.read(tmp_path / "c.de-en")] == [{"de": "eins", "en": "one"}]


def test_a_prefix_that_names_no_languages(tmp_path):
    write(tmp_path, train_de="eins\n", train_en="one\n", train_txt="x\n", train_log="x\n", other_fr="un\n")
    assert [row.columns for row in moses.read(tmp_path / "train")] == [{"de": "eins", "en": "one"}]
    write(tmp_path, train_fr="un\n")
    with pytest.raises(DataError, match=r"found train\.de, train\.en, train\.fr"):
        list(moses.read(tmp_path / "train"))


def test_regions_compression_and_strange_names(tmp_path):
    (tmp_path / "c[1].en-zh_CN.en.gz").write_bytes(gzip.compress(b"one\n"))
    (tmp_path / "c[1].en-zh_CN.zh_CN").write_text("一\n", "utf-8")
    assert [e.languages for e in parallel(tmp_path / "c[1].en-zh_CN")] == [("en", "zh-CN")]


@pytest.mark.parametrize(("de", "en"), [("a\nb\n", "a\n"), ("a\n", "a\nb\nc\n"), ("", "a\n")])
def test_unequal_sides_name_both_files_and_counts(tmp_path, de, en):
    write(tmp_path, c_de__en_de=de, c_de__en_en=en)
    expected = rf"c\.de-en\.de has {len(de.splitlines())}, c\.de-en\.en has {len(en.splitlines())}"
    with pytest.raises(DataError, match=expected):
        list(moses.read(tmp_path / "c.de-en"))


def test_one_side_is_not_a_pair(tmp_path):
    write(tmp_path, c_de__en_de="eins\n")
    with pytest.raises(DataError, match="two files"):
        list(read_rows(tmp_path / "c.de-en"))
    (tmp_path / "c.de-en.en").write_text("one\n")
    (tmp_path / "c.de-en.en.gz").write_bytes(gzip.compress(b"another\n"))
    with pytest.raises(DataError, match="two files"):
        list(read_rows(tmp_path / "c.de-en"))


def test_the_source_language_must_be_there(tmp_path):
    write(tmp_path, c_de__fr_de="eins\n", c_de__fr_fr="un\n")
    with pytest.raises(DataError, match=r"no column is in 'en', the columns are de, fr"):
        list(parallel(tmp_path / "c.de-fr"))
