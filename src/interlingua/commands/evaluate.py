"""Measure a model: similarity judgements (sts), translation retrieval (tatoeba)."""

import inspect
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from interlingua import discovery, printing
from interlingua.errors import ConfigError, DataError, UnknownName
from interlingua.loading import load

TASKS = ("sts", "tatoeba")


def evaluate(
    task: str,
    path: Path,
    /,
    *,
    model: Annotated[str, Parameter(alias="-m")],
    languages: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = (),
    split: str | None = None,
    output: Annotated[Path | None, Parameter(alias="-o")] = None,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Measure a model.

    Parameters
    ----------
    task
        sts: a file with columns sentence1, sentence2, score, or a folder of LANGUAGE.test.tsv with the same pairs in each language.
        tatoeba: a file of parallel text, or a folder of such TSV files.
    path
        The test data.
    model
        A folder, package:NAME[/SUBFOLDER], or a Hugging Face name.
    languages
        Only these languages (tatoeba).
    split
        Which LANGUAGE.SPLIT.tsv files of a folder to use (sts); test by default.
    output
        Also write the result to this JSON file.
    json
        Print JSON instead of a table.

    """
    if not path.exists():
        raise DataError("there is no such file or folder", path)
    if task not in TASKS:
        raise UnknownName("evaluation", task, TASKS)
    module = discovery.find("evaluation", task, "evaluation")
    chosen = {name: value for name, value in (("languages", languages), ("split", split)) if value}
    unknown = [name for name in chosen if name not in inspect.signature(module.evaluate).parameters]
    if unknown:
        raise ConfigError(f"--{unknown[0]} means nothing to {task}")
    encoder = load(model)
    report = module.evaluate(encoder.encode, path, **chosen)
    result = {**report.json(), "data": str(path), "model": {"name": model, **encoder.describe()}, "versions": printing.versions()}
    if output is not None:
        printing.save(result, output)
    printing.show(result, report.table(), json)
