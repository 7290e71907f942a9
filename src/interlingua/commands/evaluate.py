"""Measure a model on one of the evaluations."""

import hashlib
import inspect
import shlex
import sys
from collections.abc import Callable
from contextlib import ExitStack
from json import dumps
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

from cyclopts import App, Parameter

from interlingua import discovery, printing
from interlingua.errors import DataError
from interlingua.files import digest, write_whole
from interlingua.loading import fingerprint, load, load_cross_encoder, names_no_pooling
from interlingua.progress import log

TASKS = discovery.choices("evaluation/tasks")
MODEL = "A folder, package:NAME[/SUBFOLDER], a Hugging Face name, or an embeddings server: http://HOST/v1[#MODEL]."
CACHE = "A folder to keep embeddings in, so that no text is encoded twice by one model in any evaluation."

evaluate = App(
    name="evaluate",
    help="Measure a model on one of the evaluations.",
    help_format="plaintext",
    default_parameter=Parameter(negative_iterable=(), consume_multiple=True),
)
for _name, _choice in TASKS.items():
    evaluate.command(f"interlingua.commands.evaluate:{_choice.stem}", name=_name, help=discovery.summary(_choice.file))


def __getattr__(stem: str) -> Callable[..., None]:
    """The command of the evaluation evaluation/`stem`.py, made from its `evaluate`: imported only when it is called."""
    if stem.startswith("_") or stem.replace("_", "-") not in TASKS:
        raise AttributeError(stem)
    module = discovery.find("evaluation/tasks", stem.replace("_", "-"), "evaluation")

    def command(
        *paths: Path,
        model: Annotated[str, Parameter(alias="-m", help=MODEL)],
        cache: Annotated[Path | None, Parameter(help=CACHE)] = None,
        output: Annotated[Path | None, Parameter(alias="-o", help="Also write the result to this JSON file.")] = None,
        json: Annotated[bool, Parameter(negative=(), help="Print JSON instead of a table.")] = False,
        **options: Any,
    ) -> None:
        for path in paths:
            if not path.exists():
                raise DataError("there is no such file or folder", path)
        with ExitStack() as opened:  # first: a folder that cannot be written to is found before the work
            written = None if output is None else opened.enter_context(write_whole(output))
            report, about = _measure(module, model, cache, paths, options)
            result = report.json() | {
                "data": [str(path) for path in paths],
                "files": {str(file): digest(file) for file in report.files},
                "model": about,
                "command": shlex.join(["interlingua", *sys.argv[1:]]),
                "versions": printing.versions(),
            }
            if written is not None:
                written.write_text(printing.dumps(result), encoding="utf-8")
        printing.show(result, report.table(), json)

    _, *asked = inspect.signature(module.evaluate).parameters.values()
    ours = [
        parameter
        for parameter in inspect.signature(command).parameters.values()
        if parameter.kind is parameter.KEYWORD_ONLY
    ]
    ours = [parameter for parameter in ours if parameter.name != "cache" or not _judges(module)]
    command.__signature__ = inspect.Signature([*map(_as_flag, asked), *ours])  # pyright: ignore[reportFunctionMemberAccess]
    _, section, explained = inspect.cleandoc(module.evaluate.__doc__).partition("Parameters\n")
    command.__doc__ = f"{discovery.summary(TASKS[stem.replace('_', '-')].file)}\n\n{section}{explained}"
    return command


def _measure(
    module: ModuleType, model: str, cache: Path | None, paths: tuple[Path, ...], options: dict[str, Any]
) -> tuple[Any, dict[str, Any]]:
    """The report of an evaluation, and what results should name of the model."""
    if _judges(module):
        judge = load_cross_encoder(model)
        return module.evaluate(judge, *paths, **options), {
            "name": model,
            **judge.encoder.describe(),
            "sha256": fingerprint(model),
        }
    from interlingua.encoding.cache import remembering

    encoder = load(model)
    about = {"name": model, **encoder.describe(), "sha256": fingerprint(model)}
    if about["kind"] == "pretrained" and names_no_pooling(model):
        log(
            f"{model}: names no pooling, so {about['pooling']} pooling is used; a model trained with another scores "
            "lower than it should"
        )
    if "trained_pooling" in about:
        log(
            f"{model}: {about['pooling']} pooling is measured, the model was trained with {about['trained_pooling']} "
            "pooling"
        )
    file = None if cache is None else cache / f"{_depends_on(about)}.sqlite"
    return module.evaluate(remembering(encoder.encode, file), *paths, **options), about


def _judges(module: ModuleType) -> bool:
    """Whether an evaluation is of models that judge pairs, not of models that embed texts."""
    return next(iter(inspect.signature(module.evaluate).parameters)) == "judge"


def _depends_on(about: dict[str, Any]) -> str:
    """A name for the vectors of a model: other weights, settings or versions give another."""
    described = {key: value for key, value in about.items() if key != "name"} | printing.versions(measuring=False)
    return hashlib.sha256(dumps(described, sort_keys=True, default=str).encode()).hexdigest()[:24]


def _as_flag(parameter: inspect.Parameter) -> inspect.Parameter:
    """Paths stand alone, all else is a flag."""
    if parameter.kind is parameter.VAR_POSITIONAL:
        return parameter
    return parameter.replace(kind=parameter.POSITIONAL_ONLY if parameter.name == "path" else parameter.KEYWORD_ONLY)
