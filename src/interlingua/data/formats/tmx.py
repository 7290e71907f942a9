"""Translation memories in TMX 1.4, read as a stream: hundreds of megabytes need no more memory than one unit."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element, ParseError

from interlingua.errors import DataError
from interlingua.files import open_bytes
from interlingua.types import Row

SUFFIXES = (".tmx",)
LANGUAGE = ("{http://www.w3.org/XML/1998/namespace}lang", "lang")


def read(path: Path) -> Iterator[Row]:
    """Rows {language: text}, one a translation unit, inline tags left out; `line` is that of the unit's end.

    Entities, external references and document types with content are refused. Raises DataError, with the line.
    """
    import defusedxml
    from defusedxml.ElementTree import iterparse

    with open_bytes(path) as raw:
        stream = _Lines(raw)
        try:
            events: Any = iterparse(stream, events=("start", "end"), forbid_dtd=False, forbid_entities=True, forbid_external=True)
            root: Element | None = None
            for event, element in events:
                if root is None:
                    root = _checked(element, path)
                elif event == "end" and element.tag == "tu":
                    yield Row(_texts(element), stream.lines)
                    for done in root:
                        done.clear()
        except ParseError as error:
            raise DataError(f"not well-formed XML ({error})", path, error.position[0]) from error
        except defusedxml.DefusedXmlException as error:
            raise DataError(f"refused: the file declares entities or external references ({type(error).__name__})", path) from error


def _checked(root: Element, path: Path) -> Element:
    if root.tag != "tmx":
        raise DataError(f"the root element is {root.tag!r}, not 'tmx'", path)
    return root


def _texts(unit: Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for variant in unit.iter("tuv"):
        language = next((variant.attrib[key] for key in LANGUAGE if key in variant.attrib), "und")
        segment = variant.find("seg")
        if segment is not None and language not in found:  # a second variant of a language is another reading of the same text
            found[language] = " ".join("".join(_visible(segment)).split())
    return found


def _visible(element: Element) -> Iterator[str]:
    """The text of a segment: what stands in inline codes (bpt, ept, it, ph, ut) is markup, what stands in hi and sub is text."""
    yield element.text or ""
    for child in element:
        if child.tag in ("hi", "sub"):
            yield from _visible(child)
        yield child.tail or ""


class _Lines(io.RawIOBase):
    """Counts the lines that went by, for error messages."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self.lines = stream, 1

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.lines += data.count(b"\n")
        return data
