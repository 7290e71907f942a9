"""Terms are read from every kind of glossary, and found in texts in other forms of their words, not in other words."""

import pytest

from interlingua.errors import DataError
from interlingua.memories.glossary import Glossary
from interlingua.memories.termbases import Concept, Term, read

TBX_3 = """<?xml version="1.0"?>
<tbx type="TBX-Basic" style="dct" xml:lang="en" xmlns="urn:iso:std:iso:30042:ed-2" xmlns:min="http://www.tbxinfo.net/ns/min">
<tbxHeader><fileDesc><sourceDesc><p>x</p></sourceDesc></fileDesc></tbxHeader><text><body>
<conceptEntry id="1"><note>a
 device</note><langSec xml:lang="en"><termSec><term>printer</term></termSec></langSec><langSec xml:lang="DE_de">
<termSec><term>Printer</term><min:administrativeStatus>deprecatedTerm-admn-sts</min:administrativeStatus></termSec>
<termSec><term>Druck<hi>gerät</hi></term><termNote type="administrativeStatus">preferredTerm-admn-sts</termNote></termSec>
<termSec><term> </term></termSec></langSec></conceptEntry></body></text></tbx>"""
TBX_2 = """<!DOCTYPE martif SYSTEM "TBXcoreStructV02.dtd"><martif type="TBX" xml:lang="en"><text><body>
<termEntry id="1"><langSet xml:lang="en"><ntig><termGrp><term>log in</term>
<termNote type="administrativeStatus">supersededTerm-admn-sts</termNote></termGrp></ntig></langSet>
<langSet xml:lang="fr"><tig><term>se connecter</term></tig><tig><term>ouvrir</term>
<termNote type="normativeAuthorization">deprecatedTerm</termNote></tig></langSet></termEntry></body></text></martif>"""


def terms_of(tmp_path, name, content, *languages):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return [
        [(term.text, term.language, term.is_forbidden) for term in concept.terms] for concept in read(path, *languages)
    ]


def test_tbx(tmp_path):
    assert terms_of(tmp_path, "3.tbx", TBX_3) == [
        [("printer", "en", False), ("Printer", "de-DE", True), ("Druckgerät", "de-DE", False), ("", "de-DE", False)]
    ]
    assert next(read(tmp_path / "3.tbx")).comment == "a device"
    assert terms_of(tmp_path, "2.tbx", TBX_2) == [
        [("log in", "en", True), ("se connecter", "fr", False), ("ouvrir", "fr", True)]
    ]


def test_tables_and_lists(tmp_path):
    both = [[("a", "source", False), ("b", "target", False)]]
    assert terms_of(tmp_path, "g.csv", "source,target,comment\na,b,c\n") == both
    assert terms_of(tmp_path, "g.utf8", "# of OmegaT\na\tb\tc\n\n") == both
    assert terms_of(tmp_path, "g.txt", "a\tb\n", "en", "de") == [[("a", "en", False), ("b", "de", False)]]
    assert terms_of(tmp_path, "h.csv", "EN;de;fr;Comment\na;b;;c\n") == [
        [("a", "en", False), ("b", "de", False), ("", "fr", False)]
    ]
    assert terms_of(tmp_path, "g.tsv", "en\tde\tstatus\na\tb\tForbidden\nc\td\tapproved\n") == [
        [("a", "en", False), ("b", "de", True)],
        [("c", "en", False), ("d", "de", False)],
    ]
    assert terms_of(tmp_path, "f.tsv", "source\ttarget\tforbidden\na\tb\tyes\n")[0][1] == ("b", "target", True)
    assert [concept.comment for concept in read(tmp_path / "g.utf8")] == ["c"]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.txt", "a\tb\nno tab\n", ":2: no tab"),
        ("a.tsv", "word\tmeaning\na\tb\n", ":2: which columns are terms"),
        ("a.tbx", "<tmx/>", ":1: the root element is 'tmx', not 'martif' or 'tbx'"),
        ("a.tbx", '<!DOCTYPE tbx [<!ENTITY a "b">]><tbx/>', ":1: refused: the file declares entities"),
        ("a.doc", "a", "glossaries are read from .tbx "),
        ("b.txt", "\n", "no terms in this file"),
    ],
)
def test_what_is_no_glossary(tmp_path, name, content, problem):
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=problem):
        Glossary.read(tmp_path / name)


def test_empty_terms_are_counted(tmp_path, capsys):
    (tmp_path / "g.tbx").write_text(TBX_3, encoding="utf-8")
    glossary = Glossary.read(tmp_path / "g.tbx")
    assert glossary.empty == 1
    assert capsys.readouterr().err == f"{tmp_path / 'g.tbx'}: left out 1 empty terms\n"
    assert glossary.languages == ["en", "de-DE"]


def glossary(*pairs, forbidden=()):
    return Glossary(
        [Concept((Term(one, "en"), *(Term(t, "de", t in forbidden) for t in others))) for one, *others in pairs]
    )


def found(text, *terms):
    """What is found of some terms, by the place each has in the text."""
    known = glossary(*((term,) for term in terms))
    return [(one.term.text, [text[b:e] for b, e in one.places]) for one in known.found(text, "en-US")]


@pytest.mark.parametrize(
    ("term", "text", "places"),
    [
        ("printer", "Printers: the PRINTER's", ["Printers", "PRINTER"]),
        ("policy", "policies, politics", ["policies"]),
        ("лицензионный договор", "лицензионного договора", ["лицензионного договора"]),
        ("print", "printers printing", ["printers", "printing"]),
        ("print", "printability", []),  # more than an ending
        ("model", "modern", []),
        ("print job", "print jobs", ["print jobs"]),
        ("file", "files, filed, filing", ["files", "filed"]),  # a short word may have one letter more
        ("up", "ups", []),
        ("printer", "print printe", ["printe"]),  # a letter less is a form, two are not
        ("print", "reprint", []),
        ("café", "CAFE\u0301 cafe", ["CAFE\u0301"]),
        ("log in", "log-in; log\nin; log to in", ["log-in", "log\nin"]),
        ("IT", "it IT", ["IT"]),
        ("AB-", "ab- AB-", ["AB"]),  # marks around a term are no part of its capitals
        ("C++", "C, C++; c++", ["C++", "c++"]),
        ("印刷", "再印刷する", ["印刷"]),
        ("เครื่องพิมพ์", "ซื้อเครื่องพิมพ์ใหม่", ["เครื่องพิมพ์"]),
        ("프린터", "프린터를 새프린터", ["프린터를"]),
    ],
)
def test_found(term, text, places):
    assert found(text, term) == ([(term, places)] if places else [])


def test_a_term_within_a_longer_one_is_not_found_there():
    assert found("Print job", "print", "print job") == [("print job", ["Print job"])]
    assert dict(found("print a print job", "print", "print job")) == {"print": ["print"], "print job": ["print job"]}


def test_terms_of_other_languages_are_not_found():
    known = glossary(("printer", "Drucker"))
    assert known.found("Drucker", "en") == []
    assert known.found("drucker", "de-AT")[0].term.text == "Drucker"


def missing(known, source, target):
    return [(one.term.text, one.expected) for one in known.missing(source, target, "en", "de")]


def test_missing():
    known = glossary(
        ("printer", "Drucker", "Druckgerät"),
        ("bank", "Bank"),
        ("bank", "Ufer"),
        ("lonely",),
        ("print job", "Druckauftrag"),
    )
    assert missing(known, "Two printers", "Zwei Druckern") == []
    assert missing(known, "Two printers", "Zwei Geräte") == [("printer", ("Drucker", "Druckgerät"))]
    assert missing(known, "bank", "Am Ufer") == []
    assert missing(known, "bank bank", "x") == [("bank", ("Bank", "Ufer"))]
    assert missing(known, "lonely", "x") == []
    nested = glossary(("printer", "Drucker"), ("colour", "Farbe Drucker"))
    assert missing(nested, "printer", "Farbe Drucker") == []  # it stands there, within a longer term


def test_forbidden():
    known = glossary(("printer", "Printer", "Drucker"), forbidden=("Printer",))
    assert missing(known, "The printer", "Der Printer") == [("printer", ("Drucker",))]
    assert [one.term.text for one in known.forbidden("no term", "Der Printer", "en", "de")] == ["Printer"]
    allowed = Glossary([*known.concepts, Concept((Term("plotter", "en"), Term("Printer", "de")))])
    assert allowed.forbidden("A plotter", "Der Printer", "en", "de") == []
    assert len(allowed.forbidden("A printer", "Der Printer", "en", "de")) == 1
