"""Proposals in the files of CAT tools: added, and nothing else touched."""

import re
from xml.etree.ElementTree import canonicalize

from interlingua.formats import tmx, xliff
from interlingua.memories.proposals import memory_of
from interlingua.units.inline import Code
from interlingua.units.proposal import Proposal
from interlingua.units.unit import value_of

ONE = """<?xml version="1.0" encoding="UTF-8"?>
<x:xliff version="1.2" xmlns:x="urn:oasis:names:tc:xliff:document:1.2" xmlns:v="urn:v"><!-- kept -->
<x:file original="a" source-language="en" target-language="de" datatype="plaintext"><x:body><x:group id="g">
<x:trans-unit id="1"><x:source>A <x:g id="1">b</x:g></x:source><x:note>n</x:note><v:meta/></x:trans-unit>
<x:trans-unit id="2"><x:source>c</x:source><x:target>d</x:target></x:trans-unit></x:group></x:body></x:file></x:xliff>
"""
TWO = """<xliff version="2.0" xmlns="urn:oasis:names:tc:xliff:document:2.0" srcLang="en" trgLang="de"><file id="f"><unit id="s1">
<notes><note>n</note></notes><segment><source>a</source></segment><segment id="z"><source>b</source></segment></unit></file></xliff>
"""
SOME = [Proposal(0.876, "a <1>", "A & 1", "tm.tmx", {"tuid": "7"}), Proposal(0.5, "e", "f", "tm.tmx", {})]


def test_alternatives_in_xliff_1(tmp_path):
    path, output = tmp_path / "a.xlf", tmp_path / "b.xlf"
    path.write_text(ONE)
    xliff.write_proposals(output, [("A b", SOME), ("c", [])], ("en", "de"), path)
    written = output.read_text()
    first = next(xliff.units(output))
    added = [remark.text for remark in first.remarks if "alt-trans" in remark.text]
    assert [re.findall('match-quality="([^"]*)"', xml) for xml in added] == [["88%"], ["50%"]]
    assert (
        '<x:target xml:lang="de">A &amp; 1</x:target><x:prop-group><x:prop prop-type="tuid">7</x:prop></x:prop-group>'
        in added[0]
    )
    assert written.index("<x:note>") < written.index("<x:alt-trans") < written.index("<v:meta")
    rest = re.sub(r"<x:alt-trans.*?</x:alt-trans>\n", "", written, flags=re.DOTALL)
    assert canonicalize(rest, with_comments=True) == canonicalize(ONE, with_comments=True)


def test_matches_in_xliff_2(tmp_path):
    path, output = tmp_path / "a.xlf", tmp_path / "b.xlf"
    path.write_text(TWO)
    xliff.write_proposals(output, [("a", SOME[1:]), ("b", SOME[:1])], ("en", "de"), path)
    written = output.read_text()
    assert re.findall('ref="([^"]*)" matchQuality="([^"]*)"', written) == [("#s2", "50.00"), ("#z", "87.60")]
    rest = re.sub(r"<mtc:matches.*?</mtc:matches>", "", written, flags=re.DOTALL).replace(' id="s2"', "")
    assert canonicalize(rest) == canonicalize(TWO)
    assert written.index("mtc:matches") < written.index("<notes>")


def test_new_files(tmp_path):
    xliff.write_proposals(tmp_path / "a.xlf", [("x < y", SOME), ("z", [])], ("en", "de"))
    assert [[variant.text for variant in unit.variants] for unit in xliff.memory(tmp_path / "a.xlf")] == [
        ["x < y", ""],
        ["z", ""],
    ]
    assert (tmp_path / "a.xlf").read_text().count("<alt-trans") == 2
    tmx.write_memory(tmp_path / "a.tmx", memory_of([("x < y", SOME), ("z", [])], ("en", "de")))
    found = list(tmx.memory(tmp_path / "a.tmx"))
    assert [[variant.text for variant in unit.variants] for unit in found] == [["x < y", "A & 1"], ["x < y", "f"]]
    assert [value_of(found[0].remarks, name) for name in ("score", "x-match-source", "x-match-tuid")] == [
        "0.8760",
        "a <1>",
        "7",
    ]


BOLD = Code("opening", "1", "1", type="bold"), Code("closing", "1", "1")
KEY = Code("standalone", "", "k:2", "%s")
TAGGED = Proposal(1.0, "Press Start", "Start drücken", "m", {}, ("Press ", BOLD[0], "Start", BOLD[1]),
                  (BOLD[0], "Start", BOLD[1], " drücken ", KEY))  # fmt: skip


def test_proposals_with_codes(tmp_path):
    path, output = tmp_path / "a.xlf", tmp_path / "b.xlf"
    path.write_text(ONE)
    xliff.write_proposals(output, [("A b", [TAGGED]), ("c", [])], ("en", "de"), path)
    written = output.read_text()
    assert '<x:source xml:lang="en">Press <x:g id="1" ctype="bold">Start</x:g></x:source>' in written
    assert '<x:g id="1" ctype="bold">Start</x:g> drücken <x:ph id="k:2">%s</x:ph></x:target>' in written
    path.write_text(TWO)
    xliff.write_proposals(output, [("a", [TAGGED]), ("b", SOME[1:])], ("en", "de"), path)
    written = output.read_text()
    assert (
        '<originalData><data id="d1">%s</data></originalData><source>Press <pc id="1" type="fmt" subType="xlf:b">Start'
        '</pc></source><target><pc id="1" type="fmt" subType="xlf:b">Start</pc> drücken <ph id="k:2" dataRef="d1"/>'
    ) in written
    assert written.count("<originalData>") == 1
    tmx.write_memory(tmp_path / "a.tmx", memory_of([("a", [TAGGED])], ("en", "de")))
    assert '<seg><bpt i="1" x="1" type="bold"/>Start<ept i="1"/> drücken <ph x="2">%s</ph></seg>' in (
        tmp_path / "a.tmx"
    ).read_text("utf-8")
