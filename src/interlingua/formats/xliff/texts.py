"""The texts of a unit: whole, or in segments with what stands between them."""

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from xml.etree.ElementTree import Element

from interlingua.formats.xliff.structure import place_of
from interlingua.formats.xliff.vocabulary import DIALECTS, OURS, SEGMENT, TEMPLATES, Named
from interlingua.languages import UNKNOWN, spelled
from interlingua.units import inline
from interlingua.units.markup import attributes, element_of, escape, inner, name_of, serialise, visible
from interlingua.units.unit import Unit, Variant, prop, sides, value_of

SHOWN = inline.SHOWN[DIALECTS[0]]


def variant(
    text: Element, language: str, dialect: str, own: Mapping[str, str], more: tuple[Named, Named], template: str = ""
) -> Variant:
    """A text with the attributes of its source or target, and with those and the properties that XLIFF does not know;
    of the first of several segments also the `template`.
    """
    remarks = [
        prop(OURS[dialect] + name, value) for name, value in own.items() if name not in ("xml:lang", "xml:space")
    ]
    remarks += [prop(TEMPLATES[dialect], template)] if template else []
    remarks += [prop(*item) for item in more[1]]
    codes = inner(text) if len(text) else ""
    return Variant(
        spelled(own.get("xml:lang") or language) or UNKNOWN, _shown(text), codes, dialect if codes else "",
        dict(more[0]), tuple(remarks),
    )  # fmt: skip


def _shown(text: Element) -> str:
    for code in text.iter():
        if name_of(code) == "cp":  # a character that XML cannot hold, by its number
            code.tail = inline.character(code.get("hex", "")) + (code.tail or "")
    return visible(text, SHOWN)


def segments_of(text: Element) -> dict[str, Element]:
    """The marked segments in a text of XLIFF 1.2, by their mid."""
    return {mark.get("mid", ""): mark for mark in text.iter() if is_segment(mark) and mark.get("mid")}


def is_segment(element: Element) -> bool:
    """Whether an element marks a segment."""
    return name_of(element) == "mrk" and element.get("mtype") == "seg"


def template_of(text: Element) -> str:
    """A text of XLIFF 1.2 without what its segments hold."""
    return inner(emptied(text))


def emptied(text: Element) -> Element:
    """Likewise, as an element."""
    copy = deepcopy(text)
    for mark in segments_of(copy).values():
        mark[:], mark.text = [], None
    return copy


def placeholder(segment: str) -> str:
    """Where a segment belongs in a template."""
    return f"<mrk{attributes({'mtype': 'seg', 'mid': segment})}/>"


def joined(units: Iterable[Unit], source_language: str, dialect: str) -> Iterator[list[Unit]]:
    """Units that are the segments of one in this version, together; every other one alone."""
    together, expected = list[Unit](), list[str]()
    for unit in units:
        segment = value_of(unit.remarks, SEGMENT)
        same = bool(together) and segment in expected and _base(unit) == _base(together[0])
        if same and place_of(unit) == place_of(together[0]):
            expected = expected[expected.index(segment) + 1 :]
            together.append(unit)
            continue
        if together:
            yield together
        parted = dialect == DIALECTS[0] and not is_segmented([unit], source_language)
        together, expected = [unit], [] if parted else _mids(unit, source_language)
        expected = expected[expected.index(segment) + 1 :] if segment in expected else []
    if together:
        yield together


def _base(unit: Unit) -> str:
    return unit.attributes.get("tuid", "").removesuffix(f"/{value_of(unit.remarks, SEGMENT)}")


def identity_of(units: list[Unit], source_language: str) -> str:
    """What the unit of these segments is called; "" where it has no name."""
    return _base(units[0]) if len(units) > 1 else units[0].attributes.get("tuid", "")


def _mids(unit: Unit, source_language: str) -> list[str]:
    """The segments that a unit is to have, by the template of its source."""
    for one in sides(unit, source_language)[0][:1]:
        _, template = _template(one)
        return [] if template is None else list(segments_of(template))
    return []


def _template(one: Variant) -> tuple[str, Element | None]:
    """A text's template, with its version."""
    for dialect in DIALECTS:
        if written := value_of(one.remarks, TEMPLATES[dialect]):
            return dialect, element_of(written)
    return "", None


def content(one: Variant, dialect: str) -> str:
    """A text as it is written: with its codes where they are of this version."""
    return one.markup if one.markup and one.dialect == dialect else escape(one.text)


def is_segmented(units: list[Unit], source_language: str) -> bool:
    """Whether what is written as one unit of XLIFF 1.2 is marked as segments: it was so in such a file. Segments of
    XLIFF 2 may differ in what one unit of 1.2 has once.
    """
    source = sides(units[0], source_language)[0][:1]
    return bool(source) and _template(source[0])[0] == DIALECTS[0] and bool(_mids(units[0], source_language))


def between(units: list[Unit], side: int, source_language: str, dialect: str, marked: bool = True) -> str:
    """All of a source (side 0) or target (1) of XLIFF 1.2: its segments, marked or not, and what is between them."""
    texts = {value_of(u.remarks, SEGMENT): sides(u, source_language)[side][:1] for u in units}
    first = next((one[0] for one in texts.values() if one and _template(one[0])[1] is not None), None)
    found, template = _template(first) if first is not None else ("", None)
    contents = {segment: content(one[0], dialect) for segment, one in texts.items() if one}
    if template is None:
        template = element_of(" ".join(map(placeholder, contents)))
        assert template is not None
    filled = _filled(template, contents, marked, found in ("", dialect))
    return filled + "".join(f"<mrk{attributes({'mtype': 'seg', 'mid': s})}>{xml}</mrk>" for s, xml in contents.items())


def _filled(element: Element, contents: dict[str, str], marked: bool, codes: bool) -> str:
    """A template with its segments, which are taken out of `contents`."""
    parts = [escape(element.text or "")]
    for child in element:
        if is_segment(child):
            xml = contents.pop(child.get("mid", ""), None)
            tag = f"{child.tag}{attributes(child.attrib)}"
            parts.append("" if xml is None else f"<{tag}>{xml}</{child.tag}>" if marked else xml)
        elif not len(child):
            parts.append(serialise(child) if codes else escape(visible(child, SHOWN)))
        else:
            within = _filled(child, contents, marked, codes)
            parts.append(f"<{child.tag}{attributes(child.attrib)}>{within}</{child.tag}>" if codes else within)
        parts.append(escape(child.tail or ""))
    return "".join(parts)


def pieces(units: list[Unit], side: int, source_language: str, dialect: str) -> list[tuple[str, str]]:
    """A source or target as XLIFF 2 has it: each segment (its id, "") and what is between them ("", its content)."""
    variants = [one for unit in units for one in sides(unit, source_language)[side][:1]]
    found, template = next((t for t in map(_template, variants) if t[1] is not None), ("", None))
    if template is None:
        return [(value_of(unit.remarks, SEGMENT), "") for unit in units]
    parts = [("", escape(template.text or ""))]
    for child in template:
        inside = segments_of(child)
        if inside:
            parts += [(segment, "") for segment in inside]
        else:
            parts.append(("", serialise(child) if found == dialect else escape(visible(child, SHOWN))))
        parts.append(("", escape(child.tail or "")))
    return parts
