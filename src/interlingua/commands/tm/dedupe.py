"""Remove what a translation memory holds twice: equal units, or all but one translation of each source."""

from dataclasses import astuple
from pathlib import Path

from interlingua import printing
from interlingua.formats import format_of, open_memory, writer_of
from interlingua.memories import conversion, upkeep
from interlingua.outputs import check_writable
from interlingua.parameters import Json, Output


def dedupe(
    file: Path,
    /,
    *,
    output: Output,
    keep: upkeep.Keep = upkeep.Keep.all_targets,
    conflicts: Path | None = None,
    source_language: str = "",
    target_language: str = "",
    json: Json = False,
) -> None:
    """Remove what a translation memory holds twice: equal units, or all but one translation of each source.

    Texts are equal where only white space and the encoding of accents differ. Entries of a catalogue that differ in
    their context are different, and so are plural forms.

    Parameters
    ----------
    file
        A file in any format that `tm convert` reads.
    output
        The file to write, whole or not at all; its suffix names its format and compression.
    keep
        all-targets: equal units once, the newest; newest: beside that one translation of each source text in a language
        and context, the newest; first: the same, with the first in the file.
    conflicts
        A table (.tsv, .csv, .xlsx, .html, .jsonl, .parquet) of the sources that have several different translations:
        each of these, its newest date and author, and how often it stands in the file.
    source_language
        Names the source texts of a table that does not say their language.
    target_language
        The same for the other side.

    """
    format_of(output)
    table = None if conflicts is None else writer_of(conflicts, lambda one: one.is_table, "conflicts", or_stdout=False)
    memory = open_memory(file, source_language, target_language)
    for path in (output, *([conflicts] if conflicts else [])):
        check_writable(path)
    found = 0
    if conflicts is not None and table is not None and table.write_rows is not None:
        sources = list(upkeep.conflicts(memory))
        found = len(sources)
        header = ("source", "target", "date", "author", "count")
        table.write_rows(conflicts, header, ([*map(str, astuple(row))] for rows in sources for row in rows))
    before, after = upkeep.Count(), upkeep.Count()
    kept = upkeep.deduplicated(before.of(memory), keep)
    units, lost = conversion.write(after.of(kept), output, [file])
    removed = before.units - after.units
    text = f"{units:,} units: {output}; {removed:,} of {before.units:,} removed"
    text += "" if conflicts is None else f"\n{found:,} sources with several translations: {conflicts}"
    result = {"units": units, "read": before.units, "removed": removed, "output": str(output), "not_kept": dict(lost)}
    result |= {} if conflicts is None else {"conflicts": found}
    printing.tell(result, text + conversion.told(lost), json)
