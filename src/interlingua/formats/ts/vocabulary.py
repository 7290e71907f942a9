"""Names that reading and writing TS share, and how what they say stands in a catalogue."""

import re

from interlingua.units.catalogue import EXTRACTED, FLAGS

OURS = "x-ts-"
"""Before the names of properties that stand for what only TS has."""
IDENTITY, LENGTHS, COMMENT, EXTRA = OURS + "id", OURS + "lengthvariants", OURS + "comment", OURS + "extra-"
"""Of a message: its id; shorter variants of a text; what tells it from others of its context, where that does not
follow from the context of the catalogue; further elements."""
BETWEEN = "\x9c"
"""Between variants of a text, as in Qt's compiled files."""
PREVIOUS, PREVIOUS_CONTEXT, PREVIOUS_PLURAL = "x-po-previous", "x-po-previous-context", "x-po-previous-plural"
PLURAL_SOURCE = "extra-po-msgid_plural"
TEXTS = {"extracomment": EXTRACTED, "oldsource": PREVIOUS, "userdata": OURS + "userdata"}
"""Elements that are a property, in the order in which they are written."""
EXTRAS = {
    "extra-po-flags": FLAGS,
    "extra-po-old_msgid_plural": PREVIOUS_PLURAL,
    "extra-po-previous_context": PREVIOUS_CONTEXT,
}
"""Those that Qt's own converter, or this package, makes of what a catalogue has."""
PLACE = re.compile(r"(.*):(\d{1,9})", re.DOTALL | re.ASCII)
"""A file and its line."""
NAME = re.compile(r"[\w.-]+")


def joined(name: str, comment: str) -> str:
    """The context of a catalogue for the context and the comment of a message, as Qt's own converter writes it."""
    return f"{name}|{comment}" if comment else name


def parted(context: str) -> tuple[str, str]:
    """The context and the comment again."""
    name, _, comment = context.partition("|")
    return name, comment
