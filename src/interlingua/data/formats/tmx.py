"""Translation memories in TMX 1.4, read as a stream: hundreds of megabytes need no more memory than one unit."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias
from xml.etree.ElementTree import ParseError, XMLPullParser

from interlingua.errors import DataError
from interlingua.files import BUFFER, open_bytes
from interlingua.types import Row

SUFFIXES = (".tmx",)
Element: TypeAlias = Any
"""The safe parser builds elements of a class of its own, not the standard library's."""
LANGUAGE = ("{http://www.w3.org/XML/1998/namespace}lang", "lang")


def read(path: Path) -> Iterator[Row]:
    """Rows {language: text}, one a translation unit, inline tags left out; `line` is that of the unit's end.

    Entities and external references are refused. Raises DataError, with the line.
    """
    import defusedxml
    from defusedxml.ElementTree import DefusedXMLParser

    parser: Any = XMLPullParser(("start", "end"), _parser=DefusedXMLParser(forbid_entities=True, forbid_external=True))
    root: Element | None = None
    line = 1
    with open_bytes(path) as stream:
        try:
            for data in _units(stream.readline):
                parser.feed(data)
                for event, element in parser.read_events():
                    if root is None:
                        root = _checked(element, path)
                    elif event == "end" and _name(element) == "tu":
                        yield Row(_texts(element), line + data.rstrip().count(b"\n"))
                        for done in root:
                            done.clear()
                line += data.count(b"\n")
            parser.close()
        except ParseError as error:
            raise DataError(f"not well-formed XML ({error})", path, error.position[0]) from error
        except defusedxml.DefusedXmlException as error:
            raise DataError(f"refused: the file declares entities or external references ({type(error).__name__})", path, line) from error
        except (LookupError, ValueError) as error:  # encodings expat does not know, or cannot take
            raise DataError(f"{error}; convert the file to UTF-8", path, 1) from error


def _units(readline: Callable[[int], bytes]) -> Iterator[bytes]:
    """Bytes up to the end of a unit, so that its line is known; bounded, as some files are one single line."""
    lines: list[bytes] = []
    size = 0
    while line := readline(BUFFER):
        lines.append(line)
        size += len(line)
        if size >= BUFFER or b"</tu>" in line:
            yield b"".join(lines)
            lines, size = [], 0
    yield b"".join(lines)


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _checked(root: Element, path: Path) -> Element:
    if _name(root) != "tmx":
        raise DataError(f"the root element is {root.tag!r}, not 'tmx'", path)
    return root


def _texts(unit: Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for variant in unit:
        if _name(variant) != "tuv":
            continue
        language = next((variant.attrib[key] for key in LANGUAGE if key in variant.attrib), "und")
        segment = next((child for child in variant if _name(child) == "seg"), None)
        if segment is not None and language not in found:  # a second variant of a language is another reading of the same text
            found[language] = re.sub(r"[ \t\r\n]+", " ", "".join(_visible(segment))).strip(" ")
    return found


def _visible(element: Element) -> Iterator[str]:
    """The text of a segment: what stands in inline codes (bpt, ept, it, ph, ut) is markup, what stands in hi and sub is text."""
    yield element.text or ""
    for child in element:
        if _name(child) in ("hi", "sub"):
            yield from _visible(child)
        yield child.tail or ""
