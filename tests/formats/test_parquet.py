"""Parquet: columns of text and numbers."""

import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from interlingua.errors import DataError
from interlingua.formats import parquet


def read(path, **columns):
    pq.write_table(pa.table(columns), path)
    return [row.columns for row in parquet.read(path)]


def test_numbers_nulls_and_dictionaries(tmp_path):
    found = read(tmp_path / "a.parquet", n=[1, None], score=[0.5, 1.0], text=pa.array(["a", None]).dictionary_encode())
    assert found == [{"n": "1", "score": "0.5", "text": "a"}, {"n": "", "score": "1.0", "text": ""}]


def test_columns_without_text_are_left_out(tmp_path):
    """`interlingua encode` writes text beside its embedding."""
    embeddings = pa.FixedSizeListArray.from_arrays(pa.array([0.1, 0.2, 0.3, 0.4]), 2)
    assert read(tmp_path / "a.parquet", text=["a", "b"], embedding=embeddings, raw=[b"x", b"y"]) == [
        {"text": "a"},
        {"text": "b"},
    ]


def test_no_column_with_text_is_an_error(tmp_path):
    with pytest.raises(DataError, match="no column holds text, found pair"):
        read(tmp_path / "a.parquet", pair=[{"en": "a", "de": "b"}])


@pytest.mark.parametrize(
    "damage", [lambda c: c[:-40], lambda c: b"", lambda c: b"PAR1" + c[4:60] + b"\0" * 40 + c[100:], lambda c: b"text"]
)
def test_damaged_files(tmp_path, damage):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": [f"a text {n}" for n in range(1000)]}), path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DataError, match="not a readable Parquet file"):
        list(parquet.read(path))


def test_no_byte_of_the_footer_ends_the_process(tmp_path):
    """pyarrow aborts where it is asked for a column whose sizes contradict its kind."""
    table = pa.table({"en": ["a", "b"], "number": [1, 2], "yes": [True, False]})
    pq.write_table(table, tmp_path / "sound.parquet")
    code = """
import sys
from pathlib import Path
from interlingua.errors import DataError
from interlingua.formats import parquet
sound, path = Path("sound.parquet").read_bytes(), Path("t.parquet")
footer = int.from_bytes(sound[-8:-4], "little") + 8
for place in range(len(sound) - footer, len(sound)):
    for change in (1, 2):
        damaged = bytearray(sound)
        damaged[place] ^= change
        path.write_bytes(damaged)
        for read in (parquet.read, lambda path: [parquet.keeps_units(path)]):
            try:
                list(read(path))
            except DataError:
                pass
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-1000:]


def test_a_bit_that_changed_in_a_page_is_refused(tmp_path):
    path, rows = tmp_path / "t.parquet", [[f"text {n}", f"Text {n}"] for n in range(200)]
    parquet.write(path, ["en", "de"], rows)
    sound, read = path.read_bytes(), [row.columns for row in parquet.read(path)]
    footer = int.from_bytes(sound[-8:-4], "little") + 8
    for place in range(4, len(sound) - footer, 7):
        damaged = bytearray(sound)
        damaged[place] ^= 1 << place % 8
        path.write_bytes(damaged)
        try:
            assert [row.columns for row in parquet.read(path)] == read
        except DataError:
            continue


def test_texts_by_language_under_a_name_of_their_own(tmp_path):
    rows = [{"en": "a", "de": "b"}, {"en": "c", "de": None}, None]
    pq.write_table(pa.table({"id": ["1", "2", "3"], "translation": rows}), tmp_path / "t.parquet")
    assert [row.columns for row in parquet.read(tmp_path / "t.parquet")] == [
        {"en": "a", "de": "b", "id": "1"},
        {"en": "c", "de": "", "id": "2"},
        {"id": "3"},
    ]
    pq.write_table(pa.table({"en": ["a"], "translation": [{"score": 1}]}), tmp_path / "t.parquet")
    assert [row.columns for row in parquet.read(tmp_path / "t.parquet")] == [{"en": "a"}]


def test_nul_is_an_error_with_its_row(tmp_path):
    with pytest.raises(DataError, match="NUL") as caught:
        read(tmp_path / "a.parquet", text=["a", "a\0b"])
    assert caught.value.line == 2


@pytest.mark.parametrize("name", ["en\0", "\0", "a\0b"])
def test_nul_in_the_name_of_a_column_is_an_error(tmp_path, name):
    pq.write_table(pa.table({name: ["a"], "de": ["b"]}), tmp_path / "a.parquet")
    for act in (
        lambda: list(parquet.read(tmp_path / "a.parquet")),
        lambda: parquet.memory(tmp_path / "a.parquet"),
        lambda: parquet.write(tmp_path / "b.parquet", [name, "de"], [["a", "b"]]),
    ):
        with pytest.raises(DataError, match="NUL character in the name of column"):
            act()
    assert not (tmp_path / "b.parquet").exists()
