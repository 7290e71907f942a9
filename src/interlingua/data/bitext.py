"""Pairs of any file of translations, each with the record it stands in, so that what is kept is written back with
all it had.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from interlingua.data.parallel import ParallelColumns
from interlingua.errors import ConfigError, DataError
from interlingua.formats import format_of, open_memory, read_rows
from interlingua.languages import UNKNOWN, is_language, standard
from interlingua.types import Row
from interlingua.units.states import is_unfinished
from interlingua.units.tables import LANGUAGES, SIDES, unit_of
from interlingua.units.unit import Memory, Unit, Variant, sides


@dataclass(frozen=True, slots=True)
class Entry:
    """A pair of texts, their languages ("und" where the file names none), and where they stand."""

    texts: tuple[str, str]
    languages: tuple[str, str]
    record: int
    """Which record of the file."""
    variants: tuple[int, ...] = ()
    """Places of the two texts among the variants of a unit."""
    unfinished: bool = False
    """Marked as not to be used: fuzzy, obsolete."""


@dataclass(frozen=True)
class Bitext:
    """A file: its entries, and the records behind them (rows of a table, or units)."""

    path: Path
    entries: list[Entry]
    rows: list[Row]
    """Of a table; empty for other formats."""
    units: list[Unit]
    memory: Memory | None

    def line(self, entry: Entry) -> int:
        """The line of an entry's record."""
        return self.rows[entry.record].line if self.rows else self.units[entry.record].line

    def write(self, path: Path, kept: Sequence[bool]) -> None:
        """Write what the kept entries stand in: a table to a table with all its columns, else units with the texts of
        kept entries.

        Raises ConfigError for units that are to be written to a format that needs languages the file does not name.
        """
        writer = format_of(path)
        chosen = [entry for entry, keep in zip(self.entries, kept, strict=True) if keep]
        if self.rows and writer.write_rows is not None:
            header = list(dict.fromkeys(name for row in self.rows for name in row.columns))
            writer.write_rows(
                path, header, ([self.rows[e.record].columns.get(name, "") for name in header] for e in chosen)
            )
            return
        if self.memory is None or not chosen:
            raise ConfigError(
                f"{path}: nothing is left to write" if self.memory else f"{path}: this output needs a file, not a pipe"
            )
        if any(UNKNOWN in entry.languages for entry in chosen):
            raise ConfigError(
                f"{self.path} does not name the languages of its texts: give --source-language and --target-language"
            )
        units = list(self._units(chosen))
        writer.write_memory(path, replace(self.memory, stream=lambda: iter(units)))

    def _units(self, chosen: list[Entry]) -> Iterator[Unit]:
        places: dict[int, set[int]] = {}
        for entry in chosen:
            places.setdefault(entry.record, set()).update(entry.variants)
        for record, kept in places.items():
            unit = self.units[record]
            yield replace(unit, variants=tuple(variant for place, variant in enumerate(unit.variants) if place in kept))


def by_languages(entries: Sequence[Entry]) -> dict[tuple[str, str], list[int]]:
    """The places of entries by their two languages."""
    places: dict[tuple[str, str], list[int]] = {}
    for place, entry in enumerate(entries):
        places.setdefault(entry.languages, []).append(place)
    return places


def read(
    path: Path,
    source_language: str = UNKNOWN,
    target_language: str = UNKNOWN,
    columns: ParallelColumns | None = None,
    rows: list[Row] | None = None,
) -> Bitext:
    """The pairs of a file in any readable format; a unit of several languages or variants is several pairs.

    Texts may be empty. The two languages are those of texts for which the file names none. `rows` are those of a table
    that was read already. Raises DataError, with the line, for what cannot be read, for columns without a clear role
    (`columns` names them) and for a file without pairs.
    """
    given = [("" if language == UNKNOWN else standard(language)) for language in (source_language, target_language)]
    entries: list[Entry] = []
    units: list[Unit] = []
    memory: Memory | None = None
    if str(path) == "-" or format_of(path).is_table:
        rows = list(read_rows(path)) if rows is None else rows
        units = [_unit(row, path, given, columns) for row in rows]
        memory = Memory(open_memory(path, *given).about, lambda: iter(units)) if str(path) != "-" else None
    else:
        memory = open_memory(path, *given)
        units = list(memory)
    first = given[0] or (memory.about.attributes.get("srclang", "") if memory else "")
    for record, unit in enumerate(units):
        pairs = list(_entries(unit, record, first))
        # a record with one text only is an entry as well: whoever reads decides what becomes of it
        entries += pairs or [
            Entry(("".join(variant.text for variant in unit.variants), ""), (UNKNOWN, UNKNOWN), record)
        ]
    if not entries:
        raise DataError("no pairs in this file", path)
    return Bitext(path, entries, rows or [], units, memory)


def short_names(names: Collection[str]) -> ParallelColumns | None:
    """The roles of columns named src and tgt, which are codes of languages as well and never meant so."""
    if not {"src", "tgt"} <= set(names):
        return None
    more = (name if name in names else None for name in ("src_lang", "tgt_lang"))
    return ParallelColumns(source="src", target="tgt", **dict(zip(LANGUAGES, more, strict=True)))


def _unit(row: Row, path: Path, given: list[str], columns: ParallelColumns | None) -> Unit:
    named = row.columns
    columns = columns or short_names(named)
    if columns is not None and (columns.source or columns.target):
        chosen = (columns.source, columns.target, columns.source_language, columns.target_language)
        absent = [name for name in chosen if name is not None and name not in named]
        if absent or not (columns.source and columns.target):
            problem = (
                f"there is no column {absent[0]!r}" if absent else "--columns.source and --columns.target go together"
            )
            raise DataError(f"{problem}; the columns are {', '.join(named)}", path, row.line)
        named = {ours: named[name] for ours, name in zip((*SIDES, *LANGUAGES), chosen, strict=True) if name is not None}
    for wrong in [named[name] for name in LANGUAGES if named.get(name) and not is_language(named[name])]:
        raise DataError(
            f"{wrong!r} is not a language code; use BCP-47 or ISO 639, such as de, deu or pt-BR", path, row.line
        )
    unit = unit_of(Row(named, row.line), path, *given)
    if set(SIDES) <= set(named):  # an empty side is a defect to report, not a missing one
        languages = [named.get(name) or given[side] or UNKNOWN for side, name in enumerate(LANGUAGES)]
        return replace(
            unit,
            variants=tuple(Variant(language, named[side]) for side, language in zip(SIDES, languages, strict=True)),
        )
    return unit


def _entries(unit: Unit, record: int, first: str) -> Iterator[Entry]:
    if len(unit.variants) == 2:
        source, target = [unit.variants[0]], [unit.variants[1]]
        if first and sides(unit, first)[0] == target:
            source, target = target, source
    else:
        source, target = sides(unit, first)
    place = {id(variant): number for number, variant in enumerate(unit.variants)}
    for one in source[:1]:
        for other in target:
            languages = (_code(one.language), _code(other.language))
            yield Entry(
                (one.text, other.text), languages, record, (place[id(one)], place[id(other)]), is_unfinished(unit)
            )


def _code(language: str) -> str:
    return standard(language) if is_language(language) else UNKNOWN
