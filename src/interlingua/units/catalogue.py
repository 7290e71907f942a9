"""What catalogues of gettext know of an entry, as properties of a unit."""

from interlingua.units.unit import PLURAL, Unit, value_of

HEADER = "x-po-header-"
"""Before the name of a field in a catalogue's header."""
CONTEXT, FLAGS, REFERENCES = "x-po-context", "x-po-flags", "x-po-references"
EXTRACTED, OBSOLETE = "x-po-extracted", "x-po-obsolete"
"""A developer's comment; whether the program no longer has the entry."""
FUZZY = "fuzzy"


def flags_of(unit: Unit) -> list[str]:
    """The flags of an entry."""
    return flags_in(value_of(unit.remarks, FLAGS))


def flags_in(written: str) -> list[str]:
    """Flags as a catalogue writes them, with commas."""
    return [flag.strip() for flag in written.split(",") if flag.strip()]


def is_fuzzy(unit: Unit) -> bool:
    """Whether a catalogue says that the translation needs work."""
    return FUZZY in flags_of(unit)


def is_obsolete(unit: Unit) -> bool:
    """Whether a catalogue says that the program no longer has the text."""
    return bool(value_of(unit.remarks, OBSOLETE))


def is_plural(unit: Unit) -> bool:
    """Whether a unit has plural forms as those of catalogues are."""
    return any(value_of(variant.remarks, PLURAL) == "id" for variant in unit.variants)
