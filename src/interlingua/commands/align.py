"""Align the sentences of two documents that are translations of each other."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from interlingua import printing
from interlingua.errors import ConfigError
from interlingua.formats import promises_no_other
from interlingua.languages import standard
from interlingua.loading import load
from interlingua.machine import AUTO
from interlingua.mining import output as writing
from interlingua.mining import review as reviewing
from interlingua.mining.documents import Alignment, align_documents, document
from interlingua.outputs import check_writable
from interlingua.parameters import STDIO, STDOUT, Device, Flag, Json, Model, OutputOrStdout, Srx


class Format(StrEnum):
    """How links are written."""

    pairs = "pairs"
    """TSV of score, source, target, or what the output's name ends in."""
    ladder = "ladder"
    """hunalign's rungs: sentences done on both sides, and the score of the link that begins there."""


def align(
    source: Path,
    target: Path,
    /,
    *,
    model: Model,
    device: Device = AUTO,
    output: OutputOrStdout = STDOUT,
    format: Format = Format.pairs,
    source_language: str = "und",
    target_language: str = "und",
    max_size: int = 4,
    paragraphs: Flag = False,
    split: Flag = False,
    srx: Srx = None,
    threshold: float | None = None,
    table: Path | None = None,
    review: Annotated[Path | None, STDIO] = None,
    json: Json = False,
) -> None:
    """Align the sentences of two documents that are translations of each other, m to n (Thompson & Koehn 2019).

    Parameters
    ----------
    source
        A text file: one sentence a line, blank lines between paragraphs (or see --split); or a document, whose
        paragraphs are split into sentences, and whose strings with keys are aligned by these; plain, .gz or .zst.
    target
        Its translation.
    output
        Score, source and target in the order of the documents: X.tsv, X.csv, X.xlsx, X.html, X.jsonl, X.parquet,
        X.tmx; - prints TSV.
        Sentences without a counterpart are counted, not written.
    format
        pairs, or ladder: hunalign's format, which also shows what was left out.
    source_language
        Language of the source, for TMX, for --split, and for models that need it.
    target_language
        Language of the target.
    max_size
        The most sentences that a link joins, both sides together: 4 allows 1-3, 2-2, 3-1 and smaller links.
    paragraphs
        Align paragraphs first; no link then crosses from one to another.
    split
        Lines are paragraphs, to be split into sentences by the rules of their language.
    threshold
        Write only links whose cosine is above this.
    table
        Also write a table to review (X.xlsx, X.tsv, X.csv): every link in order, those without a counterpart too, with
        its score and with what is remarkable about it.
    review
        Instead of aligning, take the pairs from such a table, as a person has corrected it: rows that stay are kept
        with their texts, rows with the status "drop" are left out, and those with "redo" are aligned anew between the
        rows around them.

    """
    languages = standard(source_language), standard(target_language)
    if output != STDOUT and format is Format.pairs:
        writing.check(output, languages)
    elif output != STDOUT:
        promises_no_other(output, "a ladder")
        check_writable(output)
    if review is not None and (threshold is not None or format is Format.ladder or paragraphs):
        raise ConfigError("--review takes the rows of its table: leave out --threshold, --paragraphs and --format")
    if table is not None:
        reviewing.check_table(table)
    corrected = [] if review is None else reviewing.read(review)
    sides = document(source, source_language, split, srx), document(target, target_language, split, srx)
    if review is not None:
        reviewing.check_cells(review, corrected, *sides)
        found = reviewing.reviewed(corrected, *sides, load(model, device).encode, max_size)
        _write_reviewed(found, output, table, languages, model, json)
        return
    alignment = Alignment(*sides, align_documents(*sides, load(model, device).encode, max_size, paragraphs))
    kept = alignment.kept(threshold)
    if table is not None:
        reviewing.write(table, reviewing.rows_of(alignment))
    summary = {**alignment.summary(threshold), "output": str(output)}
    if json and output == STDOUT:
        links = [
            {
                "source": [*range(*link.source)],
                "target": [*range(*link.target)],
                "score": round(link.score, 4),
                **dict(zip(("source_text", "target_text"), alignment.texts(link), strict=True)),
            }
            for link in (alignment.links if format is Format.ladder else kept)
        ]
        printing.show({"alignment": links} | summary, "", as_json=True)
        return
    if format is Format.ladder:
        alignment.write_ladder(output)
    else:
        pairs = ((link.score, *alignment.texts(link)) for link in kept)
        writing.write_pairs(output, pairs, languages, {"model": model})
    text = (
        "{links:,} links of {source_sentences:,} and {target_sentences:,} sentences; without a counterpart: "
        "{source_unaligned:,} and {target_unaligned:,}: {output}"
    )
    printing.tell(summary, text.format(**summary), json)


def _write_reviewed(
    found: reviewing.Reviewed, output: Path, table: Path | None, languages: tuple[str, str], model: str, json: bool
) -> None:
    if table is not None:
        reviewing.write(table, found.rows)
    if json and output == STDOUT:
        pairs = [dict(zip(("score", "source_text", "target_text"), pair, strict=True)) for pair in found.pairs]
        printing.show({"alignment": pairs} | found.counts, "", as_json=True)
        return
    writing.write_pairs(output, found.pairs, languages, {"model": model})
    text = (
        "{pairs:,} pairs of {rows:,} rows ({edited:,} with other texts than the documents, {redone:,} aligned anew, "
        "{dropped:,} dropped), {without_counterpart:,} without a counterpart: {output}"
    )
    told = {**found.counts, "output": str(output)}
    printing.tell(told, text.format(**told), json)
