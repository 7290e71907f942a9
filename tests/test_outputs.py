"""Outputs appear whole or not at all."""

import os
import shutil
import subprocess
import sys
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
    for path in (tmp_path / "file" / "output.txt", tmp_path / "folder", Path("/proc/x"), tmp_path / ("long" * 80)):
        entered = False
        with pytest.raises(DataError), write_whole(path):
            entered = True
        assert not entered, path


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
        if str(source).endswith("new"):
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


def test_a_kill_between_two_renames_costs_nothing(tmp_path):
    code = (
        "import os, signal, sys; from pathlib import Path; from interlingua.outputs import write_whole_folder\n"
        "replace = os.replace\n"
        "def stop(source, target):\n"
        "    signal.raise_signal(signal.SIGKILL) if Path(source).name == 'new' else replace(source, target)\n"
        "os.replace = stop\n"
        "with write_whole_folder(Path(sys.argv[1])) as folder:\n    (folder / 'new').touch()"
    )
    path = tmp_path / "model"
    path.mkdir()
    (path / "old").touch()
    assert subprocess.run([sys.executable, "-c", code, str(path)], timeout=60, check=False).returncode == -9
    assert not path.exists()
    with pytest.raises(ValueError, match="stop"), write_whole_folder(path):
        assert (path / "old").exists()
        raise ValueError("stop")
    assert [p.relative_to(tmp_path).as_posix() for p in sorted(tmp_path.rglob("*"))] == ["model", "model/old"]


def test_two_at_once_do_not_mix(tmp_path):
    path = tmp_path / "x"
    with write_whole(path) as one:
        with write_whole(path) as other:
            other.write_text("other")
        assert path.read_text() == "other"
        one.write_text("one")
    assert path.read_text() == "one"
    assert os.listdir(tmp_path) == ["x"]


def test_modes_are_those_of_what_is_replaced_or_of_new_files(tmp_path):
    before = os.umask(0o027)
    try:
        for _ in range(2):  # the second replaces the first
            with write_whole(tmp_path / "file") as temporary:
                temporary.write_text("x")
                temporary.chmod(0o600)
            with write_whole_folder(tmp_path / "folder") as temporary:
                (temporary / "inner").mkdir(mode=0o700)
                (temporary / "inner" / "weights").touch(mode=0o600)
            found = {path.name: oct(path.stat().st_mode & 0o777) for path in tmp_path.rglob("*")}
            wanted = {"file": "0o640", "folder": "0o750", "inner": "0o750", "weights": "0o640"}
            assert found == wanted
        for path, mode in ((tmp_path / "file", 0o600), (tmp_path / "folder", 0o700)):
            path.chmod(mode)
        (tmp_path / "folder" / "inner" / "weights").chmod(0o400)
        (tmp_path / "shared").touch(mode=0o600)
        with write_whole(tmp_path / "file"), write_whole_folder(tmp_path / "folder") as temporary:
            (temporary / "inner").mkdir()
            (temporary / "inner" / "weights").touch()
            (temporary / "linked").hardlink_to(tmp_path / "shared")
        found = {path.name: oct(path.stat().st_mode & 0o777) for path in tmp_path.rglob("*")}
        wanted |= {"file": "0o600", "folder": "0o700", "weights": "0o400", "shared": "0o600", "linked": "0o600"}
        assert found == wanted
    finally:
        os.umask(before)


def test_a_device_takes_the_bytes(tmp_path, capfd):
    for device in ("/dev/null", "/dev/stdout"):
        with write_whole(Path(device)) as temporary:
            temporary.write_text(f"to {device}\n")
    assert Path("/dev/null").is_char_device()
    assert capfd.readouterr().out == "to /dev/stdout\n"
    with pytest.raises(DataError, match="/dev/full: cannot be written"), write_whole(Path("/dev/full")) as temporary:
        temporary.write_text("x")


def test_an_open_file_keeps_what_it_has(tmp_path):
    code = (
        "from pathlib import Path; from interlingua.outputs import write_whole\n"
        "with write_whole(Path('/dev/stdout')) as temporary:\n    temporary.write_text('new')"
    )
    (tmp_path / "log").write_text("old ")
    with (tmp_path / "log").open("ab") as log:
        subprocess.run([sys.executable, "-c", code], stdout=log, check=True, timeout=60)
    assert (tmp_path / "log").read_text() == "old new"


@pytest.mark.parametrize("write", [write_whole, write_whole_folder])
def test_a_link_to_itself_is_refused_and_stays(tmp_path, write):
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(DataError, match=r"loop: cannot be written \(Too many levels"), write(tmp_path / "loop"):
        pass
    assert os.readlink(tmp_path / "loop") == "loop"
    assert os.listdir(tmp_path) == ["loop"]


@pytest.mark.parametrize("name", ["a" * 240, "a" * 241, "a" * 255, "猫" * 85])
@pytest.mark.parametrize("write", [write_whole, write_whole_folder])
def test_every_name_that_a_file_can_have(tmp_path, write, name):
    path, other = tmp_path / name, tmp_path / f"{name[:-1]}b"
    for output in (other, path):
        with write(output) as temporary:
            left = temporary.parent
            shutil.copytree(left, tmp_path / "copy")
        (tmp_path / "copy").rename(left)  # as a killed run leaves it
    with write(path):  # removes what was left of it, and not what was left of the other
        pass
    assert len(left.name.encode()) <= 255
    hidden = [one for one in os.listdir(tmp_path) if one.startswith(".")]
    assert len(hidden) == 1
    assert left.name not in hidden
