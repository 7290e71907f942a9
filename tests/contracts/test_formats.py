"""What every format promises: rows in order and none lost, compressed or not, and one clear error for whatever is damaged."""

import gzip
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from xml.sax.saxutils import escape

import polib
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua import discovery
from interlingua.data.examples import parallel, read_rows, suffixes
from interlingua.data.formats import tsv
from interlingua.errors import DataError

Pairs = list[tuple[str, str]]


def write_csv(path: Path, pairs: Pairs) -> None:
    fields = [("en", "de"), *pairs]
    path.write_text(
        "".join(",".join('"' + field.replace('"', '""') + '"' for field in row) + "\r\n" for row in fields), "utf-8", newline=""
    )


def write_jsonl(path: Path, pairs: Pairs) -> None:
    path.write_text("".join(json.dumps({"en": en, "de": de}) + "\n" for en, de in pairs), "utf-8")


def write_parquet(path: Path, pairs: Pairs) -> None:
    pq.write_table(pa.table({"en": [en for en, _ in pairs], "de": [de for _, de in pairs]}), path, row_group_size=2)


def catalogue(pairs: Pairs) -> polib.POFile:
    file = polib.POFile()
    file.metadata = {"Language": "de", "Content-Type": "text/plain; charset=UTF-8"}
    for number, (en, de) in enumerate(pairs):
        file.append(polib.POEntry(msgid=en, msgstr=de, msgctxt=f"{number:06}"))
    return file


def write_tmx(path: Path, pairs: Pairs) -> None:
    units = "".join(
        f'<tu>\n<tuv xml:lang="en"><seg>{escape(en)}</seg></tuv><tuv xml:lang="de"><seg>{escape(de)}</seg></tuv>\n</tu>\n'
        for en, de in pairs
    )
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n<tmx version="1.4"><header/><body>\n{units}</body></tmx>\n', "utf-8")


WRITERS: dict[str, Callable[[Path, Pairs], None]] = {
    ".tsv": lambda path, pairs: tsv.write(path, ("en", "de"), pairs),
    ".csv": write_csv,
    ".jsonl": write_jsonl,
    ".ndjson": write_jsonl,
    ".parquet": write_parquet,
    ".po": lambda path, pairs: catalogue(pairs).save(str(path)),
    ".mo": lambda path, pairs: catalogue(pairs).save_as_mofile(str(path)),
    ".tmx": write_tmx,
}
COMPRESS = {".gz": gzip.compress, ".zst": zstandard.compress}
# What every format can hold: no controls (XML has none), no spaces at the ends (readers of pairs strip them).
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1, max_size=12).map(str.strip).filter(bool)
PAIRS = st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=8)


def test_every_format_is_tested_here():
    assert set(suffixes()) == set(WRITERS)
    for name in discovery.choices("data/formats"):
        module = discovery.find("data/formats", name, "format")
        assert isinstance(module.SUFFIXES, tuple)
        assert callable(module.read)


@pytest.mark.parametrize("suffix", WRITERS)
@settings(deadline=None)
@given(pairs=PAIRS)
def test_pairs_come_back_in_order(tmp_path_factory, suffix, pairs):
    path = tmp_path_factory.mktemp("pairs") / f"pairs{suffix}"
    WRITERS[suffix](path, pairs)
    examples = list(parallel(path))
    assert [example.texts for example in examples] == pairs
    assert {example.languages for example in examples} == {("en", "de")}


@pytest.mark.parametrize("compression", COMPRESS)
@pytest.mark.parametrize("suffix", WRITERS)
def test_compressed_files_are_the_same_rows(tmp_path, suffix, compression):
    plain = tmp_path / f"pairs{suffix}"
    WRITERS[suffix](plain, [(f"text {number}", f"Text {number}") for number in range(3000)])
    packed = tmp_path / f"pairs{suffix}{compression}"
    packed.write_bytes(COMPRESS[compression](plain.read_bytes()))
    rows = list(read_rows(packed))
    assert len(rows) == 3000
    assert rows == list(read_rows(plain))
    packed.write_bytes(packed.read_bytes()[:-20])
    with pytest.raises(DataError):
        list(read_rows(packed))


@pytest.mark.parametrize("suffix", WRITERS)
@settings(deadline=None)
@given(damage=st.data())
def test_damage_is_a_data_error_or_harmless(tmp_path_factory, suffix, damage):
    """Whatever bytes change, a user sees rows or a DataError, never a traceback."""
    path = tmp_path_factory.mktemp("damaged") / f"pairs{suffix}"
    WRITERS[suffix](path, [("one text", "ein Text"), ("two texts", "zwei Texte")])
    content = bytearray(path.read_bytes())
    for _ in range(damage.draw(st.integers(1, 4))):
        content[damage.draw(st.integers(0, len(content) - 1))] = damage.draw(st.integers(0, 255))
    path.write_bytes(content[: damage.draw(st.integers(0, len(content)))])
    with suppress(DataError):
        list(parallel(path))


@pytest.mark.parametrize("suffix", WRITERS)
def test_empty_and_missing_files_and_folders(tmp_path, suffix):
    path = tmp_path / f"pairs{suffix}"
    with pytest.raises(DataError, match="no such file"):
        list(parallel(path))
    path.touch()
    with pytest.raises(DataError):
        list(parallel(path))
    path.unlink()
    path.mkdir()
    with pytest.raises(DataError, match="folder"):
        list(parallel(path))
