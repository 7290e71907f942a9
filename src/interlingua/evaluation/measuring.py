"""One evaluation of one model, and everything that its figures depend on."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from interlingua import formats, printing
from interlingua.encoding.cache import file_of, remembering
from interlingua.errors import ConfigError, DataError
from interlingua.evaluation.report import Report
from interlingua.files import open_bytes
from interlingua.loading import about, fingerprint, load, load_cross_encoder
from interlingua.machine import AUTO
from interlingua.outputs import write_whole
from interlingua.progress import log

STDIN = Path("-")


def measure(
    task: ModuleType,
    model: str,
    paths: tuple[Path, ...],
    options: Mapping[str, Any],
    *,
    device: str = AUTO,
    precision: str = "fp32",
    cache: Path | None = None,
    output: Path | None = None,
    command: str = "",
) -> tuple[dict[str, Any], Report]:
    """The result of a task of evaluation/tasks, as JSON values, and the report it was made from.

    `cache` is a folder that keeps embeddings; `output` a file for the result. Raises DataError for a path without
    anything to read, ConfigError for an output of another format, and whatever the task raises.
    """
    if output is not None and output.suffix.lower() != ".json":
        raise ConfigError(f"{output}: a result is a JSON file, its name must end in .json")
    for path in paths:
        if not formats.is_input(path):
            raise DataError("there is no such file or folder", path)
    with ExitStack() as opened:  # first: a folder that cannot be written to is found before the work
        written = None if output is None else opened.enter_context(write_whole(output))
        read = opened.enter_context(_kept_to_read_again()) if STDIN in paths else STDIN
        report, described = _report(
            task, model, tuple(read if path == STDIN else path for path in paths), options, cache, device, precision
        )
        if coarser := described.get("precision"):  # than fp32, which is not mentioned
            report = replace(report, definition=f"{report.definition} The encoder computed in {coarser}.")
        result = report.json() | {
            "data": [str(path) for path in paths],
            "files": {str(STDIN if file == read else file): formats.digest_of(file) for file in report.files},
            "model": described,
            "command": command,
            "versions": printing.versions(),
        }
        if written is not None:
            written.write_text(printing.dumps(result), encoding="utf-8")
    return result, report


@contextmanager
def _kept_to_read_again() -> Iterator[Path]:
    """Standard input as a file of TSV: what is measured is read more than once, by the task and for its digest.

    A DataError about that file names standard input.
    """
    with tempfile.TemporaryDirectory(prefix="interlingua-") as folder:
        file = Path(folder) / "stdin.tsv"
        with open_bytes(STDIN) as stream, file.open("wb") as copy:
            shutil.copyfileobj(stream, copy)
        try:
            yield file
        except DataError as error:
            raise DataError(str(error).replace(str(file), str(STDIN))) from error


def judges_pairs(task: ModuleType) -> bool:
    """Whether a task is for models that judge pairs of texts, not for models that embed texts."""
    return getattr(task, "JUDGES_PAIRS", False)


def _report(
    task: ModuleType,
    model: str,
    paths: tuple[Path, ...],
    options: Mapping[str, Any],
    cache: Path | None,
    device: str,
    precision: str,
) -> tuple[Report, dict[str, Any]]:
    """The report of a task, and what results should name of the model."""
    if judges_pairs(task):
        judge = load_cross_encoder(model, device)
        described = {"name": model, **judge.encoder.describe(), "sha256": fingerprint(model)}
        return task.evaluate(judge, *paths, **options), described
    encoder = load(model, device, precision)
    described = about(model, encoder)
    if "trained_pooling" in described:
        trained = described["trained_pooling"]
        log(f"{model}: {described['pooling']} pooling is measured, the model was trained with {trained} pooling")
    file = None if cache is None else file_of(cache, described)
    return task.evaluate(remembering(encoder.encode, file), *paths, **options), described
