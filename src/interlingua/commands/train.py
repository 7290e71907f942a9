"""Train an encoder by one of the recipes, or by a recipe of your own: interlingua train ./RECIPE.py."""

import importlib.util
import inspect
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

from cyclopts import App, Parameter
from cyclopts.config import Dict

from interlingua import discovery, printing
from interlingua.errors import ConfigError
from interlingua.machine import is_one_of_several
from interlingua.parameters import Json, choice_of, menu_of

CONFIG = (
    "Options from TOML files, by the names of their flags, or from folders of other runs (all but --output). A later "
    "file overrules an earlier one, and flags overrule files."
)
PROCESSES = "How many processes of this machine train together, each on a share of every batch (or start torchrun)."
SEEDS = "Run once with each of these seeds, in OUTPUT/seed-N; report mean and spread."


def __getattr__(name: str) -> App | Callable[..., None]:
    """The menu, made anew of the recipes there are; or one's command, which imports it only when it is called."""
    if name == "train":
        return menu_of("recipes", __name__, str(__doc__))
    recipe = choice_of("recipes", name)
    return _command(
        discovery.find("recipes", recipe, "recipe", ("Config", "run")), discovery.choices("recipes")[recipe].file
    )


def command_of(file: Path) -> Callable[..., None]:
    """The command of a recipe in a file of the user's. Raises ConfigError where it is none."""
    return _command(_module(file), file)


def options_of(recipe: str, arguments: Sequence[str]) -> list[Dict]:
    """The options in the files that a command line names, the last of which counts most. Raises ConfigError where one
    cannot be read.
    """
    from interlingua.training.configuration import named_files, read

    files = reversed(named_files(arguments))
    return [Dict(data={"train": {recipe: read(file, recipe)}}, source=str(file)) for file in files]


def _command(recipe: ModuleType, file: Path) -> Callable[..., None]:
    shown = {field.name for field in fields(recipe.Config)} if is_dataclass(recipe.Config) else set[str]()

    def command(
        config: Any,
        *,
        # shown in the help; `options_of` has read the files by the time the command line is parsed
        config_files: Annotated[tuple[Path, ...], Parameter(name="--config", help=CONFIG)] = (),
        processes: Annotated[int, Parameter(help=PROCESSES)] = 1,
        seeds: Annotated[tuple[int, ...], Parameter(help=SEEDS)] = (),
        json: Json = False,
    ) -> None:
        if processes < 1:
            raise ConfigError(f"--processes {processes}: give at least 1")
        if processes > getattr(config, "examples_a_step", processes):
            raise ConfigError(f"--processes {processes}: a step has only {config.examples_a_step} examples to share")
        if processes > 1 and is_one_of_several() and "INTERLINGUA_LAUNCHER" not in os.environ:
            raise ConfigError(
                f"torchrun has started {os.environ['WORLD_SIZE']} processes already; leave --processes out"
            )
        if seeds and "seed" not in shown:
            raise ConfigError(f"{file}: Config has no field seed, which --seeds varies; add one, or leave --seeds out")
        if processes > 1 and not is_one_of_several():
            from interlingua.training import launch

            if code := launch.launch(processes, sys.argv[1:]):
                raise SystemExit(code)
            return
        with _together(config) as config:
            result, text = _trained(recipe, file, config, seeds)
        printing.tell(result, text, json)

    command.__annotations__["config"] = Annotated[recipe.Config, Parameter(name="*")]
    if "supervision" not in shown:  # it trains nothing
        signature = inspect.signature(command)
        kept = [one for one in signature.parameters.values() if one.name != "processes"]
        command.__signature__ = signature.replace(parameters=kept)  # pyright: ignore[reportFunctionMemberAccess]
    command.__doc__ = discovery.summary(file)
    return command


def _trained(recipe: ModuleType, file: Path, config: Any, seeds: tuple[int, ...]) -> tuple[dict[str, Any], str]:
    """The result of a run, or of one a seed, and the same in words."""
    from interlingua.training.session import Outcome

    def run(one: Any) -> Outcome:
        try:
            outcome = recipe.run(one)
        except SystemExit as error:
            raise ConfigError(f"{file}: run left by sys.exit({error.code}); let it raise an error instead") from error
        if not isinstance(outcome, Outcome):
            raise ConfigError(
                f"{file}: run returned {type(outcome).__name__}; let it return what fit returns, an Outcome"
            )
        return outcome

    if not seeds:
        outcome = run(config)
        return {**vars(outcome), "model": f"{config.output}/model"}, outcome.sentence(config.output)
    from interlingua.training.seeds import run_each

    outcomes, spread = run_each(run, config, seeds)
    text = ", ".join(f"{name} {one['mean']:.4g} ± {one['sd']:.2g}" for name, one in spread.items())
    result = {"seeds": {seed: vars(outcome) for seed, outcome in outcomes.items()}, "summary": spread}
    return result, f"{len(seeds)} seeds: {text}"


@contextmanager
def _together(config: Any) -> Iterator[Any]:
    """Inside, this process is one of those it was started with; the configuration, with a GPU of its own."""
    if not is_one_of_several():
        yield config
        return
    if not hasattr(config, "supervision"):
        raise ConfigError("this recipe trains nothing; start it without torchrun")
    from interlingua import placement
    from interlingua.training import processes

    where = placement.device(config.device)
    if where.type == "cuda":
        where = placement.device(f"cuda:{processes.local_rank()}")
    with processes.joined(where):
        yield replace(config, device=str(where))


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
    except (Exception, SystemExit) as error:  # whatever the user's code raises
        where = error.lineno if isinstance(error, SyntaxError) else _line(error, path)
        raise ConfigError(f"{path}:{where}: the recipe cannot be imported ({type(error).__name__}: {error})") from error
    for name in ("Config", "run"):
        if not hasattr(module, name) or (name == "Config" and not _is_config(module.Config)):
            raise ConfigError(
                f"{path}: a recipe needs {name}: a frozen dataclass Config with output, and run(config) -> Outcome"
            )
    return module


def _is_config(config: object) -> bool:
    return isinstance(config, type) and is_dataclass(config) and "output" in {field.name for field in fields(config)}


def _line(error: BaseException, path: Path) -> int:
    """The last line of the file that an error passed through."""
    line, trace = 0, error.__traceback__
    while trace is not None:
        line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == str(path.absolute()) else line
        trace = trace.tb_next
    return line
