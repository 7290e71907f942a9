"""A run from its first step to its best model: what is kept, when it stops, and a stop in between that changes nothing."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from interlingua.encoders import storage
from interlingua.encoders.encoder import Encoder
from interlingua.errors import ConfigError, DataError
from interlingua.machine import lock
from interlingua.placement import Precision
from interlingua.tensors import Batch
from interlingua.training import loop, metrics, session
from interlingua.training.loop import Optimization, Schedule
from interlingua.training.objective import Objective
from interlingua.training.session import Outcome, Supervision
from tests.conftest import TEXTS

pytestmark = pytest.mark.parametrize("encoder", ["static"], indirect=True)
FP32 = Optimization(precision=Precision.fp32)
OFTEN = Supervision(log_every=2, evaluate_every=2, checkpoint_seconds=1e9)


class Small(Objective):
    def forward(self, encoder: Encoder, batch: Batch) -> Tensor:
        return encoder(batch.columns[0]).square().sum()

    def keep(self, folder: Path) -> None:
        (folder / "kept").touch()


class Run:
    """A run whose dev losses are told beforehand, from the validation before the first step on."""

    def __init__(self, encoder: Encoder, folder: Path, losses: list[float], **options: Any) -> None:
        self.encoder, self.folder, self.losses, self.options = encoder, folder, losses, options
        self.vectors: list[np.ndarray] = []
        """Of the encoder at each validation."""
        self.stop_at = 0
        torch.manual_seed(0)
        for parameter in encoder.parameters():
            torch.nn.init.normal_(parameter)

    def batch_at(self, step: int) -> Batch:
        if step == self.stop_at > 0:
            signal.raise_signal(signal.SIGTERM)
        return Batch((self.encoder.tokens([TEXTS[step % 8]], ["und"]),))

    def evaluate(self) -> dict[str, Any]:
        self.vectors.append(self.encoder.encode(TEXTS))
        return {"dev_loss": self.losses[len(self.vectors) - 1], "more": len(self.vectors)}

    def train(self, total: int, optimization: Optimization = FP32, supervision: Supervision = OFTEN) -> Outcome:
        state = loop.start(self.encoder, Small(), 1e-2, optimization)
        return session.train(
            state, self.batch_at, total, folder=self.folder, evaluate=self.evaluate, optimization=optimization,
            supervision=supervision, **self.options,
        )  # fmt: skip

    def records(self, kind: str) -> list[dict[str, Any]]:
        lines = (self.folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
        return [record for record in map(json.loads, lines) if record["kind"] == kind]


def kept(folder: Path) -> np.ndarray:
    return storage.load(folder / "model").encode(TEXTS)


def test_the_best_model_is_kept(encoder: Encoder, tmp_path: Path) -> None:
    run = Run(encoder, tmp_path, [3.0, 2.0, 1.0, 1.5, 1.0])
    outcome = run.train(7)
    assert (outcome.steps, outcome.best_step, outcome.best_loss, outcome.stopped_early) == (7, 4, 1.0, False)
    assert outcome.best == {"dev_loss": 1.0, "more": 3}
    np.testing.assert_array_equal(kept(tmp_path), run.vectors[2])  # of equals the first
    assert (tmp_path / "kept").exists()
    assert [(r["step"], r["dev_loss"]) for r in run.records("dev")] == [
        (0, 3.0),
        (2, 2.0),
        (4, 1.0),
        (6, 1.5),
        (7, 1.0),
    ]
    assert [record["step"] for record in run.records("train")] == [2, 4, 6, 7]
    assert "7 steps; best dev loss 1.0000 at step 4" in outcome.sentence(tmp_path)
    assert len(run.vectors) == 5
    assert run.train(7) == outcome  # finished: nothing is done again
    assert len(run.vectors) == 5


def test_validations_do_not_count_in_the_speed(
    encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]

    def taking(seconds: float, method: Any) -> Any:
        def slowly(*arguments: Any) -> Any:
            now[0] += seconds
            return method(*arguments)

        return slowly

    monkeypatch.setattr(session, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(Small, "forward", taking(1, Small.forward))
    monkeypatch.setattr(Run, "evaluate", taking(100, Run.evaluate))
    run = Run(encoder, tmp_path, [1.0] * 9)
    run.train(8, supervision=replace(OFTEN, log_every=4, evaluate_every=1))
    assert [line["texts_per_second"] for line in run.records("train")] == [1.0, 1.0]


def test_patience_counts_validations_without_a_better_loss(encoder: Encoder, tmp_path: Path) -> None:
    run = Run(encoder, tmp_path, [3.0, 2.0, 2.5, 1.0, 1.5, 1.5, 9.0])
    outcome = run.train(100, supervision=replace(OFTEN, patience=2))
    assert (outcome.steps, outcome.best_step, outcome.stopped_early) == (10, 6, True)
    assert "10 steps, stopped early" in outcome.sentence(tmp_path)


def test_on_a_plateau_the_learning_rate_falls_until_it_ends_the_run(encoder: Encoder, tmp_path: Path) -> None:
    run = Run(encoder, tmp_path, [3.0, 2.0, *[2.5] * 9])
    outcome = run.train(100, replace(FP32, schedule=Schedule.plateau, warmup=0.0))
    rates = [record["learning_rate"] for record in run.records("train")]
    falling = [1e-2 * 0.99 * 0.2**times for times in range(5)]
    assert rates == pytest.approx([1e-2, *falling])
    assert falling[-1] * 0.2 < session.SMALLEST_RATE < falling[-1]
    assert (outcome.steps, outcome.stopped_early) == (12, True)


@pytest.mark.parametrize("stop_at", [3, 4])
def test_a_stop_in_between_changes_nothing(encoder: Encoder, tmp_path: Path, stop_at: int) -> None:
    losses = [3.0, 2.0, 1.0, 1.5, 1.2]
    whole = Run(encoder, tmp_path / "whole", losses)
    expected = whole.train(8)
    run = Run(encoder, tmp_path / "parts", losses)
    run.stop_at = stop_at
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with pytest.raises(KeyboardInterrupt):
        run.train(8)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers
    with (tmp_path / "parts" / "metrics.jsonl").open("a") as stream:  # killed, later, while it was writing
        stream.write('{"kind": "train", "step": 7, "loss": 0.0}\n{"kind": "tr')
    run.stop_at = 0
    outcome = run.train(8)
    assert replace(outcome, seconds=0.0) == replace(expected, seconds=0.0)
    assert outcome.seconds > 0
    for one, other in zip(whole.vectors, run.vectors, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(kept(tmp_path / "whole"), kept(tmp_path / "parts"))
    assert run.records("dev") == whole.records("dev")
    assert [record["step"] for record in run.records("train")] == [2, 4, 6, 8]


def test_what_is_delivered_is_judged_and_kept(encoder: Encoder, tmp_path: Path) -> None:
    @contextmanager
    def halved() -> Iterator[None]:
        assert encoder.projection is not None
        encoder.projection.weight.data /= 2
        yield
        encoder.projection.weight.data *= 2

    run = Run(encoder, tmp_path, [3.0, 2.0, 1.0], delivered=halved)
    run.train(4)
    np.testing.assert_array_equal(kept(tmp_path), run.vectors[2])
    assert not np.array_equal(encoder.encode(TEXTS), run.vectors[2])


def test_models_on_the_way_are_kept_the_last_of_them(encoder: Encoder, tmp_path: Path) -> None:
    some = replace(OFTEN, save_every=2, keep_last=2)
    run = Run(encoder, tmp_path / "parts", [3.0] * 9)
    run.stop_at = 6
    with pytest.raises(KeyboardInterrupt):
        run.train(11, supervision=some)
    run.stop_at = 0
    run.train(11, supervision=some)
    assert {folder.name for folder in (tmp_path / "parts" / "models").iterdir()} == {"step-8", "step-10"}
    np.testing.assert_array_equal(  # validations come at the same steps, just after
        storage.load(tmp_path / "parts" / "models" / "step-10").encode(TEXTS), run.vectors[5]
    )
    every = Run(encoder, tmp_path / "every", [3.0] * 9)
    every.train(11, supervision=replace(some, keep_last=0))
    kept = {folder.name for folder in (tmp_path / "every" / "models").iterdir()}
    assert kept == {"step-2", "step-4", "step-6", "step-8", "step-10"}


def test_two_processes_do_not_train_in_one_folder(encoder: Encoder, tmp_path: Path) -> None:
    run = Run(encoder, tmp_path, [3.0] * 9)
    with lock(tmp_path / ".lock") as ours:
        assert ours
        with pytest.raises(DataError, match="another run is at work in this folder"):
            run.train(4)
    assert not (tmp_path / "metrics.jsonl").exists()
    assert run.train(4).steps == 4


@pytest.mark.parametrize("left", [1, 8, 10**6])
def test_a_kill_after_the_last_checkpoint(encoder: Encoder, tmp_path: Path, drawn: None, left: int) -> None:
    run = Run(encoder, tmp_path, [3.0, 2.0, 1.0])
    outcome = run.train(4)
    end = run.records("end")
    lines = (tmp_path / "metrics.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "metrics.jsonl").write_text("".join(lines[:-1]) + lines[-1][: left - 1], encoding="utf-8")
    (tmp_path / "curves.svg").unlink()
    (tmp_path / ".curves.svg.0123abcd.part" / "new").mkdir(parents=True)
    assert run.train(4) == outcome
    assert run.records("end") == end
    assert (tmp_path / "curves.svg").exists() == (left < 10**6)  # it stands before the last line does
    assert not list(tmp_path.glob(".*.part"))


def test_the_last_line_is_written_after_the_picture(
    encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_: Path) -> None:
        raise SystemExit

    monkeypatch.setattr(metrics, "_draw", killed)
    run = Run(encoder, tmp_path, [3.0, 2.0, 1.0])
    with pytest.raises(SystemExit):
        run.train(4)
    assert run.records("end") == []


def test_the_losses_are_drawn(encoder: Encoder, tmp_path: Path, drawn: None) -> None:
    run = Run(encoder, tmp_path / "run", [3.0, 2.0, 1.0])
    run.train(4)
    drawn = (tmp_path / "run" / "curves.svg").read_text(encoding="utf-8")
    assert "run: loss" in drawn
    assert 'id="curve training"' in drawn
    assert 'id="curve dev"' in drawn


@pytest.mark.parametrize(
    "wrong",
    [
        {"log_every": 0},
        {"evaluate_every": 0},
        {"patience": -1},
        {"checkpoint_seconds": -1.0},
        {"save_every": -1},
        {"keep_last": 2},
    ],
)
def test_what_cannot_be_is_refused(encoder: Encoder, wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="must"):
        Supervision(**wrong)
