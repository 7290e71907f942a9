"""Files are read whatever their wrapping, and appear whole or not at all."""

import gzip
import io
import os
import random
import sys
from pathlib import Path

import numpy as np
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua.errors import DataError
from interlingua.files import bare_suffix, open_text, read_lines, save_array, write_whole, write_whole_folder

COMPRESS = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.compress}
LINES = st.lists(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r\0"), max_size=20), max_size=20
)
MANY = b"".join(random.Random(1).randbytes(60).hex().encode() + b"\n" for _ in range(5000))


def texts(path: Path) -> list[str]:
    return [text for _, text in read_lines(path)]


@settings(deadline=None)
@given(LINES, st.sampled_from([*COMPRESS]), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_lines_come_back_in_order(tmp_path_factory, lines, suffix, end, mark):
    path = tmp_path_factory.mktemp("lines") / f"texts.txt{suffix}"
    content = "".join(line + end for line in lines)
    lines = [line.removeprefix("\ufeff") if i == 0 and not mark else line for i, line in enumerate(lines)]
    path.write_bytes(COMPRESS[suffix](content.encode("utf-8-sig" if mark else "utf-8")))
    assert list(read_lines(path)) == list(enumerate(lines, 1))
    with open_text(path) as stream:
        assert [line.removesuffix("\n") for line in stream] == lines


@pytest.mark.parametrize("suffix", COMPRESS)
def test_large_files_lose_nothing(tmp_path, suffix):
    path = tmp_path / f"many{suffix}"
    path.write_bytes(COMPRESS[suffix](MANY))
    assert "".join(text + "\n" for text in texts(path)).encode() == MANY


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_several_frames_are_one_file(tmp_path, suffix):
    path = tmp_path / f"two.txt{suffix}"
    path.write_bytes(COMPRESS[suffix](b"one\n") + COMPRESS[suffix](b"two\n"))
    assert texts(path) == ["one", "two"]


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_file_cut_short_is_an_error(tmp_path, suffix, share):
    path = tmp_path / f"cut.txt{suffix}"
    whole = COMPRESS[suffix](MANY)
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(DataError, match="damaged or cut short"):
        texts(path)


def test_a_second_frame_cut_short_is_an_error(tmp_path):
    path = tmp_path / "cut.zst"
    path.write_bytes(zstandard.compress(b"one\n") + zstandard.compress(MANY)[:-100])
    with pytest.raises(DataError, match="cut short"):
        texts(path)


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_what_is_not_compressed_is_an_error(tmp_path, suffix):
    path = tmp_path / f"plain.txt{suffix}"
    path.write_bytes(b"this is plain text, whatever its name")
    with pytest.raises(DataError, match="damaged"):
        texts(path)


@pytest.mark.parametrize("bad", [b"\xff\xfeh", b"caf\xe9", "Ünïcode".encode("utf-16")])
def test_the_line_that_is_not_text_is_named(tmp_path, bad):
    path = tmp_path / "bad.txt"
    path.write_bytes(b"fine\r\nfine\n" + bad + b"\nfine\n")
    with pytest.raises(DataError, match="UTF-8") as caught:
        texts(path)
    assert (caught.value.path, caught.value.line) == (path, 3)
    with pytest.raises(DataError, match="UTF-8"), open_text(path) as stream:
        stream.read()


def test_nul_is_an_error_with_its_line(tmp_path):
    path = tmp_path / "nul.txt"
    path.write_bytes(b"fine\na\0b\n")
    with pytest.raises(DataError, match="NUL") as caught:
        texts(path)
    assert caught.value.line == 2


def test_only_line_feeds_end_lines(tmp_path):
    path = tmp_path / "separators.txt"
    path.write_text("a\u2028b\x0bc\x85d\ne", encoding="utf-8", newline="")
    assert texts(path) == ["a\u2028b\x0bc\x85d", "e"]


def test_missing_files_and_folders(tmp_path):
    for name in ("absent.txt", "absent.gz", "absent.zst"):
        with pytest.raises(DataError, match="no such file"):
            texts(tmp_path / name)
    with pytest.raises(DataError, match="folder"):
        texts(tmp_path)


def test_standard_input_is_read_and_stays_open(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("\ufeffä\nb\n".encode())))
    assert texts(Path("-")) == ["ä", "b"]
    sys.stdin.buffer.seek(0)
    with open_text(Path("-")) as stream:
        assert stream.read() == "ä\nb\n"
    assert not sys.stdin.buffer.closed


def test_the_suffix_under_the_compression():
    assert [bare_suffix(Path(name)) for name in ("a.TSV.gz", "a.tsv", "a.b.po.ZST", "a", ".gz")] == [
        ".tsv",
        ".tsv",
        ".po",
        "",
        "",
    ]


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
