"""The paragraphs in the XML of office documents: what their kinds have in common.

A paragraph may hold others (those of a text box, of a note): they come behind it, in order.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from xml.sax.saxutils import unescape

from interlingua.documents import Passage
from interlingua.documents._text import tidy
from interlingua.files import LONGEST_RECORD, too_long
from interlingua.units.markup import Part, local

CARRIAGE_RETURN = {"&#13;": "\r"}


class Paragraphs:
    """A reader of events. What a kind of document does otherwise, it says in a class of its own."""

    names: frozenset[str] = frozenset({"p"})
    """Elements that are paragraphs."""
    signs: Mapping[str, str] = {}
    """Elements that stand for white space or a sign."""

    def __init__(self, path: Path) -> None:
        """`path` is how errors name the part that is read."""
        self.path, self.place = path, ""
        self.counts = Counter[str]()
        """What was left out or is worth a word, counted."""
        self.inside: list[str] = []
        """The elements that are open, from the root on."""
        self._open: list[_Paragraph] = []
        self._found: list[_Paragraph] = []
        self._skipped_from = 0
        self._chosen: list[bool] = []
        self._size = self._number = 0

    def read(self, events: Iterable[Part]) -> Iterator[Passage]:
        """The paragraphs of a part. Raises DataError for one of more than LONGEST_RECORD characters."""
        for event in events:
            if event.opened:
                self._start(event)
            elif event.closed:
                self._end()
                if self._found and not self._open and not self.goes_on():
                    yield from self._done()
            elif self._open and not self._skipped_from and not event.xml.startswith("<") and self.is_text():
                self._add(unescape(event.xml, CARRIAGE_RETURN).replace("\n", " "), event.line)
        yield from self._done()

    def skips(self, event: Part) -> bool:
        """Whether the content of the element that begins is left out."""
        return False

    def closing(self, name: str) -> None:
        """An element that was read ends."""

    def is_text(self) -> bool:
        """Whether characters here, in a paragraph, are its text."""
        return True

    def stands_for(self, name: str) -> str:
        """The text that an element in a paragraph stands for."""
        return self.signs.get(name, "")

    def goes_on(self) -> bool:
        """Whether the next paragraph continues the one that has just ended."""
        return False

    def _start(self, event: Part) -> None:
        name = event.opened
        self.inside.append(name)
        if self._skipped_from:
            return
        if self._is_alternative(name) or self.skips(event):
            self._skipped_from = len(self.inside)
        elif name in self.names:
            if not (self._found and not self._open):  # else one that goes on
                self._found.append(_Paragraph(self.place))
            self._open.append(self._found[-1])
        elif self._open:
            self._add(self.stands_for(name), event.line)

    def _is_alternative(self, name: str) -> bool:
        """Whether this says again, for older programs, what was read."""
        if name == "AlternateContent":
            self._chosen.append(False)
        elif name in ("Choice", "Fallback") and self.inside[-2:-1] == ["AlternateContent"]:
            before, self._chosen[-1] = self._chosen[-1], True
            return before
        return False

    def _end(self) -> None:
        name = self.inside.pop()
        if self._skipped_from:
            self._skipped_from = 0 if len(self.inside) < self._skipped_from else self._skipped_from
            return
        if name == "AlternateContent":
            self._chosen.pop()
        elif name in self.names:
            self._open.pop()
        self.closing(name)

    def _add(self, text: str, line: int) -> None:
        self._size += len(text)
        if self._size > LONGEST_RECORD:
            raise too_long("paragraph", self.path, line)
        if text:
            self._open[-1].pieces.append(text)

    def _done(self) -> Iterator[Passage]:
        for one in self._found:
            text = tidy("".join(one.pieces))
            if text:
                self._number += not one.place
                yield Passage(text, one.place or f"paragraph {self._number:,}")
        self._found, self._open, self._size = [], [], 0


class _Paragraph:
    """One that was begun."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.pieces: list[str] = []


def attribute(event: Part, name: str) -> str:
    """The value of an attribute by its name without prefix; "" where it is not given."""
    return next((value for key, value in event.attributes.items() if local(key) == name), "")
