"""Convert a file of translations to another format: TMX, XLIFF, PO, MO, TS, TSV, CSV, XLSX, JSONL, Parquet, Moses."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from interlingua import printing
from interlingua.errors import ConfigError
from interlingua.formats import xliff
from interlingua.memories import conversion
from interlingua.outputs import check_writable
from interlingua.parameters import Flag, Json
from interlingua.progress import log


def convert(
    path: Path,
    former_output: Annotated[Path | None, Parameter(show=False)] = None,
    /,
    *,
    output: Annotated[Path | None, Parameter(alias="-o")] = None,
    source_language: str = "",
    target_language: str = "",
    strip_inline: Flag = False,
    xliff_version: xliff.Version | None = None,
    json: Json = False,
) -> None:
    """Convert a file of translations to another format: TMX, XLIFF, PO, MO, TS, TSV, CSV, XLSX, JSONL, Parquet, Moses.

    What the format of --output cannot hold (a TSV has no notes, say) is named and counted on standard error. JSONL and
    Parquet hold everything; a format converted to itself is the same file.

    Parameters
    ----------
    path
        A file, plain, .gz or .zst; its suffix names its format. A name without suffix stands for Moses files
        NAME.LANGUAGE.
    output
        The file to write, whole or not at all; its suffix names its format and compression.
    source_language
        Keep texts in this language (en also keeps en-US), under this code; also the language of texts for which the
        file names none.
    target_language
        The same for the other side.
    strip_inline
        Leave out inline tags; otherwise formats that can hold them keep them.
    xliff_version
        Which XLIFF to write; by default that of PATH where it is XLIFF, else 1.2.

    """
    if (output is None) == (former_output is None):
        raise ConfigError("name one file to write: -o FILE")
    if output is None:
        output = former_output
        log("the output is named by -o or --output; as a second argument it will not be taken in later versions")
    assert output is not None
    check_writable(output)
    units, lost = conversion.convert(path, output, source_language, target_language, not strip_inline, xliff_version)
    text = f"{units:,} units: {output}{conversion.told(lost)}"
    printing.tell({"units": units, "output": str(output), "not_kept": dict(lost)}, text, json)
