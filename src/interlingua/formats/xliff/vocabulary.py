"""Names that reading and writing XLIFF share, and what each version calls what the other has too."""

import re
from typing import Literal, NamedTuple

from interlingua.units.code_types import XLIFF1, XLIFF2

Version = Literal["1.2", "2.1"]
"""What is written."""
UNITS = frozenset({"trans-unit", "unit"})
DIALECTS = (XLIFF1, XLIFF2)
DIALECT_OF = {"1.2": DIALECTS[0], "2.1": DIALECTS[1]}
"""Inline codes of the versions that are written."""
OURS = {"xliff 1": "x-xliff1-", "xliff 2": "x-xliff2-"}
"""Properties that stand for what only a unit of that version has: its attributes, and (XML) its further elements."""
XML, ORIGINAL, SEGMENT, GROUP = "xml", "x-xliff-original", "x-xliff-segment", "x-xliff-group"
FILE = {"xliff 1": "x-xliff-file1-", "xliff 2": "x-xliff-file2-"}
"""Properties that stand for the attributes of the file that a unit is in, beside its original; those of a group are
one property, written as in a tag."""
TEMPLATES = {"xliff 1": "x-xliff-segments1", "xliff 2": "x-xliff-segments2"}
"""On the texts of the first of several segments: what the unit holds, with an empty mrk where a segment belongs."""
OUR_FILE = "interlingua"
INVENTED = r"u\d+((\[\d+\])|(-\d+))?"
"""Identities that are made on writing, the number of a plural form after them; in a file of ours they are none."""
OF_UNIT, OF_SOURCE, OF_TARGET = (
    ("attributes", "properties"),
    ("source-attributes", "source-properties"),
    ("target-attributes", "target-properties"),
)
OF_FILE = ("header-attributes", "header-properties")
"""Names of the groups in which a unit, and the first file, keep what TMX or PO have and XLIFF has not."""
Named = list[tuple[str, str]]


class Names(NamedTuple):
    """What one version calls what both have."""

    notes: dict[str, str]
    """Attributes of notes, as the other version calls them."""
    units: dict[str, str]
    """Attributes of units, likewise."""
    plural: tuple[str, str]
    """The attribute of a group whose units are the plural forms of one entry."""


NAMES = {
    "xliff 1": Names(
        {"from": "category", "annotates": "appliesTo", "priority": "priority"},
        {"resname": "name", "translate": "translate"},
        ("restype", "x-gettext-plurals"),
    ),
    "xliff 2": Names(
        {"category": "from", "appliesTo": "annotates", "priority": "priority", "id": "id"},
        {"name": "resname", "translate": "translate"},
        ("type", "gettext:plurals"),
    ),
}
FINER = "xliff1:"
"""Before a state of XLIFF 1.2, where it stands as the sub-state of one of XLIFF 2."""
NMTOKEN = re.compile(r"[\w.:-]+")
"""What identities must be in XLIFF 2."""
REFERRING = ("phase-name", "tool-id")
"""Attributes of XLIFF 1.2 that name something in the header of their file, which is not written."""


def other(dialect: str) -> str:
    """The version beside this one."""
    return DIALECTS[1 - DIALECTS.index(dialect)]
