"""Measure a model on one of the evaluations."""

import inspect
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from interlingua import discovery, printing
from interlingua.machine import AUTO, Precision
from interlingua.parameters import STDIO, Arithmetic, Device, Json, Model, choice_of, menu_of

FOLDER = "evaluation/tasks"
CACHE = "A folder that keeps embeddings, so that a model encodes each text only once for all evaluations."
OUTPUT = "Also write the result to this JSON file."


def __getattr__(name: str) -> App | Callable[..., None]:
    """The menu, made anew of the evaluations there are; or one's command, which imports it only when it is called."""
    if name == "evaluate":
        return menu_of(FOLDER, __name__, str(__doc__))
    return _command(choice_of(FOLDER, name))


def _command(name: str) -> Callable[..., None]:
    """The command of an evaluation, made from its `evaluate`."""
    task = discovery.find(FOLDER, name, "evaluation", ("evaluate",))
    from interlingua.evaluation import measuring

    def command(
        *paths: Path,
        model: Model,
        device: Device = AUTO,
        precision: Arithmetic = Precision.fp32,
        cache: Annotated[Path | None, Parameter(help=CACHE)] = None,
        output: Annotated[Path | None, Parameter(alias="-o", help=OUTPUT)] = None,
        json: Json = False,
        **options: Any,
    ) -> None:
        line = shlex.join(["interlingua", *sys.argv[1:]])
        result, report = measuring.measure(
            task, model, paths, options, device=device, precision=precision, cache=cache, output=output, command=line
        )
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
    """Paths stand alone and may be standard input, all else is a flag."""
    if parameter.kind is parameter.VAR_POSITIONAL:
        return parameter.replace(annotation=Annotated[parameter.annotation, STDIO])
    if parameter.name == "path":
        return parameter.replace(kind=parameter.POSITIONAL_ONLY, annotation=Annotated[parameter.annotation, STDIO])
    return parameter.replace(kind=parameter.KEYWORD_ONLY)
