"""Inline codes of texts, whatever the vocabulary: what stood in the source document where a translator sees a tag.

The vocabularies: TMX 1.4b (4.4, inline elements), XLIFF 1.2 (2.3, inline elements), XLIFF 2.1 (4.7, inline content).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pyexpat import ExpatError, ParserCreate
from typing import Any, Literal, NamedTuple
from xml.etree.ElementTree import Element

from interlingua.units.code_types import TMX, VOCABULARIES, XLIFF1, XLIFF2, type_in
from interlingua.units.markup import element_of, local, name_of
from interlingua.units.unit import Unit, Variant

SHOWN = {TMX: frozenset({"hi", "sub"})} | dict.fromkeys((XLIFF1, XLIFF2), frozenset({"g", "mrk", "sub", "pc"}))
"""Inline elements whose content is text."""
ORIGINAL_DATA = "x-xliff2-xml"
"""The property of a unit in which XLIFF 2 keeps, among others, the native content that its codes refer to."""
Kind = Literal["opening", "closing", "standalone"]


@dataclass(frozen=True, slots=True)
class Code:
    """One inline code. Isolated is an opening or closing one whose partner is not in the same text."""

    kind: Kind
    pair: str = ""
    """What an opening and its closing code have in common, and no other code of the text."""
    id: str = ""
    """As the vocabulary names it, "" where it does not; that of a pair is that of its opening code."""
    native: str = ""
    """What stands in the document, as `<b>` or `%s`; "" where the vocabulary does not hold it."""
    type: str = ""
    """In the words of TMX and XLIFF 1.2: bold, italic, underlined, link, image, lb, pb; others begin with x-."""
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    """What else is said of it, in the words of XLIFF 2: canCopy, equiv and so on."""
    annotation: bool = False
    """Whether it marks text without being in the document: TMX's hi, XLIFF's mrk."""


Parts = Sequence[str | Code]
"""A text with its codes, in order."""


class Tag(NamedTuple):
    """A pair of codes, or one code alone."""

    kind: Literal["pair", "opening", "closing", "standalone"]
    start: int
    """Its place in the parts."""
    end: int
    """That of its last code: the closing one of a pair."""
    code: Code
    natives: tuple[str, str]
    """The native content of both."""


class Content(NamedTuple):
    """A text as it was read."""

    parts: list[str | Code]
    has_others: bool = False
    """Whether it has elements that are no codes of its vocabulary."""
    has_other_attributes: bool = False


def text_of(parts: Parts) -> str:
    """The text without its codes."""
    return "".join(part for part in parts if isinstance(part, str))


def pairs_in(parts: Parts) -> dict[int, int]:
    """The place of each code's partner: a closing code belongs to the last opening one before it that has its `pair`
    and no partner yet.
    """
    is_open, partners = dict[tuple[str, bool], list[int]](), dict[int, int]()
    for place, part in enumerate(parts):
        if isinstance(part, str) or part.kind == "standalone":
            continue
        before = is_open.setdefault((part.pair, part.annotation), [])
        if part.kind == "opening":
            before.append(place)
        elif before:
            first = before.pop()
            partners |= {first: place, place: first}
    return partners


def tags_of(parts: Parts, annotations: bool = False) -> list[Tag]:
    """The codes, each pair as one; with `annotations`, these too."""
    partners, found = pairs_in(parts), list[Tag]()
    for place, part in enumerate(parts):
        if isinstance(part, str) or (part.annotation and not annotations):
            continue
        end = partners.get(place)
        if end is None:
            found.append(Tag(part.kind, place, place, part, (part.native, "")))
        elif end > place:
            closing = parts[end]
            assert isinstance(closing, Code)
            found.append(Tag("pair", place, end, part, (part.native, closing.native)))
    return found


def parts_of(variant: Variant, unit: Unit | None = None) -> list[str | Code]:
    """A text with its codes, from any vocabulary; of XLIFF 2, native content stands in its `unit`.

    Never raises: what is no code is left out, and text stays.
    """
    return content_of(variant, unit).parts


def content_of(variant: Variant, unit: Unit | None = None) -> Content:
    """Likewise, with what else the text held."""
    if not variant.markup or variant.dialect not in VOCABULARIES:
        return Content([variant.text] if variant.text else [], bool(variant.markup))
    data = native_data(unit) if unit is not None and variant.dialect == XLIFF2 else {}
    reader = _Reader(variant.dialect, data)
    parser: Any = ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(f"<x>{variant.markup}</x>", True)
    except (ExpatError, ValueError):
        return Content([variant.text] if variant.text else [], True)
    partners = pairs_in(reader.parts)
    for closing, opening in partners.items():
        one, other = reader.parts[opening], reader.parts[closing]
        if closing > opening and isinstance(one, Code) and isinstance(other, Code):
            reader.parts[closing] = replace(other, id=one.id)
    elsewhere = any(
        isinstance(part, Code) and part.pair[:1] not in ("", "#") and place not in partners
        for place, part in enumerate(reader.parts)
    )  # that two codes of different segments are a pair, is said in no other vocabulary
    return Content(reader.parts, reader.has_others, reader.has_other_attributes or elsewhere)


def native_data(unit: Unit) -> dict[str, str]:
    """The native content in a unit of XLIFF 2, by the names under which its codes refer to it."""
    found = dict[str, str]()
    for remark in unit.remarks:
        if remark.name == ORIGINAL_DATA and "originalData" in remark.text:
            element = element_of(remark.text)
            found |= {} if element is None else data_in(element)
    return found


def data_in(element: Element) -> dict[str, str]:
    """The same of an element that holds it. Characters that XML cannot hold stand in it as themselves afterwards."""
    found = dict[str, str]()
    for data in element.iter():
        if name_of(data) == "data":
            for one in data.iter():
                if name_of(one) == "cp":
                    one.text = character(one.get("hex", ""))
            found[data.get("id", "")] = "".join(data.itertext())
    return found


def character(number: str) -> str:
    """The character of XLIFF 2's <cp hex="...">, which stands for one that XML cannot hold."""
    code = int(number, 16) if re.fullmatch("[0-9a-fA-F]{1,6}", number) else 0
    return chr(code) if 0 < code <= 0x10FFFF and not 0xD800 <= code < 0xE000 else "\ufffd"


PAIRED: dict[str, dict[str, Kind]] = {
    TMX: {"bpt": "opening", "ept": "closing"},
    XLIFF1: {"bx": "opening", "bpt": "opening", "ex": "closing", "ept": "closing"},
    XLIFF2: {"sc": "opening", "sm": "opening", "ec": "closing", "em": "closing"},
}
"""Elements that are one end of a pair, which their attributes name."""
ALONE = {TMX: ("ph", "ut"), XLIFF1: ("x", "ph"), XLIFF2: ("ph",)}
AROUND = {TMX: ("hi",), XLIFF1: ("g", "mrk"), XLIFF2: ("pc", "mrk")}
"""Elements around what they mark."""
MARKS = ("hi", "mrk", "sm", "em")
CALLED = {XLIFF1: {"clone": "canCopy", "equiv-text": "equiv", "comment": "value"}}
"""Attributes under the names of XLIFF 2."""
KEPT = ("canCopy", "canDelete", "canReorder", "canOverlap", "equiv", "disp", "value", "ref")


class _Reader:
    """Expat's events as parts."""

    def __init__(self, dialect: str, data: Mapping[str, str]) -> None:
        self.parts: list[str | Code] = []
        self.has_others = self.has_other_attributes = False
        self._dialect, self._data = dialect, data
        self._closing: list[Code | None] = []
        """Of each element around this place whose content is text: what stands where it ends."""
        self._hidden = 0
        """How deep this place is in an element whose content is no text."""
        self._native: list[str] | None = None
        """The content of a code, in one."""
        self._number = 0

    def start(self, name: str, named: dict[str, str]) -> None:
        tag = local(name)
        self._number += 1
        if self._number == 1:  # what was put around the markup
            self._closing.append(None)
        elif self._hidden:
            self._hidden += 1
            self.has_others = True
        elif tag == "cp" and self._dialect == XLIFF2:
            self.text(character(named.get("hex", "")))
            self._hidden = 1
        else:
            codes = self._codes(tag, dict(named))
            self.parts += codes[:1]
            self.has_others |= not codes
            if tag in SHOWN[self._dialect]:
                self._closing.append(codes[1] if codes else None)
            else:
                self._hidden, self._native = 1, [] if codes else None

    def end(self, _: str) -> None:
        if not self._hidden:
            code = self._closing.pop()
            self.parts += [] if code is None else [code]
            return
        self._hidden -= 1
        if not self._hidden and self._native:
            code = self.parts[-1]
            assert isinstance(code, Code)
            self.parts[-1] = replace(code, native="".join(self._native))
        self._native = self._native if self._hidden else None

    def text(self, text: str) -> None:
        if self._hidden:
            if self._native is not None:
                self._native.append(text)
        elif self.parts and isinstance(last := self.parts[-1], str):
            self.parts[-1] = last + text
        else:
            self.parts.append(text)

    def _codes(self, tag: str, named: dict[str, str]) -> list[Code]:
        """What an element stands for: one code, two where it is around text, none where it is not known."""
        dialect = self._dialect
        identity = named.pop("x" if dialect == TMX else "mid" if (tag, dialect) == ("mrk", XLIFF1) else "id", "")
        if tag in PAIRED[dialect]:
            refers = named.pop({TMX: "i", XLIFF1: "rid", XLIFF2: "startRef"}[dialect], "")
            opens = dialect == XLIFF2 and PAIRED[dialect][tag] == "opening"
            pair = identity if opens else refers or (identity if dialect == XLIFF1 else "")
            pair = "" if named.pop("isolated", "") == "yes" else pair
            return [self._code(PAIRED[dialect][tag], pair or self._alone, identity or refers, named, tag in MARKS)]
        if tag == "it" and dialect != XLIFF2:
            kind = "closing" if named.pop("pos", "") in ("end", "close") else "opening"
            return [self._code(kind, self._alone, identity, named)]
        if tag in ALONE[dialect]:
            return [self._code("standalone", "", identity, named)]
        if tag not in AROUND[dialect]:
            return []
        last = {name.removesuffix("End"): named.pop(name) for name in list(named) if name.endswith("End")}
        first = {name.removesuffix("Start"): value for name, value in named.items()}
        return [
            self._code("opening", self._alone, identity, first, tag in MARKS),
            self._code("closing", self._alone, identity, last, tag in MARKS),
        ]

    @property
    def _alone(self) -> str:
        """A pair that no other code belongs to."""
        return f"#{self._number}"

    def _code(self, kind: Kind, pair: str, identity: str, named: dict[str, str], annotation: bool = False) -> Code:
        found = type_in(named, self._dialect, annotation)
        refers = named.pop("dataRef", "") if self._dialect == XLIFF2 else ""
        called = CALLED.get(self._dialect, {})
        named = {called.get(name, name): value for name, value in named.items()}
        kept = {name: value for name, value in named.items() if name in KEPT}
        self.has_other_attributes |= len(kept) < len(named) or refers not in ("", *self._data)
        return Code(kind, pair, identity, self._data.get(refers, ""), found, kept, annotation)
