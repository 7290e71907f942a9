import gzip
import os
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from interlingua.errors import DataError
from interlingua.files import read_lines, write_whole, write_whole_folder

CONTENT = "eins\nzwei\n\ndrei äöü 猫\n"


def lines(path: Path) -> list[str]:
    return [text for _, text in read_lines(path)]


@pytest.mark.parametrize("name", ["a.txt", "a.txt.gz", "a.txt.zst"])
def test_plain_and_compressed(tmp_path: Path, name: str) -> None:
    pack = {".gz": gzip.compress, ".zst": zstandard.ZstdCompressor().compress}.get(Path(name).suffix, bytes)
    (tmp_path / name).write_bytes(pack(CONTENT.encode()))
    assert lines(tmp_path / name) == ["eins", "zwei", "", "drei äöü 猫"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n\r\0\ufeff"), max_size=20), max_size=8))
def test_no_line_is_lost_split_or_moved(texts: list[str]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.txt"
        file.write_bytes("".join(text + "\n" for text in texts).encode())
        assert lines(file) == texts


def test_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfeins\r\nzwei\r\n")
    assert list(read_lines(tmp_path / "a.txt")) == [(1, "eins"), (2, "zwei")]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"fine\nbad \xff\n", r"a.txt:2: byte 5 of this line is not UTF-8"),
        (b"fine\nbad \0\n", r"a.txt:2: a NUL character"),
    ],
)
def test_bad_bytes_are_named_with_their_line(tmp_path: Path, content: bytes, problem: str) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(DataError, match=problem) as caught:
        lines(tmp_path / "a.txt")
    assert caught.value.line == 2


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("damage", [lambda data: data[: len(data) // 2], lambda data: b"nonsense, not compressed at all"])
def test_damaged_archives(tmp_path: Path, suffix: str, damage) -> None:
    text = os.urandom(200_000).hex().encode()
    packed = gzip.compress(text) if suffix == ".gz" else zstandard.ZstdCompressor().compress(text)
    file = tmp_path / f"a.txt{suffix}"
    file.write_bytes(damage(packed))
    with pytest.raises(DataError, match="damaged or cut short"):
        lines(file)


@pytest.mark.parametrize(("name", "problem"), [("missing.txt", "no such file"), ("", "this is a folder")])
def test_files_that_are_not_there(tmp_path: Path, name: str, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        lines(tmp_path / name)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_output_appears_whole_or_not_at_all(tmp_path: Path, error: type[BaseException]) -> None:
    (tmp_path / "out.txt").write_text("old")
    with pytest.raises(error), write_whole(tmp_path / "out.txt") as temporary:
        temporary.write_text("half of the ne")
        raise error
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("out.txt", "old")]
    with write_whole(tmp_path / "out.txt") as temporary:
        temporary.write_text("new")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("out.txt", "new")]


def test_a_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    with write_whole_folder(tmp_path / "model") as temporary:
        (temporary / "a").write_text("1")
    with pytest.raises(KeyboardInterrupt), write_whole_folder(tmp_path / "model") as temporary:
        (temporary / "b").write_text("2")
        raise KeyboardInterrupt
    assert [path.name for path in tmp_path.rglob("*")] == ["model", "a"]


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(DataError, match="cannot be written"), write_whole(tmp_path / "file" / "out.txt"):
        pass


def test_a_full_disk() -> None:
    with pytest.raises(DataError, match="No space left on device"), write_whole(Path("/dev/shm") / "interlingua-test") as temporary:
        temporary.unlink()
        temporary.symlink_to("/dev/full")
        with temporary.open("wb", buffering=0) as stream:
            stream.write(b"x")
