"""What surrounds the texts of an XLIFF comes back: files, groups, identities, segments, states, notes, plural forms."""

import polib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlingua.formats import gettext, open_memory, xliff
from interlingua.memories.conversion import convert
from interlingua.units.states import State, state_of
from interlingua.units.unit import NOTE, About, Memory, Remark, Unit, Variant, prop, value_of
from tests.formats.xliff_rules import broken

FILES = """<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2" xmlns:my="urn:mine">
<file original="a.properties" source-language="en" target-language="de" datatype="x-java" tool-id="t" my:kind="ui">
<header><tool tool-id="t" tool-name="T"/></header><body>
<group id="g1" resname="menu" my:level="1"><trans-unit id="1" resname="open"><source>Open</source><target>Öffnen</target></trans-unit>
<group id="g2" restype="menu"><trans-unit id="2" translate="no"><source>A-17</source><target>A-17</target></trans-unit></group></group>
<group id="g3"><note>of the group</note><trans-unit id="3"><source>Shut</source><target>Zu</target></trans-unit></group>
<bin-unit id="b" mime-type="image/png"><bin-source><external-file href="x.png"/></bin-source></bin-unit>
</body></file>
<file original="b.html" source-language="en" target-language="de" datatype="html"><body>
<trans-unit id="1"><source>On</source><target>An</target></trans-unit></body></file>
</xliff>"""


def written(tmp_path, content, *way):
    """A document, converted to one file after another; the last one and its units."""
    path = tmp_path / "in.xlf"
    path.write_text(content, "utf-8")
    for number, (suffix, version) in enumerate(way):
        output = tmp_path / f"{number}{suffix}"
        convert(path, output, *(() if number else ("en", "de")), version=version)
        path = output
    assert path.suffix != ".xlf" or broken(path) == []
    return path, list(open_memory(path))


@pytest.mark.parametrize(
    "way",
    [
        [(".xlf", "1.2")],
        [(".xlf", "2.1"), (".xlf", "1.2")],
        [(".tmx", None), (".xlf", "1.2")],
        [(".jsonl", None), (".xlf", "2.1"), (".parquet", None), (".xlf", "1.2")],
    ],
)
def test_files_groups_and_identities_come_back(tmp_path, way):
    path, units = written(tmp_path, FILES, *way)
    text = path.read_text("utf-8")
    assert text.count("<file ") == 2
    for tag in (
        'original="a.properties"', 'datatype="x-java"', 'original="b.html"', 'datatype="html"', 'id="g1" resname="menu"',
        'id="g2" restype="menu"', 'my:level="1"', 'my:kind="ui"', 'translate="no"', 'id="1" resname="open"',
    ):  # fmt: skip
        assert tag in text, tag
    assert [unit.attributes["tuid"] for unit in units] == ["1", "2", "3", "1"]
    assert text.index("g2") < text.index("A-17") < text.index("</group>\n</group>") < text.index("Shut")


def test_version_2_has_them_in_its_words(tmp_path):
    path, _ = written(tmp_path, FILES, (".xlf", "2.1"))
    text = path.read_text("utf-8")
    for tag in ('<file id="f1" original="a.properties"', 'xliff1:datatype="x-java"', '<group id="g1" name="menu"',
                '<unit id="1" name="open">', '<unit id="2" translate="no">', 'xliff1:restype="menu"'):  # fmt: skip
        assert tag in text, tag


def test_what_stands_between_units_is_said_to_be_lost(tmp_path):
    (tmp_path / "a.xlf").write_text(FILES, "utf-8")
    _, lost = convert(tmp_path / "a.xlf", tmp_path / "b.xlf", version="2.1")
    assert lost == {"header": 1, "markup of other vocabularies": 2}  # a tool; the group's note, the picture


def test_identities_are_given_once(tmp_path):
    named = ["u2", "", "a b", "a b", "", "u2"]
    units = [Unit((Variant("en", f"t{n}"),), {"tuid": name} if name else {}) for n, name in enumerate(named)]
    for version in ("1.2", "2.1"):
        path = tmp_path / f"{version}.xlf"
        xliff.write_memory(path, Memory(About({"srclang": "en"}), lambda: iter(units)), version)
        assert broken(path) == []
        assert [unit.attributes.get("tuid", "") for unit in xliff.memory(path)] == named


SEGMENTED = """<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2" xmlns:sdl="urn:sdl"><file original="x"
source-language="en" target-language="de" datatype="x"><body>
<trans-unit id="p"><source>One. <g id="1">Two. Three.</g></source>
<seg-source><mrk mtype="seg" mid="7">One.</mrk> <g id="1"><mrk mtype="seg" mid="8">Two.</mrk> <mrk mtype="seg" mid="9">Three.</mrk></g></seg-source>
<target><mrk mtype="seg" mid="7">Eins.</mrk> <g id="1"><mrk mtype="seg" mid="9"><x id="4"/>Drei.</mrk></g></target>
<sdl:seg-defs><sdl:seg id="7" conf="ApprovedSignOff"/><sdl:seg id="9" conf="Draft" locked="true"/></sdl:seg-defs></trans-unit>
<trans-unit id="q"><source>Four.</source><seg-source><mrk mtype="seg" mid="10">Four.</mrk></seg-source><target>Vier.</target></trans-unit>
</body></file></xliff>"""


def test_segments_of_a_unit(tmp_path):
    path = tmp_path / "a.sdlxliff"
    path.write_text(SEGMENTED, "utf-8")
    units = list(open_memory(path))
    assert [[v.text for v in unit.variants] for unit in units] == [
        ["One.", "Eins."], ["Two."], ["Three.", "Drei."], ["Four.", "Vier."],
    ]  # fmt: skip
    assert [unit.attributes["tuid"] for unit in units] == ["p/7", "p/8", "p/9", "q"]
    assert [state_of(unit) for unit in units] == [State.final, None, State.needs_work, None]
    assert [value_of(unit.remarks, "x-sdl-locked") for unit in units] == ["", "", "true", ""]


@pytest.mark.parametrize("by_way_of", [[], [(".jsonl", None)]])
def test_segments_are_written_as_they_were(tmp_path, by_way_of):
    path, _ = written(tmp_path, SEGMENTED, *by_way_of, (".xlf", "1.2"))
    text = path.read_text("utf-8").replace(' xml:space="preserve"', "")
    for tag in ("source", "seg-source", "target", "sdl:seg-defs"):
        expected = SEGMENTED[SEGMENTED.index(f"<{tag}>") : SEGMENTED.index(f"</{tag}>")].replace("<sdl:seg-defs>", "")
        assert expected in text, tag


def test_segments_between_versions(tmp_path):
    path, units = written(tmp_path, SEGMENTED, (".xlf", "2.1"))
    text = path.read_text("utf-8")
    assert text.count("<unit ") == 2
    assert [unit.attributes["tuid"] for unit in units] == ["p/7", "p/8", "p/9", "q"]
    assert '<segment id="7" state="final">' in text
    assert '<segment id="9" state="initial">' in text
    assert '<ignorable><source xml:space="preserve"> </source>' in text
    path, units = written(tmp_path, text, (".xlf", "1.2"), (".xlf", "2.1"))
    assert [unit.attributes["tuid"] for unit in units] == ["p/7", "p/8", "p/9", "q"]
    assert path.read_text("utf-8").count("<unit ") == 2


ALL_STATES = [
    (
        "1.2",
        '<target state="needs-review-l10n">',
        State.needs_work,
        'state="initial" subState="xliff1:needs-review-l10n"',
    ),
    ("1.2", '<target state="new">', State.initial, 'state="initial" subState="xliff1:new"'),
    ("1.2", '<target state="translated">', State.translated, 'state="translated"'),
    ("1.2", '<target state="signed-off">', State.reviewed, 'state="reviewed" subState="xliff1:signed-off"'),
    ("1.2", '<target state="final">', State.final, 'state="final"'),
    ("1.2", "<target>", None, "<segment>"),
]


@pytest.mark.parametrize(("version", "target", "state", "in_two"), ALL_STATES)
def test_states_in_both_versions_and_in_catalogues(tmp_path, version, target, state, in_two):
    content = FILES.replace(
        '<trans-unit id="1"><source>On</source><target>', f'<trans-unit id="1"><source>On</source>{target}'
    )
    path, units = written(tmp_path, content, (".xlf", "2.1"))
    assert in_two in path.read_text("utf-8").replace("<segment ", "<segment>")[-400:].replace("<segment>state", "state")
    assert state_of(units[-1]) in (state, State.needs_work if state == State.initial else state)
    path, _ = written(tmp_path, content, (".xlf", "2.1"), (".xlf", "1.2"))
    assert target in path.read_text("utf-8").replace(' xml:space="preserve"', "")
    path, _ = written(tmp_path, content, (".po", None))
    entry = polib.pofile(str(path))[-1]
    assert ("fuzzy" in entry.flags) == (state is not None and state < State.translated)


def test_notes_in_the_words_of_each_version(tmp_path):
    note = '<note from="Ann" priority="2" annotates="target">check</note></trans-unit></body></file>\n</xliff>'
    content = FILES.replace("</trans-unit></body></file>\n</xliff>", note)
    path, units = written(tmp_path, content, (".xlf", "2.1"))
    assert '<note category="Ann" priority="2" appliesTo="target">check</note>' in path.read_text("utf-8")
    path, units = written(tmp_path, content, (".xlf", "2.1"), (".xlf", "1.2"))
    assert '<note from="Ann" priority="2" annotates="target">check</note>' in path.read_text("utf-8")
    assert [r.text for r in units[-1].remarks if r.kind == NOTE] == ["check"]


def test_foreign_names_are_declared_wherever_they_go(tmp_path):
    content = FILES.replace(
        '<trans-unit id="1"><source>On</source>',
        '<trans-unit id="1" my:rank="1"><source>On<x id="1" my:how="b"/></source>',
    ).replace("<target>An</target>", "<target>An</target><my:more my:x='1' lost:y='2'/>")
    for way in ([(".xlf", "1.2")], [(".tmx", None), (".xlf", "1.2")], [(".jsonl", None), (".xlf", "1.2")]):
        path, _ = written(tmp_path, content, *way)  # which is parsed with its name spaces
        text = path.read_text("utf-8")
        assert 'xmlns:my="urn:mine"' in text
        assert 'xmlns:lost="urn:undeclared:lost"' in text


CATALOGUE = '''msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals={number}; plural=0;\\n"

#. for developers
# for translators
#: a.c:1 b.c:22
#, {flags}c-format
msgctxt "ctx"
msgid "%d cat"
msgid_plural "%d cats"
{forms}

msgid "%d dog"
msgid_plural "%d dogs"
{empty}

#, fuzzy
#| msgid "old"
msgid "plain"
msgstr "einfach"

msgid "done"
msgstr "fertig"

msgid "waiting"
msgstr ""
'''  # fmt: skip


def entries(path):
    return [
        (e.msgctxt, e.msgid, e.msgid_plural, e.msgstr, e.msgstr_plural, e.comment, e.tcomment, e.occurrences, e.previous_msgid, sorted(e.flags))
        for e in polib.pofile(str(path))
    ]  # fmt: skip


@pytest.mark.parametrize("number", [1, 2, 3, 6])
@pytest.mark.parametrize("flags", ["", "fuzzy, "])
@pytest.mark.parametrize("version", ["1.2", "2.1"])
def test_catalogues_come_back(tmp_path, number, flags, version):
    """Contexts, notes, references, flags, plural forms and what waits, also of languages with one form or six."""
    forms = ["\n".join(f'msgstr[{k}] "{text.format(k)}"' for k in range(number)) for text in ("Form {}", "")]
    text = CATALOGUE.format(language="de", number=number, flags=flags, forms=forms[0], empty=forms[1])
    (tmp_path / "a.po").write_text(text, "utf-8")
    count, lost = convert(tmp_path / "a.po", tmp_path / "a.xlf", "en", "de", version=version)
    assert (count, lost) == (5, {})
    assert broken(tmp_path / "a.xlf") == []
    _, lost = convert(tmp_path / "a.xlf", tmp_path / "b.po")
    assert entries(tmp_path / "b.po") == entries(tmp_path / "a.po")
    assert lost == {}
    assert polib.pofile(str(tmp_path / "b.po")).metadata == polib.pofile(str(tmp_path / "a.po")).metadata


def test_a_catalogue_shows_translators_what_they_must_see(tmp_path):
    (tmp_path / "a.po").write_text(CATALOGUE.format(language="de", number=2, flags="", forms='msgstr[0] "a"\nmsgstr[1] "b"', empty='msgstr[0] ""\nmsgstr[1] ""'), "utf-8")  # fmt: skip
    convert(tmp_path / "a.po", tmp_path / "a.xlf", "en", "de")
    text = (tmp_path / "a.xlf").read_text("utf-8")
    assert text.count('<context context-type="x-po-msgctxt">ctx</context>') == 2  # each form
    for tag in ('<note from="developer">for developers</note>', '<note from="po-translator">for translators</note>',
                '<context context-type="sourcefile">b.c</context><context context-type="linenumber">22</context>',
                'approved="no"', 'state="needs-review-translation"', 'approved="yes"', 'restype="x-gettext-plurals"'):  # fmt: skip
        assert tag in text, tag


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
NAMES = st.sampled_from(["", "u1", "u3", "a b", "x/1", "5[0]", "é"])
REMARKS = st.lists(
    st.one_of(
        st.builds(prop, st.sampled_from(["score", "x-po-context", "x-po-extracted", "x-po-flags", "x-xliff-original",
                  "x-xliff-group", "x-xliff1-resname", "x-xliff2-name", "x-xliff2-state", "x-xliff-segment"]), TEXTS),
        st.builds(lambda text, named: Remark(NOTE, text, named), TEXTS,
                  st.dictionaries(st.sampled_from(["from", "category", "xml:lang", "o-encoding"]), TEXTS, max_size=2)),
    ),
    max_size=4,
)  # fmt: skip


@given(st.lists(st.tuples(TEXTS, TEXTS | st.none(), NAMES, REMARKS), max_size=5), st.sampled_from(["1.2", "2.1"]))
def test_whatever_is_known_of_units_the_document_is_valid_and_the_texts_come_back(tmp_path_factory, drawn, version):
    path = tmp_path_factory.mktemp("x") / "a.xlf"
    units = [
        Unit((Variant("en", source), *([] if target is None else [Variant("de", target)])), {"tuid": name} if name else {}, tuple(remarks))
        for source, target, name, remarks in drawn
    ]  # fmt: skip
    languages = {v.language for unit in units for v in unit.variants}
    if not languages:
        return
    xliff.write_memory(path, Memory(About({"srclang": "en"}), lambda: iter(units)), version)
    assert [p for p in broken(path) if "state" not in p] == []
    again = list(xliff.memory(path))
    assert [[v.text for v in unit.variants] for unit in again] == [[v.text for v in unit.variants] for unit in units]


def test_catalogues_of_other_tools_are_read_with_what_they_say(tmp_path):
    """As po2xliff writes them: contexts in named groups, plural forms in a group with an approval of its own."""
    unit = """<group restype="x-gettext-plurals" id="5" approved="yes"><trans-unit id="5[0]" approved="yes"><source>cat</source>
    <target state="translated">Katze</target></trans-unit><trans-unit id="5[1]" approved="yes"><source>cats</source>
    <target state="translated">Katzen</target></trans-unit></group><trans-unit id="6"><source>dog</source><target>Hund</target>
    <context-group name="po-reference" purpose="location"><context context-type="sourcefile">d.c</context><context context-type="linenumber">4</context></context-group>
    <note from="developer">an animal</note></trans-unit></body></file>\n</xliff>"""
    path = tmp_path / "a.xlf"
    path.write_text(FILES.replace("</body></file>\n</xliff>", unit), "utf-8")
    convert(path, tmp_path / "a.po", "en", "de")
    *_, cats, dog = polib.pofile(str(tmp_path / "a.po"))
    assert (cats.msgid, cats.msgid_plural, cats.msgstr_plural) == ("cat", "cats", {0: "Katze", 1: "Katzen"})
    assert (dog.occurrences, dog.comment) == ([("d.c", "4")], "an animal")
    assert len(list(gettext.memory(tmp_path / "a.po"))) == 6
