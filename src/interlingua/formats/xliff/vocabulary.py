"""Names that reading and writing XLIFF share."""

from typing import Literal

Version = Literal["1.2", "2.1"]
"""What is written."""
UNITS = frozenset({"trans-unit", "unit"})
DIALECTS = ("xliff 1", "xliff 2")
DIALECT_OF = {"1.2": DIALECTS[0], "2.1": DIALECTS[1]}
"""Inline codes of the versions that are written."""
OURS = {"xliff 1": "x-xliff1-", "xliff 2": "x-xliff2-"}
"""Properties that stand for what only a unit of that version has: its attributes, and (XML) its further elements."""
XML, ORIGINAL, SEGMENT = "xml", "x-xliff-original", "x-xliff-segment"
GROUP, OUR_FILE = "x-xliff-group", "interlingua"
OF_UNIT, OF_SOURCE, OF_TARGET = (
    ("attributes", "properties"),
    ("source-attributes", "source-properties"),
    ("target-attributes", "target-properties"),
)
"""Names of the groups in which a unit keeps what TMX has and XLIFF has not."""
Named = list[tuple[str, str]]
