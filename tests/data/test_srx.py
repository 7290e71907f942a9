"""Sentences by the rules of an SRX file."""

import sys

import pytest

from interlingua import cli
from interlingua.data.sentences import splitter
from interlingua.errors import DataError, MissingDependency
from interlingua.memories import job
from interlingua.mining import reading
from interlingua.mining.documents import document

pytest.importorskip("choppa")
RULES = r"""<?xml version="1.0" encoding="UTF-8"?>
<srx xmlns="http://www.lisa.org/srx20" version="2.0">
<header segmentsubflows="yes" cascade="yes"/>
<body><languagerules>
<languagerule languagerulename="English">
<rule break="no"><beforebreak>\bFig\.</beforebreak><afterbreak>\s</afterbreak></rule></languagerule>
<languagerule languagerulename="Default">
<rule break="yes"><beforebreak>[.?!;]</beforebreak><afterbreak>\s</afterbreak></rule></languagerule>
</languagerules><maprules>
<languagemap languagepattern="EN.*" languagerulename="English"/>
<languagemap languagepattern=".*" languagerulename="Default"/>
</maprules></body></srx>
"""
TEXT = "See Fig. 3; it shows all."


@pytest.fixture
def rules(tmp_path):
    path = tmp_path / "rules.srx"
    path.write_text(RULES, "utf-8")
    return path


def test_the_rules_of_the_language_and_those_of_all(rules):
    assert splitter("en", rules)(TEXT) == ["See Fig. 3;", "it shows all."]
    assert splitter("en-US", rules)(TEXT) == ["See Fig. 3;", "it shows all."]
    assert splitter("de", rules)(TEXT) == ["See Fig.", "3;", "it shows all."]
    assert splitter("de", rules)(" \n") == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text[:300], "not SRX 2.0"),
        (lambda text: "", "not SRX 2.0"),
        (lambda text: text.replace(r"\bFig\.", "(("), "cannot be used"),
        (lambda text: text.replace('"EN.*"', '"(("'), "cannot be used"),
        (lambda text: text.replace('rulename="Default"/>', 'rulename="Other"/>'), "cannot be used"),
        (lambda text: text.replace('".*"', '"xx"').replace("EN.*", "yy"), "no rules for 'en'"),
        (lambda text: text.replace("<srx", '<!DOCTYPE a [<!ENTITY a "b">]><srx', 1), "entities"),
    ],
)
def test_what_is_no_srx_is_one_error(rules, change, said):
    rules.write_text(change(RULES), "utf-8")
    with pytest.raises(DataError, match=said):
        splitter("en", rules)


def test_the_package_is_named_where_it_is_missing(rules, monkeypatch):
    monkeypatch.setitem(sys.modules, "choppa", None)
    with pytest.raises(MissingDependency, match="documents"):
        splitter("en", rules)


def test_whatever_splits_takes_the_rules(tmp_path, rules, capsys):
    path = tmp_path / "a.txt"
    path.write_text(TEXT + "\n", "utf-8")
    assert list(reading.texts(path, "en", False, False, rules)) == ["See Fig. 3;", "it shows all."]
    assert document(path, "en", srx=rules).sentences == ("See Fig. 3;", "it shows all.")
    with job.opened(path, "en", srx=rules) as found:
        assert found.texts == ["See Fig. 3;", "it shows all."]
    assert cli.run(["align", str(path), str(path), "--model", "x", "--srx", str(tmp_path / "none.srx")]) == 2
    assert "none.srx: there is no such file" in capsys.readouterr().err
