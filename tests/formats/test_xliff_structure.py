"""What surrounds the texts of an XLIFF comes back: files, groups, identities, segments, states, notes, plural forms."""

from itertools import pairwise

import polib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlingua.errors import ConfigError
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


@pytest.mark.parametrize("by_way_of", [[], [(".jsonl", None)], [(".xlf", "2.1")], [(".xlf", "2.1"), (".jsonl", None)]])
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


def unit_of(tmp_path, inside, *way, head="", version="1.2"):
    """One trans-unit or unit, converted; the text of the last file, and its units."""
    if version == "1.2":
        content = f'{FILES[: FILES.index("<file")]}<file original="a" source-language="en" target-language="de" datatype="x"{head}><body>{inside}</body></file></xliff>'
    else:
        content = f'<xliff version="2.0" xmlns="urn:oasis:names:tc:xliff:document:2.0" srcLang="en" trgLang="de"><file id="f1" original="a"{head}>{inside}</file></xliff>'
    path, units = written(tmp_path, content, *way)
    return path.read_text("utf-8"), units


MARKED = '<mrk mtype="seg" mid="{}">{}</mrk>'


@pytest.mark.parametrize(
    ("source", "divided", "target"),
    [
        ("One. Two.", MARKED.format(1, "One.") + " " + MARKED.format(2, "Two."), "Eins. Zwei."),
        ("One. Two.", '<mrk mtype="seg">One.</mrk> ' + MARKED.format(2, "Two."), MARKED.format(2, "Eins. Zwei.")),
        ("One.", MARKED.format(1, "One."), MARKED.format(1, "Eins.") + MARKED.format(1, " Zwei.")),
        ("One.", MARKED.format(1, "One."), MARKED.format(1, "Eins.") + MARKED.format(3, " Zwei.")),
        ("One. Two.", MARKED.format(1, "One.") + " and " + MARKED.format(2, "Two."), MARKED.format(1, "Eins. Zwei.")),
        ("One. Two.", MARKED.format(1, "One."), MARKED.format(1, "Eins. Zwei.")),
        ("One.", "One.", "Eins. Zwei."),
    ],
)
@pytest.mark.parametrize("version", ["1.2", "2.1"])
def test_segments_that_are_not_the_whole_text_are_not_taken_apart(tmp_path, source, divided, target, version):
    inside = f'<trans-unit id="1"><source>{source}</source><seg-source>{divided}</seg-source><target>{target}</target></trans-unit>'
    path = tmp_path / "in.xlf"
    path.write_text(FILES[: FILES.index("<file")] + f'<file original="a" source-language="en" target-language="de" datatype="x"><body>{inside}</body></file></xliff>')  # fmt: skip
    convert(path, tmp_path / "out.xlf", version=version if version == "2.1" else None, source_language="en")
    [unit] = open_memory(tmp_path / "out.xlf")
    assert [v.text for v in unit.variants] == [source, "Eins. Zwei."]
    text = (tmp_path / "out.xlf").read_text("utf-8")
    assert version == "2.1" or text.index("</source>") < text.index("<seg-source>") < text.index("<target")


def test_from_one_region_of_a_language_to_another(tmp_path):
    content = FILES.replace('"en"', '"en-US"').replace('"de"', '"en-GB"')
    (tmp_path / "a.xlf").write_text(content, "utf-8")
    for languages in ((), ("en-US", "en-GB")):
        convert(tmp_path / "a.xlf", tmp_path / "b.xlf", *languages, version="2.1")
        assert [v.text for v in next(iter(open_memory(tmp_path / "b.xlf"))).variants] == ["Open", "Öffnen"]
        convert(tmp_path / "a.xlf", tmp_path / "b.po", *languages)
        assert polib.pofile(str(tmp_path / "b.po"))[0].msgstr == "Öffnen"


@pytest.mark.parametrize("way", [[(".xlf", "2.1")], [(".xlf", "1.2")], [(".jsonl", None), (".xlf", "1.2")]])
def test_a_job_without_translations_knows_its_languages(tmp_path, way):
    text, _ = unit_of(tmp_path, '<trans-unit id="1"><source>One</source></trans-unit>', *way)
    assert 'trgLang="de"' in text or 'target-language="de"' in text


def test_a_catalogue_without_entries_is_one(tmp_path):
    (tmp_path / "a.po").write_text('msgid ""\nmsgstr ""\n"Language: de\\n"\n')
    assert convert(tmp_path / "a.po", tmp_path / "a.xlf", "en", "de") == (0, {})
    assert 'target-language="de"' in (tmp_path / "a.xlf").read_text()
    (tmp_path / "b.po").write_text('msgid ""\nmsgstr ""\n"Language: pl\\n"\n\nmsgid "one"\nmsgstr ""\n')
    convert(tmp_path / "b.po", tmp_path / "b.xlf")
    convert(tmp_path / "b.xlf", tmp_path / "c.po")
    assert polib.pofile(str(tmp_path / "c.po")).metadata["Language"] == "pl"


def test_groups_side_by_side_stay_two(tmp_path):
    plural = (
        '<group restype="x-gettext-plurals"><trans-unit id="{0}1"><source>{0}</source><target>{0}T</target></trans-unit>'
        '<trans-unit id="{0}2"><source>{0}s</source><target>{0}Ts</target></trans-unit></group>'
    )
    path = tmp_path / "in.xlf"
    path.write_text(FILES.replace("<body>", f"<body>{plural.format('f')}{plural.format('g')}", 1), "utf-8")
    convert(path, tmp_path / "a.po", "en", "de")
    catalogue = polib.pofile(str(tmp_path / "a.po"))
    assert [(e.msgid, e.msgid_plural, e.msgstr_plural) for e in catalogue[:2]] == [
        ("f", "fs", {0: "fT", 1: "fTs"}), ("g", "gs", {0: "gT", 1: "gTs"}),
    ]  # fmt: skip
    assert catalogue.metadata["Plural-Forms"] == "nplurals=2; plural=(n != 1);"


def test_units_of_a_plural_group_that_are_no_forms_of_one_entry_stay_units(tmp_path):
    unit = '<trans-unit id="{0}"><source>{0}</source><target>T{0}</target></trans-unit>'
    group = f'<group id="p" restype="x-gettext-plurals">{"".join(map(unit.format, "abc"))}</group>'
    _, units = unit_of(tmp_path, group, (".xlf", "1.2"))
    assert [[v.text for v in u.variants] for u in units] == [["a", "Ta"], ["b", "Tb"], ["c", "Tc"]]


def test_a_form_without_a_translation_costs_no_other(tmp_path):
    unit = '<trans-unit id="p[{}]"><source>{}</source>{}</trans-unit>'
    inside = (
        unit.format(0, "f", "")
        + unit.format(1, "fs", "<target>A</target>")
        + unit.format(2, "fs", "<target>B</target>")
    )
    text, _ = unit_of(tmp_path, f'<group id="p" restype="x-gettext-plurals">{inside}</group>', (".xlf", "2.1"))
    assert ">A</target>" in text
    assert ">B</target>" in text
    unit_of(tmp_path, f'<group id="p" restype="x-gettext-plurals">{inside}</group>', (".po", None))
    assert polib.pofile(str(tmp_path / "0.po"))[0].msgstr_plural == {0: "", 1: "A", 2: "B"}


def test_what_is_locked_stays_so(tmp_path):
    two = '<unit id="u" translate="no"><segment id="1"><source>a</source></segment><segment id="2"><source>b</source></segment></unit>'
    text, units = unit_of(tmp_path, two, (".xlf", "1.2"), version="2.0")
    assert text.count('translate="no"') == len(units) == 2
    text, _ = unit_of(
        tmp_path,
        '<unit id="u"><segment><source>a</source></segment></unit>',
        (".xlf", "1.2"),
        head=' translate="no"',
        version="2.0",
    )
    assert '<trans-unit id="u" translate="no">' in text
    group = '<group id="g" translate="no"><trans-unit id="1"><source>a</source></trans-unit></group>'
    text, _ = unit_of(tmp_path, group, (".xlf", "2.1"))
    assert text.count('translate="no"') == 2


def test_notes_of_nobody_in_particular_and_equal_ones(tmp_path):
    note = '<note annotates="general">x</note>'
    text, _ = unit_of(tmp_path, f'<trans-unit id="1"><source>a</source>{note}{note}</trans-unit>', (".xlf", "2.1"))
    assert text.count("<note>x</note>") == 2


def test_what_follows_the_last_unit_is_said_to_be_lost(tmp_path):
    path = tmp_path / "a.xlf"
    unit = '<trans-unit id="1"><source>a</source></trans-unit>'
    path.write_text(FILES[: FILES.index("<file")] + f'<file original="a" source-language="en" target-language="de" datatype="x"><body>{unit}<bin-unit id="b"><bin-source/></bin-unit></body></file></xliff>')  # fmt: skip
    assert convert(path, tmp_path / "b.xlf", version="2.1") == (1, {"markup of other vocabularies": 1})


def test_properties_of_strangers_break_no_document(tmp_path):
    props = [prop("x-xliff1-xml", "<broken"), prop("x-xliff1-id", "mine"), prop("x-xliff2-xml", "</unit>")]
    units = [Unit((Variant("en", "a"), Variant("de", "b")), {"tuid": "t"}, tuple(props))]
    for version in ("1.2", "2.1"):
        xliff.write_memory(tmp_path / "a.xlf", Memory(About(), lambda: iter(units)), version)
        assert broken(tmp_path / "a.xlf") == []
        assert 'id="t"' in (tmp_path / "a.xlf").read_text()


def test_files_of_version_2_without_an_original_stay_two(tmp_path):
    two = '<unit id="1"><segment><source>a</source></segment></unit></file><file id="about"><unit id="1"><segment><source>b</source></segment></unit>'
    content = f'<xliff version="2.0" xmlns="urn:oasis:names:tc:xliff:document:2.0" srcLang="en" trgLang="de"><file id="home">{two}</file></xliff>'
    path, units = written(tmp_path, content, (".xlf", "2.1"))
    assert [unit.attributes["tuid"] for unit in units] == ["1", "1"]
    assert '<file id="about">' in path.read_text("utf-8")


@pytest.mark.parametrize("version", ["1.2", "2.1"])
@pytest.mark.parametrize(
    "content",
    [
        '<xliff version="2.1" srcLang="en" trgLang="de"><file id="f"><unit id="u"><segment><source>i</source></segment></unit></file></xliff>',
        '<xliff version="1.2"><file original="o" source-language="en" target-language="de"><body><trans-unit id="1"><target>e</target></trans-unit></body></file></xliff>',
    ],
)
def test_documents_written_twice_are_the_same(tmp_path, content, version):
    """Found by fuzzing: a file without an original, a unit without a source."""
    names = [tmp_path / f"{number}.xlf" for number in range(3)]
    names[0].write_text(content)
    for before, after in pairwise(names):
        xliff.write_memory(after, xliff.memory(before), version)
    assert names[1].read_bytes() == names[2].read_bytes()


def test_a_document_without_a_source_language_is_not_taken_for_one_in_its_target_language(tmp_path):
    (tmp_path / "a.xlf").write_text(
        '<xliff version="1.2"><file original="o" target-language="de"><body><trans-unit id="1"/></body></file></xliff>'
    )
    with pytest.raises(ConfigError, match="found none"):
        xliff.write_memory(tmp_path / "b.xlf", xliff.memory(tmp_path / "a.xlf"))
