"""A training run from its first step to its best model: logging, validation, early stopping, checkpoints, resume."""

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from cyclopts import Parameter

from interlingua.encoders import storage
from interlingua.files import write_whole
from interlingua.progress import log, track
from interlingua.tensors import Batch
from interlingua.training import checkpoint
from interlingua.training.loop import Optimization, Schedule, State, Step, resolve, steps
from interlingua.training.throughput import measured, operations_per_token, peak

Metrics = Mapping[str, Any]
SMALLEST_RATE = 1e-5
"""Where a learning rate that falls on plateaus ends the run (Conneau et al. 2017)."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Supervision:
    """How a run is logged, validated and saved."""

    log_every: int = 20
    """Steps between two lines of metrics.jsonl."""
    evaluate_every: int = 500
    """Steps between two validations; there is always one at the end."""
    patience: int = 0
    """Stop after this many validations in a row without a better dev loss; 0 never stops early."""
    checkpoint_seconds: float = 120.0
    """A stopped or killed run loses at most about this much work."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    steps: int
    best_step: int
    best_loss: float
    best: dict[str, Any]
    """What the best validation measured."""
    seconds: float
    """Training time over all sittings, validation included."""
    stopped_early: bool

    def sentence(self, output: Path) -> str:
        """How the run in the folder `output` ended, in words."""
        if not self.steps:
            return f"{output}/model"
        early = ", stopped early" if self.stopped_early else ""
        best = f"best dev loss {self.best_loss:.4f} at step {self.best_step:,}"
        return f"{self.steps:,} steps{early}; {best}: {output}/model"


def train(
    state: State,
    batch_at: Callable[[int], Batch],
    total: int,
    *,
    folder: Path,
    evaluate: Callable[[], Metrics],
    optimization: Optimization,
    supervision: Supervision,
    delivered: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Outcome:
    """Train to `total` steps and leave the encoder with the lowest dev loss in `folder`/model.

    `evaluate` gives the metrics of the encoder as it stands, "dev_loss" among them. Inside `delivered()` the encoder is
    what validation judges and what is kept, where that is not the one being trained. Metrics go to
    `folder`/metrics.jsonl. A checkpoint found in `folder` is continued, exactly. On Ctrl-C (or SIGTERM) the step at
    hand is finished and saved before KeyboardInterrupt.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file, metrics = folder / "checkpoint.pt", folder / "metrics.jsonl"
    progress = checkpoint.Progress()
    if file.exists():
        progress = checkpoint.restore(state, file)
        log(f"continuing after step {state.step:,} of {total:,}")
    _forget_after(metrics, state.step)
    before, began = progress.seconds, time.monotonic()
    operations, highest = operations_per_token(state.encoder), peak(resolve(optimization.precision))
    window: list[Step] = []
    window_began = saved = began

    def save() -> None:
        nonlocal saved
        progress.seconds = before + time.monotonic() - began
        checkpoint.save(state, progress, file)
        saved = time.monotonic()

    def validate() -> str:
        with delivered():
            measured = evaluate()
            _append(metrics, {"kind": "dev", "step": state.step, **measured})
            if measured["dev_loss"] < progress.best_loss:
                progress.best_loss, progress.best_step, progress.waited = measured["dev_loss"], state.step, 0
                progress.best = dict(measured)
                storage.save(state.encoder, folder / "model")
                state.objective.keep(folder)
            else:
                progress.waited += 1
        if optimization.schedule == Schedule.plateau and state.step:
            state.learning_rate *= 0.99 if progress.waited == 0 else 0.2
            progress.stopped = state.learning_rate < SMALLEST_RATE
        return f"dev {measured['dev_loss']:.3f}"

    if progress.stopped or state.step >= total:
        return _outcome(state, progress, total)
    with track(total, "training", "steps") as bar, _interruptible() as interrupted:
        bar.advance(state.step)
        note = validate() if state.step == 0 else f"dev {progress.best_loss:.3f}"
        for step in steps(state, batch_at, total, optimization):
            window.append(step)
            bar.advance(1, f"loss {step.loss:.3f}, {note}")
            done = step.number == total
            if step.number % supervision.log_every == 0 or done:
                _append(
                    metrics, _summary(window) | measured(window, time.monotonic() - window_began, operations, highest)
                )
                window.clear()
                window_began = time.monotonic()
            if step.number % supervision.evaluate_every == 0 or done:
                note = validate()
                progress.stopped |= done or 0 < supervision.patience <= progress.waited
                save()
                window_began = time.monotonic()
            elif interrupted() or time.monotonic() - saved > supervision.checkpoint_seconds:
                save()
            if interrupted():
                log(f"stopped after step {step.number:,} of {total:,}; everything is saved in {folder}")
                raise KeyboardInterrupt
            if progress.stopped:
                break
    return _outcome(state, progress, total)


def _outcome(state: State, progress: checkpoint.Progress, total: int) -> Outcome:
    return Outcome(
        state.step,
        progress.best_step,
        progress.best_loss,
        progress.best,
        progress.seconds,
        stopped_early=state.step < total,
    )


def _summary(window: list[Step]) -> dict[str, float | str]:
    return {
        "kind": "train",
        "step": window[-1].number,
        "loss": sum(s.loss for s in window) / len(window),
        "learning_rate": window[-1].learning_rate,
        "gradient_norm": sum(s.gradient_norm for s in window) / len(window),
    }


def _append(file: Path, record: Mapping[str, object]) -> None:
    with file.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(record) + "\n")


def _forget_after(file: Path, step: int) -> None:
    """Drop what was logged after the checkpoint: those steps are about to be done again (and a line cut short by a
    kill).
    """
    if not file.exists():
        return
    kept: list[str] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            if step and json.loads(line)["step"] <= step:
                kept.append(line + "\n")
        except ValueError:
            break
    with write_whole(file) as temporary:
        temporary.write_text("".join(kept), encoding="utf-8")


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Hold Ctrl-C and SIGTERM until the step at hand is done: between steps the state is whole. A second Ctrl-C does
    not wait.
    """
    asked: list[int] = []

    def ask(number: int, _frame: FrameType | None) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    if threading.current_thread() is not threading.main_thread():  # only the main thread may handle signals
        yield lambda: False
        return
    previous = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
