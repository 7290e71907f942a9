"""Android's string resources: XML with the root <resources>."""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from interlingua.documents import Passage, Reader
from interlingua.documents._text import paired
from interlingua.errors import DataError
from interlingua.progress import log
from interlingua.units.markup import all_text, local, name_of, parts

TEXTS = frozenset({"string", "string-array", "plurals", "item"})
REFERENCE = re.compile(r"\s*[@?]\+?([\w.]+:)?\w+/[\w.]+\s*")
"""To another resource, whose text this one has."""
SPACE = re.compile(r'\\.|"((?:[^"\\]|\\.)*)"|\s+', re.DOTALL)
ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
CONTROLS = {"n": "\n", "t": "\t"}


def passages(path: Path) -> Iterator[Passage]:
    """Every text by its name; items of an array are numbered from 0, those of plurals named by their quantity, as in
    files.one. Quotes, escapes and white space are read as Android reads them; of markup inside a text its text stays.

    What is not to be translated (references among it) is left out, and counted on stderr. Raises DataError, with the
    line, for what is no such XML.
    """
    kept = 0
    for part in parts(path, "resources", TEXTS):
        found = part.element
        if found is None or (local(found.tag) == "item" and found.get("type") != "string"):
            continue
        name = found.get("name", "")
        if not name:
            raise DataError(f"a <{local(found.tag)}> without a name", path, part.line)
        if found.get("translatable") == "false":
            kept += 1
            continue
        for key, element in _items(found, name):
            written = all_text(element)
            kept += (refers := REFERENCE.fullmatch(written) is not None)
            if not refers and (text := _plain(written)).strip():
                yield Passage(text, f"line {part.line:,}", key)
    if kept:
        log(f"{path}: left out {kept:,} that are not to be translated")


def _items(found: Element, name: str) -> Iterator[tuple[str, Element]]:
    if local(found.tag) in ("string", "item"):
        yield name, found
        return
    items = [item for item in found if name_of(item) == "item"]
    for number, item in enumerate(items):
        yield f"{name}.{item.get('quantity', '') or number}", item


def _plain(text: str) -> str:
    """White space as one space but between quotes, then escapes as what they mean."""

    def spaced(found: re.Match[str]) -> str:
        return found[1] if found[1] is not None else " " if found[0].isspace() else found[0]

    def meant(found: re.Match[str]) -> str:
        return chr(int(found[1], 16)) if found[1] else CONTROLS.get(found[2], found[2])

    return paired(ESCAPE.sub(meant, SPACE.sub(spaced, text.strip())))


READER = Reader(suffixes=(".xml",), passages=passages)
