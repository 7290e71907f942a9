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
    drawn = Path("curves.svg").read_text()
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
