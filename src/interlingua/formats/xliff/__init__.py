"""Files between translation tools: XLIFF 1.2 and 2.x, read and written as a stream."""

from interlingua.formats import Format
from interlingua.formats.xliff.codes import lost_between
from interlingua.formats.xliff.proposals import write_proposals
from interlingua.formats.xliff.reading import memory, read, units, version_of
from interlingua.formats.xliff.vocabulary import DIALECT_OF, Version
from interlingua.formats.xliff.writing import write_memory
from interlingua.units.holds import Holds

__all__ = [
    "DIALECT_OF",
    "FORMAT",
    "Version",
    "lost_between",
    "memory",
    "read",
    "units",
    "version_of",
    "write_memory",
    "write_proposals",
]

HOLDS = Holds(
    attributes=True,
    notes=True,
    properties=("",),
    note_attributes=("from", "annotates", "priority", "category", "appliesTo", "id", "xml:lang"),
    plurals=True,
    unfinished=True,
    untranslated=True,
    header=True,
)

FORMAT = Format(
    suffixes=(".xlf", ".xliff", ".sdlxliff", ".mqxliff", ".mxliff"),
    holds=HOLDS,
    read=read,
    memory=memory,
    write_memory=write_memory,
    write_proposals=write_proposals,
    fills=True,
    segments=units,
    options=("version",),
    names_columns=True,
)
