"""The fuzzer finds what it looks for, and nothing else."""

import gzip
import os
import re
import socket
import time
import warnings
from itertools import count
from pathlib import Path

import pytest
from fuzz import harness, mutation, one, running
from fuzz.harness import Finding, Target

from interlingua.errors import DataError
from interlingua.files import open_bytes

NUMBERS = count()


def target(run) -> Target:
    return Target(name="some", run=run, seeds=lambda: [b""])


def _left(data: bytes, folder: Path) -> None:
    (folder / ".out.1.part").touch()


def _open(data: bytes, folder: Path) -> None:
    (folder / "a").touch()
    (folder / "a").open()


def _message(data: bytes, folder: Path) -> None:
    error = DataError("one")
    error.args = ("one\nother",)
    raise error


WRONG = {
    "ValueError": lambda data, folder: int("x"),
    "SystemExit": lambda data, folder: exit(1),
    "UserWarning": lambda data, folder: warnings.warn("w", stacklevel=1),
    "another outcome": lambda data, folder: next(NUMBERS),
    "writes": lambda data, folder: (folder.parent / "elsewhere").write_bytes(b""),
    "reads": lambda data, folder: Path("/etc/hostname").read_bytes(),
    "os.mkdir": lambda data, folder: (folder.parent / "new").mkdir(),
    "os.posix_spawn": lambda data, folder: os.posix_spawn("/bin/true", ["true"], {}),
    "socket": lambda data, folder: socket.socket().connect_ex(("127.0.0.1", 9)),
    "behind": _left,
    "ResourceWarning": _open,
    "several lines": _message,
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_may_not_happen_is_found(tmp_path, kind):
    work = tmp_path / "work"
    work.mkdir()
    found = [harness.attempt(target(WRONG[kind]), bytes([number]), work) for number in range(64)]
    assert any(error is not None and kind in f"{type(error).__name__} {error}" for error in found)
    assert list(work.iterdir()) == []


def test_what_may_happen_is_no_finding(tmp_path):
    def run(data: bytes, folder: Path) -> str:
        (folder / "in").write_bytes(data)
        with open_bytes(folder / "in") as stream:
            if stream.read() == b"bad":
                raise DataError("bad", folder / "in", 1)
        return "ok"

    for data in (b"good", b"bad", *map(bytes, range(40))):
        assert harness.attempt(target(run), data, tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_what_takes_long_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(harness, "SECONDS", 0.01)

    def run(data: bytes, folder: Path) -> None:
        end = time.process_time() + 0.05
        while time.process_time() < end:
            pass

    assert isinstance(harness.attempt(target(run), b"", tmp_path), Finding)


def test_findings_of_one_kind_are_kept_once_and_can_be_shown(tmp_path, monkeypatch, capsys):
    work, kept = tmp_path / "work", tmp_path / "some" / "findings"
    work.mkdir()
    kept.mkdir(parents=True)
    bad = target(lambda data, folder: int(data))
    for data in (b"x", b"y"):
        error = harness.attempt(bad, data, work)
        assert error is not None
        harness.keep(error, data, kept)
    (tmp_path / "some" / "count").write_bytes((7).to_bytes(8, "little"))
    state = running.State("some", tmp_path / "some")
    assert [file.read_bytes() for file in state.findings] == [b"x"]
    assert state.executions == 7
    text = "\n".join(running.report([state]))
    assert "ValueError: invalid literal" in text
    assert "python -m fuzz.one some - " in text
    monkeypatch.setattr("fuzz.targets.named", lambda name: bad)
    assert one.show("some", [str(state.findings[0])]) == 1
    assert "ValueError" in capsys.readouterr().err
    (tmp_path / "good").write_bytes(b"1")
    assert one.show("some", [str(tmp_path / "good")]) == 0


def test_mutations_are_of_pieces_and_the_same_for_the_same_seed():
    tokens, pieces = ("<c/>",), r"<[^>]*>|[^<]+"
    for data in (b"<a>text</a><b/>", gzip.compress(b"<a>text</a><b/>", mtime=0)):
        made = [mutation.mutated(data, 4096, seed, pieces, tokens, lambda data, _: data) for seed in range(50)]
        assert made == [mutation.mutated(data, 4096, seed, pieces, tokens, lambda data, _: data) for seed in range(50)]
        assert len(set(made)) > 5
        texts = [gzip.decompress(one) if data[:1] == b"\x1f" else one for one in made]
        assert all(re.fullmatch(rb"(<a>|text|</a>|<b/>|<c/>)*", text) for text in texts)
    titled = [
        mutation.behind_first_line(b"name\n<a/>", 20, seed, pieces, tokens, lambda data, _: b"") for seed in range(9)
    ]
    assert all(one.startswith(b"name\n") and len(one) <= 20 for one in titled)
    assert len(mutation.mutated(b"a " * 100, 20, 3, r"\S+|\s", (), lambda data, longest: data[:longest])) <= 20
