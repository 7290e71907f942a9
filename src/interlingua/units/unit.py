"""What translation memories hold beyond their texts: units with variants, properties, notes and attributes, whatever
the file format.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from interlingua.errors import DataError
from interlingua.languages import same

ALL = "*all*"
"""TMX's word for a memory in which any language may be the source."""
TARGET = "x-target-language"
"""A property of a file in two languages: the one that it is translated into, also where no text is yet."""
PLURAL = "x-po-plural"
"""On a variant: the number of its plural form, or "id" for the source text in the plural."""
PROPERTY, NOTE, OTHER = "prop", "note", "xml"
"""Kinds of remarks: a named value, free text, and markup outside a format's own vocabulary: its text is that
markup, its attribute `dialect` the format it was found in."""


class Remark(NamedTuple):
    """A property or a note, in the order in which the file has them."""

    kind: str
    text: str
    attributes: dict[str, str]

    @property
    def name(self) -> str:
        """The name of a property, "" for a note."""
        return self.attributes.get("type", "")


def prop(name: str, value: str) -> Remark:
    """A property `name` with a value."""
    return Remark(PROPERTY, value, {"type": name})


def value_of(remarks: Iterable[Remark], name: str, otherwise: str = "") -> str:
    """The value of the first property called `name`."""
    return next((remark.text for remark in remarks if remark.kind == PROPERTY and remark.name == name), otherwise)


@dataclass(frozen=True, slots=True)
class Variant:
    """One text of a unit in one language; a unit may have several in the same (plural forms, alternatives)."""

    language: str
    """As it is usually spelled (`languages.spelled`), where the file spells it otherwise."""
    text: str
    """Without inline codes, every space kept."""
    markup: str = ""
    """The text with its inline codes, as XML in the vocabulary `dialect`; "" where it has none."""
    dialect: str = ""
    attributes: dict[str, str] = field(default_factory=dict[str, str])
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Unit:
    """Texts that are translations of each other, and what is known about them."""

    variants: tuple[Variant, ...]
    attributes: dict[str, str] = field(default_factory=dict[str, str])
    """By the names of TMX: tuid, creationtool, creationdate, changeid, usagecount and so on."""
    remarks: tuple[Remark, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class About:
    """What a file says about itself, before its first unit."""

    attributes: dict[str, str] = field(default_factory=dict[str, str])
    """By the names of TMX's header: srclang, creationtool, adminlang and so on."""
    remarks: tuple[Remark, ...] = ()
    root: dict[str, str] = field(default_factory=dict[str, str])
    """Attributes of the root element, name spaces among them."""


@dataclass(frozen=True, slots=True)
class Memory:
    """A translation memory: its header, and its units as often as they are asked for, each time read as a stream."""

    about: About
    stream: Callable[[], Iterator[Unit]]

    def __iter__(self) -> Iterator[Unit]:
        return self.stream()

    def languages(self, source_language: str = "") -> list[str]:
        """The languages of all units, that of the source first; of a job, also that which it waits for. Reads the
        memory once.
        """
        codes = dict.fromkeys(variant.language for unit in self for variant in unit.variants)
        first = source_language or self.about.attributes.get("srclang", "")
        wanted = value_of(self.about.remarks, TARGET)
        if wanted and first not in ("", ALL) and len(codes) < 2:
            codes |= dict.fromkeys((first, wanted))
        order = {language: (language.lower() != first.lower(), not is_source(language, first)) for language in codes}
        return sorted(codes, key=lambda language: (order[language][1], order[language][0]))


def is_source(language: str, source_language: str) -> bool:
    """Whether a text in `language` is on the source side: the same code, or the same language of another region."""
    if language.lower() == source_language.lower():
        return True
    try:
        return same(language, source_language)
    except DataError:
        return False


def sides(unit: Unit, source_language: str) -> tuple[list[Variant], list[Variant]]:
    """The variants in the source language and all others; where `source_language` names none, the first variant's is
    the source.
    """
    if not unit.variants:
        return [], []
    if source_language in ("", ALL):
        source_language = unit.variants[0].language
    source = [variant for variant in unit.variants if is_source(variant.language, source_language)]
    exact = [variant for variant in source if variant.language.lower() == source_language.lower()]
    if len(source) == len(unit.variants) and exact:  # from one region of a language to another
        # or, of what has but plural forms to be translated, to itself
        source = [variant for variant in exact if not value_of(variant.remarks, PLURAL).isdigit()] or exact
    return source, [variant for variant in unit.variants if variant not in source]
