"""XLIFF 1.2 and 2.x as a stream of units."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from interlingua.errors import DataError
from interlingua.formats.xliff import version_1, version_2
from interlingua.formats.xliff.plurals import together
from interlingua.formats.xliff.remarks import groups_of, note_of
from interlingua.formats.xliff.structure import remark_of_group, remarks_of_file
from interlingua.formats.xliff.vocabulary import DIALECTS, OF_FILE, UNITS, Named, Version
from interlingua.languages import UNKNOWN, spelled
from interlingua.types import Row
from interlingua.units.markup import Part, all_text, name_of, parts, serialise
from interlingua.units.unit import OTHER, TARGET, About, Memory, Remark, Unit, Variant, prop

AROUND = "xliff, outside of units"
"""The dialect of what a file has beside its units, groups and files."""
WHOLE = UNITS | {"bin-unit", "note", "notes", "prop-group", "metadata"}
"""Elements that are read whole."""
CONTAINERS = ("xliff", "file", "body", "group")


def read(path: Path) -> Iterator[Row]:
    """Rows of source, target and their languages, one a segment, inline codes left out and white space made one space.

    Entities and external references are refused. Raises DataError, with the line.
    """
    for unit in units(path):
        source, target = (*unit.variants, *[Variant(UNKNOWN, "")] * 2)[:2]  # a segment may lack both
        texts = (re.sub(r"[ \t\r\n]+", " ", variant.text).strip(" ") for variant in (source, target))
        languages = {"source_language": source.language, "target_language": target.language}
        yield Row(dict(zip(("source", "target"), texts, strict=True)) | languages, unit.line)


def version_of(path: Path) -> Version:
    """The version to write that is nearest to that of a file. Raises DataError, with the line, for what is no XLIFF."""
    root = next((part.attributes for part in parts(path, "xliff", UNITS) if part.opened == "xliff"), {})
    return "2.1" if root.get("version", "").startswith("2") else "1.2"


def memory(path: Path, source_language: str = "", target_language: str = "") -> Memory:
    """The segments with their notes, properties, attributes, states, inline codes, files and groups, plural forms as
    those of one unit; the languages where the file names none.

    What an element of the file holds beyond that stands in properties named x-xliff. Raises DataError, with the line.
    """
    about = _about(path, source_language, target_language)
    source = about.attributes.get("srclang", "")
    return Memory(about, lambda: together(units(path, source_language, target_language), source))


def _about(path: Path, source_language: str, target_language: str) -> About:
    """What stands before the first unit: of ours, the header of another format; of others, that there is one."""
    named, groups, remarks = source_language, dict[str, Named](), list[Remark]()
    dialect, wanted = DIALECTS[0], target_language
    for part in _parts(path):
        named = part.attributes.get("source-language", part.attributes.get("srcLang", named))
        wanted = part.attributes.get("target-language", part.attributes.get("trgLang", wanted))
        tag = part.opened if part.element is None else name_of(part.element)
        if tag == "xliff":
            dialect = DIALECTS[part.attributes.get("version", "").startswith("2")]
        if tag in (*UNITS, "bin-unit", "group"):
            break
        if tag in ("note", "notes") and part.element is not None:
            notes = [part.element] if tag == "note" else list(part.element)
            remarks += [note_of(all_text(note), note.attrib, dialect) for note in notes]
        elif tag == "prop-group" and part.element is not None and part.element.get("name") in OF_FILE:
            groups |= groups_of(part.element, "name", "prop-type")
        elif tag == "metadata" and part.element is not None:
            for group in part.element:
                groups |= groups_of(group, "category", "type")
        elif tag and tag not in (*CONTAINERS, "header"):  # one tells that there are some
            xml = f"{part.xml[:-1]}/>" if part.element is None else serialise(part.element)
            remarks.append(Remark(OTHER, xml, {"dialect": AROUND}))
    remarks = [*(prop(*item) for item in groups.get(OF_FILE[1], [])), *remarks]
    remarks += [prop(TARGET, spelled(wanted))] if wanted else []
    first = {"srclang": spelled(named)} if named else {}
    return About(first | dict(groups.get(OF_FILE[0], [])), tuple(remarks))


def units(path: Path, source_language: str = "", target_language: str = "") -> Iterator[Unit]:
    """The segments of all files in the document, in order, each plural form one of its own. Raises DataError, with the
    line.
    """
    named = source_language or UNKNOWN, target_language or UNKNOWN
    dialect, file, groups = DIALECTS[0], list[Remark](), list[Remark]()
    around, seen, number, locked = list[str](), 0, 0, [""]
    held: Unit | None = None  # until it is known what follows it
    scopes: list[dict[str, str]] = [{}]
    for part in _parts(path):
        if part.opened:
            prefixes = {name[6:]: uri for name, uri in part.attributes.items() if name.startswith("xmlns:")}
            scopes.append(scopes[-1] | prefixes)
        elif part.closed:
            scopes.pop()
        if part.opened in ("xliff", "file"):
            attributes = part.attributes
            if part.opened == "xliff":
                dialect = DIALECTS[attributes.get("version", "").startswith("2")]
            named = (
                spelled(attributes.get("source-language", attributes.get("srcLang", named[0]))),
                spelled(attributes.get("target-language", attributes.get("trgLang", named[1]))),
            )
            file, seen = remarks_of_file(attributes, scopes[-1], dialect), seen + (part.opened == "file")
            number, locked = 0, [attributes.get("translate", "")]
        elif part.opened == "group":
            number += 1
            groups.append(remark_of_group({"id": f"g{number}"} | part.attributes, scopes[-1]))
            locked.append(part.attributes.get("translate", locked[-1]))
        elif part.closed == "group":
            groups.pop()
            locked.pop()
        elif part.element is not None and name_of(part.element) in UNITS:
            version = version_1 if name_of(part.element) == "trans-unit" else version_2
            place = [*file, *groups]
            if locked[-1] == "no" and "translate" not in part.element.attrib:
                part.element.set("translate", "no")  # as what it stands in
            found = list(version.read(part.element, named, place, part.line, scopes[-1]))
            around += [] if found else ["unit"]
            for unit in found:
                if held is not None:
                    yield _with(held, around)
                    around = []
                held = unit
        elif (tag := part.opened if part.element is None else name_of(part.element)) not in ("", *CONTAINERS):
            before = seen < 2 and not groups  # what stands before all units is known of the file
            around += [] if before and tag != "bin-unit" else [tag]
    if held is not None:
        yield _with(held, around)


def _with(unit: Unit, around: list[str]) -> Unit:
    """A unit that knows what is lost beside it."""
    if not around:
        return unit
    return replace(unit, remarks=(*unit.remarks, Remark(OTHER, "", {"dialect": AROUND, "names": ", ".join(around)})))


def _parts(path: Path) -> Iterator[Part]:
    """What the file is made of. Raises DataError for a version that is not known."""
    for part in parts(path, "xliff", WHOLE):
        version = part.attributes.get("version", "1.2") if part.opened == "xliff" else "1.2"
        if version.split(".")[0] not in ("1", "2"):
            raise DataError(f"XLIFF {version} is not known; convert it to XLIFF 1.2 or 2.1", path, part.line)
        yield part
