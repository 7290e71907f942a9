"""OpenDocument texts and presentations (.odt, .odp): paragraphs and headings with their notes and text boxes, then
headers and footers; slides with their notes.

Deleted text of tracked changes and comments are left out, and counted.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from interlingua.documents import Passage, Reader
from interlingua.documents._package import PASSWORD, Package, opened
from interlingua.documents._paragraphs import Paragraphs, attribute
from interlingua.documents._text import tell
from interlingua.errors import DataError
from interlingua.files import bare_suffix
from interlingua.units.markup import Part

MANIFEST = "META-INF/manifest.xml"
SKIPPED = ("deletion", "annotation", "note-citation", "ruby-text", "desc")
"""What is no text of the document: deleted, a comment, the number of a note, how a word is pronounced, what a picture
shows."""
SIGNS = {"s": " ", "tab": " ", "line-break": "\n"}


class _OpenDocument(Paragraphs):
    names = frozenset({"p", "h"})
    signs = SIGNS

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._numbers = Counter[str]()
        self._outer: list[tuple[int, str]] = []

    def skips(self, event: Part) -> bool:
        name = event.opened
        if name in ("deletion", "insertion", "annotation"):
            self.counts[name] += 1
        if place := self._place(event):
            self._outer.append((len(self.inside), self.place))
            self.place = place
        return name in SKIPPED or (name == "title" and event.xml.startswith("<svg:"))

    def _place(self, event: Part) -> str:
        """Where paragraphs in this element stand, if it is one that says so."""
        name, parent = event.opened, self.inside[-2] if len(self.inside) > 1 else ""
        if name == "note":
            return self._next(attribute(event, "note-class") or "footnote")
        if name == "page" and parent == "presentation":
            return self._next("slide")
        if name == "notes" and parent == "page":
            return f"{self.place}, notes"
        return ""

    def _next(self, kind: str) -> str:
        self._numbers[kind] += 1
        return f"{kind} {self._numbers[kind]:,}"

    def closing(self, name: str) -> None:
        if self._outer and self._outer[-1][0] == len(self.inside) + 1:
            self.place = self._outer.pop()[1]


class _Margins(_OpenDocument):
    """Headers and footers, which stand among the styles."""

    def _place(self, event: Part) -> str:
        kind = event.opened.partition("-")[0]  # header-left, header-first
        return self._next(kind) if kind in ("header", "footer") and self.inside[-2:-1] == ["master-page"] else ""

    def is_text(self) -> bool:
        return bool(self._outer)


def passages(path: Path) -> Iterator[Passage]:
    """Its paragraphs in order. Raises DataError for what is no OpenDocument, for one with a password, and for a damaged
    one.
    """
    with opened(path) as package:
        _refuse_encrypted(package, path)
        reader = _OpenDocument(package.place("content.xml"))
        yield from reader.read(package.events("content.xml", "document-content"))
        if bare_suffix(path) != ".odp" and "styles.xml" in package:
            yield from _Margins(package.place("styles.xml")).read(package.events("styles.xml", "document-styles"))
    counts = reader.counts
    if counts["insertion"] or counts["deletion"]:
        tell(
            f"{path}: has tracked changes: {counts['insertion']:,} insertions are read, {counts['deletion']:,} "
            "deletions are left out"
        )
    if counts["annotation"]:
        tell(f"{path}: left out {counts['annotation']:,} comments")


def _refuse_encrypted(package: Package, path: Path) -> None:
    for event in package.events(MANIFEST, "manifest") if MANIFEST in package else ():
        if event.opened == "encryption-data":
            raise DataError(PASSWORD, path)


READER = Reader(suffixes=(".odt", ".odp"), passages=passages, prose=True)
