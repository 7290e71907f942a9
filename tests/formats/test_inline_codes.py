"""Inline codes through files: each format to each, valid there, and back."""

from itertools import product

import pytest

from interlingua.formats import open_memory
from interlingua.memories.conversion import convert
from interlingua.units.inline import Code, parts_of, text_of
from interlingua.units.placement import signature
from tests.formats.xliff_rules import broken

TMX = """<tmx version="1.4"><header srclang="en"/><body>
<tu tuid="a"><tuv xml:lang="en"><seg>A<ph>&lt;br></ph>b<ph>&lt;hr></ph> <bpt i="1">(</bpt><bpt i="2" type="bold"/>x<ept i="1">)</ept>y<ept i="2"/><it pos="begin">z</it></seg></tuv>
<tuv xml:lang="de"><seg>A<ph>&lt;hr></ph>b<ph>&lt;br></ph> <bpt i="3">(</bpt><hi type="term">u</hi><ept i="3">)</ept></seg></tuv></tu></body></tmx>"""
ONE = """<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file original="f" source-language="en" target-language="de" datatype="html"><body>
<trans-unit id="a"><source>A <g id="1" ctype="bold">b <x id="2" ctype="lb"/></g><bx id="3"/>c<bpt id="4">&lt;i></bpt><ex id="3"/>d<ept id="4">&lt;/i></ept></source>
<target><x id="2" ctype="lb"/>A <g id="1" ctype="bold">b</g><it id="9" pos="close">q</it></target></trans-unit></body></file></xliff>"""
TWO = """<xliff version="2.1" xmlns="urn:oasis:names:tc:xliff:document:2.0" srcLang="en" trgLang="de"><file id="f"><unit id="a">
<originalData><data id="d1">&lt;b></data><data id="d2">&lt;/b></data></originalData>
<segment id="s1"><source>A <pc id="c1" dataRefStart="d1" dataRefEnd="d2">b</pc><sc id="2" type="fmt" subType="xlf:i"/>c<mrk id="m" type="term">d<ec startRef="2"/></mrk></source>
<target><pc id="c1" dataRefStart="d1" dataRefEnd="d2">b</pc>, <ph id="7"/></target></segment>
<segment id="s2"><source>E<ph id="3" dataRef="d1"/></source></segment></unit></file></xliff>"""  # fmt: skip
WAYS = [("tmx", None), ("jsonl", None), ("parquet", None), ("xlf", "1.2"), ("xlf", "2.1")]


def told(path):
    """Of each text: its codes, their native content, its text."""
    found = [[parts_of(variant, unit) for variant in unit.variants if variant.text] for unit in open_memory(path)]
    return [
        [
            (signature(parts), [part.native for part in parts if isinstance(part, Code)], text_of(parts))
            for parts in some
        ]
        for some in found
    ]


@pytest.mark.parametrize(("suffix", "content"), [("tmx", TMX), ("xlf", ONE), ("xlf", TWO)])
@pytest.mark.parametrize("way", list(product(WAYS, WAYS)))
def test_codes_go_any_way(tmp_path, suffix, content, way):
    path = tmp_path / f"in.{suffix}"
    path.write_text(content, "utf-8")
    expected = told(path)
    for number, (ending, version) in enumerate(way):
        output = tmp_path / f"{number}.{ending}"
        assert convert(path, output, version=version)[1]["inline codes"] == 0
        assert ending != "xlf" or broken(output) == []
        path = output
    without_marks = [[(codes, [n for n in natives if n], text) for codes, natives, text in some] for some in told(path)]
    assert without_marks == [
        [(codes, [n for n in natives if n], text) for codes, natives, text in some] for some in expected
    ]


def test_formats_of_text_lose_codes_and_say_so(tmp_path):
    path = tmp_path / "in.xlf"
    path.write_text(ONE, "utf-8")
    for name in ("a.tsv", "a.csv", "a.po", "a.mo", "moses"):
        assert convert(path, tmp_path / name, "en", "de")[1]["inline codes"] == 1


def test_codes_between_segments_are_said_to_be_lost_between_versions(tmp_path):
    path = tmp_path / "in.xlf"
    between = '<ignorable><source><ph id="8"/></source></ignorable><segment id="s2">'
    path.write_text(TWO.replace('<segment id="s2">', between), "utf-8")
    assert convert(path, tmp_path / "a.xlf", version="1.2")[1]["inline codes"] == 1
    assert convert(path, tmp_path / "a.tmx")[1]["inline codes"] == 0  # which keeps it as a property
    assert convert(tmp_path / "a.tmx", tmp_path / "b.xlf", version="2.1")[1]["inline codes"] == 0
    assert '<ph id="8"/>' in (tmp_path / "b.xlf").read_text("utf-8")
