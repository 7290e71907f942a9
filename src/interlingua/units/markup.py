"""XML as a stream of units: nothing in a file is trusted, nothing in it is lost, and memory holds one unit."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from pyexpat import ExpatError, ParserCreate
from pyexpat.errors import XML_ERROR_UNDEFINED_ENTITY, codes
from typing import Any, NoReturn
from xml.etree.ElementTree import Comment, Element, ProcessingInstruction, TreeBuilder

from interlingua.errors import DataError
from interlingua.files import BUFFER, LONGEST_RECORD, open_bytes, too_long

MAX_DEPTH = 100
MAX_TAG = 1 << 20
"""Bytes of one tag, comment or instruction: expat looks at it again with every block that is read."""
MAX_PARTS = 100_000
"""Elements and attributes of one unit: each takes hundreds of bytes."""
MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
WIDE = {b"\xff\xfe": "utf-16-le", b"<\0": "utf-16-le", b"\xfe\xff": "utf-16-be", b"\0<": "utf-16-be"}
"""Encodings by the first bytes of a document, where these are not those of ASCII."""
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
    """Attributes as they stand in a tag, each after a space. Raises DataError for a name that no XML can hold."""
    for name in named:
        if not _is_name(name):
            raise DataError(f"an attribute is named {name!r}, which is no name in XML; rename or remove it")
    return "".join(
        f' {name}="{NO_XML.sub(chr(0xFFFD), value).translate(IN_ATTRIBUTE)}"' for name, value in named.items()
    )


@lru_cache(maxsize=1024)
def _is_name(name: str) -> bool:
    """Whether an attribute can have it: what expat, which reads it again, says."""
    found = element_of(f'<x {name}=""/>')
    return found is not None and len(found) == 1 and found[0].attrib == {name: ""}


def is_content(xml: str) -> bool:
    """Whether this can stand in an element."""
    return element_of(xml) is not None


def element_of(xml: str) -> Element | None:
    """An element with this content, names with the prefixes they have; None where it is not well-formed."""
    builder, parser = TreeBuilder(), ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = builder.start, builder.end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(f"<x>{xml}</x>", True)
    except (ExpatError, ValueError):
        return None
    return builder.close()


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


def all_text(element: Element) -> str:
    """All text in an element; what comments say is none."""
    if element.tag in (Comment, ProcessingInstruction):
        return ""
    return (element.text or "") + "".join(all_text(child) + (child.tail or "") for child in element)


def parts(path: Path, root: str | tuple[str, ...], units: frozenset[str]) -> Iterator[Part]:
    """All of a file whose root is `root`, or one of several: elements named in `units` whole, everything around them as
    markup. Joined, they are the document.

    Entities, external references, defaults of attributes and absurd sizes are refused. Raises DataError, with the line.
    """
    with open_bytes(path) as stream:
        yield from parts_of(stream.read, path, root, units)


def parts_of(
    read: Callable[[int], bytes], path: Path, root: str | tuple[str, ...], units: frozenset[str]
) -> Iterator[Part]:
    """As `parts`, of the bytes that `read` gives; `path` is how errors name them."""
    reader = _Reader(path, (root,) if isinstance(root, str) else root, units)
    taken = 0
    while data := read(BUFFER):
        data = data if taken else _alone(data)
        taken += len(data)
        yield from reader.feed(data, taken)
    yield from reader.feed(b"", taken, last=True)


def _alone(data: bytes) -> bytes:
    """The beginning of a document, which now says that it stands alone. What an external document type declares, nobody
    reads here; only of such a document does expat say that an entity is not defined, elsewhere it leaves it out in
    silence.
    """
    encoding = WIDE.get(data[:2], "ascii")
    mark = len(next((mark for mark in MARKS if data.startswith(mark)), b""))
    begin, end, alone = (text.encode(encoding) for text in ("<?xml", "?>", ' standalone="yes"?>'))
    if not data.startswith(begin, mark):
        return data[:mark] + begin + ' version="1.0"'.encode(encoding) + alone + data[mark:]
    stop = max(mark, data.find(end, mark))
    said = data[mark:stop].decode(encoding, "replace")
    said = re.sub(r"""\s+standalone\s*=\s*('\w*'|"\w*")""", "", said)
    return data[:mark] + said.encode(encoding, "replace") + alone + data[stop + len(end) :]


class _Reader:
    """Expat's events as parts."""

    def __init__(self, path: Path, roots: tuple[str, ...], units: frozenset[str]) -> None:
        self._path, self._roots, self._units = path, roots, units
        self._parts: list[Part] = []
        self._depth, self._unit_depth, self._count = 0, 0, 0
        self._began: int | None = None
        self._builder = TreeBuilder()
        self._parser: Any = ParserCreate()
        self._parser.buffer_text = True
        self._parser.EntityDeclHandler = self._parser.UnparsedEntityDeclHandler = self._refuse
        self._parser.ExternalEntityRefHandler = self._refuse
        self._parser.SkippedEntityHandler = self._refuse
        self._parser.AttlistDeclHandler = self._declared
        self._parser.StartDoctypeDeclHandler, self._parser.EndDoctypeDeclHandler = self._doctype, self._ended
        self._outside()

    @property
    def line(self) -> int:
        return self._parser.CurrentLineNumber

    def feed(self, data: bytes, taken: int, last: bool = False) -> list[Part]:
        """The parts that `data` completes; `taken` bytes were read with it."""
        try:
            self._parser.Parse(data, last)
        except ExpatError as error:
            undefined = error.code == codes[XML_ERROR_UNDEFINED_ENTITY]
            remedy = "; write the character itself, or its number" if undefined else ""
            raise DataError(f"not well-formed XML ({error}){remedy}", self._path, error.lineno) from error
        except (LookupError, ValueError) as error:  # encodings expat does not know, or cannot take
            raise DataError(f"{error}; convert the file to UTF-8", self._path, 1) from error
        if self._began is not None and taken - self._began > LONGEST_RECORD:
            raise too_long("unit or document type", self._path, self.line)
        if taken - self._parser.CurrentByteIndex > MAX_TAG:
            raise DataError(f"refused: a tag or comment of more than {MAX_TAG >> 20} MB", self._path, self.line)
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
        parser.CommentHandler, parser.ProcessingInstructionHandler = self._comment, self._instruction

    def _add(self, xml: str, **more: Any) -> None:
        self._parts.append(Part(self.line, xml=xml, **more))

    def _open(self, name: str, given: dict[str, str]) -> None:
        if not self._depth and local(name) not in self._roots:
            expected = " or ".join(map(repr, self._roots))
            raise DataError(f"the root element is {name!r}, not {expected}", self._path, self.line)
        if local(name) in self._units:
            self._unit_depth, self._began, self._count = self._depth + 1, self._parser.CurrentByteIndex, 0
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
        self._one_more(1 + len(given))
        self._builder.start(name, given)

    def _comment(self, text: str) -> None:
        self._one_more()
        self._builder.comment(text)

    def _instruction(self, target: str, text: str) -> None:
        self._one_more()
        self._builder.pi(target, text)

    def _one_more(self, parts: int = 1) -> None:
        self._count += parts
        if self._count > MAX_PARTS:
            raise DataError(
                f"refused: a unit of more than {MAX_PARTS:,} elements and attributes", self._path, self.line
            )

    def _end(self, name: str) -> None:
        self._builder.end(name)
        if self._depth == self._unit_depth:
            self._parts.append(Part(self.line, element=self._builder.close()))
            self._unit_depth, self._began = 0, None
            self._outside()
        self._depth -= 1

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise DataError(f"refused: elements nested more than {MAX_DEPTH} deep", self._path, self.line)

    def _doctype(self, name: str, system: str | None, public: str | None, internal: int) -> None:
        named = f' PUBLIC "{public}" "{system}"' if public else f' SYSTEM "{system}"' if system else ""
        self._add(f"<!DOCTYPE {name}{named}>\n")
        self._began = self._parser.CurrentByteIndex

    def _ended(self) -> None:
        self._began = None

    def _declared(self, element: str, attribute: str, kind: str, default: str | None, required: int) -> None:
        if default is not None:  # a short tag could stand for megabytes
            raise DataError(
                f"refused: the document type gives the attribute {attribute} of {element} a default; write it where it "
                "is meant",
                self._path,
                self.line,
            )

    def _refuse(self, *_: object) -> NoReturn:
        raise DataError("refused: the file declares entities or external references", self._path, self.line)
