"""One file a kind of document, a file of texts in one language: each defines READER, and that is all that the package
knows of it.

The suffix of a file names its kind. Documents are read, never written; files of pairs are `formats`. Another package
adds kinds by entry points of the group "interlingua.documents".
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from interlingua import discovery
from interlingua.errors import ConfigError
from interlingua.files import bare_suffix


class Passage(NamedTuple):
    """A piece of text that stands alone in its document: a paragraph, a cell, a message."""

    text: str
    place: str = ""
    """Where it stands, for people: "line 12", "slide 3", "00:01:02"."""
    key: str = ""
    """Of a file of interface strings: the name by which a program asks for it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Reader:
    """What is known of a kind of document."""

    suffixes: tuple[str, ...]
    """The suffixes of its files, with the dot."""
    passages: Callable[[Path], Iterator[Passage]]
    """Its texts in order, as a stream; DataError, with path and line, for what cannot be read."""
    prose: bool = False
    """Whether passages are paragraphs, to be split into sentences where sentences are asked for."""


def by_suffix() -> dict[str, Reader]:
    """The reader of each suffix. Raises ConfigError for a module that defines none, and where two claim a suffix."""
    readers: dict[str, Reader] = {}
    for name in discovery.choices("documents"):
        module = discovery.find("documents", name, "kind of document", ("READER",))
        if not isinstance(module.READER, Reader):
            raise ConfigError(f"{module.__file__}: READER is no interlingua.documents.Reader; mend it, or uninstall it")
        for suffix in module.READER.suffixes:
            if suffix in readers:
                raise ConfigError(f"two kinds of document claim the suffix {suffix}; uninstall one of their packages")
            readers[suffix] = module.READER
    return readers


def reader_of(path: Path) -> Reader | None:
    """The reader that the suffix of a file names, if it is a document."""
    return by_suffix().get(bare_suffix(path))
