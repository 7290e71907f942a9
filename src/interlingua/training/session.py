"""A training run from its first step to its best model: logging, validation, early stopping, checkpoints, resume."""

import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from cyclopts import Parameter

from interlingua.encoders import storage
from interlingua.errors import ConfigError
from interlingua.placement import resolve
from interlingua.progress import log, track
from interlingua.quantities import require_fields
from interlingua.resumable import alone
from interlingua.tensors import Batch
from interlingua.training import checkpoint, metrics, processes, trackers
from interlingua.training.loop import Optimization, Schedule, State, Step, steps
from interlingua.training.throughput import measured, operations_per_token, peak

Metrics = Mapping[str, Any]
MODELS = "models"
"""In a run's folder: the models that --save-every keeps."""
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
    save_every: int = 0
    """Also keep the model as it is every so many steps, in OUTPUT/models/step-N; 0 keeps only the best one."""
    keep_last: int = 0
    """Of those, keep only the last so many; 0 keeps all."""
    track: tuple[str, ...] = ()
    """Watch the run elsewhere, too: tensorboard, wandb, trackio or mlflow (each needs its library)."""

    def __post_init__(self) -> None:
        require_fields(self)
        if self.log_every < 1 or self.evaluate_every < 1 or self.patience < 0 or self.checkpoint_seconds < 0:
            raise ConfigError(
                "--log-every and --evaluate-every must be at least 1, --patience and --checkpoint-seconds not negative"
            )
        if self.save_every < 0 or self.keep_last < 0 or (self.keep_last and not self.save_every):
            raise ConfigError("--save-every and --keep-last must not be negative; --keep-last needs --save-every")
        trackers.check(self.track)


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
        return f"{self.steps:,} {'step' if self.steps == 1 else 'steps'}{early}; {best}: {output}/model"


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
    processes.wait()  # an earlier stage's files are all there
    with _owned(folder):
        run = _Run(state, evaluate, delivered, optimization, folder, supervision.keep_last)
        if (folder / "checkpoint.pt").exists():
            run.progress = checkpoint.restore(state, folder / "checkpoint.pt")
            log(f"continuing after step {state.step:,} of {total:,}")
        run.before = run.progress.seconds
        if run.progress.stopped or state.step >= total:
            if processes.rank() == 0 and not metrics.ended(metrics.read(folder)):  # killed after the last checkpoint
                with metrics.written(folder, state.step, supervision.track) as run.write:
                    run.end(total)
            return run.outcome(total)
        with metrics.written(folder, state.step, supervision.track) as run.write:
            _go(run, batch_at, total, supervision)
            run.end(total)
        processes.wait()
    return run.outcome(total)


def _go(run: "_Run", batch_at: Callable[[int], Batch], total: int, supervision: Supervision) -> None:
    """Do the steps that are left. Raises KeyboardInterrupt, with everything saved, where a stop is asked for."""
    state = run.state
    with track(total, "training", "steps") as bar, _interruptible() as interrupted:
        processes.wait()  # from the first line of metrics.jsonl on, every process saves before it stops
        run.write({"kind": metrics.START, "step": state.step, "total": total})
        bar.advance(state.step)
        note = run.validate() if state.step == 0 else f"dev {run.progress.best_loss:.3f}"
        for step in steps(state, batch_at, total, run.optimization):
            run.window.append(step)
            bar.advance(1, f"loss {step.loss:.3f}, {note}")
            done = step.number == total
            stop = processes.agreed(interrupted(), state.encoder.device)
            if step.number % supervision.log_every == 0 or done:
                run.report()
            if supervision.save_every and step.number % supervision.save_every == 0:
                run.keep()
            if step.number % supervision.evaluate_every == 0 or done:
                note = run.validate()
                run.progress.stopped |= done or 0 < supervision.patience <= run.progress.waited
                run.save()
            elif stop or time.monotonic() - run.saved > supervision.checkpoint_seconds:
                run.save()
            if stop:
                log(f"stopped after step {step.number:,} of {total:,}; everything is saved in {run.folder}")
                raise KeyboardInterrupt
            if run.progress.stopped:
                break


@dataclass(eq=False)
class _Run:
    """What validates, logs and saves between the steps of a run."""

    state: State
    evaluate: Callable[[], Metrics]
    delivered: Callable[[], AbstractContextManager[None]]
    optimization: Optimization
    folder: Path
    keep_last: int = 0
    write: Callable[[Metrics], None] = lambda record: None
    """Takes what metrics.jsonl shall hold."""
    progress: checkpoint.Progress = field(default_factory=checkpoint.Progress)
    before: float = 0.0
    """Seconds of earlier sittings."""
    window: list[Step] = field(default_factory=list)
    """The steps since the last line of metrics.jsonl."""

    def __post_init__(self) -> None:
        self.began = self.saved = self.window_began = time.monotonic()
        self.operations = operations_per_token(self.state.encoder)
        device = self.state.encoder.device
        self.peak = peak(resolve(self.optimization.precision, device), device)

    def validate(self) -> str:
        """Measure the encoder, keep it where it is the best so far, and say its dev loss."""
        state, progress = self.state, self.progress
        first = processes.rank() == 0
        with self._untimed(), self.delivered():
            with processes.alone():
                measures = self.evaluate() if first else {}
            measures = processes.told(measures)
            self.write({"kind": "dev", "step": state.step, **measures})
            if measures["dev_loss"] < progress.best_loss:
                progress.best_loss, progress.best_step, progress.waited = measures["dev_loss"], state.step, 0
                progress.best = dict(measures)
                if first:
                    storage.save(state.encoder, self.folder / "model")
                    state.objective.keep(self.folder)
            else:
                progress.waited += 1
        if self.optimization.schedule == Schedule.plateau and state.step:
            state.learning_rate *= 0.99 if progress.waited == 0 else 0.2
            progress.stopped = state.learning_rate < SMALLEST_RATE
        return f"dev {measures['dev_loss']:.3f}"

    def report(self) -> None:
        """Log the steps since the last report."""
        seconds = time.monotonic() - self.window_began
        self.write(_summary(self.window) | measured(self.window, seconds, self.operations, self.peak))
        self.window.clear()
        self.window_began = time.monotonic()

    def keep(self) -> None:
        """Keep the model of this step, and no more of those before it than shall be kept."""
        if processes.rank() > 0:
            return
        folder = self.folder / MODELS
        with self._untimed(), self.delivered():
            storage.save(self.state.encoder, folder / f"step-{self.state.step}")
        kept = sorted(folder.glob("step-*"), key=lambda one: int(one.name.removeprefix("step-")))
        for old in kept[: -self.keep_last] if self.keep_last else []:
            shutil.rmtree(old)

    def save(self) -> None:
        """Write the checkpoint."""
        self.progress.seconds = self.before + time.monotonic() - self.began
        with self._untimed():
            if processes.rank() == 0:
                checkpoint.save(self.state, self.progress, self.folder / "checkpoint.pt")
        self.saved = time.monotonic()

    def end(self, total: int) -> None:
        """Log how the run ended."""
        outcome = self.outcome(total)
        self.write({"kind": metrics.END, "step": outcome.steps, "seconds": round(outcome.seconds, 1)})

    def outcome(self, total: int) -> Outcome:
        """How the run stands."""
        one = self.progress
        early = self.state.step < total
        return Outcome(self.state.step, one.best_step, one.best_loss, one.best, one.seconds, stopped_early=early)

    @contextmanager
    def _untimed(self) -> Iterator[None]:
        """What happens inside is no training, and does not count in its speed."""
        began = time.monotonic()
        yield
        self.window_began += time.monotonic() - began


def _summary(window: list[Step]) -> dict[str, float | str]:
    return {
        "kind": "train",
        "step": window[-1].number,
        "loss": sum(s.loss for s in window) / len(window),
        "learning_rate": window[-1].learning_rate,
        "gradient_norm": sum(s.gradient_norm for s in window) / len(window),
    }


@contextmanager
def _owned(folder: Path) -> Iterator[None]:
    """Inside, the run in the folder is this process's. Raises DataError where another one trains in it."""
    if processes.rank() > 0:
        yield
        return
    with alone(folder, metrics.LOCK, seconds=1.0):  # who lists runs looks at it for a moment
        yield


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
