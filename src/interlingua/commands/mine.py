"""Find the translations in two collections of texts."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from interlingua import printing
from interlingua.errors import ConfigError
from interlingua.evaluation import plots
from interlingua.formats import PAIRS
from interlingua.languages import standard
from interlingua.machine import AUTO
from interlingua.mining import job
from interlingua.mining import output as writing
from interlingua.mining.filters import Filter
from interlingua.mining.margin import Margin
from interlingua.mining.selection import Retrieval
from interlingua.outputs import is_stream
from interlingua.parameters import STDOUT, Device, Flag, Json, Model, OutputOrStdout, Srx, size
from interlingua.resumable import beside, resumable
from interlingua.search.approximate import IndexType


def mine(
    source: Path,
    target: Path,
    /,
    *,
    model: Model,
    device: Device = AUTO,
    output: OutputOrStdout = STDOUT,
    margin: Margin = Margin.ratio,
    retrieval: Retrieval = Retrieval.max,
    k: int = 4,
    threshold: float | None = None,
    precision: float | None = None,
    curve: Path | None = None,
    source_language: str = "und",
    target_language: str = "und",
    split: Flag = False,
    srx: Srx = None,
    identify: Flag = False,
    leave_out: tuple[Filter, ...] = (),
    index: IndexType = IndexType.exact,
    memory: str = "4G",
    work: Path | None = None,
    json: Json = False,
) -> None:
    """Find the translations in two collections of texts of any size, by nearest neighbours and margin scores (Artetxe &
    Schwenk 2019).

    Texts, embeddings and neighbours are kept in a folder until the pairs are written. If the command is killed, the
    same command continues.

    Parameters
    ----------
    source
        One text a line, a table with a column `text`, or a document, whose paragraphs are split into sentences; plain,
        .gz or .zst.
    target
        The same in the other language.
    output
        Pairs with their scores, best first: X.tsv, X.csv, X.xlsx, X.html, X.jsonl, X.parquet, X.tmx; - prints
        TSV.
    margin
        How the cosine of a pair is compared with those of its neighbours: absolute, distance or ratio.
    retrieval
        forward, backward, intersection, or max: best first, each text once.
    k
        Neighbours on each side.
    threshold
        Keep only scores above this; 1.04 to 1.1 is usual for ratio.
    precision
        Instead of a threshold: keep as many pairs as possible while this share of them is right, estimated from the
        scores (0.9: one in ten is wrong).
    curve
        With --precision, draw the estimated precision over the score to this file: X.svg or X.png.
    source_language
        Language of the source texts, for --split, --identify, TMX, and models that need it.
    target_language
        Language of the target texts.
    split
        Split each line (or row) into sentences first.
    identify
        Leave out texts that are not in the language of their side.
    leave_out
        Pairs to leave out: copy (both sides are the same), length (unusual ratio), number (different digits), address
        (different web or e-mail addresses).
    index
        exact, or approximate for very many texts: ivf or hnsw; their recall is estimated and printed.
    memory
        The most memory to use, such as 800M or 4G.
    work
        Folder for the results of the stages, which is kept; by default a folder beside the output that is removed at
        the end.

    """
    languages = standard(source_language), standard(target_language)
    if curve is not None and precision is None:
        raise ConfigError("--curve draws what --precision estimates: give --precision too")
    plots.checked(curve)
    if output != STDOUT:
        writing.check(output, languages)
    settings = job.Settings(
        source=source, target=target, model=model, device=device,
        source_language=source_language, target_language=target_language,
        margin=margin, retrieval=retrieval, k=k, threshold=threshold, precision=precision, index=index,
        filters=tuple(dict.fromkeys(leave_out)), split=split, srx=srx, identify=identify,
        memory=size("--memory", memory),
    )  # fmt: skip
    with _work(work, output) as folder:
        mined = job.run(settings, folder)
        if curve is not None and mined.estimate is not None:
            plots.precision(curve, mined.estimate.score, mined.estimate.precision)
        rows = mined.rows(settings.filters)
        if json and output == STDOUT:
            pairs = [dict(zip(PAIRS, row, strict=True)) for row in rows]
            printing.show({**mined.summary, "mined": pairs}, "", as_json=True)
        else:
            writing.write(output, rows, languages)
    if output != STDOUT:
        printing.tell(mined.summary | {"output": str(output)}, f"{_sentence(mined)}: {output}", json)


@contextmanager
def _work(asked: Path | None, output: Path) -> Iterator[Path]:
    """Where stages are kept: the folder asked for, or one that is removed when all is written."""
    if asked is not None:
        with resumable(asked, job.WORTH):
            yield asked
    elif output == STDOUT or is_stream(output):
        with tempfile.TemporaryDirectory(prefix="interlingua-") as folder:
            yield Path(folder)
    else:
        with resumable(beside(output), job.WORTH, ours=True) as folder:
            yield folder
            job.forget(folder)


def _sentence(mined: job.Mined) -> str:
    summary = mined.summary
    left_out = "".join(f", {count:,} left out by {name}" for name, count in summary["left_out"].items())
    estimated = summary.get("estimated_precision")
    sure = "" if estimated is None else f" (estimated precision {100 * estimated:.1f} %)"
    above = "" if mined.threshold is None else f" above {mined.threshold:.4f}"
    texts = f"{summary['source_texts']:,} and {summary['target_texts']:,} texts"
    return f"{summary['pairs']:,} pairs{above}{sure} from {texts}{left_out}"
