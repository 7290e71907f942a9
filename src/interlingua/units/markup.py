"""XML as a stream of units: nothing in a file is trusted, nothing in it is lost, and memory holds one unit."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from pyexpat import ExpatError, ParserCreate
from typing import Any, NoReturn
from xml.etree.ElementTree import Comment, Element, ProcessingInstruction, TreeBuilder

from interlingua.errors import DataError
from interlingua.files import BUFFER, COMPRESSIONS, open_bytes

MAX_UNIT_BYTES = 1 << 26
"""A single unit, tag or comment beyond this is an attack or an accident, never a translation."""
MAX_DEPTH = 100
MAX_EXPANSION, EXPANSION_FROM = 500, 1 << 24
"""Bytes that one byte of a compressed file may become, looked at once that many came out: deflate's limit is 1032,
text's is below 50."""
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML 1.0 document can hold, not even escaped."""
IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
IN_ATTRIBUTE = str.maketrans({"&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"})


@dataclass(slots=True)
class Part:
    """A unit as an element, or the markup between two of them."""

    line: int
    """Where it ends, from 1."""
    element: Element | None = None
    xml: str = ""
    opened: str = ""
    """The local name of the element that `xml` opens."""
    closed: str = ""
    attributes: dict[str, str] = field(default_factory=dict[str, str])


def name_of(element: Element) -> str:
    """An element's name without its name space; a comment has none."""
    return local(element.tag) if isinstance(element.tag, str) else ""  # pyright: ignore[reportUnnecessaryIsInstance]


def local(name: str) -> str:
    """A name without its prefix."""
    return name.rpartition(":")[2]


def escape(text: str) -> str:
    """`text` as XML content; what XML cannot hold becomes U+FFFD."""
    return NO_XML.sub("\ufffd", text).translate(IN_TEXT)


def attributes(named: dict[str, str]) -> str:
    """Attributes as they stand in a tag, each after a space."""
    return "".join(
        f' {name}="{NO_XML.sub(chr(0xFFFD), value).translate(IN_ATTRIBUTE)}"' for name, value in named.items()
    )


def serialise(element: Element) -> str:
    """An element as XML, without its tail; names keep the prefixes they had."""
    if element.tag is Comment:  # pyright: ignore[reportUnnecessaryComparison]
        return f"<!--{element.text or ''}-->"
    if element.tag is ProcessingInstruction:  # pyright: ignore[reportUnnecessaryComparison]
        return f"<?{element.text or ''}?>"
    content = inner(element)
    return (
        f"<{element.tag}{attributes(element.attrib)}>{content}</{element.tag}>"
        if content
        else f"<{element.tag}{attributes(element.attrib)}/>"
    )


def inner(element: Element) -> str:
    """What stands in an element, as XML."""
    return escape(element.text or "") + "".join(serialise(child) + escape(child.tail or "") for child in element)


def visible(element: Element, shown: frozenset[str]) -> str:
    """The text of a segment without its inline codes: that of the element and of those inside it that are named in
    `shown`.
    """
    parts = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str) and local(child.tag) in shown:  # pyright: ignore[reportUnnecessaryIsInstance]
            parts.append(visible(child, shown))
        parts.append(child.tail or "")
    return "".join(parts)


def parts(path: Path, root: str, units: frozenset[str]) -> Iterator[Part]:
    """All of a file: elements named in `units` whole, everything around them as markup. Joined, they are the document.

    Entities, external references, decompression bombs and absurd sizes are refused. Raises DataError, with the line.
    """
    reader = _Reader(path, root, units)
    taken, packed = 0, path.stat().st_size if path.suffix.lower() in COMPRESSIONS and path.is_file() else 0
    with open_bytes(path) as stream:
        while data := stream.read(BUFFER):
            taken += len(data)
            if packed and taken > max(EXPANSION_FROM, MAX_EXPANSION * packed):
                raise DataError(
                    f"refused: {packed:,} bytes unpack to more than {taken:,}: a decompression bomb", path, reader.line
                )
            yield from reader.feed(data, taken)
        yield from reader.feed(b"", taken, last=True)


class _Reader:
    """Expat's events as parts."""

    def __init__(self, path: Path, root: str, units: frozenset[str]) -> None:
        self._path, self._root, self._units = path, root, units
        self._parts: list[Part] = []
        self._depth, self._unit_depth, self._began = 0, 0, 0
        self._builder = TreeBuilder()
        self._parser: Any = ParserCreate()
        self._parser.buffer_text = True
        self._parser.EntityDeclHandler = self._parser.UnparsedEntityDeclHandler = self._refuse
        self._parser.ExternalEntityRefHandler = self._refuse
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._outside()

    @property
    def line(self) -> int:
        return self._parser.CurrentLineNumber

    def feed(self, data: bytes, taken: int, last: bool = False) -> list[Part]:
        """The parts that `data` completes; `taken` bytes were read with it."""
        try:
            self._parser.Parse(data, last)
        except ExpatError as error:
            raise DataError(f"not well-formed XML ({error})", self._path, error.lineno) from error
        except (LookupError, ValueError) as error:  # encodings expat does not know, or cannot take
            raise DataError(f"{error}; convert the file to UTF-8", self._path, 1) from error
        if taken - (self._began if self._unit_depth else self._parser.CurrentByteIndex) > MAX_UNIT_BYTES:
            raise DataError(f"refused: one unit or tag of more than {MAX_UNIT_BYTES >> 20} MB", self._path, self.line)
        parts, self._parts = self._parts, []
        return parts

    def _outside(self) -> None:
        parser = self._parser
        parser.StartElementHandler, parser.EndElementHandler = self._open, self._close
        parser.CharacterDataHandler = lambda text: self._add(escape(text))
        parser.CommentHandler = lambda text: self._add(f"<!--{text}-->")
        parser.ProcessingInstructionHandler = lambda target, text: self._add(f"<?{target} {text}?>")

    def _inside(self) -> None:
        parser, self._builder = self._parser, TreeBuilder(insert_comments=True, insert_pis=True)
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._builder.data
        parser.CommentHandler, parser.ProcessingInstructionHandler = self._builder.comment, self._builder.pi

    def _add(self, xml: str, **more: Any) -> None:
        self._parts.append(Part(self.line, xml=xml, **more))

    def _open(self, name: str, given: dict[str, str]) -> None:
        if not self._depth and local(name) != self._root:
            raise DataError(f"the root element is {name!r}, not {self._root!r}", self._path, self.line)
        if local(name) in self._units:
            self._unit_depth, self._began = self._depth + 1, self._parser.CurrentByteIndex
            self._inside()
            self._start(name, given)
            return
        self._deeper()
        self._add(f"<{name}{attributes(given)}>", opened=local(name), attributes=given)

    def _close(self, name: str) -> None:
        self._depth -= 1
        self._add(f"</{name}>", closed=local(name))

    def _start(self, name: str, given: dict[str, str]) -> None:
        self._deeper()
        self._builder.start(name, given)

    def _end(self, name: str) -> None:
        self._builder.end(name)
        if self._depth == self._unit_depth:
            self._parts.append(Part(self.line, element=self._builder.close()))
            self._unit_depth = 0
            self._outside()
        self._depth -= 1

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise DataError(f"refused: elements nested more than {MAX_DEPTH} deep", self._path, self.line)

    def _doctype(self, name: str, system: str | None, public: str | None, internal: int) -> None:
        named = f' PUBLIC "{public}" "{system}"' if public else f' SYSTEM "{system}"' if system else ""
        self._add(f"<!DOCTYPE {name}{named}>\n")

    def _refuse(self, *_: object) -> NoReturn:
        raise DataError("refused: the file declares entities or external references", self._path, self.line)
