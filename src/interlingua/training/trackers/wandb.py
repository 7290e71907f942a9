"""Weights & Biases: WANDB_MODE=offline writes to wandb/ in the run's folder, which `wandb sync` uploads."""

import os
from collections.abc import Mapping
from importlib import import_module
from typing import Any
from uuid import uuid4

from interlingua.training.trackers import PROJECT, Watched

REMEDY = "run wandb login, or set WANDB_MODE=offline"
REACHED_WITHIN_SECONDS = 20.0


class Tracker:
    def __init__(self, run: Watched) -> None:
        wandb: Any = import_module("wandb")

        self.key = run.key or uuid4().hex[:12]
        self._run = wandb.init(
            project=os.environ.get("WANDB_PROJECT", PROJECT),
            id=self.key,
            name=os.environ.get("WANDB_NAME", run.name),
            config=dict(run.config),
            resume="allow",
            dir=str(run.folder),
            settings=wandb.Settings(init_timeout=REACHED_WITHIN_SECONDS, console="off"),
        )
        self._run.define_metric("*", step_metric="step")  # wandb's own count only grows: steps that are repeated fail

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        self._run.log({"step": step, **figures})

    def finish(self, whole: bool) -> None:
        self._run.finish(exit_code=0 if whole else 1)


start = Tracker
