"""Measure a model on one of the evaluations."""

import inspect
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from interlingua import discovery, printing
from interlingua.parameters import Json, Model, menu

FOLDER = "evaluation/tasks"
CACHE = "A folder to keep embeddings in, so that no text is encoded twice by one model in any evaluation."
OUTPUT = "Also write the result to this JSON file."

evaluate = menu("evaluate", "Measure a model on one of the evaluations.")


def add(name: str) -> None:
    """Make an evaluation of the menu a command."""
    summary = discovery.summary(discovery.choices(FOLDER)[name].file)
    evaluate.command(f"{__name__}:{_attribute(name)}", name=name, help=summary)


def __getattr__(attribute: str) -> Callable[..., None]:
    """The command of an evaluation, made from its `evaluate`: imported only when it is called."""
    tasks = {_attribute(name): name for name in discovery.choices(FOLDER)}
    if attribute not in tasks:
        raise AttributeError(attribute)
    name = tasks[attribute]
    task = discovery.find(FOLDER, name, "evaluation")
    from interlingua.evaluation import measuring

    def command(
        *paths: Path,
        model: Model,
        cache: Annotated[Path | None, Parameter(help=CACHE)] = None,
        output: Annotated[Path | None, Parameter(alias="-o", help=OUTPUT)] = None,
        json: Json = False,
        **options: Any,
    ) -> None:
        line = shlex.join(["interlingua", *sys.argv[1:]])
        result, report = measuring.measure(task, model, paths, options, cache=cache, output=output, command=line)
        printing.show(result, report.table(), json)

    _, *asked = inspect.signature(task.evaluate).parameters.values()
    ours = [one for one in inspect.signature(command).parameters.values() if one.kind is one.KEYWORD_ONLY]
    ours = [one for one in ours if one.name != "cache" or not measuring.judges_pairs(task)]
    command.__signature__ = inspect.Signature([*map(_as_flag, asked), *ours])  # pyright: ignore[reportFunctionMemberAccess]
    _, section, explained = inspect.cleandoc(task.evaluate.__doc__).partition("Parameters\n")
    summary = discovery.summary(discovery.choices(FOLDER)[name].file)
    command.__doc__ = f"{summary}\n\n{section}{explained}"
    return command


def _as_flag(parameter: inspect.Parameter) -> inspect.Parameter:
    """Paths stand alone, all else is a flag."""
    if parameter.kind is parameter.VAR_POSITIONAL:
        return parameter
    return parameter.replace(kind=parameter.POSITIONAL_ONLY if parameter.name == "path" else parameter.KEYWORD_ONLY)


def _attribute(name: str) -> str:
    return name.replace("-", "_")


for _name in discovery.choices(FOLDER):
    add(_name)
