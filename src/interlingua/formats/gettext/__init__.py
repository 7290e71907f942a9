"""Translation catalogues of gettext, PO (with its templates) and MO, with all that translators see in them."""

from interlingua.formats import Format
from interlingua.formats.gettext.reading import memory, read
from interlingua.formats.gettext.writing import DEVELOPERS, TEMPLATES, write_memory
from interlingua.units.holds import Holds
from interlingua.units.states import KNOWN

__all__ = ["FORMAT", "memory", "read", "write_memory"]

FORMAT = Format(
    suffixes=(".po", ".pot"),
    holds=Holds(
        notes=True,
        properties=("x-po-", *KNOWN),
        speakers=DEVELOPERS,
        plurals=True,
        unfinished=True,
        untranslated=True,
        header_properties=("x-po-header",),
    ),
    read=read,
    memory=memory,
    write_memory=write_memory,
    fills=True,
    names_columns=True,
    templates=TEMPLATES,
)
