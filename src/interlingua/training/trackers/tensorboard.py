"""TensorBoard: event files in tensorboard/ of the run's folder; `tensorboard --logdir DIR` shows all runs in DIR."""

import json
from collections.abc import Mapping

from interlingua.training.trackers import Watched

REMEDY = "see that the run's folder can be written to"


class Tracker:
    key = ""

    def __init__(self, run: Watched) -> None:
        from torch.utils.tensorboard.writer import SummaryWriter

        again = any((run.folder / "tensorboard").glob("events.*"))
        self._writer = SummaryWriter(str(run.folder / "tensorboard"))
        if not again:
            text = json.dumps(run.config, indent=1, ensure_ascii=False)
            self._writer.add_text("config", "    " + text.replace("\n", "\n    "))  # Markdown's verbatim

    def log(self, step: int, figures: Mapping[str, float]) -> None:
        for name, value in figures.items():
            self._writer.add_scalar(name, value, step)
        self._writer.flush()

    def finish(self, whole: bool) -> None:
        self._writer.close()


start = Tracker
