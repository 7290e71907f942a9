"""From any format to any other: nothing is lost in silence, and whatever goes wrong leaves earlier results alone."""

import gzip
import json
from xml.etree.ElementTree import canonicalize

import polib
import pytest

from interlingua import cli
from interlingua.errors import ConfigError, DataError
from interlingua.formats import open_memory
from interlingua.memories.conversion import convert
from interlingua.units.markup import parts, serialise
from tests.conftest import files_of_at_most

TMX = """<?xml version="1.0" encoding="UTF-8"?>
<!-- exported -->
<tmx version="1.4">
<header creationtool="T" creationtoolversion="1" segtype="phrase" o-tmf="T" adminlang="en" srclang="en-US" datatype="html">
<note>about</note><prop type="client">A &amp; B</prop></header>
<body>
<tu tuid="1" creationdate="20200101T000000Z"><prop type="x-domain">law</prop><note>careful</note>
<tuv xml:lang="en-US" creationid="ann"><seg>A <bpt i="1">&lt;b></bpt>bold<ept i="1">&lt;/b></ept> word</seg></tuv>
<tuv xml:lang="de"><seg>Ein Wort</seg></tuv><tuv xml:lang="fr"><seg>Un mot</seg></tuv></tu>
<?keep this?>
<tu tuid="2"><tuv xml:lang="en-US"><seg>two&#13;
lines</seg></tuv><tuv xml:lang="de"><seg>zwei</seg></tuv><tuv xml:lang="de"><seg>beide</seg></tuv></tu>
</body>
</tmx>
"""
PO = r'''# Header note
msgid ""
msgstr ""
"Project-Id-Version: x 1\n"
"Language: de\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"X-Own: yes\n"

# translator's word
#. extracted
#: a.c:10 b.c
#, c-format
msgctxt "menu"
msgid "Open %s\n"
msgstr "%s öffnen\n"

#, fuzzy
#| msgid "Close it"
msgid "Close"
msgstr "Beenden?"

msgid "Untranslated"
msgstr ""

msgid "%d file"
msgid_plural "%d files"
msgstr[0] "%d Datei"
msgstr[1] "%d Dateien"

#~ msgid "Obsolete"
#~ msgstr "Veraltet"
'''  # fmt: skip


@pytest.fixture
def memory(tmp_path):
    path = tmp_path / "memory.tmx"
    path.write_text(TMX, "utf-8")
    return path


def units(path, *languages):
    return [(unit.variants, unit.attributes, sorted(map(str, unit.remarks))) for unit in open_memory(path, *languages)]


def test_parts_are_the_document(memory):
    joined = "".join(part.xml or serialise(part.element) for part in parts(memory, "tmx", frozenset({"tu"})))
    assert canonicalize(joined, with_comments=True) == canonicalize(TMX, with_comments=True)


def test_a_format_to_itself_is_the_same_bytes(memory, tmp_path):
    convert(memory, tmp_path / "packed.tmx.gz")
    assert gzip.decompress((tmp_path / "packed.tmx.gz").read_bytes()) == memory.read_bytes()


@pytest.mark.parametrize("by_way_of", ["a.jsonl", "a.jsonl.zst", "a.parquet"])
def test_formats_that_lose_nothing(memory, tmp_path, by_way_of):
    assert convert(memory, tmp_path / by_way_of) == (2, {})
    assert convert(tmp_path / by_way_of, tmp_path / "back.tmx") == (2, {})
    assert units(tmp_path / "back.tmx") == units(memory)
    assert open_memory(tmp_path / "back.tmx").about == open_memory(memory).about


@pytest.mark.parametrize(
    ("output", "lost"),
    [
        ("a.tsv", {"attributes": 2, "notes": 1, "properties": 1, "inline codes": 1, "further variants of a language": 1, "header": 1, "tabs and line ends": 1}),
        ("a.csv", {"attributes": 2, "notes": 1, "properties": 1, "inline codes": 1, "further variants of a language": 1, "header": 1}),
        ("moses", {"attributes": 2, "notes": 1, "properties": 1, "inline codes": 1, "further variants of a language": 1, "header": 1, "tabs and line ends": 1, "other languages": 1}),
        ("a.xlf", {"further variants of a language": 1, "other languages": 1}),
        ("a.po", {"attributes": 2, "properties": 1, "inline codes": 1, "further variants of a language": 1, "header": 1, "other languages": 1}),
    ],
)  # fmt: skip
def test_what_is_lost_is_counted(memory, tmp_path, output, lost):
    asked = () if output in ("a.tsv", "a.csv") else ("en", "de")
    assert convert(memory, tmp_path / output, *asked) == (2, lost)


def test_catalogues_through_a_memory(tmp_path):
    """PO to TMX to PO: contexts, plurals, flags, comments, previous texts and obsolete entries."""
    (tmp_path / "a.po").write_text(PO, "utf-8")
    assert convert(tmp_path / "a.po", tmp_path / "a.tmx") == (5, {})
    assert convert(tmp_path / "a.tmx", tmp_path / "b.po") == (5, {"header": 1})
    one, two = polib.pofile(str(tmp_path / "a.po")), polib.pofile(str(tmp_path / "b.po"))
    assert [vars(entry) | {"linenum": 0} for entry in two] == [vars(entry) | {"linenum": 0} for entry in one]
    assert (two.metadata, two.header) == (one.metadata, one.header)


def test_unfinished_translations_stay_out_of_what_cannot_mark_them(tmp_path):
    (tmp_path / "a.po").write_text(PO, "utf-8")
    assert convert(tmp_path / "a.po", tmp_path / "a.tsv")[1]["fuzzy or obsolete"] == 2
    assert "Beenden" not in (tmp_path / "a.tsv").read_text("utf-8")
    convert(tmp_path / "a.po", tmp_path / "a.mo")
    assert [entry.msgid for entry in polib.mofile(str(tmp_path / "a.mo"))] == ["%d file", "Open %s\n"]


def test_languages_are_chosen_and_named(memory, tmp_path):
    convert(memory, tmp_path / "a.tsv", "en", "fr")
    assert (tmp_path / "a.tsv").read_text() == "en\tfr\nA bold word\tUn mot\n"
    (tmp_path / "pairs.tsv").write_text("score\tsource\ttarget\n0.9\ta\tb\n")
    with pytest.raises(ConfigError, match="give --source-language and --target-language"):
        convert(tmp_path / "pairs.tsv", tmp_path / "b.tmx")
    convert(tmp_path / "pairs.tsv", tmp_path / "b.tmx", "en", "de")
    assert [(v.language, v.text) for v in next(iter(open_memory(tmp_path / "b.tmx"))).variants] == [
        ("en", "a"),
        ("de", "b"),
    ]


def test_tables_keep_their_columns(tmp_path):
    (tmp_path / "a.tsv").write_text("score\ten\tde\n1\ta, b\tc\n2\td\te\n")
    for output in ("a.csv", "a.jsonl", "a.parquet"):
        convert(tmp_path / "a.tsv", tmp_path / output)
        convert(tmp_path / output, tmp_path / "back.tsv")
        assert (tmp_path / "back.tsv").read_text() == (tmp_path / "a.tsv").read_text()


@pytest.mark.parametrize("suffix", [".po", ".pot", ".xlf", ".ts", ".jsonl"])
def test_rows_that_wait_for_a_translation_are_the_job(tmp_path, suffix):
    table, output = tmp_path / "a.csv", tmp_path / f"b{suffix}"
    table.write_text("en,de\nOpen,\nClose,Schließen\n", "utf-8")
    convert(table, output, "en", "de")
    assert [unit.variants[0].text for unit in open_memory(output)] == ["Open", "Close"]
    assert convert(table, tmp_path / "b.tmx", "en", "de")[0] == 1  # a memory


def test_codes_are_stripped_on_request(memory, tmp_path):
    convert(memory, tmp_path / "a.tmx", inline=False)
    assert "<seg>A bold word</seg>" in (tmp_path / "a.tmx").read_text("utf-8")


BOMB = TMX.replace("<tmx", '<!DOCTYPE tmx [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>\n<tmx', 1).replace(
    "Ein Wort", "&b;"
)


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("bad.tmx", BOMB.encode(), "bad.tmx:3: refused: the file declares entities"),
        ("bad.tmx", TMX.replace("Ein Wort", "\0").encode(), "bad.tmx:9: not well-formed"),
        ("bad.tmx", TMX.encode().replace(b"Ein Wort", b"\xff"), "bad.tmx:9: not well-formed"),
        ("bad.tmx", TMX[:-9].encode(), "not well-formed"),
        ("bad.tmx.gz", gzip.compress(TMX.encode(), mtime=0)[:-12], "damaged or cut short"),
        (
            "bad.tmx.gz",
            gzip.compress(TMX.replace("Un mot", " " * 40_000_000).encode(), mtime=0),
            "bad.tmx.gz:9: refused: a unit or document type of more than 16 MB",
        ),
        ("bad.tsv", b"en\tde\na\tb\nc\xff\td\n", "bad.tsv:3: byte 2 of this line is not UTF-8"),
        ("bad.tsv", b"en\tde\na\tb\nc\0\td\n", "bad.tsv:3: a NUL character"),
        ("bad.tsv", b"en\tde\n" + b"x" * 10_000_000 + b"\n", "bad.tsv:2: 1 fields, the header names 2"),
        ("bad.po", PO.replace('msgid "Close"', 'msgid "Close').encode(), "bad.po:20: not a readable catalogue"),
        ("bad.jsonl", b'{"en": "a", "de": "b"}\n{"en"\n', "bad.jsonl:2: not JSON"),
        ("bad.jsonl", b'{"en": "a", "unit": {"variants": [1]}}\n', "bad.jsonl:1: the column `unit`"),
        ("bad.doc", b"", "the suffix '.doc' is no known format"),
    ],
)
def test_bad_input_is_one_line_and_changes_nothing(tmp_path, monkeypatch, capsys, name, content, problem):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(content)
    (tmp_path / "out.tmx").write_text("earlier")
    assert cli.run(["tm", "convert", name, "-o", "out.tmx", "--source-language", "en", "--target-language", "de"]) == 2
    said = capsys.readouterr().err
    assert problem in said
    assert said.count("\n") == 1
    assert (tmp_path / "out.tmx").read_text() == "earlier"
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted([name, "out.tmx"])


def test_a_full_disk(tmp_path, capsys):
    """Simulated by a limit on the size of files."""
    (tmp_path / "a.tsv").write_text("en\tde\n" + "a text\tein Text\n" * 20_000)
    (tmp_path / "out.tmx").write_text("earlier")
    with files_of_at_most(200_000):
        code = cli.run(["tm", "convert", str(tmp_path / "a.tsv"), "-o", str(tmp_path / "out.tmx")])
    assert code == 2
    assert "out.tmx: cannot be written (File too large); nothing was changed" in capsys.readouterr().err
    assert (tmp_path / "out.tmx").read_text() == "earlier"
    assert len(list(tmp_path.iterdir())) == 2


def test_an_unwritable_output(memory, tmp_path, capsys):
    (tmp_path / "file").write_text("no folder")
    assert cli.run(["tm", "convert", str(memory), "-o", str(tmp_path / "file" / "out.jsonl")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_marks_and_line_ends_of_other_systems(tmp_path):
    (tmp_path / "a.tsv").write_bytes("\ufeffen\tde\r\na\tb\r\n".encode())
    convert(tmp_path / "a.tsv", tmp_path / "a.tmx")
    (tmp_path / "b.tmx").write_bytes(b"\xef\xbb\xbf" + (tmp_path / "a.tmx").read_bytes().replace(b"\n", b"\r\n"))
    assert [[v.text for v in unit.variants] for unit in open_memory(tmp_path / "b.tmx")] == [["a", "b"]]


def test_the_outcome_as_json(memory, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert (
        cli.run(
            [
                "tm",
                "convert",
                "memory.tmx",
                "-o",
                "a.xlf",
                "--source-language",
                "en",
                "--target-language",
                "de",
                "--json",
            ]
        )
        == 0
    )
    said = json.loads(capsys.readouterr().out)
    assert (said["units"], said["not_kept"]["other languages"]) == (2, 1)
    with pytest.raises(DataError, match="no such file"):
        convert(tmp_path / "absent.tmx", tmp_path / "b.tsv")


XLIFF = """<?xml version="1.0" encoding="UTF-8"?>
<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">
<file original="a.html" source-language="en" target-language="de" datatype="html"><body>
<trans-unit id="1"><source>A <g id="1">bold</g> word<x id="2"/></source><target>Ein <g id="1">fettes</g> Wort</target></trans-unit>
<trans-unit id="2"><source>Not yet</source></trans-unit>
<trans-unit id="3"><source>Empty</source><target/></trans-unit>
</body></file></xliff>
"""  # fmt: skip


def test_xliff_under_another_suffix_is_the_same_bytes_and_nothing_is_said_to_be_lost(tmp_path):
    (tmp_path / "a.xliff").write_text(XLIFF, "utf-8")
    assert convert(tmp_path / "a.xliff", tmp_path / "b.sdlxliff.gz") == (3, {})
    assert gzip.decompress((tmp_path / "b.sdlxliff.gz").read_bytes()) == (tmp_path / "a.xliff").read_bytes()


@pytest.mark.parametrize("version", ["1.2", "2.1"])
def test_the_version_asked_for_is_written(tmp_path, version):
    (tmp_path / "a.xlf").write_text(XLIFF, "utf-8")
    assert convert(tmp_path / "a.xlf", tmp_path / "b.xlf", version=version) == (3, {})
    assert f'<xliff version="{version}"' in (tmp_path / "b.xlf").read_text("utf-8")
    assert ('<g id="1">' in (tmp_path / "b.xlf").read_text("utf-8")) == (version == "1.2")


def test_xliff_2_stays_so_where_languages_are_named(tmp_path):
    (tmp_path / "a.xlf").write_text(XLIFF, "utf-8")
    convert(tmp_path / "a.xlf", tmp_path / "b.xlf", version="2.1")
    convert(tmp_path / "b.xlf", tmp_path / "c.xlf", "en", "de")
    assert '<xliff version="2.1"' in (tmp_path / "c.xlf").read_text("utf-8")


@pytest.mark.parametrize("output", ["b.xliff", "b.po", "b.jsonl"])
def test_naming_the_languages_of_a_job_loses_none_of_it(tmp_path, output):
    (tmp_path / "a.xlf").write_text(XLIFF, "utf-8")
    count, lost = convert(tmp_path / "a.xlf", tmp_path / output, "en", "de")
    assert count == 3
    assert "without a text in a language asked for" not in lost
    assert [unit.variants[0].text for unit in open_memory(tmp_path / output)][1:] == ["Not yet", "Empty"]
    assert convert(tmp_path / "a.xlf", tmp_path / "b.tsv", "en", "de")[0] == 2  # and Empty, as its target is there


def test_a_catalogue_written_anew_says_nothing_of_a_header_lost(tmp_path):
    (tmp_path / "a.po").write_text(PO, "utf-8")
    assert convert(tmp_path / "a.po", tmp_path / "b.po", "en", "de") == (5, {})
    assert polib.pofile(str(tmp_path / "b.po")).metadata == polib.pofile(str(tmp_path / "a.po")).metadata


def test_one_language_however_it_is_spelled(tmp_path):
    spellings = [("EN", "es-ES"), ("en", "es_ES"), ("En", "ES-es")]
    pairs = "".join(
        f'<tu><tuv xml:lang="{one}"><seg>a{n}</seg></tuv><tuv xml:lang="{other}"><seg>b{n}</seg></tuv></tu>'
        for n, (one, other) in enumerate(spellings)
    )
    (tmp_path / "a.tmx").write_text(f'<tmx version="1.4"><header srclang="eN"/><body>{pairs}</body></tmx>')
    assert open_memory(tmp_path / "a.tmx").languages() == ["en", "es-ES"]
    convert(tmp_path / "a.tmx", tmp_path / "a.tsv")
    assert (tmp_path / "a.tsv").read_text() == "en\tes-ES\na0\tb0\na1\tb1\na2\tb2\n"
    assert convert(tmp_path / "a.tmx", tmp_path / "a.xlf")[0] == 3


def test_a_catalogue_as_a_table(tmp_path):
    """The columns of Weblate and translate-toolkit."""
    (tmp_path / "a.csv").write_text(
        "location,source,target,id,fuzzy,context,translator_comments,developer_comments\n"
        "a.c:10,Watch,Uhr,1,False,noun,careful,shown once\n,Watch,Schauen,2,True,verb,,\n",
        "utf-8",
    )
    assert convert(tmp_path / "a.csv", tmp_path / "a.po", "en", "de") == (2, {"properties": 2})  # the column id
    one, two = polib.pofile(str(tmp_path / "a.po"))
    assert (one.msgctxt, one.flags, one.comment, one.tcomment) == ("noun", [], "shown once", "careful")
    assert one.occurrences == [("a.c", "10")]
    assert (two.msgctxt, two.flags, two.msgstr) == ("verb", ["fuzzy"], "Schauen")
    assert convert(tmp_path / "a.csv", tmp_path / "a.mo", "en", "de")[0] == 1
    (tmp_path / "b.csv").write_text("source,target,context\nWatch,Uhr,noun\n", "utf-8")
    convert(tmp_path / "b.csv", tmp_path / "b.jsonl", "en", "de")
    assert json.loads((tmp_path / "b.jsonl").read_text())["context"] == "noun"  # some table, as it is


@pytest.mark.parametrize("output", ["a.tsv", "a.xlf", "a.po", "a.jsonl"])
def test_languages_that_no_unit_has_are_an_error_and_no_empty_file(memory, tmp_path, output):
    with pytest.raises(ConfigError, match=r"no unit has texts in en and fi, it has en"):
        convert(memory, tmp_path / output, "en", "fi")
    assert not (tmp_path / output).exists()


def test_the_output_is_named_as_in_every_command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.tsv").write_text("en\tde\none\teins\n", encoding="utf-8")
    assert cli.run(["tm", "convert", "a.tsv", "-o", "a.tmx"]) == 0
    assert "later versions" not in capsys.readouterr().err
    assert cli.run(["tm", "convert", "a.tsv", "b.tmx"]) == 0  # the form of version 0.1
    assert "-o or --output" in capsys.readouterr().err
    assert (tmp_path / "a.tmx").read_bytes() == (tmp_path / "b.tmx").read_bytes()
    for line in (["a.tsv"], ["a.tsv", "c.tmx", "-o", "d.tmx"]):
        assert cli.run(["tm", "convert", *line]) == 2
        assert "name one file to write: -o FILE" in capsys.readouterr().err
    assert cli.run(["tm", "convert", "a.tsv", "a.tsv"]) == 2
    assert "is the same as PATH" in capsys.readouterr().err
