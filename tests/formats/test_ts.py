"""Qt Linguist's TS: what other formats make of it, and what else is called .ts."""

import gzip

import numpy as np
import polib
import pytest

from interlingua import cli
from interlingua.data.examples import texts
from interlingua.data.parallel import parallel
from interlingua.errors import ConfigError, DataError
from interlingua.formats import format_of, moses, open_memory, read_rows, ts
from interlingua.memories import job
from interlingua.memories.conversion import convert
from interlingua.units.catalogue import is_obsolete
from interlingua.units.states import is_unfinished
from interlingua.units.unit import About, Memory, Unit, Variant, prop, value_of

HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n<TS version="2.1" language="de_DE" sourcelanguage="en">\n'
)
WHOLE = f"""{HEAD}<context>
    <name>MainWindow</name>
    <message>
        <location filename="../main.cpp" line="12"/>
        <location filename="a b.cpp"/>
        <source>Open &amp;file</source>
        <oldsource>Open</oldsource>
        <comment>menu</comment>
        <oldcomment>bar</oldcomment>
        <extracomment>In the menu
of files</extracomment>
        <translatorcomment>checked</translatorcomment>
        <translation>&amp;Datei öffnen</translation>
        <userdata>u</userdata>
        <extra-loc-layout_id>7</extra-loc-layout_id>
    </message>
    <message numerus="yes">
        <source>%n file(s)</source>
        <translation>
            <numerusform>%n Datei</numerusform>
            <numerusform variants="yes"><lengthvariant>%n Dateien</lengthvariant><lengthvariant>%n D.</lengthvariant></numerusform>
        </translation>
        <extra-po-msgid_plural>%n files</extra-po-msgid_plural>
        <extra-po-flags>qt-plural-format</extra-po-flags>
    </message>
    <message>
        <source>Close</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing</source>
        <translation></translation>
    </message>
    <message>
        <source>Quit</source>
        <translation type="unfinished">Beenden</translation>
    </message>
    <message>
        <source>Old</source>
        <translation type="vanished">Alt</translation>
    </message>
    <message>
        <source>Older</source>
        <translation type="obsolete">Älter</translation>
    </message>
</context>
<context>
    <name>a|b</name>
    <message id="x">
        <source>an id</source>
        <translation variants="yes"><lengthvariant>lang</lengthvariant><lengthvariant>k</lengthvariant></translation>
    </message>
    <message>
        <source>Both</source>
        <comment>c|d</comment>
        <translation>Beide</translation>
    </message>
</context>
</TS>
"""  # fmt: skip


def written(path, content):
    path.write_text(content, "utf-8")
    return path


def message(inside, more=""):
    return f"{HEAD}<context><name>C</name><message{more}>{inside}</message></context></TS>"


@pytest.mark.parametrize("suffix", [".tmx", ".xlf", ".jsonl", ".parquet"])
def test_what_holds_properties_gives_the_same_file_back(tmp_path, suffix):
    path = written(tmp_path / "a.ts", WHOLE)
    assert convert(path, tmp_path / f"b{suffix}")[1] == {}
    convert(tmp_path / f"b{suffix}", tmp_path / "c.ts")
    assert (tmp_path / "c.ts").read_text("utf-8") == WHOLE


@pytest.mark.parametrize("version", ["1.2", "2.1"])
def test_both_versions_of_xliff_do(tmp_path, version):
    convert(written(tmp_path / "a.ts", WHOLE), tmp_path / "b.xlf", version=version)
    convert(tmp_path / "b.xlf", tmp_path / "c.ts")
    assert (tmp_path / "c.ts").read_text("utf-8") == WHOLE


def test_a_catalogue_of_it(tmp_path):
    """Contexts, comments, places, states and plural forms are those of PO, as Qt's own converter has them."""
    _, lost = convert(written(tmp_path / "a.ts", WHOLE), tmp_path / "b.po")
    assert lost == {"properties": 4}
    catalogue = polib.pofile(str(tmp_path / "b.po"))
    first, files, close, _, leave, *_ = catalogue
    assert catalogue.metadata["Language"] == "de_DE"
    assert (first.msgctxt, first.msgid, first.msgstr) == ("MainWindow|menu", "Open &file", "&Datei öffnen")
    assert (first.previous_msgctxt, first.previous_msgid) == ("MainWindow|bar", "Open")
    assert (first.comment, first.tcomment) == ("In the menu\nof files", "checked")
    assert first.occurrences[0] == ("../main.cpp", "12")
    assert (files.msgid_plural, files.msgstr_plural) == ("%n files", {0: "%n Datei", 1: "%n Dateien"})
    assert files.flags == ["qt-plural-format"]
    assert (close.msgstr, close.flags) == ("", [])
    assert leave.flags == ["fuzzy"]
    assert {entry.msgid: entry.flags for entry in catalogue.obsolete_entries()} == {"Old": [], "Older": ["fuzzy"]}
    assert convert(tmp_path / "b.po", tmp_path / "c.ts")[1] == {"header": 1}
    for unit, again in zip(
        sorted(open_memory(tmp_path / "a.ts"), key=lambda unit: unit.variants[0].text),
        sorted(open_memory(tmp_path / "c.ts"), key=lambda unit: unit.variants[0].text),
        strict=True,
    ):
        assert [one.text for one in unit.variants if one.text] == [one.text for one in again.variants if one.text]
        assert value_of(unit.remarks, "x-po-context") == value_of(again.remarks, "x-po-context")
        assert (is_unfinished(unit), is_obsolete(unit)) == (is_unfinished(again), is_obsolete(again))


@pytest.mark.parametrize("suffix", [".po", ".tmx", ".xlf", ".jsonl"])
def test_plural_forms_of_the_source_language(tmp_path, suffix):
    """Where they are all that is translated: app_en.ts."""
    forms = "<numerusform>%n file</numerusform><numerusform>%n files</numerusform>"
    content = message(f"<source>%n file(s)</source><translation>{forms}</translation>", ' numerus="yes"').replace(
        "de_DE", "en"
    )
    path = written(tmp_path / "a.ts", content)
    assert [row.columns["target"] for row in read_rows(path)] == ["%n file", "%n files"]
    assert {"further variants of a language", "properties"}.isdisjoint(convert(path, tmp_path / f"b{suffix}")[1])
    convert(tmp_path / f"b{suffix}", tmp_path / "c.ts")
    (unit,), (again,) = open_memory(path), open_memory(tmp_path / "c.ts")
    assert again.variants == unit.variants


def test_a_catalogue_as_ts(tmp_path):
    """What PO has beyond it stands in elements that Qt keeps as they are."""
    content = (
        'msgid ""\nmsgstr ""\n"Language: pl\\n"\n"Plural-Forms: nplurals=3; plural=n;\\n"\n\n#, c-format\n#| msgctxt "was"\n'
        '#| msgid "fil"\n#| msgid_plural "fils"\nmsgid "file"\nmsgid_plural "files"\n'
        'msgstr[0] "plik"\nmsgstr[1] "pliki"\nmsgstr[2] "plików"\n'
    )
    assert convert(written(tmp_path / "a.po", content), tmp_path / "b.ts") == (1, {"header": 1})
    assert "<numerusform>plików</numerusform>" in (tmp_path / "b.ts").read_text("utf-8")
    convert(tmp_path / "b.ts", tmp_path / "c.po")
    (entry,) = polib.pofile(str(tmp_path / "c.po"))
    assert (entry.flags, entry.previous_msgctxt) == (["c-format"], "was")
    assert (entry.previous_msgid, entry.previous_msgid_plural) == ("fil", "fils")
    assert entry.msgstr_plural == {0: "plik", 1: "pliki", 2: "plików"}


def test_finished_translations_are_rows(tmp_path):
    path = written(tmp_path / "a.ts", WHOLE)
    assert [tuple(row.columns.values()) for row in read_rows(path)] == [
        ("Open &file", "&Datei öffnen", "en", "de-DE"),
        ("%n file(s)", "%n Datei", "en", "de-DE"),
        ("%n files", "%n Dateien", "en", "de-DE"),
        ("an id", "lang", "en", "de-DE"),
        ("Both", "Beide", "en", "de-DE"),
    ]
    assert "</message>" in path.read_text("utf-8").split("\n")[next(read_rows(path)).line - 1]
    assert {example.languages for example in parallel(path)} == {("en", "de-DE")}


def test_lines_counted_from_the_one_before(tmp_path):
    """In each file for itself, and from one message to the next."""
    inside = [
        '<location filename="a.cpp" line="+12"/><location line="+3"/><location filename="b.h" line="5"/><source>1</source>',
        '<location line="+2"/><location filename="b.h" line="+4"/><location line="x"/><source>2</source>',
        '<location filename="b.h" line="-9"/><source>3</source>',
    ]
    messages = "".join(f"<message>{one}</message>" for one in inside)
    path = written(tmp_path / "a.ts", f"<TS><context><name>C</name>{messages}</context></TS>")
    places = [value_of(unit.remarks, "x-po-references").split("\n") for unit in ts.memory(path)]
    assert places == [["a.cpp:12", "a.cpp:15", "b.h:5"], ["a.cpp:17", "b.h:4", "b.h"], ["b.h:0"]]


def test_characters_that_xml_cannot_hold(tmp_path):
    path = written(
        tmp_path / "a.ts", message('<source>a<byte value="x1b"/>b<byte value="7"/><byte value="0"/></source>')
    )
    (unit,) = ts.memory(path)
    assert unit.variants[0].text == "a\x1bb\x07\ufffd"
    ts.write_memory(tmp_path / "b.ts", ts.memory(path))
    assert '<source>a<byte value="x1b"/>b<byte value="x7"/>\ufffd</source>' in (tmp_path / "b.ts").read_text("utf-8")
    half = Memory(About(), lambda: iter([Unit((Variant("en", "\ud800"), Variant("de", "b")))]))
    ts.write_memory(tmp_path / "c.ts", half)
    assert next(iter(ts.memory(tmp_path / "c.ts"))).variants[0].text == "\ufffd"


def test_what_is_not_known_of_it_is_counted(tmp_path):
    dependencies = '<dependencies><dependency catalog="q"/></dependencies>'
    content = message("<source>a</source><translation>b</translation><nonsense/>").replace(
        "<context>", dependencies + "<context>"
    )
    assert convert(written(tmp_path / "a.ts", content), tmp_path / "b.tmx")[1] == {
        "header": 1,
        "markup of other vocabularies": 1,
    }
    assert (tmp_path / "a.ts").read_text("utf-8") == content


def test_languages(tmp_path):
    """Those of the file before those given; of old ones, none; nonsense is an error."""
    path = written(
        tmp_path / "a.ts", '<TS language="sr@latin" sourcelanguage=""><message><source>a</source></message></TS>'
    )
    memory = ts.memory(path, "fr", "de")
    assert (memory.about.attributes["srclang"], value_of(memory.about.remarks, "x-target-language")) == ("fr", "sr")
    path = written(tmp_path / "b.ts", "<TS><message><source>a</source><translation>b</translation></message></TS>")
    assert [one.language for one in next(iter(ts.memory(path))).variants] == ["en", "und"]
    with pytest.raises(DataError, match=r"c\.ts:1: language='deutsch' is no language"):
        ts.memory(written(tmp_path / "c.ts", '<TS language="deutsch"/>'))
    odd = Memory(About(), lambda: iter([Unit((Variant("en", "a"), Variant("no language", "b")))]))
    with pytest.raises(ConfigError, match="no language"):
        ts.write_memory(tmp_path / "d.ts", odd)
    assert not (tmp_path / "d.ts").exists()


def test_a_state_of_another_format_is_unfinished(tmp_path):
    draft = Unit((Variant("en", "a"), Variant("de", "b")), remarks=(prop("x-xliff1-state", "needs-translation"),))
    ts.write_memory(tmp_path / "a.ts", Memory(About(), lambda: iter([draft])))
    assert '<translation type="unfinished">b</translation>' in (tmp_path / "a.ts").read_text("utf-8")


def test_a_job_is_filled(tmp_path):
    path = written(tmp_path / "a.ts", WHOLE)
    with job.opened(path) as found:
        waiting = [text for text, waits in zip(found.texts, found.waits, strict=True) if waits]
    assert waiting == ["Close", "Nothing"]


@pytest.mark.parametrize("packed", ["", ".gz"])
def test_a_side_of_moses_pairs_in_tsonga(tmp_path, packed):
    """Its suffix is that of TS; what it holds is not."""
    for name, content in (("en", b"one\ntwo\n"), ("ts", b"n'we\nmbirhi\n")):
        (tmp_path / f"corpus.{name}{packed}").write_bytes(gzip.compress(content) if packed else content)
    rows = [{"en": "one", "ts": "n'we"}, {"en": "two", "ts": "mbirhi"}]
    assert [row.columns for row in read_rows(tmp_path / "corpus")] == rows
    side = tmp_path / f"corpus.ts{packed}"
    assert moses.is_side(side)
    assert texts(side) == ["n'we", "mbirhi"]
    with job.opened(side) as found:
        assert found.texts == ["n'we", "mbirhi"]
    for read in (format_of, lambda path: list(read_rows(path))):
        with pytest.raises(DataError, match=r"begins with '<'.* what their names begin with, corpus$"):
            read(side)


def test_ts_beside_moses_pairs_is_none_of_them(tmp_path):
    for language in ("en", "de"):
        written(tmp_path / f"app.{language}", "a\n")
    path = written(tmp_path / "app.ts", WHOLE)
    assert [language for language, _ in moses.sides(tmp_path / "app")] == ["de", "en"]
    assert not moses.is_side(path)


@pytest.mark.parametrize("content", [b"const a: string = 'b';\n", b"\x47\x40\0\x10\0" * 40, b""])
def test_programs_and_films_are_one_error(tmp_path, capsys, content):
    path = tmp_path / "index.ts"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"no file of translations, which a \.ts is that begins with '<'"):
        list(read_rows(path))
    assert cli.run(["tm", "convert", str(path), "-o", str(tmp_path / "a.tmx")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_other_xml_is_an_error(tmp_path):
    with pytest.raises(DataError, match="the root element is 'svg', not 'TS'"):
        list(read_rows(written(tmp_path / "a.ts", "<svg/>")))


def test_utf_16(tmp_path):
    (tmp_path / "a.ts").write_bytes(WHOLE.replace('"utf-8"', '"utf-16"', 1).encode("utf-16"))
    assert len(list(read_rows(tmp_path / "a.ts"))) == 5


def test_files_in_which_lines_are_counted_are_not_too_many(tmp_path, monkeypatch):
    monkeypatch.setattr("interlingua.formats.ts.reading.MOST_FILES", 3)
    places = "".join(f'<location filename="{number}" line="+1"/>' for number in np.arange(4))
    with pytest.raises(DataError, match="more than 3 files"):
        list(ts.memory(written(tmp_path / "a.ts", message(places + "<source>a</source>"))))
