"""What is kept to be continued belongs to one run at a time, and nothing is kept where nothing was done."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from interlingua.errors import DataError
from interlingua.outputs import write_whole
from interlingua.resumable import alone, beside, clear_within, resumable


def test_a_second_run_is_refused_by_name(tmp_path: Path) -> None:
    with (
        alone(tmp_path / "work"),
        pytest.raises(DataError, match=r"work: another run is at work in this folder; wait for it"),
        alone(tmp_path / "work"),
    ):
        pass
    with alone(tmp_path / "work"):
        pass


def test_the_lock_of_a_killed_run_is_none(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from interlingua.resumable import alone\n"
        "with alone(Path(sys.argv[1])):\n print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        try:
            assert other.stdout
            assert other.stdout.readline() == b"held\n"
            with pytest.raises(DataError, match="another run"), alone(tmp_path):
                pass
        finally:
            other.kill()
    with alone(tmp_path):
        pass


def test_what_killed_writers_left_in_a_folder_is_removed(tmp_path: Path) -> None:
    for part in (".a.txt.0123abcd.part", "deep/er/.model.89abcdef.part"):
        (tmp_path / part / "new").mkdir(parents=True)
        (tmp_path / part / "old").mkdir()
        (tmp_path / part / "lock").touch()
    for kept in (".model.work", ".x.0123.part", "x.0123abcd.part"):
        (tmp_path / kept).mkdir()
    (tmp_path / "a.txt").touch()
    with write_whole(tmp_path / "deep" / "b.txt") as living:
        clear_within(tmp_path)
        assert living.exists()
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")}
    assert left == {
        *(".model.work", ".x.0123.part", "x.0123abcd.part", "a.txt"),
        *("deep", "deep/b.txt", "deep/er", "deep/er/model"),  # killed between two renames: the old one
    }


def test_what_a_killed_run_left_unfinished_is_removed_by_whoever_is_alone(tmp_path: Path) -> None:
    (tmp_path / "work" / ".a.npy.0123abcd.part").mkdir(parents=True)
    with alone(tmp_path / "work"):
        assert os.listdir(tmp_path / "work") == ["lock"]


@pytest.mark.parametrize("stop", [None, ValueError, DataError, KeyboardInterrupt])
@pytest.mark.parametrize("worth", [False, True])
def test_what_is_not_worth_keeping_is_removed(tmp_path: Path, stop: type[BaseException] | None, worth: bool) -> None:
    folder = tmp_path / "new" / ".x.work"
    try:
        with resumable(folder, "vectors/*"):
            (folder / "vectors").mkdir()
            (folder / "other").touch()
            if worth:
                (folder / "vectors" / "0").touch()
            if stop:
                raise stop("x")
    except (ValueError, DataError, KeyboardInterrupt):
        pass
    assert folder.exists() == worth
    assert folder.parent.exists() == worth


def test_a_users_own_folder_is_never_removed(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "file").touch()
    with resumable(tmp_path / "own", "vectors/*"):
        pass
    assert os.listdir(tmp_path / "own") == ["file"]


def test_what_cannot_be_written_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "x", Path("/proc/x")):
        with pytest.raises(DataError, match="cannot be written"), resumable(folder, "*"):
            pass
    with pytest.raises(DataError, match="cannot be written .*; what was done is kept"), resumable(tmp_path, "*"):
        (tmp_path / "file" / "x").touch()
    with pytest.raises(FileNotFoundError), resumable(tmp_path, "*"):  # an input
        Path("/nowhere/input").read_text(encoding="utf-8")


def test_the_folder_is_on_the_disk_that_a_link_leads_to(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "x.npy").symlink_to("there/y.npy")
    assert beside(tmp_path / "x.npy") == tmp_path / "there" / ".y.npy.work"


def test_the_folder_beside_a_long_name_and_a_link_to_itself(tmp_path: Path) -> None:
    with alone(beside(tmp_path / ("a" * 255))):
        pass
    assert beside(tmp_path / ("a" * 255)) != beside(tmp_path / ("a" * 254 + "b"))
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(DataError, match="Too many levels"):
        beside(tmp_path / "loop")
