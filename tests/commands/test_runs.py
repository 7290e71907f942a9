"""Runs are listed and compared by what they left in their folders."""

import json
from pathlib import Path
from typing import Any

import pytest

from interlingua.cli import run
from interlingua.machine import lock


def made(folder: Path, records: list[dict[str, Any]], **options: Any) -> Path:
    """A run's folder, as training leaves it."""
    folder.mkdir(parents=True)
    config = {
        "recipe": "small",
        "config": {"output": str(folder), "optimization": {"warmup": 0.1}, **options},
        "resolved": {"data": "d"},
    }
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "metrics.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    (folder / ".lock").touch()
    return folder


def start(total: int) -> dict[str, Any]:
    return {"kind": "start", "step": 0, "total": total}


def train(step: int, speed: float) -> dict[str, Any]:
    return {"kind": "train", "step": step, "loss": 1.0, "texts_per_second": speed}


def dev(step: int, loss: float, accuracy: float) -> dict[str, Any]:
    return {"kind": "dev", "step": step, "dev_loss": loss, "accuracy": {"de": accuracy}}


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    whole = [start(20), dev(0, 3.0, 10.0), train(10, 100.0), dev(10, 1.0, 80.0), train(20, 300.0), dev(20, 2.0, 90.0)]
    made(Path("runs/whole"), [*whole, {"kind": "end", "step": 20, "seconds": 1.0}], learning_rate=2e-5)
    made(Path("runs/deep/half"), [start(20), dev(0, 3.0, 10.0), train(10, 50.0)], learning_rate=1e-3)
    made(Path("runs/old"), [dev(0, 3.0, 10.0), train(10, 50.0), dev(10, 0.5, 70.0)], learning_rate=2e-5)
    return Path("runs")


def test_a_list_says_how_far_runs_are(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (runs / "deep/half/metrics.jsonl").open("a") as stream:
        stream.write('{"kind": "tr')  # it is being written
    with lock(runs / "deep/half/.lock"):
        assert run(["runs", "list", "runs"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[1:] == [
        ["runs/deep/half", "small", "running", "10", "of", "20", "0", "3.00", "50.00"],
        ["runs/old", "small", "finished", "10", "10", "0.50", "50.00"],
        ["runs/whole", "small", "finished", "20", "10", "1.00", "200.00"],
    ]
    assert run(["runs", "list", "runs/deep", "--json"]) == 0
    (half,) = json.loads(capsys.readouterr().out)["runs"]
    assert (half["state"], half["step"], half["total"]) == ("stopped", 10, 20)
    assert half["best"] == {"dev_loss": 3.0, "accuracy.de": 10.0}
    assert half["options"] == {"warmup": 0.1, "learning_rate": 1e-3, "data": "d"}


def test_a_comparison_shows_what_differs_the_best_first(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["runs", "compare", "runs", "--figure", "accuracy.de", "--plot", "curves.svg"]) == 0
    said = capsys.readouterr()
    lines = [line.split() for line in said.out.splitlines()]
    assert said.out.startswith("3 runs, the best accuracy.de first")
    assert lines[2:] == [
        ["run", "learning_rate", "best", "step", "dev_loss", "accuracy.de"],
        ["runs/whole", "2e-05", "10", "1.00", "80.00"],
        ["runs/old", "2e-05", "10", "0.50", "70.00"],
        ["runs/deep/half", "0.001", "0", "3.00", "10.00"],
    ]
    drawn = Path("curves.svg").read_text(encoding="utf-8")
    assert 'id="curve runs/whole"' in drawn
    assert 'id="curve runs/deep/half"' not in drawn  # one point is no curve
    assert run(["runs", "compare", "runs", "--json"]) == 0
    assert [one["run"] for one in json.loads(capsys.readouterr().out)["runs"]] == [
        "runs/old",
        "runs/whole",
        "runs/deep/half",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["list", "nowhere"], "nowhere: there is no such folder"),
        (["list", "runs/old/model"], "there is no such folder"),
        (["compare", "runs", "--figure", "spearman"], "these runs measured dev_loss, accuracy.de"),
        (["compare", "runs/deep", "--plot", "a.svg"], "no run has measured dev_loss twice"),
        (["compare", "runs", "--plot", "a.pdf"], ".svg or .png"),
    ],
)
def test_mistakes_are_one_line(runs: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    assert run(["runs", *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("config.json", "{"), ("config.json", "[]"), ("config.json", '{"config": null, "resolved": {}}'), ("config.json", None),
        ("metrics.jsonl", ""), ("metrics.jsonl", "[1]\n"), ("metrics.jsonl", '{"kind": "dev", "step": "x"}\n'),
        ("metrics.jsonl", '{"kind": "start", "step": 0}\n{"kind": "dev", "step": 0}\n'),
        ("metrics.jsonl", '{"kind": "start", "step": 0, "total": null}\n{"kind": "train", "step": 2}\n'),
    ],
)  # fmt: skip
def test_a_damaged_run_hides_no_other(
    runs: Path, file: str, content: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = runs / "deep/half" / file
    damaged.unlink()
    if content is None:
        damaged.mkdir()
    else:
        damaged.write_text(content)
    for command in (["list"], ["compare"], ["list", "--json"]):
        assert run(["runs", command[0], "runs", *command[1:]]) == 0
    said = capsys.readouterr()
    assert "runs/whole  " in said.out
    (half,) = [
        one for one in json.loads(said.out[said.out.index("{\n") :])["runs"] if one["folder"] == "runs/deep/half"
    ]
    assert half["state"] == ("damaged" if file == "config.json" else "stopped")
    assert ("config.json" in said.err) == (file == "config.json")


def test_what_is_no_number_is_never_best(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nothing = [start(20), dev(0, float("nan"), 10.0), train(10, 50.0)]
    made(runs / "nothing", nothing)
    made(runs / "later", [*nothing, dev(10, 0.1, 20.0)])
    assert run(["runs", "compare", "runs", "--json"]) == 0
    found = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)["runs"]
    assert [one["run"] for one in found][::4] == ["runs/later", "runs/nothing"]
    assert (found[0]["best step"], found[0]["dev_loss"]) == (10, 0.1)
    assert "dev_loss" not in found[-1]


def test_a_broken_line_costs_no_other(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = runs / "whole/metrics.jsonl"
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines[:2], lines[2][:9], *lines[3:]]) + "\n")
    assert run(["runs", "list", "runs/whole", "--json"]) == 0
    (whole,) = json.loads(capsys.readouterr().out)["runs"]
    assert (whole["state"], whole["step"], whole["best_step"]) == ("finished", 20, 10)


def test_links_are_followed_and_a_run_is_listed_once(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("links").mkdir()
    Path("links/one").symlink_to(Path("runs/whole").resolve())
    Path("links/loop").symlink_to(Path("links").resolve())
    assert run(["runs", "list", "links", "--json"]) == 0
    assert [one["folder"] for one in json.loads(capsys.readouterr().out)["runs"]] == ["links/one"]
    assert run(["runs", "list", "links", "runs/whole", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["runs"]) == 1
