"""Compiled catalogues of gettext, which hold what programs need of a PO file, and nothing that is not finished."""

from dataclasses import replace

from interlingua.formats import gettext
from interlingua.units.holds import Holds

FORMAT = replace(
    gettext.FORMAT,
    suffixes=(".mo",),
    holds=Holds(properties=("x-po-context", "x-po-plural", "x-po-header"), plurals=True),
)
