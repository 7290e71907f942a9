"""Train an encoder by one of the recipes."""

from collections.abc import Callable
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
for _name, _file in discovery.choices("recipes").items():
    train.command(f"interlingua.commands.train:{_file.stem}", name=_name, help=discovery.summary(_file))


def __getattr__(stem: str) -> Callable[..., None]:
    """The command of the recipe recipes/`stem`.py, made from its Config: imported only when it is called."""
    if stem.startswith("_") or stem.replace("_", "-") not in discovery.choices("recipes"):
        raise AttributeError(stem)
    recipe = discovery.find("recipes", stem.replace("_", "-"), "recipe")

    def command(config: Any, *, json: Annotated[bool, Parameter(negative=(), help="Print the outcome as JSON.")] = False) -> None:
        outcome = recipe.run(config)
        early = ", stopped early" if outcome.stopped_early else ""
        text = f"{outcome.steps:,} steps{early}; best dev loss {outcome.best_loss:.4f} at step {outcome.best_step:,}: {config.output}/model"
        if json:
            printing.show({**vars(outcome), "model": f"{config.output}/model"}, text, as_json=True)
        else:
            log(text)

    command.__annotations__["config"] = Annotated[recipe.Config, Parameter(name="*")]
    command.__doc__ = discovery.summary(discovery.choices("recipes")[stem.replace("_", "-")])
    return command
