"""Files are read whatever their wrapping."""

import gzip
import io
import random
import sys
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua import files
from interlingua.errors import DataError
from interlingua.files import bare_suffix, open_text, read_lines

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
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("\ufeffä\nb\n".encode()), encoding="utf-8"))
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


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_bomb_of_many_lines_is_refused(tmp_path, monkeypatch, suffix):
    monkeypatch.setattr(files, "EXPANSION_FROM", 1 << 20)
    path = tmp_path / f"bomb.txt{suffix}"
    path.write_bytes(COMPRESS[suffix]((b"a" * 100 + b"\n") * 5000))
    assert len(texts(path)) == 5000  # small files may repeat themselves as much as they like
    path.write_bytes(COMPRESS[suffix]((b"a" * 100_000 + b"\n") * 200))
    with pytest.raises(DataError, match=r"bomb.txt.*refused: .* a decompression bomb"):
        texts(path)


@pytest.mark.parametrize("suffix", COMPRESS)
def test_a_line_without_end_is_refused(tmp_path, monkeypatch, suffix):
    monkeypatch.setattr(files, "LONGEST_RECORD", 1 << 20)
    path = tmp_path / f"line.txt{suffix}"
    path.write_bytes(COMPRESS[suffix](b"a\n" + b"b" * ((1 << 20) - 1) + b"\n" + b"c" * (1 << 20) + b"\n"))
    lines = read_lines(path)
    assert [len(text) for _, text in (next(lines), next(lines))] == [1, (1 << 20) - 1]
    with pytest.raises(DataError, match="a line of more than 1 MB") as caught:
        next(lines)
    assert caught.value.line == 3


@pytest.mark.parametrize("name", ["a" * 5000, "a" * 300 + ".gz", "a\0b", "\ud800"])
def test_a_name_that_no_file_can_have(name):
    for act in (files.digest, texts):
        with pytest.raises(DataError) as caught:
            act(Path(name))
        assert caught.value.path == Path(name)


def test_a_name_that_leads_to_nothing_is_one_that_a_file_can_have(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "file").touch()
    for name in ("missing", "missing/inside", "loop", "file/inside", "file"):
        files.check_name(tmp_path / name)
    files.check_name(Path("-"))
