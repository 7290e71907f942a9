"""Find the translations in two piles of texts."""

import tempfile
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from interlingua import printing
from interlingua.errors import ConfigError
from interlingua.evaluation import plots
from interlingua.languages import standard
from interlingua.mining import job
from interlingua.mining import output as writing
from interlingua.mining.filters import Filter
from interlingua.mining.margin import Margin
from interlingua.mining.selection import Retrieval
from interlingua.progress import log
from interlingua.search.approximate import Index

UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def mine(
    source: Path,
    target: Path,
    /,
    *,
    model: Annotated[str, Parameter(alias="-m")],
    output: Annotated[Path, Parameter(alias="-o", allow_leading_hyphen=True)] = Path("-"),
    margin: Margin = Margin.ratio,
    retrieval: Retrieval = Retrieval.max,
    k: int = 4,
    threshold: float | None = None,
    precision: float | None = None,
    curve: Path | None = None,
    source_language: str = "und",
    target_language: str = "und",
    split: Annotated[bool, Parameter(negative=())] = False,
    identify: Annotated[bool, Parameter(negative=())] = False,
    leave_out: tuple[Filter, ...] = (),
    index: Index = Index.exact,
    memory: str = "4G",
    work: Path | None = None,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Find the translations in two piles of texts of any size, by nearest neighbours and margin scores (Artetxe &
    Schwenk 2019).

    Texts, vectors and neighbours are kept in a folder until the pairs are written: the same command after a kill
    continues.

    Parameters
    ----------
    source
        One text a line, or a table with a column `text`; plain, .gz or .zst.
    target
        The same in the other language.
    model
        A folder, package:NAME[/SUBFOLDER], a Hugging Face name, or an embeddings server: http://HOST/v1[#MODEL].
    output
        Pairs with their scores, best first: X.tsv, X.jsonl, X.parquet, X.tmx; - prints TSV.
    margin
        How a pair's cosine is held against its neighbours': absolute, distance or ratio.
    retrieval
        forward, backward, intersection, or max: best first, each text once.
    k
        Neighbours on each side.
    threshold
        Keep only scores above this; 1.04 to 1.1 is usual for ratio.
    precision
        Instead of a threshold: keep as many as are right in this share of cases, estimated from the scores (0.9: one in
        ten is wrong).
    curve
        With --precision, draw the estimated precision over the score to this file: X.svg or X.png.
    source_language
        Language of the source texts, where the model, --split, --identify or TMX wants to know.
    target_language
        Language of the target texts.
    split
        Split each line (or row) into sentences first.
    identify
        Leave out texts that are in another language than their side's.
    leave_out
        Pairs to leave out: copy (both sides alike), length, number (other digits), address (other web or e-mail
        addresses).
    index
        exact, or approximate for very large piles: ivf or hnsw; their recall is estimated and told.
    memory
        The most memory to use, such as 800M or 4G.
    work
        Folder for what is kept between stages; beside the output, and removed at the end, where none is given.
    json
        Print a summary as JSON instead of a line of text (with --output FILE), or the pairs as JSON (without).

    """
    languages = standard(source_language), standard(target_language)
    printed = str(output) == "-"
    if curve is not None and precision is None:
        raise ConfigError("--curve draws what --precision estimates: give --precision too")
    plots.checked(curve)
    if not printed:
        writing.check(output, languages)
    settings = job.Settings(
        source=source, target=target, model=model, source_language=source_language, target_language=target_language, margin=margin,
        retrieval=retrieval, k=k, threshold=threshold, precision=precision, index=index, filters=tuple(dict.fromkeys(leave_out)),
        split=split, identify=identify, memory=_bytes(memory),
    )  # fmt: skip
    if printed and work is None:
        with tempfile.TemporaryDirectory(prefix="interlingua-") as folder:
            _run(settings, Path(folder), output, curve, languages, json)
        return
    folder = work or output.with_name(f".{output.name}.work")
    _run(settings, folder, output, curve, languages, json)
    if work is None:
        job.forget(folder)


def _run(
    settings: job.Settings, work: Path, output: Path, curve: Path | None, languages: tuple[str, str], json: bool
) -> None:
    found = job.run(settings, work)
    if curve is not None and found.estimate is not None:
        _draw(curve, found)
    rows = found.rows(settings.filters)
    if str(output) == "-":
        pairs = list(rows)
        table = "\n".join("\t".join(_flat(text) for text in row) for row in (writing.HEADER, *pairs))
        mined = [dict(zip(writing.HEADER, row, strict=True)) for row in pairs]
        printing.show({**found.summary, "mined": mined}, table, json)
        return
    writing.write(output, rows, languages)
    summary: dict[str, Any] = found.summary | {"output": str(output)}
    if json:
        printing.show(summary, "", as_json=True)
        return
    left_out = "".join(f", {count:,} left out by {name}" for name, count in summary["left_out"].items())
    sure = (
        f" (estimated precision {100 * summary['estimated_precision']:.1f} %)"
        if "estimated_precision" in summary
        else ""
    )
    above = "" if found.threshold is None else f" above {found.threshold:.4f}"
    texts = f"{summary['source_texts']:,} and {summary['target_texts']:,} texts"
    log(f"{summary['pairs']:,} pairs{above}{sure} from {texts}{left_out}: {output}")


def _draw(file: Path, found: job.Found) -> None:
    assert found.estimate is not None
    places = sorted({round(at * (len(found.estimate.score) - 1) / 200) for at in range(201)})
    score = [float(found.estimate.score[place]) for place in places]
    precision = [100 * float(found.estimate.precision[place]) for place in places]
    line = plots.Line("estimated precision (%)", score, precision, [0.0] * len(score))
    kept = plots.Line(
        "share of the candidates kept (%)",
        score,
        [100 * (place + 1) / len(found.estimate.score) for place in places],
        [0.0] * len(score),
    )
    plots.lines(file, "Precision of mined pairs, estimated from their scores", [line, kept], "score above", "%")


def _flat(text: str) -> str:
    return text.replace("\t", " ").replace("\n", " ")


def _bytes(memory: str) -> int:
    """4G, 800M, 1.5G: as bytes. Raises ConfigError for anything else."""
    number, unit = memory.strip().upper().removesuffix("B").removesuffix("I"), ""
    if number[-1:] in UNITS and number:
        number, unit = number[:-1], number[-1]
    try:
        found = int(float(number) * UNITS[unit])
    except (ValueError, OverflowError) as error:
        raise ConfigError(f"--memory {memory!r} is no size; write it like 800M or 4G") from error
    if found <= 0:
        raise ConfigError(f"--memory {memory!r} must be more than nothing")
    return found
