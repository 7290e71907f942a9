"""The files and groups that units stand in: properties of each unit, so that they survive other formats."""

import re
from collections.abc import Mapping
from typing import NamedTuple
from xml.etree.ElementTree import Element

from interlingua.formats.xliff.vocabulary import DIALECTS, FILE, GROUP, NAMES, ORIGINAL, OUR_FILE, REFERRING, other
from interlingua.units.markup import attributes, element_of
from interlingua.units.unit import Remark, Unit, prop

LANGUAGES = ("source-language", "target-language", "srcLang", "trgLang")
PREFIX = {"xliff 1": "xliff1", "xliff 2": "xliff2"}
NAMESPACE = {"xliff 1": "urn:oasis:names:tc:xliff:document:1.2", "xliff 2": "urn:oasis:names:tc:xliff:document:2.0"}
"""Of attributes of files and groups that only one version has, in the other."""
OF_GROUP_2 = ("name", "canResegment", "srcDir", "trgDir", "type")
"""Attributes that a group has in XLIFF 2 alone."""


class Place(NamedTuple):
    """Where a unit stands."""

    file: tuple[tuple[str, str], ...] = ()
    """Properties of its file, by name."""
    groups: tuple[str, ...] = ()
    """Attributes of the groups around it, the outer first."""


def is_place(name: str) -> bool:
    """Whether a property says where its unit stands."""
    return name in (ORIGINAL, GROUP) or name.startswith(tuple(FILE.values()))


def place_of(unit: Unit) -> Place:
    """Where a unit stands, or stood in the file it was read from."""
    named = [(remark.name, remark.text) for remark in unit.remarks if is_place(remark.name)]
    return Place(
        tuple(item for item in named if item[0] != GROUP), tuple(text for name, text in named if name == GROUP)
    )


def remarks_of_file(named: Mapping[str, str], scope: Mapping[str, str], dialect: str) -> list[Remark]:
    """The attributes of a file as properties of its units."""
    if named.get("original", OUR_FILE) == OUR_FILE and (dialect == DIALECTS[0] or "original" in named):
        return []
    known = ("original", *LANGUAGES, *REFERRING)
    known = (*known, "id") if re.fullmatch(r"f\d+", named.get("id", "")) else known  # where the file stands, no more
    file = Element("file", {name: text for name, text in named.items() if name not in known})
    declare(file, scope)
    foreign = f"{PREFIX[other(dialect)]}:"
    found = [prop(ORIGINAL, named["original"])] if "original" in named else []
    for name, text in file.attrib.items():
        of = other(dialect) if name.startswith(foreign) else dialect
        found += [] if name == f"xmlns:{foreign[:-1]}" else [prop(FILE[of] + name.removeprefix(foreign), text)]
    return found


def file_attributes(place: Place, dialect: str) -> dict[str, str]:
    """The attributes of a file in one version, without its languages; those of the other have a prefix."""
    found = dict[str, str]()
    for name, text in place.file:
        if name == ORIGINAL:
            found["original"] = text
        elif name.startswith(FILE[dialect]):
            found[name.removeprefix(FILE[dialect])] = text
        else:
            found |= _foreign(name.removeprefix(FILE[other(dialect)]), text, other(dialect))
    return found


def _foreign(name: str, text: str, dialect: str) -> dict[str, str]:
    """An attribute that only the other version has."""
    if ":" in name:
        return {name: text}
    return {f"xmlns:{PREFIX[dialect]}": NAMESPACE[dialect], f"{PREFIX[dialect]}:{name}": text}


def remark_of_group(named: Mapping[str, str], scope: Mapping[str, str]) -> Remark:
    """The attributes of a group as a property of its units."""
    group = Element("group", {name: text for name, text in named.items() if name not in REFERRING})
    declare(group, scope)
    return prop(GROUP, attributes(group.attrib).strip())


def group_attributes(written: str, dialect: str) -> dict[str, str]:
    """The attributes of a group in one version, those of the other with a prefix; of what is no group of XLIFF, a
    name.
    """
    group = element_of(f"<group {written}/>")
    given = {"resname": written} if group is None else dict(group[0].attrib)
    names, others, mine = NAMES[dialect], NAMES[other(dialect)], f"{PREFIX[dialect]}:"
    if given.get(others.plural[0]) == others.plural[1]:
        given = dict([names.plural]) | {name: text for name, text in given.items() if name != others.plural[0]}
    found = dict[str, str]()
    for name, text in given.items():
        renamed = others.units.get(name, name).removeprefix(mine)
        in_both = renamed in ("id", "translate") or ":" in renamed
        if in_both or (renamed in OF_GROUP_2) == (dialect == DIALECTS[1]):
            found |= {} if renamed == f"xmlns:{mine[:-1]}" else {renamed: text}
        else:
            found |= _foreign(renamed, text, other(dialect))
    return found


def declare(element: Element, scope: Mapping[str, str]) -> None:
    """Let an element declare the prefixes of foreign names in it, so that it can be written anywhere; what nobody
    declared gets a name of its own.
    """
    missing = dict.fromkeys(_undeclared(element, frozenset({"xml", "xmlns"})))
    for prefix in missing:
        element.set(f"xmlns:{prefix}", scope.get(prefix, f"urn:undeclared:{prefix}"))


def _undeclared(element: Element, known: frozenset[str]) -> list[str]:
    if not isinstance(element.tag, str):  # pyright: ignore[reportUnnecessaryIsInstance]  # a comment
        return []
    known |= {name[6:] for name in element.attrib if name.startswith("xmlns:")}
    used = [name.partition(":")[0] for name in (element.tag, *element.attrib) if ":" in name]
    found = [prefix for prefix in used if prefix not in known]
    return found + [prefix for child in element for prefix in _undeclared(child, known)]
