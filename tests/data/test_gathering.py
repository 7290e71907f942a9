import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from interlingua.data import gathering
from interlingua.data.gathering import gather, gather_each
from interlingua.data.parallel import read_parallel
from interlingua.data.stored import Stored
from interlingua.errors import ConfigError, DataError
from interlingua.machine import lock
from interlingua.types import Example


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "pairs.tsv").write_text("en\tde\na\tb\nc\td\na\tb\n", encoding="utf-8")
    return tmp_path / "pairs.tsv"


class Reading:
    """Reads a table, and counts how often."""

    __name__ = "reading"

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, path: Path, language: str = "de") -> Iterator[Example]:
        self.times += 1
        for line in path.read_text(encoding="utf-8").splitlines()[1:]:
            yield Example(tuple(line.split("\t")), ("en", language))


def test_in_memory_or_on_disk_once(file: Path, tmp_path: Path) -> None:
    read, cache = Reading(), tmp_path / "cache"
    listed = gather_each(read, [file], None)
    assert [example.texts for example in listed] == [("a", "b"), ("c", "d"), ("a", "b")]
    assert gather_each(read, [file], None, once=True) == listed[:2]
    read.times = 0
    for _ in range(2):
        there = gather_each(read, [file], cache)
        assert isinstance(there, Stored)
        assert list(there) == listed[:2]
    assert read.times == 1


def test_it_is_made_again_for_other_files_and_options(file: Path, tmp_path: Path) -> None:
    read, cache = Reading(), tmp_path / "cache"
    gather_each(read, [file], cache)
    assert {example.languages[1] for example in gather_each(read, [file], cache, language="sw")} == {"sw"}
    assert read.times == 2
    file.write_text("en\tde\ne\tf\n", encoding="utf-8")
    os.utime(file, ns=(1, 1))
    assert [example.texts for example in gather_each(read, [file], cache)] == [("e", "f")]
    assert read.times == 3
    stores = [folder for folder in cache.iterdir() if folder.is_dir()]
    assert len(stores) == 2  # what was made of the older file has gone


def test_large_files_stay_on_disk_unasked(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gathering, "LARGE", 10)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    assert isinstance(gather_each(Reading(), [file], None), Stored)
    said = capsys.readouterr().err
    assert f"stays on disk, in {tmp_path}/home/interlingua/data; --data-cache names another" in said
    assert "1 repeated and left out" in said


def test_a_pipe_cannot_be_kept(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--data-cache needs files"):
        gather(list, [Path("-")], tmp_path)


def test_rows_of_several_widths_are_refused(file: Path, tmp_path: Path) -> None:
    with file.open("a", encoding="utf-8") as stream:
        stream.write("one\ttwo\tthree\n")
    for cache in (None, tmp_path / "cache"):
        with pytest.raises(DataError, match=r"pairs.tsv: a row of 3 texts, and others of 2.*'one'"):
            gather_each(Reading(), [file], cache)


def test_an_unreadable_file_leaves_nothing(file: Path, tmp_path: Path) -> None:
    with file.open("ab") as stream:
        stream.write(b"\xff\xff\ta\n")
    with pytest.raises(DataError, match="UTF-8"):
        read_parallel([file], cache=tmp_path / "cache")
    assert [found for found in (tmp_path / "cache").iterdir() if found.suffix != ".lock"] == []


def test_a_place_that_cannot_be_written_is_told(file: Path) -> None:
    with pytest.raises(DataError, match="written"):
        gather_each(Reading(), [file], file / "cache")


def test_parallel_text_in_no_wanted_language(file: Path, tmp_path: Path) -> None:
    for cache in (None, tmp_path / "cache"):
        with pytest.raises(DataError, match="no pairs in sw; the files hold de"):
            read_parallel([file], languages=["sw"], cache=cache)


def test_who_comes_second_waits(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    read, cache = Reading(), tmp_path / "cache"
    gather_each(read, [file], cache)
    (folder,) = (folder for folder in cache.iterdir() if folder.is_dir())
    (folder / "store.json").unlink()
    with lock(folder.with_name(f"{folder.name}.lock")) as ours:
        assert ours
        second = threading.Thread(target=gather_each, args=(read, [file], cache), daemon=True)
        second.start()
        second.join(1.0)
        assert second.is_alive()
    second.join(60)
    assert not second.is_alive()
    assert read.times == 2
    assert capsys.readouterr().err.count("another run is reading the same files") == 1
