"""The pairs of texts in a memory, each with what stands around it and where it comes from."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from interlingua.errors import ConfigError, DataError
from interlingua.folding import spaced
from interlingua.units.catalogue import CONTEXT
from interlingua.units.facts import pairs
from interlingua.units.states import is_unfinished
from interlingua.units.unit import PROPERTY, Memory, Unit, Variant, sides, value_of

NAMED = ("tuid", "creationtool", "creationid", "changeid", "usagecount")


@dataclass(frozen=True, slots=True)
class Entry:
    """A text and its translation."""

    source: Variant
    target: Variant
    before: str = ""
    """The source texts of the units before and after it."""
    after: str = ""
    context: str = ""
    """What tells two equal texts apart: the context of a catalogue, or the name that a program has for the text."""
    facts: str = "{}"
    """Where it comes from, in JSON: identity, tool, author, date, usage, properties."""
    line: int = 0

    @property
    def provenance(self) -> dict[str, Any]:
        """Where it comes from, by name."""
        return json.loads(self.facts)

    @property
    def date(self) -> str:
        """When it was last changed, in TMX's form: such dates order as texts do."""
        return self.provenance.get("date", "")


def entries(memory: Memory, source_language: str = "", target_language: str = "") -> Iterator[Entry]:
    """The pairs of a memory between two languages, its own where they are clear; fuzzy and obsolete ones left out.

    Raises ConfigError where the languages are not clear, DataError at the end where there was no pair.
    """
    source_language = source_language or memory.about.attributes.get("srclang", "")
    languages: dict[str, str] = {}
    before, waiting = "", list[Entry]()
    for unit in memory:
        source, _ = sides(unit, source_language)
        if not source:
            continue
        for entry in waiting:
            yield replace(entry, after=source[0].text)
        waiting = []
        for one, target in pairs(unit, source_language, target_language) if not is_unfinished(unit) else ():
            languages.setdefault(target.language.lower().split("-")[0], target.language)
            if len(languages) > 1:
                raise ConfigError(
                    f"the memory has {', '.join(sorted(languages.values()))} beside {source_language or 'its source'}; "
                    "choose with --target-language"
                )
            if spaced(one.text) and spaced(target.text):
                facts = json.dumps(_provenance(unit), ensure_ascii=False)
                waiting.append(Entry(one, target, before, "", context_of(unit), facts, unit.line))
        before = source[0].text
    yield from waiting
    if not languages:
        asked = f"from {source_language or 'any language'} to {target_language or 'another'}"
        raise DataError(f"the memory has no finished pair {asked}; choose with --source-language and --target-language")


def context_of(unit: Unit) -> str:
    """The context of a catalogue's entry, else the name of a unit; numbers name nothing."""
    identity = unit.attributes.get("tuid", "")
    return value_of(unit.remarks, CONTEXT) or ("" if identity.isdecimal() else identity)


def _provenance(unit: Unit) -> dict[str, Any]:
    named: dict[str, str] = {}
    for variant in reversed(unit.variants):
        named |= variant.attributes
    named |= unit.attributes
    chosen = {name: named[name] for name in NAMED if named.get(name)}
    places = [unit.attributes, *(variant.attributes for variant in unit.variants)]
    date = max((place.get(name, "") for place in places for name in ("changedate", "creationdate")), default="")
    properties = {remark.name: remark.text for remark in unit.remarks if remark.kind == PROPERTY}
    return chosen | ({"date": date} if date else {}) | ({"properties": properties} if properties else {})
