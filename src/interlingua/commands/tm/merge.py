"""Merge translation memories: all their units, equal ones once, each with the file it comes from."""

from pathlib import Path

from interlingua import printing
from interlingua.errors import ConfigError
from interlingua.formats import format_of, open_memory
from interlingua.memories import conversion, upkeep
from interlingua.outputs import check_writable
from interlingua.parameters import Json, Output


def merge(
    files: tuple[Path, ...],
    /,
    *,
    output: Output,
    source_language: str = "",
    target_language: str = "",
    json: Json = False,
) -> None:
    """Merge translation memories: all their units, equal ones once, each with the file it comes from.

    Units keep the order of the files. Of units with the same texts in the same languages and context (white space and
    the encoding of accents aside) the newest is kept, and of equally new ones the first. The property x-memory says
    which file a unit comes from, where the output can hold it. The header is that of the first file.

    Parameters
    ----------
    files
        Files in any formats that `tm convert` reads.
    output
        The file to write, whole or not at all; its suffix names its format and compression.
    source_language
        Names the source texts of tables that do not say their language.
    target_language
        The same for the other side.

    """
    if not files:
        raise ConfigError("name the files to merge")
    writer = format_of(output)
    memories = [open_memory(file, source_language, target_language) for file in files]
    check_writable(output)
    holds_origin = upkeep.ORIGIN.startswith(writer.holds.properties or ("\0",)) or (
        writer.is_table and len(files) > 1 and conversion.are_tables(files)
    )
    before, after = upkeep.Count(), upkeep.Count()
    kept = upkeep.without_equals(before.of(upkeep.merged(files, memories, holds_origin)))
    units, lost = conversion.write(after.of(kept), output, files)
    if writer.holds.header and (others := upkeep.other_headers(memories)):
        lost["headers of further files"] = others
    equal = before.units - after.units
    text = f"{units:,} units from {len(files):,} files: {output}; {equal:,} of {before.units:,} were equal to another"
    result = {"units": units, "read": before.units, "equal": equal, "output": str(output), "not_kept": dict(lost)}
    printing.tell(result, text + conversion.told(lost), json)
