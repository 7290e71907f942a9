"""Clean a bitext or a translation memory: what is kept, and what is rejected with its reasons."""

from collections import Counter
from pathlib import Path

from interlingua import printing
from interlingua.data.bitext import read
from interlingua.data.parallel import ParallelColumns
from interlingua.errors import ConfigError
from interlingua.formats import format_of, writer_of
from interlingua.languages import UNKNOWN
from interlingua.loading import load
from interlingua.machine import AUTO
from interlingua.mining.clean import Reason, Thresholds, judge
from interlingua.outputs import check_writable
from interlingua.parameters import Device, Flag, Input, Json, OptionalModel, Output


def clean(
    bitext: Input,
    /,
    *,
    output: Output,
    rejected: Path,
    model: OptionalModel = None,
    device: Device = AUTO,
    without_model: Flag = False,
    source_language: str = UNKNOWN,
    target_language: str = UNKNOWN,
    columns: ParallelColumns | None = None,
    thresholds: Thresholds | None = None,
    leave: tuple[Reason, ...] = (),
    json: Json = False,
) -> None:
    """Clean a bitext or a translation memory: what is kept, and what is rejected with its reasons and measures.

    A pair is rejected if it is empty, duplicated, unfinished (fuzzy), untranslated, in the wrong language or truncated,
    if its numbers differ or its lengths do not fit, and (with a model) if it is misaligned. Every pair is in one of the
    two files.

    Parameters
    ----------
    bitext
        A table with columns source and target (or named by languages), TMX, XLIFF, PO, JSONL, Parquet, a Moses prefix;
        - reads TSV.
    output
        The pairs that are kept, with everything that their file says of them; its suffix names its format.
    rejected
        A table (.tsv, .csv, .xlsx, .html, .jsonl, .parquet) of the other pairs: their reasons, their line, their texts
        and every measure.
    without_model
        Judge by rules only: misaligned pairs of similar lengths are not found.
    source_language
        Language of the source texts, if the file does not name it. If it is not given either, it is the language that
        most of them are in.
    target_language
        Language of the translations, in the same way.
    columns
        Which columns of a table hold the texts, if their names do not say it.
    thresholds
        A pair is rejected if a measure is above its threshold.
    leave
        Reasons for which no pair is rejected.

    """
    if (model is None) != without_model:
        raise ConfigError(
            "give --model, or --without-model to judge by rules only"
            if model is None
            else "--model or --without-model?"
        )
    written = writer_of(rejected, lambda one: one.is_table, "rejected pairs", or_stdout=False)
    assert written.write_rows is not None
    format_of(output)
    for path in (output, rejected):
        check_writable(path)
    pairs = read(bitext, source_language, target_language, columns)
    if not format_of(output).is_table and any(
        UNKNOWN in entry.languages and all(entry.texts) for entry in pairs.entries
    ):
        raise ConfigError(
            f"{bitext} does not name the languages of its texts: give --source-language and --target-language"
        )
    why, table = judge(pairs, None if model is None else load(model, device).encode, thresholds or Thresholds(), leave)
    written.write_rows(rejected, *table)
    pairs.write(output, [not reason for reason in why])  # last: where the new one stands, both do
    counts = Counter(reason.value for reasons in why for reason in reasons)
    kept = sum(not reasons for reasons in why)
    text = f"{kept:,} of {len(why):,} pairs kept: {output}; {len(why) - kept:,} rejected: {rejected}"
    text += "".join(f"\n  {reason.value:<13}{counts[reason.value]:>9,}" for reason in Reason if counts[reason.value])
    summary = {"pairs": len(why), "kept": kept, "rejected": len(why) - kept, "reasons": dict(counts)}
    printing.tell(summary, text, json)
