"""The runs in a folder, as what they left there tells: configuration, progress, figures."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, nan
from pathlib import Path
from typing import Any

from interlingua.errors import ConfigError, DataError
from interlingua.machine import lock
from interlingua.training import metrics
from interlingua.training.run_folder import configuration
from interlingua.training.trackers import figures

DEV_LOSS = "dev_loss"
NO_OPTION = {"output", "resume", "device", "data_cache", "track"}
"""What differs between runs without making a difference to what they learn."""


@dataclass(frozen=True)
class Run:
    """One training; of a recipe in stages, one stage."""

    folder: Path
    recipe: str
    options: Mapping[str, Any]
    """By the names of their flags, data and precision among them; lists as text."""
    records: Sequence[metrics.Record]
    running: bool
    damage: str = ""
    """What of its folder cannot be read."""

    @property
    def step(self) -> int:
        """Steps done."""
        return max((int(record["step"]) for record in self.records), default=0)

    @property
    def total(self) -> int:
        """Steps to do; those done where an earlier version did not say."""
        totals = (one.get("total") for one in reversed(self.records) if one["kind"] == metrics.START)
        return next((total for total in totals if isinstance(total, int)), self.step)

    @property
    def state(self) -> str:
        """running, finished, stopped, or damaged."""
        if self.damage or self.running:
            return "damaged" if self.damage else "running"
        return "finished" if metrics.ended(self.records) else "stopped"

    @property
    def best(self) -> Mapping[str, float]:
        """The figures of the validation with the lowest dev loss, whose model is kept."""
        return figures(self._best)

    @property
    def best_step(self) -> int:
        """The step of that validation."""
        return int(self._best.get("step", 0))

    @property
    def _best(self) -> metrics.Record:
        dev = [one for one in self.records if one["kind"] == "dev" and isfinite(figures(one).get(DEV_LOSS, nan))]
        return min(dev, key=lambda one: one[DEV_LOSS], default={})

    @property
    def texts_per_second(self) -> float:
        """Over all steps that were logged."""
        told = [figures(one) for one in self.records if one["kind"] == "train"]
        speeds = [one["texts_per_second"] for one in told if "texts_per_second" in one]
        return round(sum(speeds) / len(speeds), 1) if speeds else 0.0

    def as_json(self) -> dict[str, Any]:
        """All but the records."""
        return {
            "folder": str(self.folder), "recipe": self.recipe, "state": self.state, "step": self.step,
            "total": self.total, "best_step": self.best_step, "best": self.best,
            "texts_per_second": self.texts_per_second,
            "options": self.options, **({"damage": self.damage} if self.damage else {}),
        }  # fmt: skip


def find(folders: Sequence[Path]) -> list[Run]:
    """All runs in these folders, at any depth, by their names. Raises DataError for a folder without a run."""
    found: dict[str, Run] = {}
    for folder in folders:
        places = sorted(_places(folder, set()))
        if not places:
            problem = "there is no run in this folder" if folder.is_dir() else "there is no such folder"
            raise DataError(f"{problem}; a run is a folder with {metrics.FILE}", folder)
        found = {os.path.realpath(place): _read(place) for place in places} | found
    return sorted(found.values(), key=lambda run: run.folder)


def _places(folder: Path, seen: set[str]) -> Iterator[Path]:
    """The folders of runs; links are followed, each folder is looked into once."""
    for name, inner, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(name)
        if real in seen:
            inner.clear()
            continue
        seen.add(real)
        if metrics.FILE in files:
            yield Path(name)


def differing(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """For each run, the options in which the runs differ."""
    names = list(dict.fromkeys(name for run in runs for name in run.options))
    names = [name for name in names if len({json.dumps(run.options.get(name)) for run in runs}) > 1]
    return [{name: run.options.get(name, "") for name in names} for run in runs]


def _read(folder: Path) -> Run:
    damage, config = "", dict[str, Any]()
    try:
        config = configuration(folder)
    except ConfigError as error:
        damage = str(error)
    options = {**config.get("config", {}), **config.get("resolved", {})}
    recipe = str(config.get("recipe", ""))
    return Run(folder, recipe, dict(_flat(options)), metrics.read(folder), _is_running(folder), damage)


def _is_running(folder: Path) -> bool:
    """Whether a process trains in the folder."""
    if not (folder / metrics.LOCK).exists():
        return False
    try:
        with lock(folder / metrics.LOCK) as ours:
            return not ours
    except OSError:  # somebody else's folder
        return False


def _flat(options: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in options.items():
        if name in NO_OPTION:
            continue
        if isinstance(value, Mapping):
            shown = "" if name in ("optimization", "supervision") else f"{prefix}{name}."  # as the flags have it
            yield from _flat(value, shown)
        else:
            yield prefix + name, " ".join(map(str, value)) if isinstance(value, list) else value
