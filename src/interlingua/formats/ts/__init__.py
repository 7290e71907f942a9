"""Qt Linguist's files of translations (TS), read and written as a stream."""

from pathlib import Path

from interlingua.errors import DataError
from interlingua.files import open_bytes
from interlingua.formats import Format
from interlingua.formats.ts.reading import memory, read
from interlingua.formats.ts.vocabulary import OURS
from interlingua.formats.ts.writing import DEVELOPERS, write_memory
from interlingua.units.holds import Holds
from interlingua.units.states import KNOWN

__all__ = ["FORMAT", "is_ts", "memory", "read", "write_memory"]

BEGINNING = 1 << 12
BLANK = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
"""What may stand before the first tag, in any encoding."""


def is_ts(path: Path) -> bool:
    """Whether a file is XML, or not there yet: what else ends in .ts is a text in Tsonga, a program or a film."""
    if not path.is_file():
        return True
    try:
        with open_bytes(path) as stream:
            return stream.read(BEGINNING).lstrip(BLANK).startswith(b"<")
    except DataError:  # whoever reads it says what is wrong
        return True


FORMAT = Format(
    suffixes=(".ts",),
    holds=Holds(
        notes=True,
        properties=("x-po-", OURS, *KNOWN),
        speakers=DEVELOPERS,
        plurals=True,
        unfinished=True,
        untranslated=True,
    ),
    read=read,
    memory=memory,
    write_memory=write_memory,
    fills=True,
    names_columns=True,
    owns=is_ts,
)
