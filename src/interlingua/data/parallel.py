"""Parallel text: pairs of a text and its translation, whatever the format of the file."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from interlingua.data.gathering import gather
from interlingua.errors import DataError
from interlingua.formats import Format, reader_of
from interlingua.languages import UNKNOWN, is_language, same, standard
from interlingua.progress import log
from interlingua.types import Example, Row

PAIR_NAMES = (("source", "target"), ("sentence1", "sentence2"), ("text1", "text2"))
"""Names of columns of two texts."""
REMEDY = "name them with --columns.source and --columns.target, or in the file's first line"


@dataclass(frozen=True, kw_only=True)
class ParallelColumns:
    """Which columns of a table hold parallel text."""

    source: str | None = None
    """Column of the texts in the teacher's language."""
    target: str | None = None
    """Column of their translations."""
    source_language: str | None = None
    """Column of the language codes of the source texts."""
    target_language: str | None = None
    """Column of the language codes of the translations."""


def read_parallel(
    paths: Sequence[Path],
    *,
    source_language: str = "en",
    target_language: str | None = None,
    columns: ParallelColumns | None = None,
    languages: Sequence[str] = (),
    cache: Path | None = None,
) -> Sequence[Example]:
    """The pairs of several files, as `parallel` reads each; of the target `languages` alone, where any are named. They
    are kept where `gather` keeps them, given the folder `cache`.

    Raises DataError as `parallel` does, where no file is named, and where no pair is in one of the languages.
    """
    if not paths:
        raise DataError("no file of parallel text was named")
    wanted = {standard(language) for language in languages}

    def read() -> Iterator[Example]:
        others, any_kept = set[str](), False
        for pair in (pair for path in paths for pair in parallel(path, source_language, columns, target_language)):
            if not wanted or pair.languages[1] in wanted:
                any_kept = True
                yield pair
            else:
                others.add(pair.languages[1])
        if not any_kept:
            raise DataError(f"no pairs in {', '.join(sorted(wanted))}; the files hold {', '.join(sorted(others))}")

    return gather(
        read, paths, cache, what="parallel", source_language=source_language, target_language=target_language,
        columns=columns, languages=sorted(wanted),
    )  # fmt: skip


def parallel(
    path: Path, source_language: str = "en", columns: ParallelColumns | None = None, target_language: str | None = None
) -> Iterator[Example]:
    """Pairs of a text in `source_language` and its translation.

    A table names its columns source and target (and perhaps source_language, target_language), or by language codes,
    where every language beside the source gives a pair. `columns` overrules a table's header (PO, TMX, XLIFF and Moses
    name their columns themselves); `target_language` is used where the file names none. Rows with an empty side, and
    those without a text in `source_language`, are left out and counted. Raises DataError, with the line, for unclear
    columns, unknown language codes, and a file without any pair.
    """
    path, kept = Path(path), 0
    reader = reader_of(path)
    asked = _Asked(
        path, reader, standard(source_language), standard(UNKNOWN if target_language is None else target_language)
    )
    columns = ParallelColumns() if asked.self_named or columns is None else columns
    # by the names of the columns: TMX and JSONL change them from row to row
    roles: dict[tuple[str, ...], list[_Roles]] = {}
    left_out: Counter[str] = Counter()
    for row in reader.read(path):
        names = tuple(row.columns)
        if names not in roles:
            roles[names] = _roles(asked, row, columns)
        if not roles[names]:
            left_out[f"without {source_language} and another language"] += 1
        for role in roles[names]:
            example = role.example(asked, row)
            if isinstance(example, str):
                left_out[example] += 1
            else:
                kept += 1
                yield example
    counts = ", ".join(f"{count:,} {reason}" for reason, count in left_out.items())
    if not kept:
        raise DataError("no pairs in this file" + (f"; left out: {counts}" if counts else ""), path)
    if counts:
        log(f"{path}: left out {counts}")


@dataclass(frozen=True)
class _Asked:
    """What the caller wants of a file."""

    path: Path
    format: Format
    source_language: str
    target_language: str

    @property
    def self_named(self) -> bool:
        return self.format.names_columns

    def unclear(self, problem: str, row: Row) -> DataError:
        return DataError(problem, self.path, row.line)


@dataclass(frozen=True)
class _Roles:
    """One way to take a pair from a row."""

    source: str
    target: str
    target_language: str
    source_language_column: str | None = None
    target_language_column: str | None = None

    def example(self, asked: _Asked, row: Row) -> Example | str:
        """The pair of a row, or why there is none."""
        texts = row.columns[self.source].strip(), row.columns[self.target].strip()
        if not all(texts):
            return "with an empty side"
        try:
            source = _cell(row, self.source_language_column, asked.source_language)
            target = _cell(row, self.target_language_column, self.target_language)
        except DataError as error:
            raise asked.unclear(str(error), row) from error
        if not same(source, asked.source_language):
            return f"whose source is not in {asked.source_language}"
        return Example(texts, (asked.source_language, target))


def _cell(row: Row, column: str | None, otherwise: str) -> str:
    """The language a row names; an empty cell and "und" name none."""
    language = UNKNOWN if column is None or not row.columns[column].strip() else standard(row.columns[column])
    return otherwise if language == UNKNOWN else language


def _roles(asked: _Asked, row: Row, columns: ParallelColumns) -> list[_Roles]:
    names = list(row.columns)
    chosen = [
        name
        for name in (columns.source, columns.target, columns.source_language, columns.target_language)
        if name is not None
    ]
    absent = [name for name in chosen if name not in names]
    if absent:
        raise asked.unclear(f"there is no column {absent[0]!r}; the columns are {', '.join(names)}", row)
    if len(set(chosen)) < len(chosen):
        raise asked.unclear(f"one column cannot have two roles: --columns names {', '.join(chosen)}", row)
    if len(names) < 2 and not asked.self_named:
        problem = (
            f"one column ({', '.join(names)[:40]!r}), two are needed: a text and its translation, with a tab between "
            "them in TSV"
        )
        raise asked.unclear(problem, row)
    headed = [pair for pair in PAIR_NAMES if set(pair) <= set(names)]
    source, target = columns.source, columns.target
    if len(headed) == 1 and not (source and target):
        source, target = source or headed[0][0], target or headed[0][1]
    if not chosen and not headed:
        return _by_language(asked, row)
    if not (source and target) or source == target:
        raise asked.unclear(
            f"which columns are source and target? The columns are named {_quoted(names)}; {REMEDY}", row
        )
    of_language = (
        columns.source_language or ("source_language" if "source_language" in names else None),
        columns.target_language or ("target_language" if "target_language" in names else None),
    )
    return [_Roles(source, target, asked.target_language, *of_language)]


def _by_language(asked: _Asked, row: Row) -> list[_Roles]:
    """A pair for each column beside the source's, where all columns are named by languages."""
    names = list(row.columns)
    unknown = [name for name in names if not is_language(name)]
    if unknown and asked.self_named:
        raise asked.unclear(
            f"{unknown[0]!r} is not a language code; use BCP-47 or ISO 639, such as de, deu or pt-BR", row
        )
    if unknown:
        but = f" ({_quoted(unknown)}: no language code)" if len(unknown) < len(names) else ""
        raise asked.unclear(
            f"which columns are source and target? The columns are named {_quoted(names)}{but}; {REMEDY}", row
        )
    numbers = [name for name in names if row.columns[name].strip().isdigit()]
    if (
        not asked.self_named and len(names) > 2 and 0 < len(numbers) < len(names)
    ):  # `id` is Indonesian, or not a language at all
        raise asked.unclear(f"column {numbers[0]!r} is named by a language and holds a number; {REMEDY}", row)
    sources = [name for name in names if same(name, asked.source_language)]
    exact = [name for name in sources if standard(name) == asked.source_language]
    if asked.self_named and asked.format.holds.languages and (not sources or len(names) < 2):
        return []  # a memory may hold units of other languages
    if len(exact or sources) != 1:
        how_many = "no column is" if not sources else f"{len(exact or sources)} columns are"
        problem = (
            f"{how_many} in {asked.source_language!r}, the columns are {', '.join(names)}; choose a language with "
            "--source-language"
        )
        raise asked.unclear(problem + ("" if asked.self_named else f"; if these are no languages, {REMEDY}"), row)
    source = (exact or sources)[0]
    return [_Roles(source, name, standard(name)) for name in names if name != source]


def _quoted(names: list[str]) -> str:
    return ", ".join(repr(name[:40]) for name in names)
