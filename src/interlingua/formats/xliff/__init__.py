"""Files between translation tools: XLIFF 1.2 and 2.x, read and written as a stream."""

from interlingua.formats import Format
from interlingua.formats.xliff.proposals import write_proposals
from interlingua.formats.xliff.reading import memory, read, units, version_of
from interlingua.formats.xliff.vocabulary import DIALECT_OF, Version
from interlingua.formats.xliff.writing import write_memory
from interlingua.units.unit import Holds

__all__ = [
    "DIALECT_OF",
    "FORMAT",
    "Version",
    "memory",
    "read",
    "units",
    "version_of",
    "write_memory",
    "write_proposals",
]

HOLDS = Holds(attributes=True, notes=True, properties=("",), note_attributes=("",), unfinished=True, untranslated=True)

FORMAT = Format(
    suffixes=(".xlf", ".xliff", ".sdlxliff", ".mqxliff", ".mxliff"),
    holds=HOLDS,
    read=read,
    memory=memory,
    write_memory=write_memory,
    write_proposals=write_proposals,
    options=("version",),
    names_columns=True,
)
