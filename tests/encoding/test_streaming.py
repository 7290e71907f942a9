"""Vectors of more texts than memory holds: the same as at once, and a stopped run continued is one that was never
stopped."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua.encoding import streaming
from interlingua.errors import DataError


def vectors(texts: list[str], language: str = "und") -> np.ndarray:
    return np.array([[len(text), sum(map(ord, text))] for text in texts], np.float32).reshape(-1, 2)


def write(texts: list[str], output: Path, encode=vectors, model: str = "m", again: bool = True) -> int:
    return streaming.to_npy(
        encode, lambda: iter(texts), output, width=2, settings=lambda: {"model": model}, again=again, shard=3
    )


@settings(deadline=None)  # files
@given(st.lists(st.text(max_size=4), max_size=20))
def test_shards_are_the_whole(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    output = tmp_path_factory.mktemp("shards") / "x.npy"
    assert write(texts, output) == len(texts)
    assert np.load(output).tolist() == vectors(texts).tolist()
    assert list(output.parent.iterdir()) == [output]


class Stopped(Exception):
    pass


def failing(after: int):
    calls: list[int] = []

    def encode(texts: list[str], language: str = "und") -> np.ndarray:
        calls.append(len(texts))
        if len(calls) > after:
            raise Stopped
        return vectors(texts)

    return encode


def test_a_stopped_run_is_continued(tmp_path: Path, capsys) -> None:
    texts, output = [f"text {n}" for n in range(11)], tmp_path / "x.npy"
    with pytest.raises(Stopped):
        write(texts, output, failing(2))
    assert not output.exists()
    with (tmp_path / ".x.npy.work" / "rows").open("ab") as stream:
        stream.write(b"half a row")  # killed while writing
    seen: list[str] = []

    def encode(some: list[str], language: str = "und") -> np.ndarray:
        seen.extend(some)
        return vectors(some)

    assert write(texts, output, encode) == 11
    assert seen == texts[6:]
    assert np.load(output).tolist() == vectors(texts).tolist()
    assert list(tmp_path.iterdir()) == [output]
    assert "continuing behind text 6" in capsys.readouterr().err


@pytest.mark.parametrize("change", ["texts", "model", "rows", "a bit", "an end"])
def test_what_has_changed_begins_anew(tmp_path: Path, change: str, capsys) -> None:
    texts, output = [f"text {n}" for n in range(11)], tmp_path / "x.npy"
    with pytest.raises(Stopped):
        write(texts, output, failing(2))
    if change == "rows":
        (tmp_path / ".x.npy.work" / "rows").write_bytes(b"")
    if change in ("a bit", "an end"):
        rows = tmp_path / ".x.npy.work" / "rows"
        content = bytearray(rows.read_bytes())
        content[-5] ^= 1
        rows.write_bytes(content if change == "a bit" else content[:-5])
    texts = ["another", *texts[1:]] if change == "texts" else texts
    assert write(texts, output, model="other" if change == "model" else "m") == 11
    assert np.load(output).tolist() == vectors(texts).tolist()
    assert "beginning anew" in capsys.readouterr().err


def test_a_pipe_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        write([f"text {n}" for n in range(11)], tmp_path / "x.npy", failing(2), again=False)
    assert list(tmp_path.iterdir()) == []


def test_a_pipe_in_between_leaves_no_row_of_its_own(tmp_path: Path) -> None:
    """A stopped run, then another to the same file that cannot be continued and is stopped too, then the first again."""
    texts, others = [[f"{what} {n}" for n in range(11)] for what in ("text", "another, longer")]
    output = tmp_path / "x.npy"
    with pytest.raises(Stopped):
        write(texts, output, failing(2))
    with pytest.raises(Stopped):
        write(others, output, failing(3), again=False)
    assert write(texts, output) == 11
    assert np.load(output).tolist() == vectors(texts).tolist()
    assert list(tmp_path.iterdir()) == [output]


def test_an_output_that_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="never replaced"):
        write(["a"], tmp_path)


def test_texts_come_as_they_are_read() -> None:
    read: list[int] = []

    def texts() -> Iterator[str]:
        for number in range(100):
            read.append(number)
            yield str(number)

    next(streaming.encoded(vectors, texts(), shard=7))
    assert len(read) == 7


def test_long_texts_make_small_shards_and_are_continued(tmp_path: Path) -> None:
    """Memory for two texts at a time; a run that is stopped behind a shard that memory ended is continued."""
    texts, output = [f"{n}" * 1000 for n in range(7)], tmp_path / "x.npy"
    asked: list[int] = []

    def encode(some: list[str], language: str = "und") -> np.ndarray:
        asked.append(len(some))
        if len(asked) == 3:
            raise Stopped
        return vectors(some)

    def some_memory() -> int:
        return streaming.to_npy(encode, lambda: iter(texts), output, width=2, settings=dict, memory=12_000)

    with pytest.raises(Stopped):
        some_memory()
    assert some_memory() == 7
    assert asked == [2, 2, 2, 2, 1]
    assert np.load(output).tolist() == vectors(texts).tolist()
