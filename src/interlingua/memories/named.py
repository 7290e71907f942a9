"""Memories as a user names them, with what their matches cost."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from interlingua.errors import ConfigError
from interlingua.files import user_cache
from interlingua.formats import open_memory
from interlingua.languages import UNKNOWN
from interlingua.loading import about, load
from interlingua.machine import AUTO
from interlingua.memories import index
from interlingua.memories.entries import Entry, entries
from interlingua.memories.lookup import Known, Match, Segment, lookup
from interlingua.types import Encode
from interlingua.units.facts import AUTHORS, TOOLS, bound
from interlingua.units.unit import is_source

POINTS = re.compile(r"(?P<what>.+):(?P<points>\d{1,3}(?:\.\d+)?)", re.DOTALL)
DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
PERSONS = {"author": AUTHORS, "tool": TOOLS}


@dataclass(frozen=True)
class Indexed:
    """An index, and the languages of its texts and of their translations."""

    index: index.Index
    languages: tuple[str, str]


class Named(NamedTuple):
    """A memory, and the points that its matches cost."""

    path: Path
    points: float = 0.0

    def open(
        self, encode: Encode, model: dict[str, Any], folder: Path, source_language: str = "", target_language: str = ""
    ) -> Indexed:
        """Its index in `folder`, made where there is none. Raises what reading and encoding raise."""
        memory = open_memory(self.path, source_language, target_language)
        said = {name: value for name, value in model.items() if name != "name"}
        about = {"model": said, "languages": [source_language, target_language]}
        language = source_language or UNKNOWN
        pairs = entries(memory, source_language, target_language)
        found = index.opened(index.folder_in(folder, self.path, about), self.path, pairs, encode, language, about)
        first = next(iter(found.of_text(0)))
        return Indexed(found, (source_language or first.source.language, target_language or first.target.language))


def named(written: str) -> Named:
    """FILE or FILE:POINTS."""
    found = POINTS.fullmatch(written)
    if found is None or Path(written).exists():
        return Named(Path(written))
    return Named(Path(found["what"]), _points(found["points"], written))


@dataclass(frozen=True)
class Penalties:
    """Points that units cost for where they come from."""

    rules: tuple[tuple[str, str, float], ...]

    @classmethod
    def of(cls, written: list[str]) -> "Penalties":
        """NAME=VALUE:POINTS, each. Raises ConfigError for anything else."""
        rules: list[tuple[str, str, float]] = []
        for one in written:
            found = POINTS.fullmatch(one)
            name, equals, value = found["what"].partition("=") if found else ("", "", "")
            if found is None or not equals or not name:
                raise ConfigError(f"--penalty {one}: write NAME=VALUE:POINTS, as in author=mt:10")
            if name == "before":
                day = DAY.fullmatch(value)
                if day is None:
                    raise ConfigError(f"--penalty {one}: write the day as before=YYYY-MM-DD:POINTS")
                value = bound(f"--penalty {one}: before", value)
            rules.append((name, value, _points(found["points"], one)))
        return cls(tuple(rules))

    def on(self, points: float) -> Callable[[Entry], float]:
        """What a match from an entry of a memory costs, whose matches cost `points` already."""
        return lambda entry: points + (self._of(entry) if self.rules else 0.0)

    def _of(self, entry: Entry) -> float:
        facts = entry.provenance
        return sum((points for name, value, points in self.rules if _applies(name, value, facts)), 0.0)


@dataclass(frozen=True)
class Opened:
    """Memories that were opened, and the model of their indexes."""

    known: Sequence[Known]
    languages: tuple[str, str]
    encode: Encode
    language: str
    """Of what is looked up; `UNKNOWN` where nothing says it."""

    @property
    def pairs(self) -> int:
        """How many they hold."""
        return sum(len(one.index) for one in self.known)

    def lookup(self, segments: Iterable[Segment], k: int = 3, threshold: float = 0.0) -> list[list[Match]]:
        """For each segment its best `k` matches in all of them, as `lookup` finds them."""
        return lookup(segments, self.known, self.encode, k, threshold, self.language)


def opened(
    wanted: Sequence[Named],
    penalties: Penalties,
    model: str,
    device: str = AUTO,
    cache: Path | None = None,
    source_language: str = "",
    target_language: str = "",
) -> Opened:
    """Memories with the indexes that `model` makes of them, kept in `cache` or the user's. Raises ConfigError where
    they are in different languages, and what reading and encoding raise.
    """
    encoder = load(model, device)
    said, folder = about(model, encoder), cache or user_cache()
    found = [one.open(encoder.encode, said, folder, source_language, target_language) for one in wanted]
    for name, one in zip(wanted, found, strict=True):
        for language, first in zip(one.languages, found[0].languages, strict=True):
            if UNKNOWN not in (language, first) and not is_source(language, first):
                raise ConfigError(
                    f"{name.path} has texts in {language}, {wanted[0].path} in {first}; choose with --source-language "
                    "and --target-language"
                )
    known = [
        Known(one.index, name.path.name, penalties.on(name.points)) for name, one in zip(wanted, found, strict=True)
    ]
    languages = found[0].languages
    return Opened(known, languages, encoder.encode, languages[0] if source_language else UNKNOWN)


def _applies(name: str, value: str, facts: dict[str, Any]) -> bool:
    if name == "before":
        return "" < facts.get("date", "")[:8] < value
    if name in PERSONS:
        return next((facts[key] for key in PERSONS[name] if key in facts), None) == value
    return facts.get("properties", {}).get(name) == value


def _points(written: str, where: str) -> float:
    points = float(written)
    if points > 100:
        raise ConfigError(f"{where}: points are of 100, {written} are more")
    return points
