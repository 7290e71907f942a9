""".NET's resources, .resx and .resw: XML with a <data> for each string."""

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from interlingua.documents import Passage, Reader
from interlingua.progress import log
from interlingua.units.markup import all_text, name_of, parts


def passages(path: Path) -> Iterator[Passage]:
    """The value of each string by its name. Resources of other types (pictures, sizes) are left out, and counted on
    stderr. Raises DataError, with the line, for what is no such XML.
    """
    others = 0
    for part in parts(path, "root", frozenset({"data"})):
        found = part.element
        if found is None:
            continue
        others += (is_other := "type" in found.attrib or "mimetype" in found.attrib)
        text = "" if is_other else _value(found)
        if text.strip() and not found.get("name", "").startswith(">>"):  # a form's notes on its own parts
            yield Passage(text, f"line {part.line:,}", found.get("name", "") or f"line {part.line}")
    if others:
        log(f"{path}: left out {others:,} resources that are no strings")


def _value(found: Element) -> str:
    value = next((one for one in found if name_of(one) == "value"), None)
    return "" if value is None else all_text(value)


READER = Reader(suffixes=(".resx", ".resw"), passages=passages)
