"""One run with each of several seeds: how much of a figure is chance."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from interlingua.progress import log
from interlingua.training.session import Outcome


def run_each(
    run: Callable[[Any], Outcome], config: Any, seeds: Sequence[int]
) -> tuple[dict[int, Outcome], dict[str, dict[str, float]]]:
    """The outcomes by seed, each run in OUTPUT/seed-N, and mean and standard deviation of what the best validations
    measured.
    """
    outcomes: dict[int, Outcome] = {}
    for seed in seeds:
        one = replace(config, seed=seed, output=config.output / f"seed-{seed}")
        outcomes[seed] = run(one)
        log(f"seed {seed}: {outcomes[seed].sentence(one.output)}")
    names = [name for name, value in outcomes[seeds[0]].best.items() if isinstance(value, float)]
    return outcomes, {name: _spread([outcome.best[name] for outcome in outcomes.values()]) for name in names}


def _spread(values: list[float]) -> dict[str, float]:
    return {"mean": statistics.fmean(values), "sd": statistics.stdev(values) if len(values) > 1 else 0.0}
