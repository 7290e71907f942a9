"""Any file of translations as a memory, and a memory as any file: what the target cannot hold is counted, never
dropped in silence.
"""

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from interlingua.errors import ConfigError
from interlingua.files import open_bytes
from interlingua.formats import Format, format_of, open_memory, xliff
from interlingua.languages import UNKNOWN
from interlingua.outputs import create_bytes
from interlingua.types import Row
from interlingua.units.catalogue import is_fuzzy, is_obsolete
from interlingua.units.holds import Holds
from interlingua.units.unit import NOTE, OTHER, PROPERTY, TARGET, Memory, Unit, Variant, is_source, prop, value_of

MISSING = "without a text in a language asked for"


def convert(
    path: Path,
    output: Path,
    source_language: str = "",
    target_language: str = "",
    inline: bool = True,
    version: xliff.Version | None = None,
) -> tuple[int, Counter[str]]:
    """Write the units of `path` to `output` and return their number, and how many of them lost what.

    Given languages select: texts in them or in a region of them are kept, under the given code, and label texts whose
    language the file does not name. Without them, and from a format to itself, the bytes are copied once they were read
    through. XLIFF is written in `version`; without one, in that of the XLIFF it comes from, or 1.2. Raises ConfigError
    where the target needs languages chosen, DataError for what cannot be read or written.
    """
    reader, writer = format_of(path), format_of(output)
    if reader is writer and inline and not (source_language or target_language or version):
        return _copied(path, output), Counter()
    if reader.is_table and writer.write_rows is not None and not reader.keeps_units(path):
        return _tabled(path, output, reader, writer)
    lost, count = Counter[str](), Counter[str]()
    # of a file in two languages, naming them chooses nothing: what has no translation yet is kept where it can be
    jobs = reader.holds.untranslated and writer.holds.untranslated and not reader.holds.languages
    memory = open_memory(path, source_language, target_language)
    more: dict[str, Any] = {}
    holds = writer.holds
    if "version" in writer.options:
        more["version"] = version or (xliff.version_of(path) if reader is writer else "1.2")
        holds = replace(holds, dialects=(xliff.DIALECT_OF[more["version"]],))

    def _between(unit: Unit) -> list[str]:
        """What is lost between the segments of a unit."""
        is_lost = "version" in more and xliff.lost_between(unit, holds.dialects[0])
        return ["inline codes"] if is_lost else []

    def stream() -> Iterator[Unit]:
        lost.clear()  # the memory may be read twice, first for its languages
        count.clear()
        lost["header"] += not _keeps(holds, memory)
        for unit in memory:
            kept = _chosen(unit, source_language, "" if jobs and _waits(unit) else target_language, inline, lost)
            if kept is None or ((is_fuzzy(kept) or is_obsolete(kept)) and not holds.unfinished):
                lost["fuzzy or obsolete"] += kept is not None
                continue
            if (
                writer.needs_languages
                and reader is not writer
                and any(variant.language == UNKNOWN for variant in kept.variants)
            ):
                raise ConfigError(
                    f"{path} does not name the languages of its texts: give --source-language and --target-language"
                )
            lost.update({*holds.lost(kept), *_between(kept)})
            count["units"] += 1
            yield kept
        if lost[MISSING] and not count["units"]:
            asked = " and ".join(filter(None, (source_language, target_language)))
            raise ConfigError(f"{path}: no unit has texts in {asked}, it has {', '.join(memory.languages())}")

    about = memory.about
    if source_language:
        about = replace(about, attributes=about.attributes | {"srclang": source_language})
    if target_language and value_of(about.remarks, TARGET):
        kept = (remark for remark in about.remarks if remark.name != TARGET)
        about = replace(about, remarks=(*kept, prop(TARGET, target_language)))
    writer.write_memory(output, Memory(about, stream), **more)
    return count["units"], +lost


def _waits(unit: Unit) -> bool:
    """Whether a unit has texts in one language alone."""
    return len({variant.language for variant in unit.variants}) < 2


def _keeps(holds: Holds, memory: Memory) -> bool:
    """Whether a format holds what a file says about itself."""
    about = memory.about
    if holds.header:
        return not any(r.kind == OTHER and r.attributes.get("dialect") not in holds.dialects for r in about.remarks)
    known = holds.header_properties
    remarks = [remark for remark in about.remarks if remark.name != TARGET]
    kept = [r.name.startswith(known) if r.kind == PROPERTY else r.kind == NOTE for r in remarks if known]
    return not about.attributes.keys() - {"srclang"} and (all(kept) if known else not remarks)


def _chosen(unit: Unit, source_language: str, target_language: str, inline: bool, lost: Counter[str]) -> Unit | None:
    """The unit with the languages asked for and, without `inline`, no codes; None where a language that was asked
    for is missing.
    """
    asked = [language for language in (source_language, target_language) if language]
    variants: list[Variant] = []
    for variant in unit.variants:
        language = next(
            (code for code in asked if variant.language.lower() == code.lower()),
            next((code for code in asked if is_source(variant.language, code)), variant.language),
        )
        if len(asked) < 2 or language in asked:
            variants.append(replace(variant, language=language))
    lost["other languages"] += len(variants) < len(unit.variants)
    if not set(asked) <= {variant.language for variant in variants}:
        lost[MISSING] += 1
        return None
    if not inline:
        variants = [replace(variant, markup="", dialect="") for variant in variants]
    return replace(unit, variants=tuple(variants))


def _copied(path: Path, output: Path) -> int:
    """The same bytes under another compression, once they were seen to be readable."""
    one, memory = format_of(path), open_memory(path)
    count = sum(1 for _ in memory)
    if not one.one_file:
        one.write_memory(output, memory)
        return count
    with open_bytes(path) as stream, create_bytes(output) as copy:
        shutil.copyfileobj(stream, copy)
    return count


def _tabled(path: Path, output: Path, reader: Format, writer: Format) -> tuple[int, Counter[str]]:
    """A table as another kind of table, with all its columns."""
    header, lost, count = dict[str, None](), Counter[str](), 0
    for row in reader.read(path):
        header |= dict.fromkeys(row.columns)
        lost["tabs and line ends"] += any(map(writer.holds.flattens, row.columns.values()))
        count += 1

    def fields(row: Row) -> list[str]:
        return [row.columns.get(name, "") for name in header]

    assert writer.write_rows is not None
    writer.write_rows(output, list(header), map(fields, reader.read(path)))
    return count, +lost
