"""PowerPoint presentations (.pptx): the slides in the order they are shown, each with its diagrams and its notes.

Slide numbers and comments are left out, and so is what stands in the layouts behind the slides.
"""

from collections.abc import Iterator
from pathlib import Path

from interlingua.documents import Passage, Reader
from interlingua.documents._package import Package, opened
from interlingua.documents._paragraphs import Paragraphs, attribute
from interlingua.documents._text import tell
from interlingua.errors import DataError
from interlingua.units.markup import Part

PARTS = {"diagramData": ("dataModel", ""), "chart": ("chartSpace", ""), "notesSlide": ("notes", ", notes")}
"""What a slide refers to and is read behind it: the root element, and what is added to its place."""
SIGNS = {"br": "\n"}


class _Slide(Paragraphs):
    signs = SIGNS

    def __init__(self, path: Path, place: str) -> None:
        super().__init__(path)
        self.place = place

    def skips(self, event: Part) -> bool:
        return event.opened == "fld" and attribute(event, "type") == "slidenum"

    def is_text(self) -> bool:
        return self.inside[-1] == "t"


def passages(path: Path) -> Iterator[Passage]:
    """Its paragraphs, slide by slide. Raises DataError for what is no presentation, for one with a password, and for a
    damaged one.
    """
    with_comments = 0
    with opened(path) as package:
        for number, slide in enumerate(_slides(package, path), 1):
            yield from _Slide(package.place(slide), f"slide {number:,}").read(package.events(slide, "sld"))
            related = list(package.relations(slide).values())
            for kind, (root, behind) in PARTS.items():
                for part in (one.part for one in related if one.kind == kind):
                    place = f"slide {number:,}{behind}"
                    yield from _Slide(package.place(part), place).read(package.events(part, root))
            with_comments += any(one.kind == "comments" for one in related)
    if with_comments:
        tell(f"{path}: left out the comments of {with_comments:,} slides")


def _slides(package: Package, path: Path) -> list[str]:
    """The parts that are slides, as the presentation orders them."""
    main = package.main()
    related = package.relations(main)
    found: dict[str, None] = {}  # none stands in it twice
    for event in package.events(main, "presentation"):
        if event.opened == "sldId":
            name = next((value for key, value in event.attributes.items() if key.endswith(":id")), "")
            if name not in related:
                raise DataError(f"damaged: the presentation has a slide {name!r} that is nowhere", path)
            found[related[name].part] = None
    return list(found)


READER = Reader(suffixes=(".pptx",), passages=passages, prose=True)
