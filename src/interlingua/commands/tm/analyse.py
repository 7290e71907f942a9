"""Count what there is to translate, by how much of it memories know: the report that jobs are priced by."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from interlingua import printing
from interlingua.errors import ConfigError
from interlingua.formats import writer_of
from interlingua.machine import AUTO
from interlingua.memories import analysis, job
from interlingua.memories.analysis import Analysis, Volume
from interlingua.memories.job import Job
from interlingua.memories.named import Penalties, named, opened
from interlingua.outputs import check_writable
from interlingua.parameters import STDOUT, Device, Json, OptionalModel, OutputOrStdout, Srx
from interlingua.progress import log
from interlingua.units.unit import is_source

TOTAL, ALL = "total", "all files"


def analyse(
    files: tuple[Path, ...],
    /,
    *,
    memory: list[str] | None = None,
    model: OptionalModel = None,
    device: Device = AUTO,
    output: OutputOrStdout = STDOUT,
    source_language: str = "",
    target_language: str = "",
    penalty: list[str] | None = None,
    weights: list[str] | None = None,
    srx: Srx = None,
    cache: Path | None = None,
    json: Json = False,
) -> None:
    """Count what there is to translate, by how much of it memories know: the report that jobs are priced by.

    Segments, words and characters of each file, and of all, in bands: context (the same text in the same place),
    repetitions (equal to an earlier segment of the job, in any file), exact (the same text), those of the scores of
    `tm lookup`, new, and locked (locked or finished). Words are words and numbers, in scripts without spaces
    characters; characters are counted without white space; tags and placeholders are neither.

    Parameters
    ----------
    files
        The files of the job, each of any kind that `tm lookup` looks up.
    memory
        Translation memories, with FILE:POINTS for a penalty; without one, only repetitions are told from what is new.
    output
        A table (.tsv, .csv, .xlsx, .html, .jsonl, .parquet); - prints the report.
    source_language
        Language of the segments; by default that of the job.
    target_language
        Language of the translations, if the memory has several.
    penalty
        Points, of 100, off matches from some units, as `tm lookup` takes them.
    weights
        What a word of a band counts, as context=0 exact=0 95-99=0.3; 1 where it is not said, 0 for locked.
    cache
        The folder that keeps the indexes; by default the user's cache folder.

    """
    table = writer_of(output, lambda one: one.is_table, "analyses")
    if memory and model is None:
        raise ConfigError("--memory needs --model, by which its texts are compared; `tm lookup` takes the same")
    wanted, penalties = [named(one) for one in memory or []], Penalties.of(penalty or [])
    weighing = None if weights is None else analysis.weights(weights)
    check_writable(output)
    jobs = [_read(file, source_language, target_language, srx) for file in files]
    source_language = source_language or _language(files, jobs)
    look, pairs = None, ""
    if wanted and model is not None:
        memories = opened(wanted, penalties, model, device, cache, source_language, target_language)
        look, pairs = memories.lookup, f", {memories.pairs:,} pairs in the memory"
    found = analysis.analysed(jobs, look)
    by_file = list(zip(map(str, files), (_rows(one, weighing) for one in found), strict=True))
    whole = _rows(analysis.together(found), weighing)
    if json:
        told = [{"file": name, "bands": _named(rows)} for name, rows in by_file]
        result = {"memory": [str(one.path) for one in wanted], "files": told, "bands": _named(whole)}
        printing.show(result, "", as_json=True)
    shown = by_file if len(by_file) == 1 else [*by_file, (ALL, whole)]
    if output != STDOUT:
        assert table.write_rows is not None
        table.write_rows(output, ["file", *whole[0]], _cells(shown))
    elif not json:
        printing.show({}, "\n\n".join("\n".join([name, "", *printing.aligned(rows)]) for name, rows in shown), False)
    last = whole[-1]
    log(f"{len(files):,} files, {last['segments']:,} segments, {last['words']:,} words{pairs}")


def _read(file: Path, source_language: str, target_language: str, srx: Path | None) -> Job:
    with job.opened(file, source_language, target_language, srx) as found:
        return found


def _language(files: Sequence[Path], jobs: Sequence[Job]) -> str:
    """That of all files. Raises ConfigError where they are in several."""
    said = [(file, one.language) for file, one in zip(files, jobs, strict=True) if one.language]
    for file, language in said:
        if not is_source(language, said[0][1]):
            raise ConfigError(
                f"{file} is in {language}, {said[0][0]} in {said[0][1]}; analyse them one by one, or choose with "
                "--source-language"
            )
    return said[0][1] if said else ""


def _rows(found: Analysis, weighing: dict[str, float] | None) -> list[dict[str, Any]]:
    """The bands, and their total."""
    rows = [_row(band, volume, None if weighing is None else weighing[band]) for band, volume in found.items()]
    whole = _row(TOTAL, analysis.total(list(found.values())), None)
    return [*rows, whole if weighing is None else whole | {"weighted": round(sum(row["weighted"] for row in rows), 2)}]


def _row(band: str, volume: Volume, weight: float | None) -> dict[str, Any]:
    row = {"band": band} | volume._asdict()
    return row if weight is None else row | {"weighted": round(weight * volume.words, 2)}


def _named(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["band"]: {name: value for name, value in row.items() if name != "band"} for row in rows}


def _cells(shown: Sequence[tuple[str, Sequence[dict[str, Any]]]]) -> Iterator[list[str]]:
    for name, rows in shown:
        for row in rows:
            yield [name, *map(str, row.values())]
