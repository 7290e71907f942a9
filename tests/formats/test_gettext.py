"""Catalogues: translated entries, and nothing else."""

import gzip
from gettext import GNUTranslations

import numpy as np
import polib
import pytest

from interlingua.data.parallel import parallel
from interlingua.errors import ConfigError, DataError
from interlingua.formats import gettext
from interlingua.memories.conversion import convert
from interlingua.units.unit import About, Memory, Unit, Variant, prop

HEADER = 'msgid ""\nmsgstr ""\n"Language: {}\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
ENTRIES = r'''
# a comment
#: file.c:10
msgctxt "menu"
msgid "Open \"%s\"\n"
msgstr "\"%s\" öffnen\n"

#, fuzzy
msgid "Close"
msgstr "Beenden?"

msgid "Untranslated"
msgstr ""

msgid "%d file"
msgid_plural "%d files"
msgstr[0] "%d Datei"
msgstr[1] "%d Dateien"

msgid ""
"A long "
"text"
msgstr "Ein langer Text mit  Trennern"

#~ msgid "Obsolete"
#~ msgstr "Veraltet"
'''  # fmt: skip
PAIRS = [
    ('Open "%s"\n', '"%s" öffnen\n'), ("%d file", "%d Datei"), ("%d files", "%d Dateien"), ("A long text", "Ein langer Text mit  Trennern"),
]  # fmt: skip


def pairs(path):
    return [(row.columns["source"], row.columns["target"]) for row in gettext.read(path)]


def test_translated_entries_and_plurals(tmp_path):
    path = tmp_path / "de.po"
    path.write_text(HEADER.format("de") + ENTRIES, "utf-8")
    assert pairs(path) == PAIRS
    assert {row.columns["target_language"] for row in gettext.read(path)} == {"de"}
    assert [path.read_text("utf-8").split("\n")[row.line - 1] for row in gettext.read(path)][:2] == [
        "# a comment",
        'msgid "%d file"',
    ]


def test_separators_inside_a_text_are_no_line_ends(tmp_path):
    path = tmp_path / "de.po"
    path.write_text(HEADER.format("de") + 'msgid "a"\nmsgstr "b\u2028c\x85d\x0ce"\n\nmsgid "f"\nmsgstr "g"\n', "utf-8")
    assert pairs(path) == [("a", "b\u2028c\x85d\x0ce"), ("f", "g")]


def test_compiled_catalogues_hold_the_same(tmp_path):
    (tmp_path / "de.po").write_text(HEADER.format("de") + ENTRIES, "utf-8")
    polib.pofile(str(tmp_path / "de.po")).save_as_mofile(str(tmp_path / "de.mo"))
    assert sorted(pairs(tmp_path / "de.mo")) == sorted(PAIRS)
    assert [row.line for row in gettext.read(tmp_path / "de.mo")] == sorted(
        row.line for row in gettext.read(tmp_path / "de.mo")
    )


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("de", "de"),
        ("pt_BR", "pt-BR"),
        ("sr@latin", "sr-Latn"),
        ("sr_RS@latin", "sr-Latn-RS"),
        ("ca@valencia", "ca"),
        ("zh_Hans", "zh-Hans"),
        ("", "und"),
    ],
)
def test_the_header_names_the_language(tmp_path, locale, language):
    path = tmp_path / "x.po"
    path.write_text(HEADER.format(locale) + 'msgid "a"\nmsgstr "b"\n')
    assert [e.languages for e in parallel(path)] == [("en", language)]


def test_the_language_is_told_where_the_header_is_silent(tmp_path):
    path = tmp_path / "x.po"
    path.write_text('msgid "a"\nmsgstr "b"\n')
    assert [e.languages for e in parallel(path, target_language="deu")] == [("en", "de")]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('msgid "a"\nmsgstr "b"\n\nmsgid "c\nmsgstr "d"\n', 4),
        ('msgid "a"\nmsgstr "b"\nnonsense\n', 3),
        ('msgid "a"\nmsgstr "b"\n\nmsgid "c "quoted" d"\nmsgstr "d"\n', 4),
        ('msgid "a"\nmsgstr "b"\n\nmsgstr "c"\n', 4),
        ("source\ttarget\n", 1),
    ],
)
def test_syntax_errors_name_the_line(tmp_path, content, line):
    path = tmp_path / "x.po"
    path.write_text(content)
    with pytest.raises(DataError) as caught:
        pairs(path)
    assert (caught.value.path, caught.value.line) == (path, line)


def test_a_header_with_another_language_name(tmp_path):
    path = tmp_path / "x.po"
    path.write_text(HEADER.format("German") + 'msgid "a"\nmsgstr "b"\n')
    with pytest.raises(DataError, match="header's Language: 'German' is not a language code"):
        pairs(path)


def test_another_encoding_is_named(tmp_path):
    path = tmp_path / "x.po"
    path.write_bytes(b'msgid "a"\nmsgstr "\xe4"\n')
    with pytest.raises(DataError, match="not UTF-8") as caught:
        pairs(path)
    assert caught.value.line == 2


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("ISO-8859-1", "Bär"),
        ("koi8-r", "медведь"),
        ("SHIFT_JIS", "表示"),
        ("GB18030", "語言"),
        ("windows-1252", "„Ja“"),
    ],
)
@pytest.mark.parametrize("suffix", [".po", ".mo"])
def test_the_header_names_the_encoding(tmp_path, charset, text, suffix):
    catalogue = polib.POFile(encoding=charset)
    catalogue.metadata = {"Language": "de", "Content-Type": f"text/plain; charset={charset}"}
    catalogue.append(polib.POEntry(msgid="a", msgstr=text))
    path = tmp_path / f"x{suffix}"
    (catalogue.save_as_mofile if suffix == ".mo" else catalogue.save)(str(path))
    assert text.encode(charset) in path.read_bytes()
    assert [row.columns["target"] for row in gettext.read(path)] == [text]
    gettext.write_memory(tmp_path / "y.po", gettext.memory(path))
    written = polib.pofile(str(tmp_path / "y.po"))
    assert (written.metadata["Content-Type"], written[0].msgstr) == ("text/plain; charset=UTF-8", text)


@pytest.mark.parametrize("charset", ["utf-16", "unicode_escape", "utf-7", "idna", "rot13", "undefined", "nonsense"])
def test_an_encoding_that_cannot_be_read_is_named(tmp_path, charset):
    (tmp_path / "x.po").write_text(HEADER.format("de").replace("UTF-8", charset) + 'msgid "a"\nmsgstr "b"\n')
    with pytest.raises(DataError, match=f"encoding '{charset}'"):
        pairs(tmp_path / "x.po")


def test_what_is_not_in_the_encoding_is_named_with_its_line(tmp_path):
    content = HEADER.format("de").replace("UTF-8", "SHIFT_JIS").encode() + b'msgid "a"\nmsgstr "\xff\xff"\n'
    (tmp_path / "x.po").write_bytes(content)
    with pytest.raises(DataError, match="is not shift_jis") as caught:
        pairs(tmp_path / "x.po")
    assert caught.value.line == content.count(b"\n")


@pytest.mark.parametrize("content", [b"", b"\xde\x12\x04\x95" + b"\xff" * 40, b"plain text"])
def test_damaged_compiled_catalogues(tmp_path, content):
    path = tmp_path / "x.mo"
    path.write_bytes(content)
    with pytest.raises(DataError):
        pairs(path)


@pytest.mark.parametrize("comment", ["##,", "##:,x", "# a\n#\n## , b\n##,c"])
def test_a_comment_of_the_header_is_never_taken_for_flags(tmp_path, comment):
    (tmp_path / "a.po").write_text(f'{comment}\nmsgid ""\nmsgstr ""\n"Language: de\\n"\n\nmsgid "a"\nmsgstr "b"\n')
    for old, new in (("a", "b"), ("b", "c")):
        gettext.write_memory(tmp_path / f"{new}.po", gettext.memory(tmp_path / f"{old}.po"))
    assert (tmp_path / "b.po").read_text() == (tmp_path / "c.po").read_text()
    assert not polib.pofile(str(tmp_path / "b.po"))[0].flags
    assert [row.columns["target"] for row in gettext.read(tmp_path / "c.po")] == ["b"]


@pytest.mark.parametrize(
    "references", ["a.c:1 b.c:", "a.c: b", ":1 :", "a:b:2", "c:\\d.c:7 x:y", "\u2068a b.c\u2069:1"]
)
def test_references_come_back_as_they_were(tmp_path, references):
    content = f'#\n{HEADER.format("de")}#: {references}\nmsgid "a"\nmsgstr "b"\n'
    (tmp_path / "a.po").write_text(content, "utf-8")
    gettext.write_memory(tmp_path / "b.po", gettext.memory(tmp_path / "a.po"))
    assert (tmp_path / "b.po").read_text("utf-8") == content


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (r"\a\x41\101", "\aAA"),
        (r"B\303\244r \xc3\xa4", "Bär ä"),
        (r"\\x41 \\101 \\a", r"\x41 \101 \a"),
        (r"\\\x41", r"\A"),
        (r"\x22\134n\12", '"\\n\n'),
        (r"\t\v\b\f\r\"", '\t\v\b\f\r"'),
        (r"\0017", "\x017"),
    ],
)
def test_escapes_are_the_characters_that_gettext_reads(tmp_path, written, text):
    (tmp_path / "a.po").write_text(
        f'{HEADER.format("de")}# \\101\n#| msgid "{written}"\nmsgid "a"\nmsgstr "{written}"\n'
    )
    assert pairs(tmp_path / "a.po") == [("a", text)]
    for old, new in (("a", "b"), ("b", "c")):
        gettext.write_memory(tmp_path / f"{new}.po", gettext.memory(tmp_path / f"{old}.po"))
    (entry,) = polib.pofile(str(tmp_path / "b.po"))
    assert (entry.msgstr, entry.previous_msgid, entry.tcomment) == (text, text, r"\101")
    assert (tmp_path / "b.po").read_bytes() == (tmp_path / "c.po").read_bytes()


def test_escapes_are_bytes_of_the_catalogues_encoding(tmp_path):
    header = HEADER.format("de").replace("UTF-8", "ISO-8859-1")
    (tmp_path / "a.po").write_text(f'{header}msgid "a"\nmsgstr "B\\344r"\n')
    assert pairs(tmp_path / "a.po") == [("a", "Bär")]
    (tmp_path / "a.po").write_text(f'{HEADER.format("de")}msgid "a"\nmsgstr "B\\344r"\n')
    with pytest.raises(DataError, match=r"the bytes .344 are not utf-8") as caught:
        pairs(tmp_path / "a.po")
    assert caught.value.line == 7


def test_an_empty_context_is_not_none(tmp_path):
    entries = 'msgctxt ""\nmsgid "a"\nmsgstr "b"\n\nmsgid "a"\nmsgstr "c"\n\nmsgctxt ""\nmsgid "n"\nmsgid_plural "ns"\nmsgstr[0] "m"\n'
    (tmp_path / "a.po").write_text(HEADER.format("de") + entries)
    gettext.write_memory(tmp_path / "a.mo", gettext.memory(tmp_path / "a.po"))
    found = {(e.msgctxt, e.msgid, e.msgstr) for e in polib.mofile(str(tmp_path / "a.mo"))}
    assert found == {("", "a", "b"), (None, "a", "c"), ("", "n", "")}
    gettext.write_memory(tmp_path / "b.mo", gettext.memory(tmp_path / "a.mo"))
    assert (tmp_path / "a.mo").read_bytes() == (tmp_path / "b.mo").read_bytes()
    with (tmp_path / "a.mo").open("rb") as stream:
        assert GNUTranslations(stream).pgettext("", "a") == "b"


@pytest.mark.parametrize(
    ("language", "forms", "of_0_1_2_5_11_21_100"),
    [
        ("ru", 3, [2, 0, 1, 2, 2, 0, 2]),
        ("sr-Latn", 3, [2, 0, 1, 2, 2, 0, 2]),
        ("pl", 3, [2, 0, 1, 2, 2, 2, 2]),
        ("cs", 3, [2, 0, 1, 2, 2, 2, 2]),
        ("lt", 3, [2, 0, 1, 1, 2, 0, 2]),
        ("lv", 3, [2, 0, 1, 1, 1, 0, 1]),
        ("ro", 3, [1, 0, 1, 1, 1, 2, 2]),
        ("ga", 3, [2, 0, 1, 2, 2, 2, 2]),
        ("sl", 4, [3, 0, 1, 3, 3, 3, 3]),
        ("ar", 6, [0, 1, 2, 3, 4, 4, 5]),
        ("fr", 2, [0, 0, 1, 1, 1, 1, 1]),
        ("pt-BR", 2, [0, 0, 1, 1, 1, 1, 1]),
        ("pt", 2, [1, 0, 1, 1, 1, 1, 1]),
        ("ja", 1, [0, 0, 0, 0, 0, 0, 0]),
        ("ru", 2, [1, 0, 1, 1, 1, 1, 1]),
    ],
)
def test_the_header_says_which_number_takes_which_form(tmp_path, language, forms, of_0_1_2_5_11_21_100):
    variants = [Variant("en", "a"), Variant("en", "as", remarks=(prop("x-po-plural", "id"),))]
    variants += [Variant(language, f"b{form}", remarks=(prop("x-po-plural", str(form)),)) for form in range(forms)]
    gettext.write_memory(tmp_path / "a.mo", Memory(About({"srclang": "en"}), lambda: iter([Unit(tuple(variants))])))
    with (tmp_path / "a.mo").open("rb") as stream:
        catalogue = GNUTranslations(stream)
    found = [catalogue.ngettext("a", "as", number) for number in (0, 1, 2, 5, 11, 21, 100)]
    assert found == [f"b{form}" for form in of_0_1_2_5_11_21_100]


def test_earlier_texts_of_obsolete_entries_come_back(tmp_path):
    header, content = (
        'msgid ""\nmsgstr ""\n"Language: de\\n"\n\n',
        '#, fuzzy\n#~| msgctxt "menu"\n#~| msgid ""\n#~| "one\\n"\n#~| "two"\n#~ msgid "gone"\n#~ msgstr "weg"\n',
    )
    (tmp_path / "a.po").write_text(header + content)
    gettext.write_memory(tmp_path / "b.po", gettext.memory(tmp_path / "a.po"))
    assert (tmp_path / "b.po").read_text().endswith(f"\n\n{content}")


def test_nul_that_separates_no_plural_is_an_error(tmp_path):
    catalogue = polib.POFile()
    catalogue.metadata = {"Language": "de", "Content-Type": "text/plain; charset=UTF-8"}
    catalogue.append(polib.POEntry(msgid="a", msgstr="b\0c"))
    catalogue.save_as_mofile(str(tmp_path / "a.mo"))
    with pytest.raises(DataError, match="NUL"):
        list(gettext.read(tmp_path / "a.mo"))


@pytest.mark.parametrize(
    ("name", "value"),
    [("X-\0Tool", "a"), ("X-Tool", "a\0b"), ("X-Tool", "\0"), ("\0", "a"), ("Content-Type", "text/\0plain")],
)
def test_nul_in_the_header_is_an_error(tmp_path, name, value):
    catalogue = polib.POFile()
    catalogue.metadata = {"Language": "de", "Content-Type": "text/plain; charset=UTF-8", name: value}
    catalogue.append(polib.POEntry(msgid="a", msgstr="b"))
    catalogue.save_as_mofile(str(tmp_path / "a.mo"))
    for read in (gettext.read, gettext.memory):
        with pytest.raises(DataError, match="a NUL character in the header"):
            list(read(tmp_path / "a.mo"))


@pytest.mark.parametrize(("order", "revision"), [("<", 2 << 16), (">", (3 << 16) + 1)])
def test_a_revision_that_is_not_known(tmp_path, order, revision):
    (tmp_path / "a.mo").write_bytes(np.array([0x950412DE, revision, 0, 28, 28, 0, 28], f"{order}u4").tobytes())
    with pytest.raises(DataError, match=f"MO of revision {revision >> 16}"):
        list(gettext.read(tmp_path / "a.mo"))


@pytest.mark.parametrize("name", ["a.po", "a.mo"])
def test_a_header_that_nobody_could_read_is_not_written(tmp_path, name):
    units = [Unit((Variant("en", "a"), Variant("not a language!", "b")))]
    with pytest.raises(ConfigError, match="'not a language!' is not a language code.*--target-language"):
        gettext.write_memory(tmp_path / name, Memory(About({"srclang": "en"}), lambda: iter(units)))
    assert not (tmp_path / name).exists()


def test_what_gettext_reads_and_polib_does_not(tmp_path):
    """Comments without a space, and keywords whose text begins on the next line."""
    path = tmp_path / "a.po"
    path.write_text(
        '#Bare\nmsgid ""\nmsgstr "Language: de\\nContent-Type: text/plain; charset=UTF-8\\n"\n\n'
        '#bare\n#, c-format\nmsgid\n"a"\nmsgstr\n"b"\n\nmsgid "f"\nmsgid_plural "fs"\nmsgstr[0]\n"F"\n\n'
        '#~ msgid\n#~ "old"\n#~ msgstr "alt"\n',
        "utf-8",
    )
    gettext.write_memory(tmp_path / "b.po", gettext.memory(path))
    first, second, last = polib.pofile(str(tmp_path / "b.po"))
    assert (first.tcomment, first.flags, first.msgid, first.msgstr) == ("bare", ["c-format"], "a", "b")
    assert second.msgstr_plural == {0: "F"}
    assert (last.msgid, last.msgstr, last.obsolete) == ("old", "alt", 1)


def test_long_comments_keep_their_lines(tmp_path):
    """Those of translators and those of programmers; polib's own writer breaks them at 78 characters."""
    path, again = tmp_path / "a.po", tmp_path / "b.po"
    notes = "see " + "the manual of the printer " * 5 + "here" + "\n\n  - indented\x1c here"
    path.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\nLanguage: de\\n"\n\n'
        + "".join(f"# {line}\n" for line in notes.split("\n"))
        + "".join(f"#. {line}\n" for line in notes.split("\n"))
        + 'msgid "a"\nmsgstr "b"\n',
        "utf-8",
    )
    gettext.write_memory(again, gettext.memory(path, "en", "de"))
    (entry,) = polib.pofile(str(again))
    assert entry.tcomment == notes
    assert entry.comment == notes.replace("\n\n", "\n")  # polib reads no empty lines of these


TEMPLATE = """# A program.
#, fuzzy
msgid ""
msgstr ""
"Project-Id-Version: PACKAGE VERSION\\n"
"Language: \\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=CHARSET\\n"
"Plural-Forms: nplurals=INTEGER; plural=EXPRESSION;\\n"

#: a.c:1
msgctxt "menu"
msgid "Open"
msgstr ""

msgid "%d file"
msgid_plural "%d files"
msgstr[0] ""
msgstr[1] ""
"""


def test_a_template_becomes_the_catalogue_of_a_language(tmp_path):
    (tmp_path / "a.pot").write_text(TEMPLATE)
    assert list(gettext.read(tmp_path / "a.pot")) == []
    assert [one.variants[0].text for one in gettext.memory(tmp_path / "a.pot")] == ["Open", "%d file"]
    gettext.write_memory(tmp_path / "pl.po", gettext.memory(tmp_path / "a.pot", "en", "pl"))
    catalogue = polib.pofile(str(tmp_path / "pl.po"))
    assert catalogue.metadata["Language"] == "pl"
    assert "INTEGER" not in catalogue.metadata["Plural-Forms"]
    assert not catalogue.metadata_is_fuzzy
    assert (catalogue[0].msgctxt, catalogue[0].occurrences) == ("menu", [("a.c", "1")])


def test_a_template_has_no_translations(tmp_path, capsys):
    (tmp_path / "de.po").write_text(HEADER.format("de") + ENTRIES, "utf-8")
    assert convert(tmp_path / "de.po", tmp_path / "a.pot") == (6, {})
    assert "left out 4 translations" in capsys.readouterr().err
    template = polib.pofile(str(tmp_path / "a.pot"))
    assert not any(entry.msgstr or any(entry.msgstr_plural.values()) for entry in template)
    assert [entry.msgid for entry in template] == ['Open "%s"\n', "Close", "Untranslated", "%d file", "A long text"]
    assert not template.obsolete_entries()
    assert template[0].tcomment == "a comment"
    assert template.metadata["Language"] == ""
    convert(tmp_path / "a.pot", tmp_path / "b.pot.gz")
    assert gzip.decompress((tmp_path / "b.pot.gz").read_bytes()) == (tmp_path / "a.pot").read_bytes()
