"""Where else a run may be watched: one file a tracker, named for its library. metrics.jsonl holds all of it.

A module here has `start(run) -> Tracker`, which may raise anything, and `REMEDY`, what to do where it does. Libraries
are imported when a run starts, and heed their own settings (WANDB_MODE=offline, MLFLOW_TRACKING_URI).
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from interlingua import discovery
from interlingua.errors import ConfigError, InterlinguaError, MissingDependency
from interlingua.outputs import write_whole
from interlingua.progress import log
from interlingua.training.run_folder import configuration

PROJECT = "interlingua"
"""What runs are filed under where a library's own setting names nothing else."""
KEYS = "tracking.json"
"""In a run's folder: what each tracker calls the run, so that --resume goes on with it."""


@runtime_checkable
class Tracker(Protocol):
    """One run in one tracker."""

    key: str
    """What the tracker calls the run; "" for one that needs nothing to find it again."""

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        """Figures at a step, by names such as "train/loss"."""
        ...

    def finish(self, whole: bool) -> None:
        """The run has ended; not `whole` where it was stopped or has failed."""
        ...


@dataclass(frozen=True)
class Watched:
    """A run, as a tracker is told of it."""

    folder: Path
    name: str
    config: Mapping[str, Any]
    """The content of config.json, flat: "config.batch_size"."""
    key: str
    """What the tracker called the run in an earlier sitting; "" in the first."""


def check(names: Sequence[str]) -> None:
    """Raise UnknownName for what is no tracker, MissingDependency for one whose library is not installed."""
    known = discovery.choices("training/trackers")
    for name in names:
        if name not in known:
            discovery.find("training/trackers", name, "tracker")
        if known[name].own and find_spec(name) is None:
            raise MissingDependency(f"--track {name}", name)


@contextmanager
def following(names: Sequence[str], folder: Path) -> Iterator["Followers"]:
    """Trackers that are told of a run until the block ends. Raises ConfigError where one cannot start."""
    followers = Followers()
    try:
        for name in dict.fromkeys(names):
            followers.running[name] = _start(name, folder)
        yield followers
    except BaseException:
        followers.finish(whole=False)
        raise
    followers.finish(whole=True)


@dataclass
class Followers:
    """The trackers of a run. One that fails is left out from there on: training does not end for it."""

    running: dict[str, Tracker] = field(default_factory=dict[str, Tracker])

    def log(self, record: Mapping[str, Any]) -> None:
        """Tell the numbers of a line of metrics.jsonl."""
        if record["kind"] not in ("train", "dev"):
            return
        told = {f"{record['kind']}/{name}": value for name, value in figures(record).items()}
        for name, tracker in list(self.running.items()):
            try:
                tracker.log(record["step"], told)
            except Exception as error:
                self._lose(name, error)

    def finish(self, whole: bool) -> None:
        """Tell that the run has ended."""
        for name, tracker in list(self.running.items()):
            try:
                with redirect_stdout(sys.stderr):
                    tracker.finish(whole)
            except Exception as error:
                self._lose(name, error)

    def _lose(self, name: str, error: Exception) -> None:
        self.running.pop(name)
        log(f"{name} follows this run no longer ({_first_line(error)}); metrics.jsonl has everything")


def figures(record: Mapping[str, Any]) -> dict[str, float]:
    """What was measured, of a line of metrics.jsonl; "accuracy.de" for what there is one of for each language."""
    flat = dict(_flat(record))
    return {name: float(flat[name]) for name in flat if name != "step" and isinstance(flat[name], int | float)}


def _start(name: str, folder: Path) -> Tracker:
    module = discovery.find("training/trackers", name, "tracker", ("start", "REMEDY"))
    keys = _keys(folder / KEYS)
    watched = Watched(folder, folder.name, dict(_flat(configuration(folder))), keys.get(name, ""))
    try:
        with redirect_stdout(sys.stderr):  # stdout is for results
            tracker: Tracker = module.start(watched)
    except InterlinguaError:
        raise
    except Exception as error:
        raise ConfigError(
            f"--track {name} cannot start ({_first_line(error)}). Remedy: {module.REMEDY}. The same command with "
            "--resume then continues this run, with --track or without"
        ) from error
    if tracker.key != keys.get(name, ""):
        with write_whole(folder / KEYS) as temporary:
            temporary.write_text(json.dumps(keys | {name: tracker.key}, indent=1) + "\n", encoding="utf-8")
    return tracker


def _keys(file: Path) -> dict[str, str]:
    """What trackers called the run in earlier sittings."""
    try:
        return dict(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else {}
    except (ValueError, TypeError) as error:
        raise ConfigError(f"{file} is damaged; delete it, and trackers show what follows as a new run") from error


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, inner in value.items():
        if isinstance(inner, Mapping):
            yield from _flat(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", inner


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), "") or type(error).__name__
