"""`tm analyse` as a user meets it."""

import csv
import json
from pathlib import Path

import pytest
import torch

from interlingua import cli, tokenization
from interlingua.encoders import storage
from interlingua.encoders.bodies import static
from interlingua.encoders.encoder import Encoder
from interlingua.formats import tmx

SENTENCES = [f"{word} house {number} stands here" for number, word in enumerate(["red", "blue", "green", "old"])]
JOB = """<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file original="x" source-language="{0}"
target-language="de" datatype="x"><body><trans-unit id="1"><source>red house 0 stands here</source></trans-unit>
<trans-unit id="2"><source>Something <g id="1">quite</g> different</source></trans-unit>
<trans-unit id="3"><source>Something <g id="1">quite</g> different</source></trans-unit>
<trans-unit id="4" translate="no"><source>A-17</source></trans-unit></body></file></xliff>"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    torch.manual_seed(0)
    tokenizer = tokenization.train(SENTENCES * 3, 400)
    body = static.Body(static.Config(width=32), tokenizer.vocabulary_size, tokenizer.pad)
    folder = tmp_path_factory.mktemp("model") / "model"
    storage.save(Encoder(tokenizer=tokenizer, body=body, normalize=True), folder)
    return str(folder)


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    tmx.write(Path("tm.tmx"), [(1.0, text, text[::-1]) for text in SENTENCES], ("en", "de"))
    Path("a.xlf").write_text(JOB.format("en"), encoding="utf-8")
    Path("b.txt").write_text("Something new\nRed house 0 stands here\nold house 3 stands here\n", encoding="utf-8")


def run(*arguments: str) -> None:
    assert cli.run(["tm", "analyse", *arguments]) == 0


def test_a_report_for_people(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    run("a.xlf", "b.txt", "--memory", "tm.tmx", "-m", model, "--cache", "kept", "--weights", "exact=0", "95-99=0.5")
    said = capsys.readouterr()
    assert said.err == "2 files, 7 segments, 25 words, 4 pairs in the memory\n"
    reports = said.out.rstrip("\n").split("\n\n")
    assert reports[::2] == ["a.xlf", "b.txt", "all files"]
    rows = [line.split() for line in reports[5].splitlines()]
    assert rows[0] == ["band", "segments", "words", "characters", "weighted"]
    found = {band: numbers for band, *numbers in rows[1:]}
    assert found["exact"] == ["2", "10", "38", "0.00"]
    assert found["95-99"] == ["1", "5", "19", "2.50"]
    assert found["repetitions"] == ["1", "3", "23", "3.00"]
    assert found["locked"] == ["1", "2", "4", "0.00"]
    assert found["total"][:2] == ["7", "25"]


def test_without_a_memory_no_model_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    run("a.xlf", "--json")
    (one,) = json.loads(capsys.readouterr().out)["files"]
    assert {band: row["segments"] for band, row in one["bands"].items() if row["segments"]} == {
        "repetitions": 1, "new": 2, "locked": 1, "total": 4,
    }  # fmt: skip


def test_tables(capsys: pytest.CaptureFixture[str]) -> None:
    run("a.xlf", "b.txt", "-o", "out.csv")
    assert capsys.readouterr().out == ""
    rows = list(csv.DictReader(Path("out.csv").read_text(encoding="utf-8").splitlines()))
    assert list(rows[0]) == ["file", "band", "segments", "words", "characters"]
    assert [row["segments"] for row in rows if row["band"] == "total"] == ["4", "3", "7"]
    assert rows[-1]["file"] == "all files"


def test_refuses(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("fr.xlf").write_text(JOB.format("fr"), encoding="utf-8")
    tmx.write(Path("it.tmx"), [(1.0, "a", "b")], ("en", "it"))
    memories = ("--memory", "tm.tmx", "it.tmx", "-m", model, "--cache", "kept")
    for arguments, problem in [
        ((), "FILES is missing"),
        (("a.xlf", "--memory", "tm.tmx"), "--memory needs --model"),
        (("a.xlf", "fr.xlf"), "fr.xlf is in fr, a.xlf in en"),
        (("a.xlf", "-o", "out.tmx"), "out.tmx: analyses are written as .csv, "),
        (("a.xlf", "--weights", "good=1"), "write BAND=NUMBER"),
        (("absent.xlf",), "no such file"),
        (("a.xlf", *memories), "it.tmx has texts in it, tm.tmx in de"),
    ]:
        assert cli.run(["tm", "analyse", *arguments]) == 2
        said = capsys.readouterr().err
        assert problem in said, said
        assert said.count("\n") == 1
