"""Trackio: a database on this disk (TRACKIO_DIR), which `trackio show` opens, or a Space (TRACKIO_SPACE_ID)."""

import os
from collections.abc import Mapping
from importlib import import_module
from typing import Any
from uuid import uuid4

from interlingua.training.trackers import PROJECT, Watched

REMEDY = "see that TRACKIO_DIR can be written to, or leave TRACKIO_SPACE_ID out"


class Tracker:
    def __init__(self, run: Watched) -> None:
        trackio: Any = import_module("trackio")

        self.key = run.key or f"{run.name}-{uuid4().hex[:6]}"  # a run is found by its name
        self._run = trackio.init(
            project=os.environ.get("TRACKIO_PROJECT", PROJECT),
            name=self.key,
            config=dict(run.config),
            resume="allow",
            embed=False,
            auto_log_gpu=False,
            auto_log_cpu=False,
        )

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        self._run.log(dict(figures), step=step)

    def finish(self, whole: bool) -> None:
        self._run.finish()


start = Tracker
