"""Trackers: which there are, and what a run does where one is missing or fails."""

import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest

from interlingua import discovery
from interlingua.encoders.encoder import Encoder
from interlingua.errors import ConfigError, MissingDependency, UnknownName
from interlingua.training import trackers
from interlingua.training.metrics import read
from interlingua.training.session import Supervision
from interlingua.training.trackers import Watched
from tests.training.test_session import Run


def test_what_is_no_tracker_or_not_installed_is_said_before_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnknownName, match=r"no tracker 'tensorbord'\. Did you mean 'tensorboard'"):
        Supervision(track=("tensorbord",))
    monkeypatch.setattr(trackers, "find_spec", lambda name: None)
    with pytest.raises(MissingDependency, match=r"--track wandb .* pip install 'interlingua\[wandb\]'"):
        Supervision(track=("wandb",))


class Failing:
    """A tracker that is lost after the second record."""

    key = "mine"

    def __init__(self, run: Watched) -> None:
        self.told: list[tuple[int, Mapping[str, float]]] = []
        self.ended: list[bool] = []

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        if len(self.told) == 2:
            raise OSError("the line is cut\nand more")
        self.told.append((step, figures))

    def finish(self, whole: bool) -> None:
        self.ended.append(whole)


@pytest.mark.parametrize("encoder", ["static"], indirect=True)
def test_what_a_tracker_knows_is_not_told_again(
    encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a kill, steps behind the checkpoint are done again."""
    told: list[tuple[int, str]] = []

    def log(step: int, figures: Mapping[str, float]) -> None:
        told.extend((step, name) for name in figures if name.endswith("loss"))
        if step == 2 and stops:  # told after the step looked for a stop: the next one is the last
            stops.clear()
            signal.raise_signal(signal.SIGTERM)

    stops = [True]
    following = SimpleNamespace(key="", log=log, finish=lambda whole: None)
    monkeypatch.setattr(discovery, "find", lambda *_: SimpleNamespace(start=lambda run: following, REMEDY=""))
    monkeypatch.setattr(trackers, "check", lambda names: None)
    often = Supervision(log_every=1, evaluate_every=2, checkpoint_seconds=1e9, track=("mine",))
    run = Run(encoder, tmp_path, [3.0, 2.0, 1.0, 0.5])
    with pytest.raises(KeyboardInterrupt):
        run.train(6, supervision=often)
    with (tmp_path / "metrics.jsonl").open("a") as stream:  # and on to step 4, before it was killed
        stream.write('{"kind": "train", "step": 4, "loss": 1.0}\n')
    run.train(6, supervision=often)
    assert told == [
        (0, "dev/dev_loss"), (1, "train/loss"), (2, "train/loss"), (2, "dev/dev_loss"), (3, "train/loss"),
        (4, "dev/dev_loss"), (5, "train/loss"), (6, "train/loss"), (6, "dev/dev_loss"),
    ]  # fmt: skip
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "tracking.json").write_text("x")
    with pytest.raises(ConfigError, match="tracking.json is damaged; delete it"):
        Run(encoder, tmp_path / "new", [3.0]).train(6, supervision=often)


@pytest.mark.parametrize("encoder", ["static"], indirect=True)
def test_a_tracker_that_fails_ends_no_training(
    encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started: list[Failing] = []

    def start(run: Watched) -> Failing:
        started.append(Failing(run))
        return started[-1]

    module = SimpleNamespace(start=start, REMEDY="")
    monkeypatch.setattr(discovery, "find", lambda *_: module)
    monkeypatch.setattr(trackers, "check", lambda names: None)
    often = Supervision(log_every=1, evaluate_every=2, track=("mine",))
    outcome = Run(encoder, tmp_path, [3.0, 2.0, 1.0]).train(4, supervision=often)
    assert outcome.steps == 4
    assert [(step, sorted(figures)[0]) for step, figures in started[0].told] == [
        (0, "dev/dev_loss"),
        (1, "train/gradient_norm"),
    ]
    assert not started[0].ended
    assert (
        capsys.readouterr().err == "mine follows this run no longer (the line is cut); metrics.jsonl has everything\n"
    )
    assert [one["step"] for one in read(tmp_path) if one["kind"] == "train"] == [1, 2, 3, 4]


def test_no_library_is_imported_before_a_run_asks_for_it() -> None:
    code = """
import sys
from interlingua import discovery
for name in discovery.choices("training/trackers"):
    discovery.find("training/trackers", name, "tracker", ("start", "REMEDY"))
print(*({"tensorboard", "wandb", "trackio", "mlflow"} & set(sys.modules)))
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120).stdout
    assert said.strip() == ""
