"""A translation from a memory made one for the segment it is proposed for: with its numbers and its inline codes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from interlingua.memories.edits import Edit, Piece, What, places
from interlingua.units.inline import Code, Parts, text_of
from interlingua.units.placement import placed, same_codes, same_places

SEPARATORS = re.compile(r"(?<=\d)[^\w\s]")
BEGIN, END = re.compile(r"\A\s*"), re.compile(r"(?<!\s)\s*\Z")


@dataclass(frozen=True, slots=True)
class Adapted:
    """A translation as it is proposed."""

    parts: tuple[str | Code, ...]
    numbers: bool = False
    """Whether all numbers that differ stand in it."""
    lacks: tuple[Code, ...] = ()
    """Codes of the segment that have no place in it."""

    @property
    def text(self) -> str:
        """It without codes."""
        return text_of(self.parts)


def adapted(edits: Sequence[Edit], segment: Parts, known: Parts, target: Parts) -> Adapted:
    """The `target` of a memory's text `known` for a segment, from which it differs by these edits."""
    lacks: tuple[Code, ...] = ()
    if _codes(segment) or _codes(known) or _codes(target):
        found = placed(known, target, segment)
        target, lacks = found.parts, found.left_out
    numbers = carried(edits, text_of(known), text_of(target))
    if numbers:
        changed = [_with(numbers, part) if isinstance(part, str) else part for part in target]
        if text_of(changed) == _with(numbers, text_of(target)):
            target = changed
        else:  # a code stands within a number
            numbers = None
    return Adapted(tuple(_edged(segment, known, target)), numbers is not None, lacks)


def _edged(segment: Parts, known: Parts, target: Parts) -> list[str | Code]:
    """The `target` with the white space that the segment begins or ends with, where the memory's text has other."""
    edged = list(target)
    for place, edge in ((0, BEGIN), (-1, END)):
        wanted, had = (_space(parts, place, edge) for parts in (segment, known))
        part = edged[place] if edged else ""
        if isinstance(part, str) and part.strip() and wanted is not None and wanted != had:
            edged[place] = edge.sub(lambda _, wanted=wanted: wanted, part, count=1)
    return edged


def _space(parts: Parts, place: int, edge: re.Pattern[str]) -> str | None:
    """The white space at an edge of a text; None where a code stands there."""
    part = parts[place] if parts else ""
    found = edge.search(part) if isinstance(part, str) else None
    return found[0] if found is not None else None


def code_edits(segment: Parts, known: Parts) -> list[Edit]:
    """Where the inline codes of two texts differ: in number or kind; of equal texts, also in place."""
    if not (_codes(segment) or _codes(known)):
        return []
    same = same_places if text_of(segment) == text_of(known) else same_codes
    return [] if same(segment, known) else [Edit(What.code, shown(segment), shown(known))]


def carried(edits: Sequence[Edit], known: str, target: str) -> dict[str, str] | None:
    """The number of the segment for each of the memory's that differs; None where one has no place in the target: each
    must stand there as often as in the memory's source, written in the same way.
    """
    changed: dict[str, set[str]] = {}
    for edit in edits:
        if edit.what is What.number:
            changed.setdefault(edit.known, set()).add(edit.segment)
    there, here = ([text for kind, text, _ in places(side) if kind is Piece.number] for side in (known, target))
    others = [text for e in edits if e.what in (What.word, What.negation) for text in (e.segment, e.known)]
    if changed and any(character.isdigit() for text in others for character in text):
        return None  # a number more or less: what belongs to what is not sure
    for number, wanted in changed.items():
        if not set(SEPARATORS.findall("".join(wanted))) <= set(SEPARATORS.findall(number)):
            return None  # the other language may write it in another way
        edited = sum(edit.what is What.number and edit.known == number for edit in edits)
        if len(wanted) > 1 or not there.count(number) == here.count(number) == edited:
            return None
    return {number: next(iter(wanted)) for number, wanted in changed.items()}


def _with(numbers: dict[str, str], text: str) -> str:
    parts, end = list[str](), 0
    for kind, piece, start in places(text):
        if kind is Piece.number and piece in numbers:
            parts += [text[end:start], numbers[piece]]
            end = start + len(piece)
    return "".join([*parts, text[end:]])


def _codes(parts: Parts) -> list[Code]:
    return [part for part in parts if isinstance(part, Code) and not part.annotation]


def shown(parts: Parts) -> str:
    """The codes of a text, for people."""
    signs = {"opening": "<{}>", "closing": "</{}>", "standalone": "<{}/>"}
    return " ".join(code.native or signs[code.kind].format(code.id or code.type or "code") for code in _codes(parts))
