"""Train an encoder by one of the recipes."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

from cyclopts import Parameter

from interlingua import discovery, printing
from interlingua.errors import ConfigError
from interlingua.parameters import Json, menu

SEEDS = "Run once with each of these seeds, in OUTPUT/seed-N; report mean and spread."

train = menu(
    "train", "Train an encoder by one of the recipes, or by a recipe of your own: interlingua train ./RECIPE.py."
)


def __getattr__(attribute: str) -> Callable[..., None]:
    """The command of a recipe, made from its Config: imported only when it is called."""
    recipes = {_attribute(name): name for name in discovery.choices("recipes")}
    if attribute not in recipes:
        raise AttributeError(attribute)
    name = recipes[attribute]
    summary = discovery.summary(discovery.choices("recipes")[name].file)
    return _command(discovery.find("recipes", name, "recipe"), summary)


def add(name: str) -> None:
    """Make a recipe of the menu a command."""
    summary = discovery.summary(discovery.choices("recipes")[name].file)
    train.command(f"{__name__}:{_attribute(name)}", name=name, help=summary)


def _attribute(name: str) -> str:
    return name.replace("-", "_")


def add_file(name: str) -> None:
    """Make the recipe in a file of the user's a command, by its path. Raises ConfigError where it is none."""
    if name not in train:
        train.command(_command(_module(Path(name)), discovery.summary(Path(name))), name=name)


def _command(recipe: ModuleType, summary: str) -> Callable[..., None]:
    def command(
        config: Any, *, seeds: Annotated[tuple[int, ...], Parameter(help=SEEDS)] = (), json: Json = False
    ) -> None:
        if not seeds:
            outcome = recipe.run(config)
            result = {**vars(outcome), "model": f"{config.output}/model"}
            printing.tell(result, outcome.sentence(config.output), json)
            return
        from interlingua.training.seeds import run_each

        outcomes, spread = run_each(recipe.run, config, seeds)
        text = ", ".join(f"{name} {one['mean']:.4g} ± {one['sd']:.2g}" for name, one in spread.items())
        result = {"seeds": {seed: vars(outcome) for seed, outcome in outcomes.items()}, "summary": spread}
        printing.tell(result, f"{len(seeds)} seeds: {text}", json)

    command.__annotations__["config"] = Annotated[recipe.Config, Parameter(name="*")]
    command.__doc__ = summary
    return command


def _module(path: Path) -> ModuleType:
    """A file as a module."""
    if not path.is_file():
        raise ConfigError(f"{path}: there is no such file; a recipe is a Python file with Config and run")
    spec = importlib.util.spec_from_file_location(f"interlingua_recipe_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module  # dataclasses look up their annotations there
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # whatever the user's code raises
        where = error.lineno if isinstance(error, SyntaxError) else _line(error, path)
        raise ConfigError(f"{path}:{where}: the recipe cannot be imported ({type(error).__name__}: {error})") from error
    for name in ("Config", "run"):
        if not hasattr(module, name):
            raise ConfigError(f"{path}: a recipe needs {name}: a frozen dataclass Config, and run(config) -> Outcome")
    return module


def _line(error: BaseException, path: Path) -> int:
    """The last line of the file that an error passed through."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == str(path) else line
        trace = trace.tb_next
    return line


for _name in discovery.choices("recipes"):
    add(_name)
