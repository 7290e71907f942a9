"""Outputs appear whole or not at all."""

import os
from pathlib import Path

import numpy as np
import pytest

from interlingua.errors import DataError
from interlingua.outputs import save_array, write_whole, write_whole_folder


def test_outputs_appear_whole(tmp_path):
    path = tmp_path / "new" / "output.txt"
    with write_whole(path) as temporary:
        temporary.write_text("done")
        assert not path.exists()
    assert path.read_text() == "done"
    assert [p.name for p in path.parent.iterdir()] == ["output.txt"]


@pytest.mark.parametrize("stop", [ValueError, KeyboardInterrupt, OSError(28, "No space left on device"), SystemExit])
@pytest.mark.parametrize("old", [None, "old"])
def test_a_stopped_output_leaves_what_was_there(tmp_path, stop, old):
    path = tmp_path / "output.txt"
    if old:
        path.write_text(old)
    with pytest.raises(DataError if isinstance(stop, OSError) else stop), write_whole(path) as temporary:
        temporary.write_text("half")
        raise stop
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == ([("output.txt", "old")] if old else [])


def test_outputs_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "file" / "output.txt", tmp_path / "folder", Path("/dev/null"), tmp_path / ("long" * 80)):
        entered = False
        with pytest.raises(DataError), write_whole(path):
            entered = True
        assert not entered, path
    assert Path("/dev/null").is_char_device()


def test_a_full_disk(tmp_path):
    with pytest.raises(DataError, match="No space left on device"), write_whole(tmp_path / "output.txt") as temporary:
        temporary.unlink()
        temporary.symlink_to("/dev/full")
        with temporary.open("wb", buffering=0) as stream:
            stream.write(b"x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "array", [np.arange(6, dtype=np.float32).reshape(2, 3).T, np.zeros((0, 4), np.int8), np.arange(3, dtype=">i8")]
)
def test_an_array_is_written_as_numpy_reads_it(tmp_path, array):
    save_array(tmp_path / "a.npy", array)
    read = np.load(tmp_path / "a.npy")
    assert read.dtype == array.dtype
    assert np.array_equal(read, array)


def test_an_array_on_a_full_disk(tmp_path):
    (tmp_path / "a.npy").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left on device"):
        save_array(tmp_path / "a.npy", np.zeros(3))


def test_an_error_about_an_input_is_not_blamed_on_the_output(tmp_path):
    with pytest.raises(FileNotFoundError), write_whole(tmp_path / "output.txt"):
        (tmp_path / "input.txt").open()
    assert list(tmp_path.iterdir()) == []


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to("real.txt")
    with write_whole(tmp_path / "link.txt") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"


def test_a_folder_takes_the_old_ones_place(tmp_path):
    path = tmp_path / "model"
    for content in ("old", "new"):
        with write_whole_folder(path) as temporary:
            (temporary / content).write_text(content)
    assert [p.name for p in path.iterdir()] == ["new"]
    assert [p.name for p in tmp_path.iterdir()] == ["model"]


@pytest.mark.parametrize("stop", [ValueError, KeyboardInterrupt])
def test_a_stopped_folder_leaves_the_old_one(tmp_path, stop):
    path = tmp_path / "model"
    path.mkdir()
    (path / "old").touch()
    with pytest.raises(stop), write_whole_folder(path) as temporary:
        (temporary / "new").touch()
        raise stop
    assert [p.relative_to(tmp_path).as_posix() for p in sorted(tmp_path.rglob("*"))] == ["model", "model/old"]


def test_a_folder_that_cannot_be_put_in_place_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "model"
    path.mkdir()
    (path / "old").touch()
    replace = os.replace

    def fail(source, target):
        if str(source).endswith(".part"):
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(DataError, match="No space"), write_whole_folder(path) as temporary:
        (temporary / "new").touch()
    assert [p.relative_to(tmp_path).as_posix() for p in sorted(tmp_path.rglob("*"))] == ["model", "model/old"]


def test_folders_that_are_never_replaced(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("x")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for path in (tmp_path / "file", Path(), tmp_path, Path("/")):
        with pytest.raises(DataError, match="never replaced"), write_whole_folder(path):
            pass
    assert (tmp_path / "file").read_text() == "x"
