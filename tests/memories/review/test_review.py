"""What a review finds, and what it leaves alone."""

from pathlib import Path

import numpy as np
import pytest

from interlingua.data import bitext
from interlingua.errors import ConfigError
from interlingua.memories.review.findings import Kind, PairFinding, Spool
from interlingua.memories.review.numerals import in_other_ways
from interlingua.memories.review.review import FEWEST, Review
from interlingua.mining.scoring import Scores

XLIFF = (
    '<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file original="x" source-language="en" '
    'target-language="de" datatype="plaintext"><body>{}</body></file></xliff>'
)
CATALOGUE = """msgid ""
msgstr "Language: {}\\nContent-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=2; plural=n!=1;\\n"

"""


def reviewed(*files: Path, glossary: Path | None = None) -> list[PairFinding]:
    with Review(glossary) as review:
        for file in files:
            review.add(bitext.read(file))
        review.finish()
        assert review.counts == {kind.value: len(list(review.of(kind))) for kind in Kind}
        return list(review.findings())


def table(folder: Path, *pairs: tuple[str, str], languages: tuple[str, str] = ("en", "de")) -> Path:
    file = folder / "pairs.tsv"
    rows = ("\t".join((*pair, *languages)) for pair in pairs)
    header = "source\ttarget\tsource_language\ttarget_language"
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


def kinds(folder: Path, source: str, target: str, languages: tuple[str, str] = ("en", "de")) -> list[str]:
    return [finding.kind for finding in reviewed(table(folder, (source, target), languages=languages))]


@pytest.mark.parametrize(
    ("source", "target", "languages", "kind"),
    [
        ("It takes 45 minutes.", "Es dauert 54 Minuten.", "en de", "numbers"),
        ("At most 250 files are kept.", "Höchstens Dateien werden aufbewahrt.", "en de", "numbers"),
        ("Set 4 of 9", "Satz 3 von 9", "en de", "numbers"),
        ("Hello {name}, welcome back.", "Hallo, willkommen zurück.", "en de", "tags"),
        ("Copied %s to %s now", "%1$s jetzt kopiert", "en de", "tags"),
        ("Press <b>Enter</b> now.", "Jetzt <b>Enter drücken.", "en de", "tags"),
        ("{n, plural, one {# user} other {# users}}", "{m, plural, one {# Nutzer} other {# Nutzer}}", "en de", "tags"),
        ("{n, plural, one {1 day} other {{n} days}}", "{n, plural, one {1 Tag} other {{m} Tage}}", "en de", "tags"),
        ("{n, plural, one {1 day} other {{n} days}}", "{n} Tage", "en de", "tags"),
        ("{n, plural, one {a day} other {# days}}", "{n, plural, one {ein Tag} otter {# Tage}}", "en de", "tags"),
        ("{g, select, male {he} other {they}}", "{g, select, männlich {er} other {sie}}", "en de", "tags"),
        ("Click here to go", "Klicken Sie <b>hier, um zu gehen", "en de", "tags"),
        ("Please close the door.", "", "en de", "untranslated"),
        ("Please close the door.", "Please close the door!", "en de", "untranslated"),
        ("请关上门再离开。", "请关上门再离开。", "zh de", "untranslated"),
        ("The harbour is closed for the winter.", "Le port est fermé pendant tout l'hiver, comme toujours.", "en de", "language"),
        ("Is the harbour open today?", "Der Hafen ist heute offen.", "en de", "punctuation"),
        ("Choose the file to open:", "Die Datei, die zu öffnen ist", "en de", "punctuation"),
        ("The harbour is open (today).", "Der Hafen ist offen (heute.", "en de", "brackets"),
        ("The harbour is open.", "Der  Hafen ist offen.", "en de", "spaces"),
        ("The harbour is open.", " Der Hafen ist offen.", "en de", "spaces"),
    ],
)  # fmt: skip
def test_what_is_found(source: str, target: str, languages: str, kind: str, tmp_path: Path) -> None:
    one, other = languages.split()
    assert kinds(tmp_path, source, target, (one, other)) == [kind]


@pytest.mark.parametrize(
    ("source", "target", "languages"),
    [
        ("It costs 1,234.50 euros.", "Es kostet 1.234,50 Euro.", "en de"),
        ("Two cats are asleep here.", "Hier schlafen 2 Katzen.", "en de"),
        ("The train leaves at 4:10 today.", "Der Zug fährt heute um 16:10.", "en de"),
        ("There were 30 billion in July.", "7月有300亿。", "en zh"),
        ("In the 19th century, 51 voted.", "十九世纪，五十一人投票。", "en zh"),
        ("It began in the 19th century.", "Это началось в XIX веке.", "en ru"),
        ("Supports i18n and more.", "Unterstützt i18n und mehr.", "en de"),
        ("Opening %s for %d at once", "%2$d-mal %1$s öffnen, auf einmal", "en de"),
        ("%a %b %e %H:%M", "%A, %d. %B %H:%M", "en de"),
        ("Give a <file> as an argument", "Eine <Datei> als Argument angeben", "en de"),
        ("Tom &amp; Jerry are here now", "Tom und Jerry sind jetzt hier", "en de"),
        ("{n, plural, one {# file} other {# files}}", "{n, plural, one {# Datei} few {# X} other {# Dateien}}", "en de"),
        ("{n, plural, one {day} other {{n} days}}", "{n, plural, one {dzień} few {{n} dni} many {{n} dni} other {{n} dnia}}", "en pl"),
        ("{n, plural, offset:1 =0 {none} one {# of {a}} other {# of {a}}}", "{n, plural, offset:1 =0 {nichts} other {# von {a}}}", "en de"),
        ("One<br/>and two", "Eins<br>und zwei", "en de"),
        ("Use {{ name }} here", "Hier {{name}} nutzen", "en de"),
        ("%a %d", "%d. %a", "en de"),
        ("Adobe Photoshop 2020", "Adobe Photoshop 2020", "en de"),
        ("colour of the sky tonight", "colour of the sky tonight", "en-US en-GB"),
        ("https://example.org/a", "https://example.org/a", "en de"),
        ("What is it?", "それは何ですか。", "en ja"),
        ("Whether to keep the file.", "ファイルを保存するかどうか。", "en ja"),
        ("What is it?", "ما هذا؟", "en ar"),
        ("Nov", "nov.", "en fr"),
        ("Open all of the files.", "เปิดไฟล์ทั้งหมด", "en th"),
        ("a) Open all of the files", "a) Alle Dateien öffnen", "en de"),
        ("Error: ", "错误：", "en zh"),
        ("ID", "ID", "en de"),
    ],
)  # fmt: skip
def test_what_is_left_alone(source: str, target: str, languages: str, tmp_path: Path) -> None:
    one, other = languages.split()
    assert kinds(tmp_path, source, target, (one, other)) == []


def test_places_are_those_of_the_shown_text(tmp_path: Path) -> None:
    unit = (
        '<trans-unit id="u7"><source>Wait <g id="1">30</g> s.</source>'
        '<target>Nur <g id="1">35</g> s warten.</target></trans-unit>'
    )
    file = tmp_path / "a.xlf"
    file.write_text(XLIFF.format(unit), encoding="utf-8")
    (found,) = reviewed(file)
    (place,), (other,) = found.source_marks, found.target_marks
    assert (found.source[slice(*place)], found.target[slice(*other)]) == ("30", "35")
    assert found.cells()[:5] == ["numbers", str(file), "1", "u7", "only in the source: 30; only in the target: 35"]


def test_inline_codes_and_what_is_not_to_be_translated(tmp_path: Path) -> None:
    units = (
        '<trans-unit id="1"><source>The <g id="1">x</g></source><target>Das <x id="1"/></target></trans-unit>'
        '<trans-unit id="2"><source>Open the <g id="1">door</g></source>'
        '<target>Die <g id="1">Tür</g> öffnen</target></trans-unit>'
        '<trans-unit id="3" translate="no"><source>Leave this alone</source></trans-unit>'
        '<trans-unit id="4"><source>Translate all of this</source></trans-unit>'
        '<trans-unit id="5"><source>Another one</source><target state="new">Noch eines</target></trans-unit>'
    )
    file = tmp_path / "a.xlf"
    file.write_text(XLIFF.format(units), encoding="utf-8")
    assert [(one.kind, one.unit) for one in reviewed(file)] == [
        ("untranslated", "4"),
        ("untranslated", "5"),
        ("tags", "1"),
    ]


def test_catalogues(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "de.po"
    entries = (
        'msgid "Hi there"\nmsgstr ""\n\n'
        '#, fuzzy\nmsgid "Take %d"\nmsgstr "Nimm"\n\n'
        'msgid "one file"\nmsgid_plural "%d files"\nmsgstr[0] "eine Datei"\nmsgstr[1] "%d Dateien"\n\n'
        'msgid "%d old file"\nmsgid_plural "%d old files"\nmsgstr[0] "eine alte Datei"\nmsgstr[1] "%s alte %d"\n\n'
        '#~ msgid "Gone with 77"\n#~ msgstr "Weg mit 78"\n'
    )
    file.write_text(CATALOGUE.format("de") + entries, encoding="utf-8")
    found = [(one.kind, one.source, one.target) for one in reviewed(file)]
    assert found == [
        ("untranslated", "Hi there", ""),
        ("untranslated", "Take %d", "Nimm"),
        ("tags", "%d old files", "%s alte %d"),
    ]
    assert "1 obsolete entries were not reviewed" in capsys.readouterr().err


def test_consistency_goes_over_all_files(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    open_door, open_it = ("Open the door.", "Öffne die Tür."), ("Open it wide.", "Öffne die Haustür ganz.")
    one = table(first, open_door, open_door, open_it)
    two = table(second, ("Open the door.", "Mach die Tür auf."), ("Do open it.", "Öffne die Haustür ganz."))
    found = reviewed(one, two)
    assert [(x.kind, x.file, x.line) for x in found] == [
        ("inconsistent", str(one), 2),
        ("inconsistent", str(two), 2),
        ("shared", str(one), 4),
        ("shared", str(two), 3),
    ]
    said = "2 translations of this text, this one 2 of 3 times; another: Mach die Tür auf."
    assert found[0].reason == f"{said} ({two}, line 2)"
    assert [found[0].target[begin:end] for begin, end in found[0].target_marks] == ["Öffne"]


def test_terms_as_a_glossary_has_them(tmp_path: Path) -> None:
    glossary = tmp_path / "terms.csv"
    glossary.write_text("en,de,status\nprinter,Drucker,\nprint job,Druckjob,forbidden\nprint job,Druckauftrag,\n")
    file = table(tmp_path, ("Turn the printer on.", "Das Gerät einschalten."), ("A print job", "Ein Druckjob"))
    found = reviewed(file, glossary=glossary)
    assert [(one.kind, one.line, one.reason) for one in found] == [
        ("terms", 2, "printer: expected Drucker"),
        ("terms", 3, "print job: expected Druckauftrag"),
        ("terms", 3, "Druckjob: not to be used"),
    ]
    assert [found[0].source[begin:end] for begin, end in found[0].source_marks] == ["printer"]


def test_a_glossary_in_the_languages_of_some_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    glossary, folder = tmp_path / "terms.csv", tmp_path / "fr"
    glossary.write_text("en,de\nprinter,Drucker\n")
    folder.mkdir()
    french = table(folder, ("Turn on.", "Allumez."), languages=("en", "fr"))
    german = table(tmp_path, ("Turn the printer on.", "Das Gerät einschalten."))
    assert [one.kind for one in reviewed(french, german, glossary=glossary)] == ["terms"]
    said = capsys.readouterr().err
    assert f"{french}: terms were not reviewed" in said
    assert "none in fr; give a glossary" in said
    with pytest.raises(ConfigError, match="none in fr; give a glossary"):
        reviewed(french, glossary=glossary)


def test_meaning_is_judged_by_the_files_own_cosines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [chr(97 + n % 26) + chr(97 + n // 26) + "x" for n in range(FEWEST + 10)]
    file = table(tmp_path, *((f"The {name} stands", f"{name} stehen dort") for name in names))
    count = len(names)
    cosine = np.linspace(0.8, 0.9, count, dtype=np.float32)
    cosine[[7, 9]] = 0.2
    chance = np.zeros(count, np.float32)
    chance[7] = 0.3  # the other low one fits no other text better: a free translation
    with Review() as review:
        review.add(bitext.read(file), Scores(cosine, cosine, chance))
        assert [(one.line, one.reason) for one in review.of(Kind.meaning)] == [(9, "cosine 0.20, usually 0.85")]
    few = table(tmp_path, ("The cat", "Die Katze"))
    with Review() as review:
        review.add(bitext.read(few), Scores(cosine[:1], cosine[:1], chance[:1]))
        assert review.counts["meaning"] == 0
    assert "too few to say which cosine is low" in capsys.readouterr().err


def test_a_table_without_languages_and_text_that_is_hard_to_keep(tmp_path: Path) -> None:
    file = tmp_path / "x.tsv"
    file.write_text("source\ttarget\nGive me 40 of them\tNur 41 davon\n", encoding="utf-8")
    (found,) = reviewed(file)
    assert (found.kind, found.source_language) == ("numbers", "und")
    spool = Spool()
    spool.add(["\ud800 \u2028\n", 1])
    assert list(spool) == [["\ud800 \u2028\n", 1]]
    spool.close()


@pytest.mark.parametrize(
    ("more", "less", "source", "target"),
    [("1980", "80", "the 1980s", "80年代"), ("30", "", "at 3:30", "halb vier"), ("9700", "9 7", "9,700", "9,7 тыс.")],
)
def test_numbers_in_other_ways(more: str, less: str, source: str, target: str) -> None:
    from collections import Counter

    left = in_other_ways(Counter(more.split()), Counter(less.split()), source, target)
    assert left == (Counter(), Counter())
