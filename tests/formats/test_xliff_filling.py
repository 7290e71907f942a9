"""Segments of XLIFF filled with what is proposed for them."""

import re
from pathlib import Path
from xml.etree.ElementTree import canonicalize

from interlingua.formats import xliff
from interlingua.units.inline import Code
from interlingua.units.proposal import Filling, Proposal, Proposed
from tests.formats.xliff_rules import broken

SURE, UNSURE = Filling("exact-match", True), Filling("fuzzy-match", False)
ONE = """<x:xliff version="1.2" xmlns:x="urn:oasis:names:tc:xliff:document:1.2">
<x:file original="a" source-language="en"{0} datatype="plaintext"><x:body>
<x:trans-unit id="1"{1}>
<x:source xml:space="preserve">a <x:ph id="3">%s</x:ph></x:source>{2}
<x:note>n</x:note></x:trans-unit></x:body></x:file></x:xliff>"""
SEGMENTS = """<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2" xmlns:sdl="urn:s"><file original="a"
source-language="en" target-language="de" datatype="x"><body><trans-unit id="1"><source>A. B. C.</source>
<seg-source><mrk mtype="seg" mid="1">A.</mrk> <mrk mtype="seg" mid="2">B.</mrk> <mrk mtype="seg" mid="3">C.</mrk></seg-source>{0}
</trans-unit></body></file></xliff>"""
DEFINED = '<sdl:seg-defs><sdl:seg id="1"/><sdl:seg id="2" conf="Draft"/><sdl:seg id="3"/></sdl:seg-defs>'
TWO = """<xliff version="2.1" xmlns="urn:oasis:names:tc:xliff:document:2.0" srcLang="en"><file id="f"><unit id="u">
<segment id="a"><source>a</source></segment><segment id="b" state="initial" subState="o:p"><source>b</source><target/></segment>
<segment id="c"><source>c</source></segment></unit></file></xliff>"""
CODED = (Code("standalone", "", "3", "%s"), " b")


def proposal(text: str, filling: Filling | None, parts: tuple[str | Code, ...] = ()) -> Proposal:
    return Proposal(0.9, "x", text, "m", {}, (), parts, filling)


def filled(tmp_path: Path, document: str, proposed: Proposed) -> str:
    """The document as it comes back, without what is only proposed."""
    (tmp_path / "a.xlf").write_text(document, encoding="utf-8")
    xliff.write_proposals(tmp_path / "b.xlf", proposed, ("en", "de"), tmp_path / "a.xlf")
    assert broken(tmp_path / "b.xlf") == []
    written = (tmp_path / "b.xlf").read_text(encoding="utf-8")
    return re.sub(r"<(x:)?alt-trans.*?</(x:)?alt-trans>\n|<mtc:matches.*?</mtc:matches>", "", written, flags=re.DOTALL)


def test_a_unit_gets_its_target_and_nothing_else_changes(tmp_path: Path) -> None:
    written = filled(
        tmp_path, ONE.format("", ' approved="yes"', ""), [("a ", [proposal("b", None), proposal(" b", UNSURE, CODED)])]
    )
    target = (
        '\n<x:target state="needs-review-translation" state-qualifier="fuzzy-match" xml:space="preserve">'
        '<x:ph id="3">%s</x:ph> b</x:target>'
    )
    expected = ONE.format(' target-language="de"', ' approved="no"', target)
    assert canonicalize(written) == canonicalize(expected)
    empty = ONE.format(' target-language="de-AT"', "", '\n<x:target state="needs-translation"/>')
    written = filled(tmp_path, empty, [("a ", [proposal("b", SURE)])])
    assert '<x:target state="translated" state-qualifier="exact-match">b</x:target>' in written
    assert 'target-language="de-AT"' in written


def test_segments_are_filled_one_by_one(tmp_path: Path) -> None:
    some = [("A.", [proposal("Ä.", SURE)]), ("B.", []), ("C.", [proposal("Z.", SURE)])]
    first = (
        '<mrk mtype="seg" mid="1">Ä.</mrk> <mrk mtype="seg" mid="2">{}</mrk> <mrk mtype="seg" mid="3">Z.</mrk></target>'
    )
    empty = first.format("").replace("></mrk>", "/>")
    assert '<target state="needs-review-translation">' + empty in filled(tmp_path, SEGMENTS.format(""), some)
    mine = '<target state="translated"><mrk mtype="seg" mid="2">mine</mrk></target>'
    assert '<target state="translated">' + first.format("mine") in filled(tmp_path, SEGMENTS.format(mine), some)
    written = filled(tmp_path, SEGMENTS.format(mine.replace(' state="translated"', "") + DEFINED), some)
    assert "<target>" + first.format("mine") in written
    assert '<sdl:seg id="1" conf="Translated" origin="tm" percent="90"/><sdl:seg id="2" conf="Draft"/>' in written


def test_segments_of_xliff_2(tmp_path: Path) -> None:
    some = [("a", [proposal(" b", UNSURE, CODED)]), ("b", [proposal("c", SURE)]), ("c", [proposal("d", None)])]
    written = filled(tmp_path, TWO, some)
    unit = """<unit id="u">
<originalData><data id="d1">%s</data></originalData><segment id="a" state="initial" subState="xliff1:needs-review-translation">
<source>a</source><target><ph id="3" dataRef="d1"/> b</target></segment><segment id="b" state="translated"><source>b</source>
<target>c</target></segment>
<segment id="c"><source>c</source></segment></unit>"""
    expected = re.sub(r'<unit id="u">.*</unit>', unit, TWO.replace('"en">', '"en" trgLang="de">'), flags=re.DOTALL)
    plain = [re.sub(r"\s+(?=<)", "", canonicalize(one)) for one in (written, expected)]
    assert plain[0] == plain[1]
