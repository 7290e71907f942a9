"""XLIFF 1.2 and 2.x: segments with their states, codes and notes; nothing in a file is lost when it is written
again."""

import pytest

from interlingua.errors import ConfigError, DataError
from interlingua.formats import xliff
from interlingua.units.unit import About, Memory, Unit, Variant, value_of

ONE = """<?xml version="1.0" encoding="UTF-8"?>
<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2" xmlns:vendor="urn:vendor">
<file original="help.html" source-language="en-US" target-language="de" datatype="html"><header><note>all</note></header>
<body>
<group resname="menu"><trans-unit id="a1" approved="yes" resname="open" vendor:rank="3">
<source>Click <g id="1">here</g> &amp; now<x id="2"/>.</source>
<target state="translated">Klicken Sie <g id="1">hier</g> &amp; jetzt<x id="2"/>.</target>
<note from="dev" priority="2">A button</note>
<alt-trans match-quality="80%"><source>Click</source><target xml:lang="de">Klick</target></alt-trans>
<vendor:meta kind="x">more</vendor:meta>
</trans-unit></group>
<trans-unit id="a2"><source xml:space="preserve">  two
 lines </source></trans-unit>
</body></file>
</xliff>
"""
TWO = """<?xml version="1.0" encoding="UTF-8"?>
<xliff version="2.0" xmlns="urn:oasis:names:tc:xliff:document:2.0" srcLang="en" trgLang="fr">
<file id="f1" original="x.txt"><unit id="u1" name="n">
<notes><note category="hint">Be short</note></notes>
<originalData><data id="d1">&lt;br/&gt;</data></originalData>
<segment id="s1" state="final"><source>One<ph id="1" dataRef="d1"/>.</source><target>Un<ph id="1" dataRef="d1"/>.</target></segment>
<ignorable><source> </source></ignorable>
<segment id="s2"><source>Two <pc id="3">bold</pc> bell<cp hex="0007"/></source><target>Deux <pc id="3">gras</pc></target></segment>
</unit></file></xliff>
"""


@pytest.fixture
def one(tmp_path):
    path = tmp_path / "one.xlf"
    path.write_text(ONE)
    return path


@pytest.fixture
def two(tmp_path):
    path = tmp_path / "two.xlf"
    path.write_text(TWO)
    return path


def test_rows(one, two):
    assert [(row.columns["source"], row.columns["target"], row.line) for row in xliff.read(one)] == [
        ("Click here & now.", "Klicken Sie hier & jetzt.", 11), ("two lines", "", 13),
    ]  # fmt: skip
    assert [(row.columns["source"], row.columns["target"]) for row in xliff.read(two)] == [
        ("One.", "Un."),
        ("Two bold bell\a", "Deux gras"),
    ]
    assert {row.columns["source_language"] + row.columns["target_language"] for row in xliff.read(two)} == {"enfr"}


def test_all_a_unit_holds(one):
    first, second = xliff.memory(one)
    assert first.attributes == {"tuid": "a1"}
    named = ("x-xliff-original", "x-xliff-group", "x-xliff1-approved", "x-xliff1-vendor:rank")
    assert [value_of(first.remarks, name) for name in named] == ["help.html", 'id="g1" resname="menu"', "yes", "3"]
    assert [remark.attributes for remark in first.remarks if remark.kind == "note"] == [
        {"from": "dev", "priority": "2"}
    ]
    assert value_of(first.variants[1].remarks, "x-xliff1-state") == "translated"
    assert first.variants[0].markup == 'Click <g id="1">here</g> &amp; now<x id="2"/>.'
    assert [remark.text[:10] for remark in first.remarks if remark.name == "x-xliff1-xml"] == [
        "<alt-trans",
        "<vendor:me",
    ]
    assert second.variants[0].text == "  two\n lines "


@pytest.mark.parametrize(("name", "version"), [("one", "1.2"), ("two", "2.1")])
def test_segments_come_back(name, version, request, tmp_path):
    known = xliff.memory(request.getfixturevalue(name))
    xliff.write_memory(tmp_path / "again.xlf.gz", known, version)

    def told(memory: Memory):
        return [
            (
                sorted((r.kind, r.text, sorted(r.attributes.items())) for r in unit.remarks),
                [(v.language, v.text, v.markup) for v in unit.variants],
                unit.attributes,
            )
            for unit in memory
        ]

    assert told(xliff.memory(tmp_path / "again.xlf.gz")) == told(known)


def test_other_versions_keep_what_they_do_not_know(one, tmp_path):
    xliff.write_memory(tmp_path / "as2.xlf", xliff.memory(one), "2.1")
    first = next(iter(xliff.memory(tmp_path / "as2.xlf")))
    assert value_of(first.remarks, "x-xliff1-approved") == "yes"
    assert first.variants[0].text == "Click here & now."
    assert first.variants[0].markup == 'Click <pc id="1">here</pc> &amp; now<ph id="2"/>.'


@pytest.mark.parametrize(
    ("content", "problem", "line"),
    [
        (
            ONE.replace("?>\n", '?>\n<!DOCTYPE xliff [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>\n', 1).replace(
                "two", "&b;"
            ),
            "refused",
            2,
        ),
        (ONE.replace("?>\n", '?>\n<!DOCTYPE xliff [<!ENTITY a SYSTEM "file:///etc/passwd">]>\n', 1), "refused", 2),
        (ONE.replace("</group>", ""), "not well-formed", None),
        (ONE.replace("Click", "Cl\0ck"), "not well-formed", 6),
        ("<tmx/>", "root element is 'tmx', not 'xliff'", 1),
        (ONE.replace("Click", "<g>" * 200 + "</g>" * 200), "nested more than 100 deep", 6),
    ],
)
def test_bad_files(tmp_path, content, problem, line):
    path = tmp_path / "bad.xlf"
    path.write_text(content)
    with pytest.raises(DataError, match=problem) as caught:
        list(xliff.read(path))
    assert line is None or caught.value.line == line


def test_three_languages_are_too_many(tmp_path, one):
    known = xliff.memory(one)
    with pytest.raises(ConfigError, match="one source and one target language, found en-US, de, it"):
        xliff.write_memory(
            tmp_path / "x.xlf", Memory(known.about, lambda: iter([*known, *xliff.units(_italian(tmp_path))]))
        )


def _italian(folder):
    path = folder / "it.xlf"
    path.write_text(ONE.replace('target-language="de"', 'target-language="it"'))
    return path


def test_a_segment_without_a_source_is_an_empty_one(tmp_path):
    (tmp_path / "a.xlf").write_text(
        '<xliff version="1.2"><file source-language="en" target-language="de" original="x" datatype="plaintext"><body>'
        '<trans-unit id="1"></trans-unit><trans-unit id="2"><source>a</source></trans-unit></body></file></xliff>'
    )
    assert [(row.columns["source"], row.columns["target"]) for row in xliff.FORMAT.read(tmp_path / "a.xlf")] == [
        ("", ""),
        ("a", ""),
    ]


@pytest.mark.parametrize(
    ("version", "known"), [("1.0", True), ("1.2", True), ("2.0", True), ("2.2", True), ("3.0", False), ("10", False)]
)
def test_a_version_that_is_not_known(tmp_path, version, known):
    path = tmp_path / "a.xlf"
    path.write_text(f'<xliff version="{version}"><file source-language="en"/></xliff>')
    for way in (xliff.read, xliff.memory):
        if known:
            assert not list(way(path))
        else:
            with pytest.raises(DataError, match=f"XLIFF {version} is not known"):
                list(way(path))


def test_an_empty_language_is_an_unknown_one_and_nul_is_no_character(tmp_path):
    path = tmp_path / "a.xlf"
    unit = '<unit id="1"><segment><source>a<cp hex="0000"/></source></segment></unit>'
    path.write_text(f'<xliff version="2.0" srcLang=""><file id="f">{unit}</file></xliff>')
    assert [row.columns["source_language"] for row in xliff.read(path)] == ["und"]
    assert [row.columns["source"] for row in xliff.read(path)] == ["a\ufffd"]


def test_a_memory_without_languages_is_refused_by_the_name_of_the_output(tmp_path):
    units = [Unit((Variant("und", "a"), Variant("und", "b")))]
    with pytest.raises(ConfigError, match=r"o\.xlf: XLIFF has one source and one target language, found und"):
        xliff.write_memory(tmp_path / "o.xlf", Memory(About(), lambda: iter(units)))
