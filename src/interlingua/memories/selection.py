"""Units of a memory that fit what is asked: properties, people, dates, languages, states, texts, lengths."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice

from interlingua.errors import ConfigError
from interlingua.memories.words import Pattern, Phrase
from interlingua.units.facts import AUTHORS, TOOLS, bound, date_of, named, pairs
from interlingua.units.states import State, state_of
from interlingua.units.unit import TARGET, Memory, Unit, is_source, prop

TOGETHER, CHARACTERS = 1000, 1 << 20
"""Units looked at together, and characters in them."""


class Side(StrEnum):
    """Of a unit."""

    source = "source"
    target = "target"
    both = "both"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked of a unit: everything that is given here; of several values of one kind, any."""

    properties: tuple[str, ...] = ()
    """NAME=VALUE, or NAME alone where any value will do."""
    authors: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    source_language: str = ""
    target_language: str = ""
    states: tuple[State, ...] = ()
    contains: str = ""
    pattern: str = ""
    side: Side = Side.both
    shortest: int | None = None
    longest: int | None = None

    def __post_init__(self) -> None:
        """Raise ConfigError for what can be no date, property or pattern."""
        bound("--since", self.since)
        bound("--until", self.until)
        for given in self.properties:
            if given.startswith("=") or not given:
                raise ConfigError(f"--property {given!r}: write NAME=VALUE, or NAME for any value")
        if (self.shortest or 0) > (self.longest or self.shortest or 0):
            raise ConfigError(f"no text is at least {self.shortest} and at most {self.longest} characters long")


def texts_on(unit: Unit, side: Side, source_language: str) -> list[str]:
    """The texts of a unit on a side; of a unit with one text, that text is the source."""
    if side is Side.both:
        return [variant.text for variant in unit.variants]
    found = list(pairs(unit, source_language))
    if side is Side.target:
        return [pair.target.text for pair in found]
    sources = [pair.source.text for pair in found] or [variant.text for variant in unit.variants[:1]]
    return list(dict.fromkeys(sources))


def judged(memory: Memory, asked: Asked) -> Iterator[tuple[Unit, bool]]:
    """Every unit, and whether it fits; they are read some at a time."""
    source_language = asked.source_language or memory.about.attributes.get("srclang", "")
    of_unit, of_texts = list(_of_unit(asked)), list(_of_texts(asked))
    for units in together(memory):
        fits = [all(test(unit) for test in of_unit) for unit in units]
        texts = [
            texts_on(unit, asked.side, source_language) if fit else [] for unit, fit in zip(units, fits, strict=True)
        ]
        flat = [text for some in texts for text in some]
        for occurs in of_texts:
            found = iter(occurs(flat))
            fits = [_some(found, len(some)) and fit for some, fit in zip(texts, fits, strict=True)]
        yield from zip(units, fits, strict=True)


def _some(found: Iterator[bool], count: int) -> bool:
    """Whether one of the next is true; all of them are taken."""
    return sum(islice(found, count)) > 0


def together(units: Iterable[Unit]) -> Iterator[list[Unit]]:
    """Units some at a time, never more text than is good for memory."""
    some, size = list[Unit](), 0
    for unit in units:
        some.append(unit)
        size += sum(len(variant.text) for variant in unit.variants)
        if len(some) >= TOGETHER or size >= CHARACTERS:
            yield some
            some, size = [], 0
    yield some


def _of_texts(asked: Asked) -> Iterator[Callable[[Sequence[str]], list[bool]]]:
    if asked.contains:
        yield Phrase(asked.contains, whole_words=False).occurs
    if asked.pattern:
        yield Pattern(asked.pattern, exact_case=True).occurs


def _of_unit(asked: Asked) -> Iterator[Callable[[Unit], bool]]:
    wanted: dict[str, set[str]] = {}
    for given in asked.properties:
        name, _, value = given.partition("=")
        wanted.setdefault(name, set()).add(value if "=" in given else "")
    for name, values in wanted.items():
        yield lambda unit, name=name, values=values: any("" in values or value in values for value in named(unit, name))
    for names, people in ((AUTHORS, asked.authors), (TOOLS, asked.tools)):
        if people:
            yield lambda unit, names=names, people=people: not set(people).isdisjoint(named(unit, *names))
    since, until = bound("--since", asked.since), bound("--until", asked.until)
    if since or until:
        yield lambda unit: _is_between(date_of(unit), since, until)
    for language in filter(None, (asked.source_language, asked.target_language)):
        yield lambda unit, language=language: any(is_source(v.language, language) for v in unit.variants)
    if asked.states:
        yield lambda unit: _state(unit) in asked.states
    if asked.shortest is not None or asked.longest is not None:
        yield lambda unit: _has_lengths(unit, asked)


def _state(unit: Unit) -> State:
    """Of a translation of which nothing is said: translated, as the finished entries of a catalogue are."""
    stated = state_of(unit)
    if stated is not None:
        return stated
    return State.translated if sum(bool(variant.text) for variant in unit.variants) > 1 else State.initial


def _has_lengths(unit: Unit, asked: Asked) -> bool:
    lengths = [len(text) for text in texts_on(unit, asked.side, asked.source_language)]
    longest = asked.longest
    return all(length >= (asked.shortest or 0) and (longest is None or length <= longest) for length in lengths)


def _is_between(date: str, since: str, until: str) -> bool:
    """Whether a date lies in a time, of which a part such as a year begins with its first second and ends with its
    last one; a unit without a date lies in none.
    """
    return bool(date) and date[: len(since)] >= since and (not until or date[: len(until)] <= until)


def selected(memory: Memory, asked: Asked, invert: bool = False) -> Memory:
    """The units that fit, or with `invert` the others. Where there are none, the header says in which languages they
    would be.
    """

    def units() -> Iterator[Unit]:
        return (unit for unit, fits in judged(memory, asked) if fits is not invert)

    about = memory.about
    if next(units(), None) is None:
        languages = memory.languages(asked.source_language)
        if len(languages) == 2:
            remarks = (*(remark for remark in about.remarks if remark.name != TARGET), prop(TARGET, languages[1]))
            about = replace(about, attributes=about.attributes | {"srclang": languages[0]}, remarks=remarks)
    return replace(memory, about=about, stream=units)
