"""What translation memories hold beyond their texts: units with variants, properties, notes and attributes, whatever the file format."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

PROPERTY, NOTE, OTHER = "prop", "note", "xml"
"""Kinds of remarks: a named value, free text, and markup outside the format's own vocabulary (its text is that markup)."""


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
    """As the file writes it."""
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
