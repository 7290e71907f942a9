"""Word documents (.docx): the body with its tables and text boxes, then diagrams, headers, footers and notes.

Tracked changes are read as if accepted: what was inserted is text, what was deleted is none. Comments and hidden text
are left out, and counted.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from interlingua.documents import Passage, Reader
from interlingua.documents._package import Package, opened
from interlingua.documents._paragraphs import Paragraphs, attribute
from interlingua.documents._text import tell
from interlingua.units.markup import Part

PARTS = {"diagramData": "dataModel", "header": "hdr", "footer": "ftr", "footnotes": "footnotes", "endnotes": "endnotes"}
"""What the document refers to and is read behind its body, in this order, and the root element of each."""
NOTES = ("footnote", "endnote")
OFF = ("0", "false", "off", "none")
PROPERTIES = ("rPr", "trPr", "pPr", "tcPr", "numPr")
"""Elements in which a tracked change is one of a mark or a row, without content of its own."""
SIGNS = {"tab": " ", "ptab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


class _Word(Paragraphs):
    signs = SIGNS

    def __init__(self, path: Path, place: str = "") -> None:
        super().__init__(path)
        self.place = place
        self._hidden = self._goes_on = False
        self._notes = Counter[str]()

    def skips(self, event: Part) -> bool:
        name, parent = event.opened, self.inside[-2] if len(self.inside) > 1 else ""
        if name in ("del", "moveFrom", "ins", "moveTo") and parent not in PROPERTIES:
            self.counts["deletions" if name in ("del", "moveFrom") else "insertions"] += 1
            return name in ("del", "moveFrom")
        if name == "del" and parent == "rPr" and self.inside[-3:-2] == ["pPr"]:
            self._goes_on = True  # the mark between two paragraphs was deleted
        elif name == "vanish" and self.inside[-3:-1] == ["r", "rPr"]:
            self._hidden = attribute(event, "val") not in OFF
            self.counts["hidden"] += self._hidden
        elif name in ("commentReference", "altChunk"):
            self.counts[name] += 1
        elif name in NOTES and attribute(event, "type") in ("", "normal"):
            self._notes[name] += 1
            self.place = f"{name} {self._notes[name]:,}"
        return name == "rt"  # how a word is pronounced, above it

    def closing(self, name: str) -> None:
        if name == "r":
            self._hidden = False

    def is_text(self) -> bool:
        return self.inside[-1] == "t" and not self._hidden

    def stands_for(self, name: str) -> str:
        return self.signs.get(name, "") if self.inside[-2] == "r" and not self._hidden else ""

    def goes_on(self) -> bool:
        before, self._goes_on = self._goes_on, False
        return before


def passages(path: Path) -> Iterator[Passage]:
    """Its paragraphs in order, those of each part behind those of the body. Raises DataError for what is no Word
    document, for one with a password, and for a damaged one.
    """
    counts = Counter[str]()
    with opened(path) as package:
        main = package.main()
        for part, root, place in [(main, "document", ""), *_others(package, main)]:
            reader = _Word(package.place(part), place)
            yield from reader.read(package.events(part, root))
            counts += reader.counts
    _tell(path, counts)


def _others(package: Package, main: str) -> Iterator[tuple[str, str, str]]:
    """The parts that belong to the body, the root element of each, and the place of what stands there."""
    related = set(package.relations(main).values())
    for kind, root in PARTS.items():
        parts = [one.part for one in related if one.kind == kind]
        parts.sort(key=lambda name: (len(name), name))  # header2 stands before header10
        for number, part in enumerate(parts, 1):
            yield part, root, f"{kind.removesuffix('Data').removesuffix('s')} {number:,}"


def _tell(path: Path, counts: Counter[str]) -> None:
    if counts["insertions"] or counts["deletions"]:
        tell(
            f"{path}: has tracked changes: {counts['insertions']:,} insertions are read, {counts['deletions']:,} "
            "deletions are left out"
        )
    left_out = {"comments": "commentReference", "runs of hidden text": "hidden", "embedded documents": "altChunk"}
    for name, key in left_out.items():
        if counts[key]:
            tell(f"{path}: left out {counts[key]:,} {name}")


READER = Reader(suffixes=(".docx",), passages=passages, prose=True)
