"""Units as XLIFF 1.2 or 2.1: files, groups and identities as they were, or as they must be."""

import re
from collections.abc import Callable, Iterator
from itertools import count, takewhile
from pathlib import Path

from interlingua.errors import ConfigError
from interlingua.formats.xliff import version_1, version_2
from interlingua.formats.xliff.plurals import parted
from interlingua.formats.xliff.remarks import notes_to_write
from interlingua.formats.xliff.structure import NAMESPACE, Place, file_attributes, group_attributes, place_of
from interlingua.formats.xliff.texts import identity_of, joined
from interlingua.formats.xliff.vocabulary import DIALECT_OF, NMTOKEN, OF_FILE, OUR_FILE, Named, Version
from interlingua.languages import UNKNOWN
from interlingua.outputs import create_text
from interlingua.progress import log
from interlingua.units.catalogue import HEADER, is_plural
from interlingua.units.markup import NO_XML, attributes, escape
from interlingua.units.unit import PROPERTY, TARGET, Memory, Unit, value_of

METADATA = 'xmlns:mda="urn:oasis:names:tc:xliff:metadata:2.0"'


def write_memory(path: Path, memory: Memory, version: Version = "1.2") -> None:
    """Write a bilingual memory as XLIFF, streaming, whole or not at all; "-" prints it, .gz and .zst are compressed.

    Raises ConfigError where the memory has not one source and one target language, DataError where it cannot be
    written.
    """
    languages = memory.languages()
    if UNKNOWN in languages or len(languages) > 2 or not languages:
        said = ", ".join(languages) or "none"
        raise ConfigError(
            f"{path}: XLIFF has one source and one target language, found {said}; choose with --source-language and "
            "--target-language"
        )
    with create_text(path) as stream:
        wanted = value_of(memory.about.remarks, TARGET)
        lost = _Document(stream.write, memory, [*languages, wanted][:2], version).write()
    if lost:
        log(f"{path}: {lost:,} units had control characters, which no XML can hold; each became U+FFFD")


class _Document:
    """One that is written."""

    def __init__(self, put: Callable[[str], object], memory: Memory, languages: list[str], version: Version) -> None:
        self._put, self._memory, self._languages, self._version = put, memory, languages, version
        self._dialect = DIALECT_OF[version]
        self._catalogue = any(remark.name.startswith(HEADER) for remark in memory.about.remarks)
        self._place, self._files = Place(), 0
        self._identities, self._groups, self._file_names = (_Identities(self._dialect) for _ in range(3))

    def write(self) -> int:
        """The number of units that had characters which XML cannot hold."""
        in_two = self._version == "2.1"
        self._put('<?xml version="1.0" encoding="UTF-8"?>\n')
        if in_two:
            named = attributes(_filled({"srcLang": self._languages[0], "trgLang": self._languages[1]}))
            self._put(f'<xliff version="2.1" xmlns="{NAMESPACE[self._dialect]}"{named} {METADATA}>\n')
        else:
            self._put(f'<xliff version="1.2" xmlns="{NAMESPACE[self._dialect]}">\n')
        write = version_2.write if in_two else version_1.write
        source = self._languages[0]
        lost = 0
        for units in joined(self._units(), source, self._dialect):
            lost += sum(any(NO_XML.search(one.text) for one in unit.variants) for unit in units)
            self._go_to(place_of(units[0]))
            wished = identity_of(units, source)
            identity = self._identities.given(wished)
            self._put(write(units, source, identity, self._kept(wished, identity), self._catalogue))
        if not self._files:
            self._open_file(Place())
        self._close()
        self._put("</xliff>\n")
        return lost

    def _units(self) -> Iterator[Unit]:
        """The units, plural forms as units of their own."""
        for number, unit in enumerate(self._memory, 1):
            if not is_plural(unit):
                yield unit
                continue
            identity = unit.attributes.get("tuid", "") or f"u{number}"
            yield from parted(unit, self._languages[0], identity, self._dialect)

    def _kept(self, wished: str, identity: str) -> Named:
        """What a unit was called, where its identity does not say it."""
        looks_invented = not self._place.file and re.fullmatch(r"u\d+", wished)
        return [("tuid", wished)] if wished and (wished != identity or looks_invented) else []

    def _go_to(self, place: Place) -> None:
        """Close and open what lies between one unit and the next."""
        if not self._files or place.file != self._place.file:
            self._close()
            self._open_file(place)
        alike = (one == other for one, other in zip(place.groups, self._place.groups, strict=False))
        same = sum(takewhile(bool, alike))
        self._put("</group>\n" * (len(self._place.groups) - same))
        for written in place.groups[same:]:
            named = group_attributes(written, self._dialect)
            if "id" in named or self._version == "2.1":
                named = {"id": self._groups.given(named.get("id", ""))} | {n: t for n, t in named.items() if n != "id"}
            self._put(f"<group{attributes(named)}>\n")
        self._place = place

    def _open_file(self, place: Place) -> None:
        self._files += 1
        self._identities, self._groups = _Identities(self._dialect), _Identities(self._dialect)
        own = file_attributes(place, self._dialect)
        if self._version == "2.1":
            named = {"id": self._file_names.given(own.pop("id", "") or f"f{self._files}")} | own
            self._put(f"<file{attributes(named)}>\n{self._header()}")
            return
        source, target = self._languages
        original = {"original": "" if place.file else OUR_FILE}
        named = _filled({"source-language": source, "target-language": target}) | {"datatype": "plaintext"}
        self._put(f"<file{attributes(original | named | own)}>\n{self._header()}<body>\n")

    def _header(self) -> str:
        """What the memory says about itself, in the first file."""
        about = self._memory.about
        if self._files > 1:
            return ""
        named = [(name, value) for name, value in about.attributes.items() if name != "srclang"]
        known = [remark for remark in about.remarks if remark.kind == PROPERTY and remark.name != TARGET]
        properties = [(remark.name, remark.text) for remark in known]
        groups = [group for group in zip(OF_FILE, (named, properties), strict=True) if group[1]]
        notes = notes_to_write(Unit((), remarks=about.remarks), "", self._dialect, False)
        in_two = self._version == "2.1"
        group, item, called, kind = (
            ("mda:metaGroup", "mda:meta", "category", "type") if in_two else ("prop-group", "prop", "name", "prop-type")
        )
        inside = "".join(
            f'<{group} {called}="{name}">'
            + "".join(f"<{item}{attributes({kind: n})}>{escape(v)}</{item}>" for n, v in items)
            + f"</{group}>\n"
            for name, items in groups
        )
        written = "".join(f"<note{attributes(named)}>{escape(text)}</note>\n" for text, named in notes)
        if in_two:
            inside = f"<mda:metadata>\n{inside}</mda:metadata>\n" if inside else ""
            return inside + (f"<notes>\n{written}</notes>\n" if written else "")
        return f"<header>\n{inside}{written}</header>\n" if inside or written else ""

    def _close(self) -> None:
        if self._files:
            self._put("</group>\n" * len(self._place.groups))
            self._put("</file>\n" if self._version == "2.1" else "</body>\n</file>\n")
            self._place = Place()


class _Identities:
    """Those of the units of a file: each once."""

    def __init__(self, dialect: str) -> None:
        self._dialect, self._taken, self._numbers = dialect, set[str](), count(1)

    def given(self, wished: str) -> str:
        """The identity wished for, or one that is free."""
        allowed = bool(wished) and (self._dialect == "xliff 1" or NMTOKEN.fullmatch(wished) is not None)
        identity = wished if allowed and wished not in self._taken else self.invented()
        self._taken.add(identity)
        return identity

    def invented(self) -> str:
        """One that no unit before had."""
        return next(identity for number in self._numbers if (identity := f"u{number}") not in self._taken)


def _filled(named: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in named.items() if value}
