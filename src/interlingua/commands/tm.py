"""Translation memories: convert them, and look up segments in them."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from interlingua import printing
from interlingua.data.formats.xliff import Version
from interlingua.progress import log

tm = App(
    name="tm",
    help="Translation memories: convert them, and look up segments in them.",
    help_format="plaintext",
    default_parameter=Parameter(negative_iterable=(), consume_multiple=True),
)


@tm.command
def convert(
    path: Path,
    output: Path,
    /,
    *,
    source_language: str = "",
    target_language: str = "",
    strip_inline: Annotated[bool, Parameter(negative=())] = False,
    xliff_version: Version = "1.2",
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Convert a file of translations to another format: TMX, XLIFF, PO, MO, TSV, CSV, JSONL, Parquet, Moses.

    What the format of OUTPUT cannot hold (a TSV has no notes, say) is named and counted on standard error. JSONL and Parquet hold
    everything; a format converted to itself is the same file.

    Parameters
    ----------
    path
        A file, plain, .gz or .zst; its suffix names its format. A name without suffix stands for Moses files NAME.LANGUAGE.
    output
        The file to write, whole or not at all; its suffix names its format and compression.
    source_language
        Keep texts in this language (en also keeps en-US), under this code; also the language of texts for which the file names none.
    target_language
        The same for the other side.
    strip_inline
        Leave out inline tags; otherwise formats of their kind keep them.
    xliff_version
        Which XLIFF to write.
    json
        Print the outcome as JSON.

    """
    from interlingua.data.conversion import convert as converted

    units, lost = converted(path, output, source_language, target_language, not strip_inline, xliff_version)
    text = f"{units:,} units: {output}"
    if lost:
        text += "\nnot kept, of so many units: " + ", ".join(f"{what} {count:,}" for what, count in sorted(lost.items()))
    if json:
        printing.show({"units": units, "output": str(output), "not_kept": dict(lost)}, text, as_json=True)
    else:
        log(text)
