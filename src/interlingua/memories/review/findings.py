"""What a review finds: its kinds, the texts as a reviewer sees them, and findings kept on disk, however many."""

import json
import tempfile
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from enum import StrEnum
from typing import Any

from interlingua.languages import UNKNOWN
from interlingua.units.inline import Code, Parts, parts_of
from interlingua.units.placeholders import spans
from interlingua.units.unit import Unit, Variant

Place = tuple[int, int]
"""Where something stands in a text: begin and end."""
CODE = "\ufffc"
"""Unicode's sign for an object in a text: what stands for each character of a code where only words count."""
SIGNS = {"opening": "<{}>", "closing": "</{}>", "standalone": "<{}/>"}
HEADER = ("kind", "file", "line", "unit", "reason", "source", "target", "source_language", "target_language")


class Kind(StrEnum):
    """Kinds of findings, in the order of a report."""

    untranslated = "untranslated"
    """No translation, one that is marked as none, or the source text itself."""
    language = "language"
    """A text in another language than its side."""
    meaning = "meaning"
    """Texts whose cosine is far below what is usual in the file (needs a model)."""
    numbers = "numbers"
    """Different numbers."""
    tags = "tags"
    """Different inline codes, placeholders or tags."""
    terms = "terms"
    """A term without its translation, or a forbidden one (needs a glossary)."""
    inconsistent = "inconsistent"
    """A source text that is translated in several ways."""
    shared = "shared"
    """A translation that several source texts have."""
    punctuation = "punctuation"
    """Another end mark."""
    brackets = "brackets"
    """Brackets without their partner in the target alone."""
    spaces = "spaces"
    """Space at the beginning or end that the other text has not, or two spaces within."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text with its codes."""

    shown: str
    """With codes as signs."""
    bare: str
    """As long; each character of a code, a placeholder or a tag is CODE."""
    parts: Parts
    language: str = UNKNOWN
    placeholders: tuple[Place, ...] = ()
    """Where those stand, and tags and entities, that the text itself holds."""

    @property
    def plain(self) -> str:
        """It without codes and placeholders."""
        return self.bare.replace(CODE, " ")


@dataclass(frozen=True, slots=True)
class Segment:
    """A pair of texts, and where it stands."""

    file: str
    line: int
    unit: str
    source: Text
    target: Text


@dataclass(frozen=True, slots=True)
class PairFinding:
    """One thing about one pair, with the places that show it."""

    kind: str
    file: str
    line: int
    unit: str
    reason: str
    source: str
    target: str
    source_language: str
    target_language: str
    source_marks: Sequence[Place] = ()
    target_marks: Sequence[Place] = ()

    @classmethod
    def of(cls, row: Sequence[Any]) -> "PairFinding":
        """One that a spool kept."""
        *cells, here, there = row
        return cls(*cells, *([(begin, end) for begin, end in marks] for marks in (here, there)))

    def cells(self) -> list[str]:
        """As a row under HEADER."""
        return [str(cell) for cell in astuple(self)[: len(HEADER)]]


def about(
    segment: Segment, kind: Kind, reason: str, source: Sequence[Place] = (), target: Sequence[Place] = ()
) -> PairFinding:
    """A finding about a segment, with the places in both of its texts."""
    where = (segment.file, segment.line, segment.unit, reason, segment.source.shown, segment.target.shown)
    return PairFinding(kind.value, *where, segment.source.language, segment.target.language, source, target)


def segment_of(unit: Unit, source: Variant, target: Variant | None, file: str) -> Segment:
    """A pair of a unit as it is reviewed; without a `target` that is empty."""
    one = text_of(source, unit)
    other = Text("", "", []) if target is None else text_of(target, unit)
    return Segment(file, unit.line, unit.attributes.get("tuid", ""), one, other)


def text_of(variant: Variant, unit: Unit) -> Text:
    """A text of a unit as it is reviewed."""
    parts = parts_of(variant, unit)
    shown, bare, found, at = list[str](), list[str](), list[Place](), 0
    for part in parts:
        if isinstance(part, Code):
            sign = "" if part.annotation else part.native or SIGNS[part.kind].format(part.id or part.type or "code")
            here = [(0, len(sign))]
        else:
            sign, here = part, list(spans(part))
            found += [(at + begin, at + end) for begin, end in here]
        shown.append(sign)
        bare.append(_blanked(sign, here))
        at += len(sign)
    return Text("".join(shown), "".join(bare), parts, variant.language, tuple(found))


def _blanked(text: str, places: Sequence[Place]) -> str:
    kept, at = list[str](), 0
    for begin, end in places:
        kept += [text[at:begin], CODE * (end - begin)]
        at = end
    return "".join([*kept, text[at:]])


class Spool:
    """Rows in a temporary file, in the order in which they came: a million of them take no more memory than their
    places. Closing it removes the file.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="interlingua-")  # noqa: SIM115 - closed by `close`
        self._starts = array("Q")
        self._end = 0

    def __len__(self) -> int:
        return len(self._starts)

    def add(self, row: Sequence[Any]) -> None:
        """Put a row of what JSON can hold behind the others."""
        line = json.dumps(row).encode("ascii") + b"\n"
        self._file.seek(self._end)
        self._file.write(line)
        self._starts.append(self._end)
        self._end += len(line)

    def at(self, place: int) -> list[Any]:
        """One row."""
        self._file.seek(self._starts[place])
        return json.loads(self._file.readline())

    def __iter__(self) -> Iterator[list[Any]]:
        return map(self.at, range(len(self)))

    def close(self) -> None:
        """Remove the file."""
        self._file.close()
