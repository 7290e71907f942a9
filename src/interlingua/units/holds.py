"""What of a unit a format can hold, and what would be lost in it."""

from dataclasses import dataclass

from interlingua.units.catalogue import is_plural
from interlingua.units.inline_writing import lost_in
from interlingua.units.unit import NOTE, OTHER, PROPERTY, Unit, Variant


@dataclass(frozen=True, kw_only=True)
class Holds:
    """What a format can hold of a unit beside one text in each of two languages."""

    attributes: bool = False
    notes: bool = False
    properties: tuple[str, ...] = ()
    """Prefixes of the names of properties it knows; "" is any."""
    note_attributes: tuple[str, ...] = ()
    """The names of the attributes that a note may have; "" is any."""
    speakers: tuple[str, ...] = ()
    """Of whom it can say that a note is theirs."""
    dialects: tuple[str, ...] = ()
    """The vocabularies of inline codes it can hold; those of others become the first of these."""
    languages: bool = False
    """More than two."""
    variants: bool = False
    """Several texts of a language."""
    plurals: bool = False
    """Such texts where they are the plural forms of an entry."""
    unfinished: bool = False
    """That a translation is not to be used: fuzzy, obsolete."""
    untranslated: bool = False
    """Units that wait for their translation: they are the job."""
    header: bool = False
    """What a file says about itself."""
    header_properties: tuple[str, ...] = ()
    """Prefixes of the names of those properties in a header that it knows, where it does not hold all."""
    flattened: str = ""
    """Characters that become a space: tabs and line ends."""

    def lost(self, unit: Unit) -> list[str]:
        """What of `unit` would be lost."""
        everything = [*unit.remarks, *(remark for variant in unit.variants for remark in variant.remarks)]
        seen = [variant.language for variant in unit.variants]
        lost_codes = {loss for variant in unit.variants for loss in self._codes_lost(variant, unit)}
        losses = {
            "attributes": not self.attributes
            and bool(unit.attributes or any(variant.attributes for variant in unit.variants)),
            "notes": not self.notes and any(remark.kind == NOTE for remark in everything),
            "attributes of properties": any(
                not self.variants and len(r.attributes) > 1 for r in everything if r.kind == PROPERTY
            ),
            "attributes of notes": any(
                not name.startswith(self.note_attributes or ("\0",))
                for r in everything
                if r.kind == NOTE
                for name, value in r.attributes.items()
                if name not in ("from", "category") or value not in self.speakers
            ),
            "properties": any(
                remark.kind == PROPERTY and not remark.name.startswith(self.properties or ("\0",))
                for remark in everything
            ),
            "markup of other vocabularies": any(
                r.kind == OTHER and r.attributes.get("dialect") not in self.dialects for r in everything
            ),
            "inline codes": "inline codes" in lost_codes,
            "attributes of inline codes": "attributes of inline codes" in lost_codes,
            "languages beyond two": not self.languages and len(set(seen)) > 2,
            "further variants of a language": len(set(seen)) < len(seen)
            and not (self.variants or (self.plurals and is_plural(unit))),
            "tabs and line ends": any(self.flattens(variant.text) for variant in unit.variants),
        }
        return [name for name, is_lost in losses.items() if is_lost]

    def _codes_lost(self, variant: Variant, unit: Unit) -> list[str]:
        """What of the codes of a text would be lost."""
        if not variant.markup or variant.dialect in self.dialects:
            return []
        return lost_in(variant, unit, self.dialects[0]) if self.dialects else ["inline codes"]

    def flattens(self, text: str) -> bool:
        """Whether tabs or line ends of a text become spaces."""
        return not set(self.flattened).isdisjoint(text)
