"""Inline codes as XML in any of the three vocabularies."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import NamedTuple

from interlingua.units.code_types import TMX, XLIFF1, XLIFF2, type_as
from interlingua.units.inline import Code, Parts, Tag, content_of, pairs_in, parts_of, tags_of
from interlingua.units.markup import attributes, escape
from interlingua.units.placement import correspondence
from interlingua.units.unit import Unit, Variant

ALLOWED = {TMX: re.compile("[0-9]+"), XLIFF1: re.compile(".+", re.S), XLIFF2: re.compile(r"[\w.:-]+")}
"""Identities of codes."""
DEEPEST = 50
"""Elements nested in each other; what is deeper becomes two elements without content. Readers bound the depth."""
KEPT = {TMX: (), XLIFF1: ("equiv",), XLIFF2: ("canCopy", "canDelete", "canReorder", "canOverlap", "equiv", "disp")}
"""What else each vocabulary says of codes; XLIFF 1.2 also canCopy, of those without native content."""
KEPT_OF_MARKS = {TMX: (), XLIFF1: ("value",), XLIFF2: ("value", "ref")}
CALLED = {XLIFF1: {"equiv": "equiv-text", "canCopy": "clone", "value": "comment"}}


class Data:
    """The native content that codes of a unit of XLIFF 2 refer to."""

    def __init__(self, known: Mapping[str, str] | None = None) -> None:
        self._names = {native: name for name, native in (known or {}).items()}
        self._taken = set(known or {})
        self._numbers = count(1)
        self.added: dict[str, str] = {}
        """By name, what was not known before."""

    def reference(self, native: str) -> str:
        """The name of this content."""
        if native not in self._names:
            name = next(name for number in self._numbers if (name := f"d{number}") not in self._taken)
            self._names[native] = name
            self.added[name] = native
        return self._names[native]

    def elements(self, prefix: str = "") -> str:
        """What was added, as elements."""
        return "".join(
            f"<{prefix}data{attributes({'id': name})}>{escape(native)}</{prefix}data>"
            for name, native in self.added.items()
        )


class Written(NamedTuple):
    """A text as XML."""

    xml: str
    lacks_codes: bool
    lacks_attributes: bool


def markup_in(parts: Parts, dialect: str, data: Data | None = None) -> str:
    """A text with its codes in a vocabulary; native content in XLIFF 2 goes into `data`, without one into `disp`."""
    [[numbered_parts]] = numbered([[parts]], dialect)
    return _Writer(numbered_parts, dialect, data).written().xml


def lost_in(variant: Variant, unit: Unit, dialect: str) -> list[str]:
    """What of a text's codes a vocabulary cannot say."""
    content = content_of(variant, unit)
    written = _Writer(content.parts, dialect, Data()).written()
    lost = {
        "inline codes": content.has_others or written.lacks_codes,
        "attributes of inline codes": content.has_other_attributes or written.lacks_attributes,
    }
    return [name for name, is_lost in lost.items() if is_lost]


def in_vocabulary(
    units: Sequence[Unit], dialect: str, taken: Iterable[str] = (), data: Data | None = None
) -> list[Unit]:
    """Units that are written as one, with the codes of all their texts in this vocabulary; as they are, where they are
    so already. A code has the same identity in each text of a unit, none of those `taken`.
    """
    if all(variant.dialect == dialect or not variant.markup for unit in units for variant in unit.variants):
        return list(units)
    groups = numbered([[parts_of(one, unit) for one in unit.variants] for unit in units], dialect, taken)
    return [
        replace(
            unit,
            variants=tuple(_with(one, text, dialect, data) for one, text in zip(unit.variants, texts, strict=True)),
        )
        for unit, texts in zip(units, groups, strict=True)
    ]


def _with(variant: Variant, parts: Parts, dialect: str, data: Data | None) -> Variant:
    if all(isinstance(part, str) for part in parts):
        return replace(variant, markup="", dialect="")
    return replace(variant, markup=_Writer(parts, dialect, data).written().xml, dialect=dialect)


def numbered(
    groups: Iterable[Sequence[Parts]], dialect: str, taken: Iterable[str] = ()
) -> list[list[list[str | Code]]]:
    """Texts whose codes have identities that the vocabulary allows, each once in the first texts of all groups; codes
    of the other texts of a group have that of the code of the first which they are.
    """
    groups = [list(group) for group in groups]
    tags = [[tags_of(parts, annotations=True) for parts in group] for group in groups]
    used, wished = set(taken), {tag.code.id for group in tags for some in group for tag in some}
    numbers = (name for number in count(1) if (name := str(number)) not in wished)

    def given(wish: str) -> str:
        fine = ALLOWED[dialect].fullmatch(wish) and wish not in used
        name = wish if fine else next(name for name in numbers if name not in used)
        used.add(name)
        return name

    found = list[list[list[str | Code]]]()
    for group, (first, *others) in zip(groups, tags, strict=True) if groups else ():
        names = [given(tag.code.id) for tag in first]
        texts = [_named(group[0], first, names)]
        for parts, some in zip(group[1:], others, strict=True):
            same = correspondence(first, some)
            texts.append(
                _named(parts, some, [names[same[k]] if k in same else given(tag.code.id) for k, tag in enumerate(some)])
            )
        found.append(texts)
    return found


def _named(parts: Parts, tags: Sequence[Tag], names: Sequence[str]) -> list[str | Code]:
    named = list(parts)
    for tag, name in zip(tags, names, strict=True):
        for place in {tag.start, tag.end}:
            code = named[place]
            assert isinstance(code, Code)
            named[place] = replace(code, id=name)
    return named


def _nested(parts: Parts, dialect: str) -> set[int]:
    """The places of codes that are written as one element around what they mark: those of pairs that cross no other
    element. Annotations come first, as TMX and XLIFF 1.2 have no other form for them.
    """
    partners = pairs_in(parts)
    tags = [tag for tag in tags_of(parts, annotations=True) if tag.kind == "pair"]
    marks = _uncrossed(
        partners, {place for tag in tags if tag.code.annotation for place in (tag.start, tag.end)}, set()
    )
    around = [tag for tag in tags if dialect == XLIFF2 or (dialect == XLIFF1 and not any(tag.natives))]
    return _uncrossed(partners, marks | {place for tag in around for place in (tag.start, tag.end)}, marks)


def _uncrossed(partners: Mapping[int, int], places: set[int], fixed: set[int]) -> set[int]:
    """Of the pairs at these places those that cross none of the `fixed` ones, and none that ends before they do."""
    found = set[int]()
    begun = [list[int]()]  # the pairs that are open, in each fixed one that is open
    for place in sorted(places):
        partner = partners[place]
        if place in fixed:
            begun = [*begun, []] if partner > place else begun[:-1]
        elif partner > place:
            begun[-1] += [place] if sum(map(len, begun)) + len(begun) < DEEPEST else []
        elif partner in begun[-1]:
            del begun[-1][begun[-1].index(partner) :]
            found |= {place, partner}
    return found | fixed


class _Writer:
    """Parts as XML."""

    def __init__(self, parts: Parts, dialect: str, data: Data | None) -> None:
        self._parts, self._dialect, self._data = parts, dialect, data
        self._partners, self._nested = pairs_in(parts), _nested(parts, dialect)
        self._xml, self._begun = list[str](), list[tuple[str, int]]()
        self._lacks_codes = self._lacks_attributes = False

    def written(self) -> Written:
        """All of them."""
        for place, part in enumerate(self._parts):
            if isinstance(part, str):
                self._xml += [escape(part)] if part else []
            elif place in self._nested:
                self._begin(part, self._parts[self._partners[place]]) if self._partners[place] > place else self._end()
            else:
                self._write(part, self._partners.get(place))
        return Written("".join(self._xml), self._lacks_codes, self._lacks_attributes)

    def _begin(self, code: Code, closing: str | Code) -> None:
        """An element around text."""
        assert isinstance(closing, Code)
        tag = {TMX: "hi", XLIFF1: "g", XLIFF2: "pc"}[self._dialect]
        tag = "mrk" if code.annotation and self._dialect != TMX else tag
        named = self._named(tag, code)
        if tag == "pc":
            last = self._named("ec", closing)
            split = ("equiv", "disp", "dataRef")
            ends = {f"{name}End": last[name] for name in split if name in last}
            named = {f"{name}Start" if name in split else name: value for name, value in named.items()} | ends
        self._begun.append((tag, len(self._xml)))
        self._xml.append(f"<{tag}{attributes(named)}>")

    def _end(self) -> None:
        tag, place = self._begun.pop()
        if place == len(self._xml) - 1:
            self._xml[-1] = f"{self._xml[-1][:-1]}/>"
        else:
            self._xml.append(f"</{tag}>")

    def _write(self, code: Code, partner: int | None) -> None:
        """An element without text."""
        other = "" if partner is None else self._parts[partner]
        if code.annotation and (self._dialect != XLIFF2 or partner is None):
            self._lacks_codes = True  # marks that cross others, or do not end here
            return
        tag = self._tag(code, other)
        content = "" if self._dialect == XLIFF2 else escape(code.native)
        named = attributes(self._named(tag, code, isolated=partner is None))
        self._xml.append(f"<{tag}{named}>{content}</{tag}>" if content else f"<{tag}{named}/>")

    def _tag(self, code: Code, other: str | Code) -> str:
        if code.annotation:
            return "sm" if code.kind == "opening" else "em"
        has_native = bool(code.native or (isinstance(other, Code) and other.native))
        if code.kind == "standalone":
            return "x" if self._dialect == XLIFF1 and not has_native else "ph"
        if self._dialect == XLIFF2:
            return "sc" if code.kind == "opening" else "ec"
        if isinstance(other, str):
            return "it"
        both = ("bpt", "ept") if self._dialect == TMX or has_native else ("bx", "ex")
        return both[code.kind == "closing"]

    def _named(self, tag: str, code: Code, isolated: bool = False) -> dict[str, str]:
        """The attributes of an element."""
        ends = code.kind == "closing" and not isolated  # all is said where the pair begins
        if self._dialect == TMX:
            named = {"i": code.id} if tag in ("bpt", "ept") else {}
            named |= {"x": code.id} if tag not in ("ept", "hi") else {}
            named |= {"pos": "end" if code.kind == "closing" else "begin"} if tag == "it" else {}
        elif tag == "mrk" and self._dialect == XLIFF1:
            named = {}
        else:
            named = {"startRef" if ends and tag in ("ec", "em") else "id": code.id}
            named |= {"pos": "close" if code.kind == "closing" else "open"} if tag == "it" else {}
            named |= {"isolated": "yes"} if isolated and tag in ("sc", "ec") else {}
        found = type_as(code.type, self._dialect, code.annotation, code.kind != "standalone")
        self._lacks_attributes |= found is None
        named |= (found or {}) if not ends else {}
        allowed = KEPT_OF_MARKS[self._dialect] if code.annotation else KEPT[self._dialect]
        allowed = (*allowed, "canCopy") if tag in ("g", "x", "bx") else allowed
        allowed = tuple(name for name in allowed if not name.startswith("can")) if ends else allowed
        self._lacks_attributes |= not code.attributes.keys() <= {*allowed}
        called = CALLED.get(self._dialect, {})
        named |= {called.get(name, name): value for name, value in code.attributes.items() if name in allowed}
        if code.native and self._dialect == XLIFF2:
            named |= (
                {"disp": code.native} | named if self._data is None else {"dataRef": self._data.reference(code.native)}
            )
        return named
