"""Clean a bitext or a translation memory: what is kept, and what is rejected with its reasons."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import numpy as np
from cyclopts import Parameter

from interlingua import printing
from interlingua.data.bitext import Bitext, by_languages, read
from interlingua.data.examples import ParallelColumns, suffixes
from interlingua.errors import ConfigError
from interlingua.files import bare_suffix, check_writable
from interlingua.languages import UNKNOWN
from interlingua.loading import load
from interlingua.memories.conversion import TABLES, format_of
from interlingua.mining.clean import Measures, Reason, Thresholds, measure, reasons
from interlingua.mining.scoring import score_pairs
from interlingua.progress import log
from interlingua.types import Encode

MEASURED = [reason for reason in Reason if reason not in (Reason.empty, Reason.duplicated, Reason.unfinished)]


def clean(
    bitext: Annotated[Path, Parameter(allow_leading_hyphen=True)],
    /,
    *,
    output: Annotated[Path, Parameter(alias="-o")],
    rejected: Path,
    model: Annotated[str | None, Parameter(alias="-m")] = None,
    without_model: Annotated[bool, Parameter(negative=())] = False,
    source_language: str = UNKNOWN,
    target_language: str = UNKNOWN,
    columns: ParallelColumns | None = None,
    thresholds: Thresholds | None = None,
    leave: tuple[Reason, ...] = (),
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Clean a bitext or a translation memory: what is kept, and what is rejected with its reasons and measures.

    Rejected are pairs that are empty, duplicated, unfinished (fuzzy), untranslated, in the wrong language, with other
    numbers, truncated, of lengths that do not go together, and (with a model) misaligned. Every pair is in one of the
    two files.

    Parameters
    ----------
    bitext
        A table with columns source and target (or named by languages), TMX, XLIFF, PO, JSONL, Parquet, a Moses prefix;
        - reads TSV.
    output
        The pairs that are kept, with all that their file knows of them; its suffix names its format.
    rejected
        A .tsv, .jsonl or .parquet of the other pairs: their reasons, their line, their texts and every measure.
    model
        A folder, package:NAME[/SUBFOLDER], a Hugging Face name, or an embeddings server: http://HOST/v1[#MODEL].
    without_model
        Judge by rules only: misaligned pairs of like lengths are not found.
    source_language
        Language of the source texts where the file names none; otherwise the one that most of them are in.
    target_language
        Language of the translations, likewise.
    columns
        Which columns of a table hold the texts, where their names do not say it.
    thresholds
        Above which measure a pair is rejected.
    leave
        Reasons for which nothing is rejected.
    json
        Print the counts as JSON.

    """
    if (model is None) != without_model:
        raise ConfigError(
            "give --model, or --without-model to judge by rules only"
            if model is None
            else "--model or --without-model?"
        )
    if bare_suffix(rejected) not in (".tsv", ".jsonl", ".parquet"):
        raise ConfigError(
            f"{rejected}: rejected pairs are written as .tsv, .jsonl or .parquet; --rejected must end in one of these"
        )
    if len({output.resolve(), rejected.resolve(), bitext.resolve()}) < 3:
        raise ConfigError("the input, --output and --rejected must be three files")
    format_of(output)
    for path in (output, rejected):
        check_writable(path)
    pairs = read(bitext, source_language, target_language, columns)
    if format_of(output) not in TABLES and any(
        UNKNOWN in entry.languages and all(entry.texts) for entry in pairs.entries
    ):
        raise ConfigError(
            f"{bitext} does not name the languages of its texts: give --source-language and --target-language"
        )
    why, table = judge(pairs, None if model is None else load(model).encode, thresholds or Thresholds(), leave)
    suffixes()[bare_suffix(rejected)].write(rejected, *table)
    pairs.write(output, [not reason for reason in why])  # last: where the new one stands, both do
    counts = Counter(reason.value for found in why for reason in found)
    kept = sum(not found for found in why)
    text = f"{kept:,} of {len(why):,} pairs kept: {output}; {len(why) - kept:,} rejected: {rejected}"
    text += "".join(f"\n  {reason.value:<13}{counts[reason.value]:>9,}" for reason in Reason if counts[reason.value])
    if json:
        printing.show(
            {"pairs": len(why), "kept": kept, "rejected": len(why) - kept, "reasons": dict(counts)}, text, as_json=True
        )
    else:
        log(text)


def judge(
    pairs: Bitext, encode: Encode | None, thresholds: Thresholds, leave: tuple[Reason, ...] = ()
) -> tuple[list[list[Reason]], tuple[list[str], list[list[str]]]]:
    """The reasons against each entry, and the table of rejected entries: header and rows."""
    why: list[list[Reason]] = [[] for _ in pairs.entries]
    measures: dict[int, tuple[Measures, int]] = {}
    for languages, places in by_languages(pairs.entries).items():
        texts = [pairs.entries[place].texts for place in places]
        scores = None if encode is None else score_pairs(texts, encode, languages)
        found = measure(texts, languages, scores, [pairs.entries[place].unfinished for place in places])
        for row, (place, given) in enumerate(zip(places, reasons(found, thresholds), strict=True)):
            why[place] = [reason for reason in given if reason not in leave]
            measures[place] = found, row
    header = [
        "reasons",
        "line",
        "source",
        "target",
        "source_language",
        "target_language",
        *(f"measure_{reason}" for reason in MEASURED),
    ]
    rows: list[list[str]] = []
    for place in np.flatnonzero([bool(found) for found in why]).tolist():
        entry, (found, row) = pairs.entries[place], measures[place]
        values = [found.of(reason) for reason in MEASURED]
        numbers = ["" if value is None else f"{value[row]:.3f}" for value in values]
        rows.append([" ".join(why[place]), str(pairs.line(entry)), *entry.texts, *entry.languages, *numbers])
    return why, (header, rows)
