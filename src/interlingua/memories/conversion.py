"""Any file of translations as a memory, and a memory as any file: what the target cannot hold is counted, never
dropped in silence.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from interlingua.errors import ConfigError
from interlingua.files import bare_suffix, open_bytes
from interlingua.formats import Format, format_of, open_memory, xliff
from interlingua.languages import UNKNOWN, is_language
from interlingua.outputs import create_bytes
from interlingua.types import Row
from interlingua.units.catalogue import is_fuzzy, is_obsolete
from interlingua.units.holds import Holds
from interlingua.units.tables import SIDES, cells_of, columns_of
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
    emptied = bare_suffix(output) in writer.templates and bare_suffix(path) not in writer.templates
    if reader is writer and inline and not (source_language or target_language or version or emptied):
        return _copied(path, output), Counter()
    if reader.is_table and writer.write_rows is not None and not reader.keeps_units(path):
        return _tabled(path, output, reader, writer)
    missed, kept_units = Counter[str](), 0
    # naming the languages of a table or of a file in two chooses nothing: what has no translation yet is kept where it
    # can be
    jobs = writer.holds.untranslated and (reader.is_table or (reader.holds.untranslated and not reader.holds.languages))
    memory = open_memory(path, source_language, target_language)

    def chosen() -> Iterator[Unit]:
        nonlocal kept_units
        missed.clear()  # the memory may be read twice, first for its languages
        kept_units = 0
        for unit in memory:
            kept = _chosen(unit, source_language, "" if jobs and _waits(unit) else target_language, inline, missed)
            if kept is not None:
                kept_units += 1
                yield kept
        if missed[MISSING] and not kept_units:
            asked = " and ".join(filter(None, (source_language, target_language)))
            raise ConfigError(f"{path}: no unit has texts in {asked}, it has {', '.join(memory.languages())}")

    about = memory.about
    if source_language:
        about = replace(about, attributes=about.attributes | {"srclang": source_language})
    if target_language and value_of(about.remarks, TARGET):
        others = (remark for remark in about.remarks if remark.name != TARGET)
        about = replace(about, remarks=(*others, prop(TARGET, target_language)))
    count, lost = write(Memory(about, chosen), output, [path], version)
    return count, lost + missed


def write(
    memory: Memory, output: Path, paths: Sequence[Path], version: xliff.Version | None = None
) -> tuple[int, Counter[str]]:
    """Write units that were read from `paths` to `output`; return their number, and how many of them lost what.

    XLIFF is written in `version`; without one, in that of the first of the files where all are XLIFF, else in 1.2.
    Tables become a table with all their columns. Raises ConfigError where `output` needs languages that the files do
    not name, DataError where it cannot be written.
    """
    writer, readers = format_of(output), [format_of(path) for path in paths]
    own = all(reader is writer for reader in readers)
    lost, count, more, holds = Counter[str](), 0, dict[str, Any](), writer.holds
    if "version" in writer.options:
        more["version"] = version or (xliff.version_of(paths[0]) if own else "1.2")
        holds = replace(holds, dialects=(xliff.DIALECT_OF[more["version"]],))

    def between(unit: Unit) -> list[str]:
        """What is lost between the segments of a unit."""
        is_lost = "version" in more and xliff.lost_between(unit, holds.dialects[0])
        return ["inline codes"] if is_lost else []

    def stream() -> Iterator[Unit]:
        nonlocal count
        lost.clear()  # it may be read twice, first for its languages
        count = 0
        lost["header"] += not _keeps(holds, memory)
        for unit in memory:
            if (is_fuzzy(unit) or is_obsolete(unit)) and not holds.unfinished:
                lost["fuzzy or obsolete"] += 1
                continue
            if writer.needs_languages and not own and any(variant.language == UNKNOWN for variant in unit.variants):
                raise _unnamed(paths)
            lost.update({*holds.lost(unit), *between(unit)})
            count += 1
            yield unit

    if writer.write_rows is not None and are_tables(paths):
        # a table has columns for properties, and any row may be marked as fuzzy in one
        holds = replace(Holds(languages=True, properties=("",), unfinished=True), flattened=holds.flattened)
        if len(paths) == 1:
            holds = replace(holds, notes=True, note_attributes=("",), variants=True)
            writer.write_rows(output, *_rows_of(paths[0], readers[0], stream))
        else:
            header = columns_of(memory)
            if UNKNOWN in header:
                raise _unnamed(paths)
            writer.write_rows(output, header, (cells_of(unit, header) for unit in stream()))
    else:
        writer.write_memory(output, Memory(memory.about, stream), **more)
    return count, +lost


def _unnamed(paths: Sequence[Path]) -> ConfigError:
    return ConfigError(
        f"{' or '.join(map(str, paths))} does not name the languages of its texts: give --source-language and "
        "--target-language"
    )


def _rows_of(
    path: Path, reader: Format, units: Callable[[], Iterator[Unit]]
) -> tuple[list[str], Iterator[Sequence[str]]]:
    """The header of a table, and the rows that `units` stand in, without the texts that these have lost."""
    header = list(dict.fromkeys(name for row in reader.read(path) for name in row.columns))

    def rows() -> Iterator[Sequence[str]]:
        of_file = reader.read(path)
        for unit in units():
            row = next(row for row in of_file if row.line == unit.line)
            left = {variant.language for variant in unit.variants} | {remark.name for remark in unit.remarks}
            gone = () if set(SIDES) <= row.columns.keys() else (n for n in header if n not in left and is_language(n))
            columns = row.columns | dict.fromkeys(gone, "")
            yield [columns.get(name, "") for name in header]

    return header, rows()


def are_tables(paths: Sequence[Path]) -> bool:
    """Whether files are tables of columns that anyone may have named."""
    return all(format_of(path).is_table and not format_of(path).keeps_units(path) for path in paths)


def told(lost: Mapping[str, int]) -> str:
    """What was not kept, as a line of its own for people; "" where all was."""
    counts = ", ".join(f"{what} {count:,}" for what, count in sorted(lost.items()))
    return counts and f"\nnot kept (number of units): {counts}"


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
