"""What is measured and on what: files, prefixes that stand for several, and standard input."""

import hashlib
import io
import json
import sys
from pathlib import Path

import pytest
import torch

from interlingua import cli, tokenization
from interlingua.encoders import storage
from interlingua.encoders.bodies import static
from interlingua.encoders.encoder import Encoder

ROWS = [("red house", "rotes Haus"), ("blue car", "blaues Auto"), ("old book", "altes Buch")]
TABLE = ("en\tde\n" + "".join(f"{one}\t{other}\n" for one, other in ROWS)).encode()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    torch.manual_seed(0)
    tokenizer = tokenization.train([text for row in ROWS for text in row] * 3, 400)
    body = static.Body(static.Config(width=8), tokenizer.vocabulary_size, tokenizer.pad)
    folder = tmp_path_factory.mktemp("measured") / "model"
    storage.save(Encoder(tokenizer=tokenizer, body=body, normalize=True), folder)
    return str(folder)


def measured(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    assert cli.run(["evaluate", *arguments, "--json"]) == cli.DONE
    return json.loads(capsys.readouterr().out)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_standard_input_is_measured_like_a_file(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pairs.tsv").write_bytes(TABLE)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TABLE), encoding="utf-8"))
    piped, filed = (measured(capsys, "tatoeba", path, "--model", model) for path in ("-", "pairs.tsv"))
    assert piped["rows"] == filed["rows"]
    assert piped["data"] == ["-"]
    assert piped["files"] == {"-": digest(TABLE)}  # of what was read, though a pipe is read but once
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TABLE + b"\xff\n"), encoding="utf-8"))
    assert cli.run(["evaluate", "tatoeba", "-", "--model", model]) == cli.BAD_INPUT
    assert capsys.readouterr().err.startswith("error: -:5: byte 1 of this line is not UTF-8")


def test_a_moses_prefix_is_a_test_set(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    sides = ["".join(f"{text}\n" for text in side).encode() for side in zip(*ROWS, strict=True)]
    for language, side in zip(("en", "de"), sides, strict=True):
        Path(f"corpus.{language}").write_bytes(side)
    Path("pairs.tsv").write_bytes(TABLE)
    prefix, filed = (measured(capsys, "tatoeba", path, "--model", model) for path in ("corpus", "pairs.tsv"))
    assert prefix["rows"] == filed["rows"]
    assert prefix["files"] == {"corpus": digest("".join(digest(side) for side in sides[::-1]).encode())}
    assert cli.run(["evaluate", "tatoeba", "nothing", "--model", model]) == cli.BAD_INPUT
    assert "nothing: there is no such file or folder" in capsys.readouterr().err
