"""MLflow: mlflow.db in the folder one works in, or where MLFLOW_TRACKING_URI points."""

import os
import time
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from interlingua.training.trackers import PROJECT, Watched

REMEDY = "see that MLFLOW_TRACKING_URI names a server that runs, or leave it out"
PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_HTTP_REQUEST_TIMEOUT": "10"}
"""mlflow's own is minutes, of which a run that cannot begin would say nothing."""

AT_ONCE = 100
"""Parameters that a server takes in one request."""


class Tracker:
    def __init__(self, run: Watched) -> None:
        for name, value in PATIENCE.items():
            os.environ.setdefault(name, value)
        mlflow: Any = import_module("mlflow")
        param: Any = import_module("mlflow.entities").Param

        experiment = mlflow.set_experiment(os.environ.get("MLFLOW_EXPERIMENT_NAME", PROJECT))
        self._client = mlflow.MlflowClient()
        if run.key:
            self._client.update_run(run.key, status="RUNNING")
            self.key = run.key
            return
        self.key = self._client.create_run(experiment.experiment_id, run_name=run.name).info.run_id
        params = [param(name, str(value)) for name, value in run.config.items()]
        for first in range(0, len(params), AT_ONCE):
            self._client.log_batch(self.key, params=params[first : first + AT_ONCE])

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        metric: Any = import_module("mlflow.entities").Metric
        now = round(1000 * time.time())
        self._client.log_batch(self.key, [metric(name, value, now, step) for name, value in figures.items()])

    def finish(self, whole: bool) -> None:
        self._client.set_terminated(self.key, "FINISHED" if whole else "KILLED")


start = Tracker
