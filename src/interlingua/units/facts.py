"""What a unit says of itself: when it was changed, by whom, with what; and its pairs of texts."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from interlingua.errors import ConfigError
from interlingua.folding import spaced
from interlingua.units.catalogue import CONTEXT, PLURAL, is_plural
from interlingua.units.unit import ALL, Unit, Variant, is_source, sides, value_of

DATES, AUTHORS, TOOLS = ("changedate", "creationdate"), ("changeid", "creationid"), ("creationtool",)
COMPACT = re.compile(r"\d{4}(?:\d{2}(?:\d{2}(?:T\d{2}(?:\d{2}(?:\d{2})?)?)?)?)?")


class Pair(NamedTuple):
    """A text and its translation."""

    source: Variant
    target: Variant


def pairs(unit: Unit, source_language: str = "", target_language: str = "") -> Iterator[Pair]:
    """The pairs of a unit between two languages; by default from that of its first text to every other. A plural
    form is a translation of the source text in the plural.
    """
    source, target = sides(unit, source_language or unit.attributes.get("srclang", ""))
    if not source or (source_language in ("", ALL) and len(unit.variants) == 2):  # of one language, too
        source, target = [*unit.variants[:1]], [*unit.variants[1:]]
    plural = next((one for one in source if value_of(one.remarks, PLURAL) == "id"), None)
    for variant in target:
        if not target_language or is_source(variant.language, target_language):
            singular = value_of(variant.remarks, PLURAL) in ("", "0")
            yield Pair(source[0] if singular or plural is None else plural, variant)


def named(unit: Unit, *names: str) -> list[str]:
    """The values of attributes of the unit and of its texts, and of properties, that have one of these names."""
    places = [unit.attributes, *(variant.attributes for variant in unit.variants)]
    found = [place[name] for name in names for place in places if place.get(name)]
    remarks = [*unit.remarks, *(remark for variant in unit.variants for remark in variant.remarks)]
    return found + [remark.text for remark in remarks if remark.name in names and remark.text]


def authors(unit: Unit) -> list[str]:
    """Who made or changed it, who changed it first."""
    return list(dict.fromkeys(named(unit, *AUTHORS)))


def date_of(unit: Unit) -> str:
    """When it was last changed, else made, in TMX's form without its Z: such dates order as texts do. "" where it does
    not say.
    """
    return max(map(compact, named(unit, *DATES)), default="")


@lru_cache(maxsize=4096)  # a memory has the same ones again and again
def compact(date: str) -> str:
    """A date as TMX writes it, in UTC and without the Z, 20240131T235900, from any form of ISO 8601; a part of one
    (2024, 2024-01) as far as it goes. "" for what is no date.
    """
    short = date.strip().removesuffix("Z").replace("-", "").replace(":", "") if date.count("T") < 2 else ""
    if COMPACT.fullmatch(short) and len(short) < len("20240131"):
        return short if len(short) == len("2024") or "01" <= short[4:] <= "12" else ""
    try:
        moment = datetime.fromisoformat(date.strip())
    except ValueError:
        return ""
    moment = moment.astimezone(UTC) if moment.tzinfo else moment
    return moment.strftime("%Y%m%dT%H%M%S" if len(short) > len("20240131") else "%Y%m%d")


def bound(option: str, date: str) -> str:
    """A date that an option gives, as `compact` writes it. Raises ConfigError for what is none."""
    if date and not compact(date):
        raise ConfigError(f"{option} {date!r} is no date; write it like 2024, 2024-01-31 or 2024-01-31T18:00")
    return compact(date)


def digest(*texts: str) -> bytes:
    """16 bytes that stand for texts, white space and the encoding of accents aside."""
    return blake2b("\0".join(map(spaced, texts)).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def context_of(unit: Unit) -> str:
    """What tells entries of a catalogue with the same text apart."""
    return value_of(unit.remarks, CONTEXT)


def source_key(unit: Unit, pair: Pair) -> bytes:
    """The same for pairs that translate one text, in one context, into one language; for all forms of a unit with
    plural forms.
    """
    plural = is_plural(unit)
    source = unit.variants[0] if plural else pair.source
    kind = context_of(unit), "plural" if plural else ""
    return digest(*kind, source.language.lower(), source.text, pair.target.language.lower())


def unit_key(unit: Unit) -> bytes:
    """The same for units of equal texts in equal languages and the same context."""
    texts = (part for one in unit.variants for part in (one.language.lower(), value_of(one.remarks, PLURAL), one.text))
    return digest(context_of(unit), *texts)
