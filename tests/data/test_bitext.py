from pathlib import Path

import pytest

from interlingua.data.bitext import read
from interlingua.data.parallel import ParallelColumns
from interlingua.errors import ConfigError, DataError

TMX = """<?xml version="1.0"?><tmx version="1.4"><header srclang="en" datatype="plaintext" segtype="sentence" adminlang="en"
creationtool="t" creationtoolversion="1" o-tmf="x"/><body>
<tu tuid="a"><note>keep me</note><tuv xml:lang="en"><seg>One house.</seg></tuv><tuv xml:lang="de"><seg>Ein Haus.</seg></tuv>
<tuv xml:lang="fr"><seg>Une maison.</seg></tuv></tu>
<tu tuid="b"><tuv xml:lang="de"><seg>Zwei.</seg></tuv><tuv xml:lang="en"><seg>Two.</seg></tuv></tu>
<tu tuid="c"><tuv xml:lang="en"><seg>Alone.</seg></tuv></tu></body></tmx>"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.tsv"
    path.write_text(
        "id\tsource\ttarget\tsource_language\ttarget_language\n7\tOne.\tEins.\ten\tde\n8\tTwo.\t\ten\tfr\n",
        encoding="utf-8",
    )
    return path


def test_a_table_keeps_all_its_columns(table: Path, tmp_path: Path) -> None:
    found = read(table)
    assert [(entry.texts, entry.languages, found.line(entry)) for entry in found.entries] == [
        (("One.", "Eins."), ("en", "de"), 2),
        (("Two.", ""), ("en", "fr"), 3),
    ]
    found.write(tmp_path / "out.tsv", [True, False])
    assert (tmp_path / "out.tsv").read_text(encoding="utf-8").splitlines() == table.read_text(
        encoding="utf-8"
    ).splitlines()[:2]


def test_a_memory_keeps_its_notes_and_only_the_variants_that_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "memory.tmx"
    path.write_text(TMX, encoding="utf-8")
    found = read(path)
    assert [entry.texts for entry in found.entries] == [
        ("One house.", "Ein Haus."), ("One house.", "Une maison."), ("Two.", "Zwei."), ("Alone.", ""),
    ]  # fmt: skip
    found.write(tmp_path / "out.tmx", [True, False, True, False])
    again = read(tmp_path / "out.tmx")
    assert [entry.texts for entry in again.entries] == [("One house.", "Ein Haus."), ("Two.", "Zwei.")]
    assert again.units[0].remarks == found.units[0].remarks
    assert again.units[0].attributes["tuid"] == "a"


def test_columns_may_be_named(tmp_path: Path) -> None:
    path = tmp_path / "named.tsv"
    path.write_text("ours\ttheirs\tsource\nOne.\tEins.\tcorpus\n", encoding="utf-8")
    found = read(path, "en", "de", ParallelColumns(source="ours", target="theirs"))
    assert (found.entries[0].texts, found.entries[0].languages) == (("One.", "Eins."), ("en", "de"))
    with pytest.raises(DataError, match="no column 'other'"):
        read(path, columns=ParallelColumns(source="ours", target="other"))
    with pytest.raises(DataError, match="which columns are texts"):
        read(path)


def test_src_and_tgt_are_sides_and_not_sardinian_and_tagbanwa(tmp_path: Path) -> None:
    path = tmp_path / "short.tsv"
    path.write_text("src_lang\tsrc\ttgt_lang\ttgt\tsource\nen\tOne.\tde\tEins.\tcorpus\n", encoding="utf-8")
    found = read(path)
    assert (found.entries[0].texts, found.entries[0].languages) == (("One.", "Eins."), ("en", "de"))


def test_unusable_files_are_errors(tmp_path: Path, table: Path) -> None:
    (tmp_path / "bad.tsv").write_text("source\ttarget\ttarget_language\nOne.\tEins.\tgerman please\n", encoding="utf-8")
    (tmp_path / "none.tsv").write_text("source\ttarget\n", encoding="utf-8")
    (tmp_path / "und.tsv").write_text("source\ttarget\nOne.\tEins.\n", encoding="utf-8")
    with pytest.raises(DataError, match="bad.tsv:2: 'german please' is not a language code"):
        read(tmp_path / "bad.tsv")
    with pytest.raises(DataError, match="no pairs"):
        read(tmp_path / "none.tsv")
    with pytest.raises(ConfigError, match="does not name the languages"):
        read(tmp_path / "und.tsv").write(tmp_path / "out.tmx", [True])
    assert not (tmp_path / "out.tmx").exists()
