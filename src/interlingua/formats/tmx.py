"""Translation memories in TMX 1.4, read and written as a stream: hundreds of megabytes need no more memory than one
unit.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from xml.etree.ElementTree import Element

from interlingua.errors import ConfigError
from interlingua.formats import Format
from interlingua.languages import UNKNOWN, spelled
from interlingua.outputs import create_text
from interlingua.progress import log
from interlingua.types import Row
from interlingua.units.code_types import TMX as DIALECT
from interlingua.units.holds import Holds
from interlingua.units.inline import SHOWN
from interlingua.units.inline_writing import in_vocabulary
from interlingua.units.markup import NO_XML, Part, attributes, escape, inner, local, name_of, parts, serialise, visible
from interlingua.units.unit import NOTE, OTHER, PROPERTY, About, Memory, Remark, Unit, Variant, prop
from interlingua.version import __version__

LANGUAGE = ("xml:lang", "lang")
NOTE_ATTRIBUTES = (*LANGUAGE, "o-encoding")
HOLDS = Holds(
    attributes=True, notes=True, properties=("",), note_attributes=NOTE_ATTRIBUTES, dialects=(DIALECT,), languages=True,
    variants=True,
    unfinished=True, header=True,
)  # fmt: skip
REQUIRED = {
    "creationtool": "interlingua", "creationtoolversion": __version__, "segtype": "sentence", "o-tmf": "interlingua",
    "adminlang": "en", "srclang": "*all*", "datatype": "plaintext",
}  # fmt: skip
"""What the header must have. No date: the same memory is the same file."""
NOT_LEFT = ("tuid", "o-encoding", "datatype", "usagecount", "lastusagedate", "creationtool", "creationtoolversion",
    "creationdate",
            "creationid", "changedate", "segtype", "changeid", "o-tmf", "srclang")  # fmt: skip


def read(path: Path) -> Iterator[Row]:
    """Rows {language: text}, one a translation unit, inline tags left out and white space made one space; `line` is
    that of the unit's end.

    Entities and external references are refused. Raises DataError, with the line.
    """
    for unit in units(path):
        texts: dict[str, str] = {}
        for variant in unit.variants:
            if variant.language not in texts:  # a second variant of a language is another reading of the same text
                texts[variant.language] = re.sub(r"[ \t\r\n]+", " ", variant.text).strip(" ")
        yield Row(texts, unit.line)


def memory(path: Path, source_language: str = "", target_language: str = "") -> Memory:
    """The memory with its header, every language and variant, properties, notes, attributes and inline tags.

    TMX names its languages itself. Raises DataError, with the line, here for the header and from the stream for what
    follows it.
    """
    root: dict[str, str] = {}
    for part in _parts(path):
        root = part.attributes if part.opened == "tmx" else root
        if part.element is not None or part.opened == "body":
            break
    else:
        return Memory(About(root=root), partial(units, path))
    header = part.element if part.element is not None and local(part.element.tag) == "header" else Element("header")
    named = {name: spelled(value) if name == "srclang" else value for name, value in header.attrib.items()}
    return Memory(About(named, tuple(map(_remark, header)), root), partial(units, path))


def units(path: Path) -> Iterator[Unit]:
    """The units alone, with all they hold. Raises DataError, with the line."""
    for part in _parts(path):
        if part.element is not None and local(part.element.tag) == "tu":
            yield _unit(part.element, part.line)


def _parts(path: Path) -> Iterator[Part]:
    return parts(path, "tmx", frozenset({"header", "tu"}))


def _unit(element: Element, line: int) -> Unit:
    variants = tuple(_variant(child) for child in element if name_of(child) == "tuv")
    return Unit(
        variants, dict(element.attrib), tuple(_remark(child) for child in element if name_of(child) != "tuv"), line
    )


def _variant(element: Element) -> Variant:
    named = dict(element.attrib)
    codes = [named.pop(key) for key in LANGUAGE if key in named]
    segment = next((child for child in element if name_of(child) == "seg"), None)
    remarks = tuple(_remark(child) for child in element if child is not segment)
    language = spelled(codes[0]) if codes and codes[0].strip() else UNKNOWN
    if segment is None:  # the DTD requires one; some tools leave it out
        text = "".join([element.text or "", *(child.tail or "" for child in element)]).strip()
        return Variant(language, text, attributes=named, remarks=remarks)
    tagged = len(segment) > 0
    return Variant(
        language,
        visible(segment, SHOWN[DIALECT]),
        inner(segment) if tagged else "",
        DIALECT if tagged else "",
        named,
        remarks,
    )


def _remark(element: Element) -> Remark:
    kind = name_of(element)
    plain = kind in (PROPERTY, NOTE) and not len(element)
    return (
        Remark(kind, element.text or "", dict(element.attrib))
        if plain
        else Remark(OTHER, serialise(element), {"dialect": DIALECT})
    )


def write_memory(path: Path, memory: Memory) -> None:
    """Write a memory as TMX 1.4 in UTF-8, streaming, whole or not at all; "-" prints it, .gz and .zst are compressed.

    What the header must have and has not is filled in. Inline codes of other vocabularies become those of TMX.
    Characters that XML cannot hold become U+FFFD and are counted on stderr. Raises DataError where the file cannot be
    written.
    """
    with create_text(path) as stream:
        _write(stream.write, memory.about, memory, path)


def write(
    path: Path,
    pairs: Iterable[tuple[float, str, str]],
    languages: tuple[str, str],
    properties: Mapping[str, str] | None = None,
) -> int:
    """Write mined pairs (score, source, target) as TMX and return their number; each unit has its score as <prop
    type="score">.

    Streaming, whole or not at all; `properties` (the model, say) stand in the header. "-" prints; .gz and .zst are
    compressed. Raises ConfigError, before `pairs` is touched, where the languages are unknown or the same, DataError
    where it cannot be written.
    """
    source_language, target_language = languages
    if UNKNOWN in languages or source_language == target_language:
        said = f"not {source_language!r} and {target_language!r}"
        raise ConfigError(
            "TMX names the language of each text: give two different ones with --source-language and "
            f"--target-language, {said}"
        )
    about = About({"srclang": source_language}, tuple(prop(name, value) for name, value in (properties or {}).items()))
    count = 0

    def units() -> Iterator[Unit]:
        nonlocal count
        for score, source, target in pairs:
            count += 1
            yield Unit(
                (Variant(source_language, source), Variant(target_language, target)),
                remarks=(prop("score", f"{score:.4f}"),),
            )

    with create_text(path) as stream:
        _write(stream.write, about, units(), path)
    return count


def _write(put: Callable[[str], object], about: About, units: Iterable[Unit], path: Path) -> None:
    lost = 0
    root = attributes({"version": "1.4"} | about.root)
    put(f'<?xml version="1.0" encoding="UTF-8"?>\n<tmx{root}>\n<header{attributes(REQUIRED | about.attributes)}')
    put(f">{_remarks(about.remarks)}</header>\n<body>\n" if about.remarks else "/>\n<body>\n")
    for unit in units:
        xml = _xml(unit)
        lost += any(NO_XML.search(variant.text) for variant in unit.variants)
        put(xml)
    put("</body>\n</tmx>\n")
    if lost:
        log(f"{path}: {lost:,} units had control characters, which no XML can hold; each became U+FFFD")


def _xml(unit: Unit) -> str:
    [unit] = in_vocabulary([unit], DIALECT)
    named = {
        name: value
        for name, value in unit.attributes.items()
        if name in NOT_LEFT or ":" in name or name.startswith("xmlns")
    }
    rest = tuple(prop(f"x-{name}", value) for name, value in unit.attributes.items() if name not in named)
    variants = "".join(
        f"<tuv{attributes({'xml:lang': variant.language} | variant.attributes)}>{_remarks(variant.remarks)}"
        f"<seg>{_segment(variant)}</seg></tuv>\n"
        for variant in unit.variants
    )
    return f"<tu{attributes(named)}>{_remarks((*unit.remarks, *rest))}\n{variants}</tu>\n"


def _segment(variant: Variant) -> str:
    return variant.markup if variant.markup and variant.dialect == DIALECT else escape(variant.text)


def _remarks(remarks: Iterable[Remark]) -> str:
    return "".join(map(_written, remarks))


def _written(remark: Remark) -> str:
    if remark.kind == OTHER:
        return remark.text if remark.attributes.get("dialect") == DIALECT else ""
    named = (
        remark.attributes
        if remark.kind == PROPERTY
        else {n: v for n, v in remark.attributes.items() if n in NOTE_ATTRIBUTES}
    )
    return f"<{remark.kind}{attributes(named)}>{escape(remark.text)}</{remark.kind}>"


FORMAT = Format(
    suffixes=(".tmx",),
    holds=HOLDS,
    read=read,
    memory=memory,
    write_memory=write_memory,
    write_scored=write,
    names_columns=True,
    needs_languages=True,
)
