"""Say what translation memories hold: units, languages, dates, authors, properties, duplicates."""

from pathlib import Path

from interlingua import printing
from interlingua.errors import ConfigError
from interlingua.formats import open_memory
from interlingua.parameters import Json


def info(
    files: tuple[Path, ...], /, *, source_language: str = "", target_language: str = "", json: Json = False
) -> None:
    """Say what translation memories hold: units, languages, dates, authors, properties, duplicates.

    Each file is read once, as a stream. Words are counted in languages that put spaces between them. Duplicates are
    pairs whose source, target and context stand earlier; white space and the encoding of accents make no difference.

    Parameters
    ----------
    files
        Files in any format that `tm convert` reads.
    source_language
        The language to count pairs from; by default the file's own source language. Also names the texts of a table
        that does not say their language.
    target_language
        Names the texts of the other side in the same way.

    """
    from interlingua.memories.inventory import inventory, shown

    if not files:
        raise ConfigError("name the files to describe")
    found = [inventory(open_memory(file, source_language, target_language), source_language) for file in files]
    text = "\n\n".join(shown(str(file), one) for file, one in zip(files, found, strict=True))
    printing.show({"files": [{"file": str(file)} | one for file, one in zip(files, found, strict=True)]}, text, json)
