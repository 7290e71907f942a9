"""Train an encoder by one of the recipes."""

import statistics
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from interlingua import discovery, printing
from interlingua.progress import log

train = App(
    name="train",
    help="Train an encoder by one of the recipes.",
    help_format="plaintext",
    default_parameter=Parameter(negative_iterable=(), consume_multiple=True),
)
for _name, _choice in discovery.choices("recipes").items():
    train.command(f"interlingua.commands.train:{_choice.stem}", name=_name, help=discovery.summary(_choice.file))


def __getattr__(stem: str) -> Callable[..., None]:
    """The command of the recipe recipes/`stem`.py, made from its Config: imported only when it is called."""
    if stem.startswith("_") or stem.replace("_", "-") not in discovery.choices("recipes"):
        raise AttributeError(stem)
    recipe = discovery.find("recipes", stem.replace("_", "-"), "recipe")

    def command(
        config: Any,
        *,
        seeds: Annotated[
            tuple[int, ...],
            Parameter(help="Run once with each of these seeds, in OUTPUT/seed-N; report mean and spread."),
        ] = (),
        json: Annotated[bool, Parameter(negative=(), help="Print the outcome as JSON.")] = False,
    ) -> None:
        if seeds:
            found, text = _several(recipe.run, config, seeds)
        else:
            outcome = recipe.run(config)
            found, text = {**vars(outcome), "model": f"{config.output}/model"}, _sentence(outcome, config.output)
        if json:
            printing.show(found, text, as_json=True)
        else:
            log(text)

    command.__annotations__["config"] = Annotated[recipe.Config, Parameter(name="*")]
    command.__doc__ = discovery.summary(discovery.choices("recipes")[stem.replace("_", "-")].file)
    return command


def _sentence(outcome: Any, output: Path) -> str:
    if not outcome.steps:
        return f"{output}/model"
    early = ", stopped early" if outcome.stopped_early else ""
    return f"{outcome.steps:,} steps{early}; best dev loss {outcome.best_loss:.4f} at step {outcome.best_step:,}: {output}/model"


def _several(run: Callable[[Any], Any], config: Any, seeds: tuple[int, ...]) -> tuple[dict[str, Any], str]:
    """One run a seed, then mean and standard deviation of what their best validations measured."""
    runs: dict[int, Any] = {}
    for seed in seeds:
        one = replace(config, seed=seed, output=config.output / f"seed-{seed}")
        runs[seed] = run(one)
        log(f"seed {seed}: {_sentence(runs[seed], one.output)}")
    names = [name for name, value in runs[seeds[0]].best.items() if isinstance(value, float)]
    summary = {name: _spread([outcome.best[name] for outcome in runs.values()]) for name in names}
    text = f"{len(seeds)} seeds: " + ", ".join(
        f"{name} {found['mean']:.4g} ± {found['sd']:.2g}" for name, found in summary.items()
    )
    return {"seeds": {seed: vars(outcome) for seed, outcome in runs.items()}, "summary": summary}, text


def _spread(values: list[float]) -> dict[str, float]:
    return {"mean": statistics.fmean(values), "sd": statistics.stdev(values) if len(values) > 1 else 0.0}
