"""Score the pairs of a bitext or a translation memory."""

from pathlib import Path
from typing import Annotated

import numpy as np
from cyclopts import Parameter

from interlingua import printing
from interlingua.data.bitext import Bitext, by_languages, read
from interlingua.data.examples import ParallelColumns, suffixes
from interlingua.errors import ConfigError
from interlingua.files import bare_suffix, check_writable
from interlingua.formats import tmx
from interlingua.languages import UNKNOWN
from interlingua.loading import load
from interlingua.mining.margin import Margin
from interlingua.mining.scoring import Scores, score_pairs
from interlingua.progress import log
from interlingua.types import Encode

HEADER = ("score", "cosine", "chance", "source", "target", "source_language", "target_language")


def score(
    bitext: Annotated[Path, Parameter(allow_leading_hyphen=True)],
    /,
    *,
    model: Annotated[str, Parameter(alias="-m")],
    output: Annotated[Path, Parameter(alias="-o", allow_leading_hyphen=True)] = Path("-"),
    margin: Margin = Margin.ratio,
    k: Annotated[int, Parameter(alias="-k")] = 4,
    source_language: str = UNKNOWN,
    target_language: str = UNKNOWN,
    columns: ParallelColumns | None = None,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Score the pairs of a bitext or a translation memory: margins over neighbours from the file itself (Artetxe &
    Schwenk 2019).

    Beside the margin stand the cosine, and chance: the share of the file's other texts that fit better than the pair's
    own.

    Parameters
    ----------
    bitext
        A table with columns source and target (or named by languages), TMX, XLIFF, PO, JSONL, Parquet, a Moses prefix;
        - reads TSV.
    model
        A folder, package:NAME[/SUBFOLDER], a Hugging Face name, or an embeddings server: http://HOST/v1[#MODEL].
    output
        X.tsv, X.jsonl or X.parquet, in the order of the input; X.tmx with the margins as properties; - prints TSV.
    margin
        How a pair's cosine is held against its neighbours': absolute, distance or ratio.
    k
        Neighbours on each side.
    source_language
        Language of the source texts, where the file names none.
    target_language
        Language of the translations, where the file names none.
    columns
        Which columns of a table hold the texts, where their names do not say it.
    json
        Print a summary as JSON (with --output FILE), or the scores as JSON (without).

    """
    suffix = _writable(output)
    pairs = read(bitext, source_language, target_language, columns)
    if suffix == ".tmx" and (len(by_languages(pairs.entries)) > 1 or UNKNOWN in pairs.entries[0].languages):
        raise ConfigError(
            "a TMX of scores holds one pair of languages, which must be known: give --source-language and "
            "--target-language"
        )
    scores = score_bitext(pairs, load(model).encode, margin, k)
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
    if str(output) == "-":
        table = "\n".join("\t".join(" ".join(field.split()) for field in row) for row in (HEADER, *rows))
        printing.show({**summary, "scores": [dict(zip(HEADER, row, strict=True)) for row in rows]}, table, json)
        return
    if suffix == ".tmx":
        tmx.write(output, ((float(row[0]), row[3], row[4]) for row in rows), *pairs.entries[0].languages)
    else:
        suffixes()[suffix].write(output, HEADER, rows)
    text = f"{len(rows):,} pairs scored, margin {margin} at 5, 50 and 95 %: {', '.join(f'{value:.3f}' for value in at)}: {output}"
    if json:
        printing.show(summary, text, as_json=True)
    else:
        log(text)


def score_bitext(pairs: Bitext, encode: Encode, margin: Margin = Margin.ratio, k: int = 4) -> Scores:
    """The scores of all entries, each pair of languages among its own."""
    found = [np.zeros(len(pairs.entries), np.float32) for _ in range(3)]
    for languages, places in by_languages(pairs.entries).items():
        scores = score_pairs([pairs.entries[place].texts for place in places], encode, languages, margin, k)
        for whole, part in zip(found, scores, strict=True):
            whole[places] = part
    return Scores(*found)


def _writable(output: Path) -> str:
    suffix = bare_suffix(output)
    if str(output) != "-":
        if suffix not in (".tsv", ".jsonl", ".parquet", ".tmx"):
            raise ConfigError(
                f"{output}: scores are written as .tsv, .jsonl, .parquet or .tmx; the output must end in one of these, "
                "or be -"
            )
        check_writable(output)
    return suffix
