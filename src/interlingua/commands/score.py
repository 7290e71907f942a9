"""Score the pairs of a bitext or a translation memory."""

from pathlib import Path
from typing import Annotated

import numpy as np
from cyclopts import Parameter

from interlingua import printing
from interlingua.data.bitext import by_languages, read
from interlingua.data.parallel import ParallelColumns
from interlingua.errors import ConfigError
from interlingua.files import bare_suffix
from interlingua.formats import Format, writer_of
from interlingua.languages import UNKNOWN
from interlingua.loading import load
from interlingua.machine import AUTO
from interlingua.mining.margin import Margin
from interlingua.mining.scoring import score_bitext
from interlingua.outputs import check_writable
from interlingua.parameters import STDOUT, Device, Input, Json, Model, OutputOrStdout

HEADER = ("score", "cosine", "chance", "source", "target", "source_language", "target_language")


def score(
    bitext: Input,
    /,
    *,
    model: Model,
    device: Device = AUTO,
    output: OutputOrStdout = STDOUT,
    margin: Margin = Margin.ratio,
    k: Annotated[int, Parameter(alias="-k")] = 4,
    source_language: str = UNKNOWN,
    target_language: str = UNKNOWN,
    columns: ParallelColumns | None = None,
    json: Json = False,
) -> None:
    """Score the pairs of a bitext or a translation memory: margins over neighbours from the file itself (Artetxe &
    Schwenk 2019).

    The result also has the cosine, and chance: the share of the file's other texts that fit better than the pair's own.

    Parameters
    ----------
    bitext
        A table with columns source and target (or named by languages), TMX, XLIFF, PO, JSONL, Parquet, a Moses prefix;
        - reads TSV.
    output
        X.tsv, X.csv, X.jsonl or X.parquet, in the order of the input; X.tmx with the margins as properties; - prints
        TSV.
    margin
        How the cosine of a pair is compared with those of its neighbours: absolute, distance or ratio.
    k
        Neighbours on each side.
    source_language
        Language of the source texts, if the file does not name it.
    target_language
        Language of the translations, if the file does not name it.
    columns
        Which columns of a table hold the texts, if their names do not say it.

    """
    writer = _writer(output)
    pairs = read(bitext, source_language, target_language, columns)
    if writer.needs_languages and (len(by_languages(pairs.entries)) > 1 or UNKNOWN in pairs.entries[0].languages):
        raise ConfigError(
            f"a {bare_suffix(output)} of scores holds one pair of languages, which must be known: give "
            "--source-language and --target-language"
        )
    scores = score_bitext(pairs, load(model, device).encode, margin, k)
    rows = [
        (f"{s:.4f}", f"{c:.4f}", f"{p:.4f}", *entry.texts, *entry.languages)
        for s, c, p, entry in zip(
            scores.margin.tolist(), scores.cosine.tolist(), scores.chance.tolist(), pairs.entries, strict=True
        )
    ]
    finite = scores.margin[np.isfinite(scores.margin)]
    at = [float(value) for value in np.quantile(finite, (0.05, 0.5, 0.95))] if len(finite) else []
    summary = {
        "pairs": len(rows),
        "margin": margin.value,
        "quantiles_5_50_95": [round(value, 4) for value in at],
        "output": str(output),
    }
    if json and output == STDOUT:
        scored = [dict(zip(HEADER, row, strict=True)) for row in rows]
        printing.show({**summary, "scores": scored}, "", as_json=True)
        return
    if writer.write_rows is not None:
        writer.write_rows(output, HEADER, rows)
    else:
        writer.write_pairs(output, ((float(row[0]), row[3], row[4]) for row in rows), pairs.entries[0].languages)
    if output == STDOUT:
        return
    text = (
        f"{len(rows):,} pairs scored, margin {margin} at 5, 50 and 95 %: {', '.join(f'{value:.3f}' for value in at)}: "
        f"{output}"
    )
    printing.tell(summary, text, json)


def _writer(output: Path) -> Format:
    """The format of the output; TSV on standard output."""
    writer = writer_of(output, lambda one: one.writes_pairs, "scores")
    check_writable(output)
    return writer
