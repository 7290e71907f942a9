"""HTML as tags and text, the way browsers take it apart: whatever the bytes, in time that grows with their number.

The standard library's html.parser takes quadratic time for what is left open, raises AssertionError for some
declarations, and reads some pages otherwise from one Python to the next.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

TEXT = re.compile(r"[^<]*+(?:<(?![A-Za-z/!?])[^<]*+)*+")
NAME = re.compile(r"[A-Za-z][^\s/>]*")
ATTRIBUTE = re.compile(r"""[\s/]*+([^\s/>][^\s/>=]*+)(?:\s*+=\s*+("[^"]*"|'[^']*'|[^\s>"'][^\s>]*+))?""")
KEPT = frozenset((
    "alt", "aria-label", "class", "colspan", "content", "name", "placeholder", "rowspan", "title", "translate",
))  # fmt: skip
"""Attributes that anyone asks for."""
RAW = frozenset({"script", "style", "xmp", "iframe", "noembed", "noframes"})
"""Elements that hold characters, and neither tags nor entities."""
PLAIN = frozenset({"textarea", "title"})
"""Elements that hold entities, but no tags."""


class Piece(NamedTuple):
    """A tag or the text between two."""

    at: int
    """Where it begins, in characters."""
    text: str = ""
    opened: str = ""
    """The name of the element that begins, in small letters."""
    closed: str = ""
    attributes: dict[str, str] = {}  # noqa: RUF012 - a default that nobody changes
    empty: bool = False
    """Whether the tag says that the element ends with it."""


def pieces(source: str, is_xml: bool = False) -> Iterator[Piece]:
    """All tags and texts in order, entities as what they mean; comments and declarations are none. A tag without an end
    is left out, as browsers do.
    """
    at = 0
    while at < len(source):
        mark = TEXT.match(source, at).end()  # pyright: ignore[reportOptionalMemberAccess] - it may be empty
        if mark > at:
            yield Piece(at, unescape(source[at:mark]))
        if mark == len(source):
            return
        name = NAME.match(source, mark + 1)
        if name is not None:
            piece, at = _tag(source, mark, name)
            if piece is None:
                return
            yield piece
            if piece.opened in RAW | PLAIN and not (is_xml and piece.empty):
                end = _end_of(piece.opened, source, at)
                yield Piece(at, unescape(source[at:end]) if piece.opened in PLAIN else source[at:end])
                at = end
        elif source.startswith("</", mark) and (name := NAME.match(source, mark + 2)):
            yield Piece(mark, closed=name[0].lower())
            at = _behind(">", source, name.end())
        elif is_xml and source.startswith("<![CDATA[", mark):
            at = _behind("]]>", source, mark + 9)
            yield Piece(mark, source[mark + 9 : at].removesuffix("]]>"))
        elif source.startswith("<!--", mark):
            at = _behind("-->", source, mark + 2)  # <!--> is whole
        else:
            at = _behind(">", source, mark + 2)


def _tag(source: str, mark: int, name: re.Match[str]) -> tuple[Piece | None, int]:
    """A tag that opens an element, and where it ends; none where it does not end."""
    attributes: dict[str, str] = {}
    at = name.end()
    while found := ATTRIBUTE.match(source, at):
        key, value = found[1].lower(), found[2] or ""
        if key in KEPT:  # of two, the first counts
            attributes.setdefault(key, unescape(value[1:-1] if value[:1] in ("'", '"') else value))
        at = found.end()
    stop = source.find(">", at)
    if stop < 0:
        return None, len(source)
    return Piece(mark, "", name[0].lower(), "", attributes, source[stop - 1] == "/"), stop + 1


def _end_of(name: str, source: str, at: int) -> int:
    """Where the tag begins that closes an element of characters; the end of a page where it is missing."""
    found = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(source, at)
    return found.start() if found else len(source)


def _behind(mark: str, source: str, at: int) -> int:
    """Where the text behind a mark begins; the end where there is none."""
    found = source.find(mark, at)
    return len(source) if found < 0 else found + len(mark)
