"""Segments to look up, from whatever file they stand in."""

import re

import pytest

from interlingua.errors import DataError
from interlingua.formats.xliff import write_proposals
from interlingua.memories import job
from interlingua.units.proposal import Proposal
from tests.formats.test_xliff_structure import CATALOGUE, SEGMENTED
from tests.formats.xliff_rules import broken

LOCKED = """<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file original="x" source-language="en"
target-language="de" datatype="x"><body><trans-unit id="1"><source>open</source></trans-unit>
<trans-unit id="2" translate="no"><source>A-17</source></trans-unit>
<trans-unit id="3" approved="yes"><source>done</source><target state="signed-off">fertig</target></trans-unit>
<trans-unit id="4" approved="no"><source>draft</source><target state="needs-translation">x</target></trans-unit>
<trans-unit id="5"><source>translated</source><target state="translated">übersetzt</target></trans-unit>
</body></file></xliff>"""


def test_what_is_locked_or_finished_is_not_asked_for(tmp_path):
    (tmp_path / "a.xlf").write_text(LOCKED, "utf-8")
    with job.opened(tmp_path / "a.xlf") as found:
        assert found.texts == ["open", "A-17", "done", "draft", "translated"]
        assert [one.text.text for one in found.asked] == ["open", "", "", "draft", "translated"]
        assert found.language == "en"


def test_a_catalogue_is_a_job_with_each_of_its_forms(tmp_path):
    forms = 'msgstr[0] "{}"\nmsgstr[1] "{}"'
    text = CATALOGUE.format(language="de", number=2, flags="", forms=forms.format("a", "b"), empty=forms.format("", ""))
    (tmp_path / "a.po").write_text(text, "utf-8")
    with job.opened(tmp_path / "a.po") as found:
        assert found.texts == ["%d cat", "%d cats", "%d dog", "%d dogs", "plain", "done", "waiting"]
        assert [one.text.text for one in found.asked] == ["", "", "%d dog", "%d dogs", "plain", "", "waiting"]
        assert found.document is not None
        proposed = [(text, [Proposal(1.0, text, f"<{text}>", "tm", {})]) for text in found.texts]
        write_proposals(tmp_path / "b.xlf", proposed, ("en", "de"), found.document)
    assert broken(tmp_path / "b.xlf") == []
    assert "for translators" in (tmp_path / "b.xlf").read_text("utf-8")


def test_proposals_stand_with_their_segment(tmp_path):
    (tmp_path / "a.sdlxliff").write_text(SEGMENTED, "utf-8")
    with job.opened(tmp_path / "a.sdlxliff") as found:
        assert found.texts == ["One.", "Two.", "Three.", "Four."]
        assert found.is_open == [False, True, False, True]  # signed off; locked
        proposed = [(text, [Proposal(0.9, text, f"p {text}", "tm", {})]) for text in found.texts]
        write_proposals(tmp_path / "b.xlf", proposed, ("en", "de"), found.document)
    assert broken(tmp_path / "b.xlf") == []
    text = (tmp_path / "b.xlf").read_text("utf-8")
    assert re.findall(r'<alt-trans mid="(\d+)".*?<target[^>]*>p (\w+)', text) == [
        ("7", "One"), ("8", "Two"), ("9", "Three"), ("10", "Four"),
    ]  # fmt: skip


def test_tables_and_lines_are_jobs(tmp_path):
    (tmp_path / "a.txt").write_text("one\ntwo\n")
    with job.opened(tmp_path / "a.txt") as found:
        assert (found.texts, found.document) == (["one", "two"], None)
        assert [(one.before, one.after) for one in found.asked] == [("", "two"), ("one", "")]


@pytest.mark.parametrize("name", ["a.po", "a.xlf", "a.tmx"])
def test_an_empty_job_is_no_success(tmp_path, name):
    content = {
        "a.po": 'msgid ""\nmsgstr "Language: de\\n"\n',
        "a.xlf": '<xliff version="1.2"><file source-language="en" target-language="de" original="x"><body/></file></xliff>',
        "a.tmx": '<tmx version="1.4"><header srclang="en"/><body/></tmx>',
    }[name]
    (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match="holds no segments"), job.opened(tmp_path / name, "en", "de"):
        pass
