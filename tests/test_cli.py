"""The commands as their users call them."""

import io
import json
from pathlib import Path

import numpy as np
import pytest

from conftest import TEXTS
from interlingua import load
from interlingua.cli import run
from interlingua.encoders import storage
from interlingua.encoders.encoder import Encoder


@pytest.fixture
def model(encoder: Encoder, tmp_path: Path) -> str:
    storage.save(encoder, tmp_path / "model")
    return str(tmp_path / "model")


def test_encode_to_every_output(model: str, tmp_path: Path, capsys, monkeypatch) -> None:
    (tmp_path / "texts.txt").write_text("\n".join(TEXTS) + "\n", encoding="utf-8")
    expected = load(model).encode(TEXTS)
    for name in ("x.npy", "x.parquet"):
        assert run(["encode", str(tmp_path / "texts.txt"), "--model", model, "--output", str(tmp_path / name)]) == 0
    assert np.array_equal(np.load(tmp_path / "x.npy"), expected)
    import pyarrow.parquet as pq

    table = pq.read_table(tmp_path / "x.parquet").to_pydict()
    assert table["text"] == TEXTS
    assert np.array_equal(np.array(table["embedding"], np.float32), expected)
    capsys.readouterr()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("\n".join(TEXTS).encode())))
    assert run(["encode", "-", "--model", model]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["text"] for row in rows] == TEXTS
    assert np.allclose([row["embedding"] for row in rows], expected, atol=1e-6)


def test_mine(model: str, tmp_path: Path, capsys) -> None:
    (tmp_path / "a.txt").write_text("\n".join(TEXTS[:4]) + "\n", encoding="utf-8")
    (tmp_path / "b.txt").write_text("\n".join(TEXTS[3::-1]) + "\n", encoding="utf-8")
    arguments = ["mine", str(tmp_path / "a.txt"), str(tmp_path / "b.txt"), "--model", model, "--margin", "absolute", "--threshold", "0.99"]
    assert run([*arguments, "--output", str(tmp_path / "pairs.tsv")]) == 0
    rows = [line.split("\t") for line in (tmp_path / "pairs.tsv").read_text(encoding="utf-8").splitlines()]
    assert rows[0] == ["score", "source", "target"]
    assert sorted((source, target) for _, source, target in rows[1:]) == sorted((text, text) for text in TEXTS[:4])
    capsys.readouterr()
    assert run([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["pairs"] == 4


def test_evaluate(model: str, tmp_path: Path, capsys) -> None:
    (tmp_path / "en.test.tsv").write_text("score\tsentence1\tsentence2\n5\tA cat\tA cat\n1\tA cat\tRain\n0\tA dog\tTea, 3.14\n")
    (tmp_path / "de.test.tsv").write_text("score\tsentence1\tsentence2\n5\tKatze\tKatze\n1\tKatze\tRegen\n0\tHund\tTee\n")
    assert run(["evaluate", "sts", str(tmp_path), "--model", model, "--json", "--output", str(tmp_path / "result.json")]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result == json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert [row["name"] for row in result["rows"]] == ["de", "en", "en-de"]
    assert "Spearman" in result["definition"]
    assert result["model"]["pooling"] == "mean"
    (tmp_path / "deu-eng.tsv").write_text("deu\teng\neins\tone\nzwei\ttwo\n")
    assert run(["evaluate", "tatoeba", str(tmp_path / "deu-eng.tsv"), "--model", model]) == 0
    assert "Top-1 accuracy" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["nonsense"], 'Unknown command "nonsense"'),
        (["encode"], "FILE"),
        (["encode", "missing.txt", "--model", "MODEL", "--output", "x.npy"], "missing.txt: there is no such file"),
        (["encode", "missing.txt", "--model", "MODEL", "--output", "x.docx"], "must end in .npy or .parquet"),
        (["encode", "bad.txt", "--model", "MODEL", "--output", "x.npy"], "bad.txt:2: byte 1 of this line is not UTF-8"),
        (["encode", "bad.txt", "--model", "nowhere"], "bad.txt:2"),
        (["evaluate", "stss", "bad.txt", "--model", "MODEL"], "Did you mean 'sts'"),
        (["evaluate", "tatoeba", "nowhere.tsv", "--model", "MODEL"], "nowhere.tsv: there is no such file or folder"),
        (["mine", "bad.txt", "bad.txt", "--model", "MODEL", "--margin", "ration"], "margin"),
        (["train", "multilingual-distilation"], "multilingual-distilation"),
        (["train", "multilingual-distillation", "--pairs", "one.tsv"], "--teacher"),
        (["train", "multilingual-distillation", "--teacher", "MODEL", "--pairs", "one.tsv", "--output", "run"], "one.tsv:2: one column"),
        (["train", "multilingual-distillation", "--teacher", "empty", "--pairs", "one.tsv", "--output", "run"], "empty: no model here"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(model: str, tmp_path: Path, capsys, monkeypatch, arguments: list[str], problem: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.txt").write_bytes(b"fine\n\xff\n")
    (tmp_path / "one.tsv").write_text("one\ntwo\n")
    (tmp_path / "empty").mkdir()
    before = sorted(tmp_path.rglob("*"))
    assert run([model if argument == "MODEL" else argument for argument in arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    assert problem in captured.err
    assert sorted(tmp_path.rglob("*")) == before


def test_recipes(capsys) -> None:
    assert run(["recipes", "--json"]) == 0
    assert "2004.09813" in json.loads(capsys.readouterr().out)["multilingual-distillation"]["Paper"]


def test_help_lists_what_works(capsys) -> None:
    assert run(["--help"]) == 0
    shown = capsys.readouterr().out
    for command in ("quickstart", "train", "encode", "evaluate", "mine", "export", "recipes"):
        assert f" {command} " in shown
    assert run(["train", "multilingual-distillation", "--help"]) == 0
    flags = capsys.readouterr().out
    for flag in ("--teacher", "--student", "--pairs", "--resume", "--evaluate-every", "--precision"):
        assert flag in flags


def test_ctrl_c_is_130(monkeypatch, capsys) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("interlingua.discovery.header", interrupted)
    assert run(["recipes"]) == 130
    assert capsys.readouterr().err.startswith("interrupted")
