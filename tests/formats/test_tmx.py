"""Translation memories: streamed, and nothing in them is trusted."""

import tracemalloc

import pytest

from interlingua.data.parallel import parallel
from interlingua.errors import ConfigError, DataError
from interlingua.formats import tmx
from interlingua.units.unit import value_of

BOMB = '<!DOCTYPE tmx [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'


def memory(*units, doctype="", declaration='<?xml version="1.0"?>', root='<tmx version="1.4">'):
    return (
        f"{declaration}{doctype}\n{root}<header/><body>\n" + "".join(unit + "\n" for unit in units) + "</body></tmx>\n"
    )


def unit(**texts):
    variants = "".join(
        f'<tuv xml:lang="{language.replace("_", "-")}"><seg>{text}</seg></tuv>' for language, text in texts.items()
    )
    return f"<tu>{variants}</tu>"


def read(path, content):
    path = path / "memory.tmx"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [(row.line, row.columns) for row in tmx.read(path)]


def test_units_with_their_lines(tmp_path):
    found = read(
        tmp_path,
        memory(unit(en="one", de="eins"), "<tu>\n<tuv lang='en'><seg>two</seg></tuv>\n</tu>", "", unit(fr="trois")),
    )
    assert found == [(3, {"en": "one", "de": "eins"}), (6, {"en": "two"}), (8, {"fr": "trois"})]


def test_inline_codes_are_left_out(tmp_path):
    text = 'Press <bpt i="1">&lt;b></bpt><hi>any</hi><ept i="1">&lt;/b></ept> key<ph x="1">{1}</ph>,\n    now &amp;\xa0here'
    assert read(tmp_path, memory(unit(en=text))) == [(4, {"en": "Press any key, now &\xa0here"})]


def test_a_document_type_and_a_namespace_are_harmless(tmp_path):
    content = memory(
        unit(en="a"),
        doctype='<!DOCTYPE tmx SYSTEM "tmx14.dtd">',
        root='<tmx xmlns="http://www.lisa.org/tmx14" version="1.4">',
    )
    assert [columns for _, columns in read(tmp_path, content)] == [{"en": "a"}]


def test_other_encodings_are_declared(tmp_path):
    content = memory(unit(de="ä"), declaration='<?xml version="1.0" encoding="{}"?>')
    for encoding in ("utf-16", "iso-8859-1", "utf-8-sig"):
        assert [c for _, c in read(tmp_path, content.format(encoding.removesuffix("-sig")).encode(encoding))] == [
            {"de": "ä"}
        ], encoding


@pytest.mark.parametrize(
    ("content", "problem", "line"),
    [
        (memory(unit(en="&c;"), doctype=BOMB), "refused", None),
        (memory(unit(en="&x;"), doctype='<!DOCTYPE tmx [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), "refused", None),
        (
            memory(unit(en="x"), doctype='<!DOCTYPE tmx [<!ENTITY % x SYSTEM "http://127.0.0.1/x"> %x;]>'),
            "refused",
            None,
        ),
        (memory(unit(en="a"), "<tu><tuv></tu>"), "not well-formed", 4),
        (memory(unit(en="a"), unit(en="b"))[:-20], "not well-formed", 4),
        (memory(unit(en="&nbsp;")), "not well-formed", 3),
        (memory(unit(en="a"), declaration='<?xml version="1.0" encoding="foo"?>'), "unknown encoding", 1),
        (
            memory(unit(en="a"), declaration='<?xml version="1.0" encoding="UTF-7"?>'),
            "multi-byte encodings are not supported",
            1,
        ),
        (memory(unit(en="a")).encode() + b"\xff", "not well-formed", None),
        ("<html><body/></html>", "root element is 'html'", None),
        ("", "not well-formed", 1),
        ("en\tde\n", "not well-formed", 1),
    ],
)
def test_bad_memories(tmp_path, content, problem, line):
    with pytest.raises(DataError, match=problem) as caught:
        read(tmp_path, content)
    assert line is None or caught.value.line == line


def test_units_in_other_languages_are_counted(tmp_path, capsys):
    path = tmp_path / "memory.tmx"
    path.write_text(
        memory(
            unit(en="only"),
            unit(en="a", de="b"),
            unit(fr="c", de="d"),
            unit(en=" ", de="e"),
            unit(en="f", de_AT="g", it="h"),
        )
    )
    assert [(e.texts, e.languages[1]) for e in parallel(path)] == [
        (("a", "b"), "de"),
        (("f", "g"), "de-AT"),
        (("f", "h"), "it"),
    ]
    assert capsys.readouterr().err == f"{path}: left out 2 without en and another language, 1 with an empty side\n"


def test_regions_of_the_source_language(tmp_path):
    path = tmp_path / "memory.tmx"
    path.write_text(memory(unit(en_US="color", de="Farbe")))
    assert [e.languages for e in parallel(path)] == [("en", "de")]
    path.write_text(memory(unit(en_US="color", en_GB="colour", de="Farbe")))
    with pytest.raises(
        DataError,
        match=r"2 columns are in 'en', the columns are en-US, en-GB, de; choose a language with --source-language",
    ):
        list(parallel(path))
    assert [e.texts for e in parallel(path, source_language="en-GB")] == [("colour", "color"), ("colour", "Farbe")]


def test_a_language_that_is_none(tmp_path):
    path = tmp_path / "memory.tmx"
    path.write_text(memory(unit(en="a", de="b"), unit(en="a", german="b")))
    with pytest.raises(DataError, match="'german' is not a language code") as caught:
        list(parallel(path))
    assert caught.value.line == 4


@pytest.mark.parametrize("join", ["\n", ""])
def test_memory_stays_constant(tmp_path, join):
    """Also where everything stands on one line."""
    path = tmp_path / "memory.tmx"
    path.write_text(memory(join.join([unit(en="a text " * 200, de="ein Text " * 200)] * 500)))
    assert path.stat().st_size > 1_600_000
    tracemalloc.start()
    try:
        assert sum(1 for _ in tmx.read(path)) == 500
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_mined_pairs_are_written_and_read_back(tmp_path, capsys):
    path = tmp_path / "mined.tmx.gz"
    pairs = [(1.23456, 'a & b < "c"', "ä\r\n\tb "), (1.1, "d", "e\x0bf")]
    assert tmx.write(path, iter(pairs), ("en", "de"), properties={"model": "m & m"}) == 2
    found = tmx.memory(path)
    assert found.about.attributes["srclang"] == "en"
    assert [(remark.name, remark.text) for remark in found.about.remarks] == [("model", "m & m")]
    assert [value_of(unit.remarks, "score") for unit in found] == ["1.2346", "1.1000"]
    assert [[(v.language, v.text) for v in unit.variants] for unit in found] == [
        [("en", 'a & b < "c"'), ("de", "ä\r\n\tb ")], [("en", "d"), ("de", "e\ufffdf")],
    ]  # fmt: skip
    assert "1 units had control characters" in capsys.readouterr().err
    before = path.read_bytes()
    tmx.write(path, pairs, ("en", "de"), properties={"model": "m & m"})
    assert path.read_bytes() == before


def test_writing_stops_whole_or_not_at_all(tmp_path):
    path = tmp_path / "mined.tmx"
    path.write_text("earlier")

    def pairs():
        yield 1.0, "a", "b"
        raise DataError("the pairs end here")

    with pytest.raises(DataError, match="end here"):
        tmx.write(path, pairs(), ("en", "de"))
    with pytest.raises(ConfigError, match="two different"):
        tmx.write(path, pairs(), ("und", "de"))
    assert [file.name for file in tmp_path.iterdir()] == ["mined.tmx"]
    assert path.read_text() == "earlier"


def test_a_text_without_a_segment_of_its_own(tmp_path):
    path = tmp_path / "t.tmx"
    path.write_text(
        '<tmx version="1.4"><header srclang="en"/><body><tu><tuv xml:lang="en">\n<note>n</note>one </tuv>'
        '<tuv xml:lang="de">eins</tuv></tu></body></tmx>'
    )
    (unit,) = tmx.units(path)
    assert [(variant.language, variant.text) for variant in unit.variants] == [("en", "one"), ("de", "eins")]
    assert unit.variants[0].remarks[0].text == "n"


def test_an_empty_language_is_an_unknown_one(tmp_path):
    variants = "".join(f'<tuv xml:lang="{language}"><seg>a</seg></tuv>' for language in ("", " ", "de"))
    assert read(tmp_path, memory(f"<tu>{variants}</tu>")) == [(3, {"und": "a", "de": "a"})]
