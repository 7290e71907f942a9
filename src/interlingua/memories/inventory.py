"""What a translation memory holds, counted in one reading; 24 bytes a pair are remembered, no text."""

from array import array
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import UInt64

from interlingua.errors import DataError
from interlingua.folding import spaced
from interlingua.languages import script
from interlingua.printing import aligned
from interlingua.units.catalogue import is_fuzzy, is_obsolete, is_plural
from interlingua.units.facts import DATES, TOOLS, authors, compact, digest, named, pairs, source_key
from interlingua.units.states import state_of
from interlingua.units.unit import PROPERTY, Memory

WITHOUT_SPACES = frozenset({"Hans", "Hant", "Hani", "Jpan", "Hira", "Kana", "Thai", "Laoo", "Khmr", "Mymr", "Tibt"})
"""Scripts that put no spaces between words."""
SHOWN = 10
"""Names that people see of each kind; JSON has all."""


def has_spaces(language: str) -> bool:
    """Whether words stand apart in a language."""
    try:
        return script(language) not in WITHOUT_SPACES
    except DataError:
        return True


def inventory(memory: Memory, source_language: str = "") -> dict[str, Any]:
    """The counts of a memory, as JSON values. Units with plural forms count as units and texts, and among no
    duplicates.
    """
    source_language = source_language or memory.about.attributes.get("srclang", "")
    texts, words, characters, between = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    by_name = {name: Counter[str]() for name in ("authors", "tools", "properties", "states")}
    counts = dict.fromkeys(("units", "untranslated", "fuzzy", "obsolete", "with_notes"), 0)
    oldest = newest = ""
    keys = array("Q")
    for unit in memory:
        counts["units"] += 1
        counts["fuzzy"] += is_fuzzy(unit)
        counts["obsolete"] += is_obsolete(unit)
        counts["with_notes"] += any(remark.kind == "note" for remark in unit.remarks)
        for variant in unit.variants:
            texts[variant.language] += 1
            characters[variant.language] += len(variant.text)
            words[variant.language] += len(variant.text.split()) if has_spaces(variant.language) else 0
        found = [pair for pair in pairs(unit, source_language) if spaced(pair.target.text)]
        counts["untranslated"] += not found
        for pair in found:
            between[f"{pair.source.language} > {pair.target.language}"] += 1
            if not is_plural(unit):
                source = digest(pair.target.language, pair.source.language, pair.source.text)
                target = digest(pair.source.language, pair.target.language, pair.target.text)
                keys.extend(int.from_bytes(key[:8]) for key in (source_key(unit, pair), source, target))
        for date in filter(None, map(compact, named(unit, *DATES))):
            oldest, newest = min(oldest or date, date), max(newest, date)
        by_name["authors"].update(authors(unit))
        by_name["tools"].update(set(named(unit, *TOOLS)))
        remarks = [*unit.remarks, *(remark for variant in unit.variants for remark in variant.remarks)]
        by_name["properties"].update({remark.name for remark in remarks if remark.kind == PROPERTY})
        state = state_of(unit)
        by_name["states"][state.name if state is not None else "not said"] += 1
    languages = {
        code: {"texts": texts[code], "words": words[code] if has_spaces(code) else None, "characters": characters[code]}
        for code in texts
    }
    return counts | _repeated(np.frombuffer(keys, np.uint64).reshape(-1, 3)) | {
        "source_language": source_language, "languages": languages, "pairs": dict(between),
        "oldest": _iso(oldest), "newest": _iso(newest),
        **{kind: dict(counter.most_common()) for kind, counter in by_name.items()},
    }  # fmt: skip


def _repeated(rows: UInt64[np.ndarray, "N 3"]) -> dict[str, int]:
    """What occurs several times, of rows of three hashes: source with context, source, target."""
    several = np.unique(rows[:, [0, 2]], axis=0)[:, 0]
    sources = np.unique(rows[:, [1, 2]], axis=0)[:, 1]
    return {
        "duplicates": len(rows) - len(several),
        "sources_with_several_targets": _more_than_one(several),
        "targets_with_several_sources": _more_than_one(sources),
    }


def _more_than_one(column: UInt64[np.ndarray, " N"]) -> int:
    return int((np.unique(column, return_counts=True)[1] > 1).sum())


def _iso(date: str) -> str:
    return "-".join(filter(None, (date[:4], date[4:6], date[6:8])))


def shown(name: str, found: dict[str, Any]) -> str:
    """The same for people."""
    lines = [f"{name}: {found['units']:,} units"]
    if found["languages"]:
        lines += ["", *aligned([{"language": code} | _dashed(row) for code, row in found["languages"].items()])]
    if found["pairs"]:
        lines += ["", *aligned([{"pairs": between, "number": count} for between, count in found["pairs"].items()])]
    of_units = ("untranslated", "fuzzy", "obsolete", "with_notes", "duplicates", "sources_with_several_targets",
                "targets_with_several_sources")  # fmt: skip
    lines += ["", *(f"{what.replace('_', ' ')}: {found[what]:,}" for what in of_units)]
    if found["newest"]:
        lines.append(f"dates: {found['oldest']} to {found['newest']}")
    for kind in ("states", "authors", "tools", "properties"):
        if some := found[kind]:
            lines.append(f"{kind}: {_named(list(some.items()))}")
    return "\n".join(lines)


def _dashed(row: dict[str, Any]) -> dict[str, Any]:
    return {name: "-" if value is None else value for name, value in row.items()}


def _named(counts: Sequence[tuple[str, int]]) -> str:
    rest = f", and {len(counts) - SHOWN:,} more" if len(counts) > SHOWN else ""
    return ", ".join(f"{name} {count:,}" for name, count in counts[:SHOWN]) + rest
