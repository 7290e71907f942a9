"""Web pages (.html, .htm, .xhtml): the text of each block, and the texts of attributes that people see or hear.

White space is that of browsers. Scripts, styles, templates and what stands there for browsers without scripts are no
text; neither is a passage of which every word is marked as not to be translated.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from interlingua.documents import Passage, Reader
from interlingua.documents._tags import Piece, pieces
from interlingua.documents._text import tell, tidy
from interlingua.errors import DataError
from interlingua.files import bare_suffix, codec_named, whole_text

BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "button", "caption", "center", "col", "colgroup", "dd",
    "details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "frameset",
    "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hgroup", "hr", "html", "legend", "li", "listing", "main",
    "menu", "nav", "ol", "optgroup", "option", "p", "pre", "search", "section", "select", "summary", "table", "tbody",
    "td", "textarea", "tfoot", "th", "thead", "title", "tr", "ul", "video", "audio", "canvas", "object", "iframe",
))  # fmt: skip
"""Elements that end the passage before them, and have one of their own."""
VOID = frozenset((
    "area", "base", "br", "col", "embed", "frame", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr", "basefont", "bgsound", "keygen",
))  # fmt: skip
SKIPPED = frozenset((
    "script", "style", "template", "noscript", "rt", "rp", "annotation", "annotation-xml", "iframe", "noembed",
    "noframes",
))  # fmt: skip
"""Elements without text for readers; rt is how a word is pronounced, annotation the source of a formula."""
ENDED_BY = {
    "li": ("li",),
    "dt": ("dt", "dd"),
    "dd": ("dt", "dd"),
    "tr": ("tr", "td", "th"),
    "td": ("td", "th"),
    "th": ("td", "th"),
    "option": ("option",),
    "body": ("head",),
}
"""Elements that one without an end tag is ended by the beginning of."""
ATTRIBUTES = ("alt", "title", "placeholder", "aria-label")
DEEPEST = 10_000
"""Elements in each other; browsers keep some hundreds apart."""
BEGINNING = 4096
"""Bytes in which a page names its encoding."""
CHARSET = re.compile(
    rb"""<meta[^>]{0,500}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([\w.:-]+)|^\s{0,99}<\?xml[^>]{0,99}encoding=["']([\w.:-]+)""",
    re.IGNORECASE,
)
MEANT = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
"""What browsers read where a page names an encoding that is part of another (WHATWG, Encoding Standard)."""


class _Page:
    """The passages of a page, as its pieces come."""

    def __init__(self, path: Path) -> None:
        self.left_out, self._path = 0, path
        self._stack: list[tuple[str, bool, bool]] = []
        """Elements that are open: the name, whether it is skipped, whether it is not to be translated."""
        self._names = Counter[str]()
        self._text: list[str] = []
        self._line = 0
        self._translated = False
        self._behind: list[Passage] = []
        """Texts of attributes, which stand behind the passage that they are in."""

    def take(self, piece: Piece, line: int, is_xml: bool) -> Iterator[Passage]:
        """The passages that a piece ends."""
        name = piece.opened or piece.closed
        if name in BLOCKS and not self._skips():
            yield from self.done()
        if piece.opened:
            self._begin(piece, line)
            if name in VOID or (is_xml and piece.empty):
                self._end(name)
        elif name:
            self._end(name)
        elif not self._skips():
            self._add(piece.text if self._names["pre"] else re.sub(r"[\r\n]", " ", piece.text), line)

    def done(self) -> Iterator[Passage]:
        """The passage so far, and the attributes in it."""
        if not self._text and not self._behind:
            return
        text = tidy("".join(self._text))
        if text and self._translated:
            yield Passage(text, f"line {self._line:,}")
        self.left_out += bool(text) and not self._translated
        yield from self._behind
        self._text, self._line, self._translated, self._behind = [], 0, False, []

    def _begin(self, piece: Piece, line: int) -> None:
        name, given = piece.opened, piece.attributes
        while self._stack and self._stack[-1][0] in ENDED_BY.get(name, ()):
            self._pop()
        if name in BLOCKS and self._stack and self._stack[-1][0] == "p":
            self._pop()
        kept = self._stack[-1][2] if self._stack else False
        kept = {"no": True, "yes": False}.get(given.get("translate", "").lower(), kept)
        kept = kept or "notranslate" in given.get("class", "").split()
        if len(self._stack) >= DEEPEST:
            raise DataError(f"refused: elements nested more than {DEEPEST:,} deep", self._path, line)
        self._stack.append((name, self._skips() or name in SKIPPED, kept))
        self._names[name] += 1
        if not self._skips():
            if name == "br":
                self._text.append("\n")
            if given:
                self._say(piece, kept, line)

    def _say(self, piece: Piece, kept: bool, line: int) -> None:
        """The attributes of a tag that are texts, each once."""
        given = piece.attributes
        texts = [given.get(name, "") for name in ATTRIBUTES]
        if piece.opened == "meta" and given.get("name", "").lower() == "description":
            texts = [given.get("content", "")]
        found = dict.fromkeys(tidy(re.sub(r"[\r\n]", " ", text)) for text in texts)
        if kept:
            self.left_out += any(found)
        else:
            self._behind += [Passage(text, f"line {line:,}") for text in found if text]

    def _end(self, name: str) -> None:
        """The element closes, and all that were left open in it; a tag that closes nothing is none."""
        while self._names[name] and self._pop() != name:
            pass

    def _pop(self) -> str:
        name = self._stack.pop()[0]
        self._names[name] -= 1
        return name

    def _skips(self) -> bool:
        return bool(self._stack) and self._stack[-1][1]

    def _add(self, text: str, line: int) -> None:
        self._text.append(text)
        if text.strip():
            self._line = self._line or line
            self._translated = self._translated or not (self._stack and self._stack[-1][2])


def passages(path: Path) -> Iterator[Passage]:
    """The texts of blocks in order, with the line where each begins. Raises DataError for bytes that are not of the
    encoding that the page names, else UTF-8, and for a page of more than LONGEST_DOCUMENT bytes.
    """
    source = source_of(path)
    page, line, at, strict = _Page(path), 1, 0, is_xml(path, source)
    for piece in pieces(source, strict):
        begin = piece.at + len(piece.text) - len(piece.text.lstrip())
        line += source.count("\n", at, max(at, begin))
        at = max(at, begin)
        yield from page.take(piece, line, strict)
    yield from page.done()
    if page.left_out:
        tell(f"{path}: left out {page.left_out:,} texts that are marked as not to be translated")


def source_of(path: Path) -> str:
    """A page, in the encoding that it names. Raises DataError as `passages` does."""
    return whole_text(path, _encoding)


def is_xml(path: Path, source: str) -> bool:
    """Whether a page is XML, in which any element may be empty."""
    return bare_suffix(path) == ".xhtml" or source.lstrip().startswith("<?xml")


def _encoding(content: bytes, path: Path) -> str:
    """That a page names, as browsers understand it; UTF-8 where it names none."""
    found = CHARSET.search(content[:BEGINNING])
    name = (found[1] or found[2]).decode() if found else "utf-8"
    if name.lower().startswith("utf-16"):  # it could not be read if that were true
        return "utf-8"
    codec = codec_named(name, path)
    return MEANT.get(codec, codec)


READER = Reader(suffixes=(".html", ".htm", ".xhtml"), passages=passages, prose=True)
