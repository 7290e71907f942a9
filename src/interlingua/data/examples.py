"""Rows to Examples, by the names of their columns: a column whose role is not clear is an error, never a guess by position."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from interlingua import discovery
from interlingua.data.formats import moses, tsv
from interlingua.errors import DataError
from interlingua.files import bare_suffix, read_lines
from interlingua.languages import UNKNOWN, same, standard
from interlingua.progress import log
from interlingua.types import Example, Row

PAIR_NAMES = (("source", "target"), ("sentence1", "sentence2"), ("text1", "text2"))


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


def read_rows(path: Path) -> Iterator[Row]:
    """Rows of a file in the format its suffix names; "-" is TSV on standard input; a Moses prefix is a name without a file."""
    if str(path) == "-":
        return tsv.read(path)
    suffixes: list[str] = []
    for name in discovery.choices("data/formats"):
        module = discovery.find("data/formats", name, "format")
        if bare_suffix(path) in module.SUFFIXES:
            return module.read(path)
        suffixes += module.SUFFIXES
    if not path.exists() and len(moses.sides(path)) > 1:
        return moses.read(path)
    problem = "is not a readable format" if path.exists() else "no such file"
    raise DataError(f"{problem}; readable are {' '.join(suffixes)}, each also .gz or .zst, and Moses pairs by their prefix", path)


def parallel(
    path: Path, source_language: str = "en", columns: ParallelColumns | None = None, target_language: str | None = None
) -> Iterator[Example]:
    """Pairs of a text in `source_language` and its translation.

    A file names its columns source and target (and perhaps source_language, target_language), or by language codes, where every
    language beside the source gives a pair. `columns` overrules the header; `target_language` is used where the file names none.
    Rows with an empty side are left out and counted. Raises DataError, with the line, for unclear columns, unknown language codes,
    and a file without any pair.
    """
    path, kept, empty = Path(path), 0, 0
    roles: list[_Roles] | None = None
    for row in read_rows(path):
        if bare_suffix(path) == ".tmx" and not any(same(name, source_language) for name in row.columns):
            empty += 1  # a memory may hold units of other languages
            continue
        if roles is None or bare_suffix(path) == ".tmx":
            roles = _roles(path, row, source_language, columns or ParallelColumns(), target_language)
        for role in roles:
            example = role.example(path, row)
            if example is None:
                empty += 1
            else:
                kept += 1
                yield example
    if not kept:
        raise DataError("no pairs in this file" + (f" ({empty:,} rows have an empty side)" if empty else ""), path)
    if empty:
        log(f"{path}: left out {empty:,} rows with an empty side")


@dataclass(frozen=True)
class _Roles:
    """One way to take a pair from a row."""

    source: str
    target: str
    languages: tuple[str, str]
    language_columns: tuple[str | None, str | None] = (None, None)

    def example(self, path: Path, row: Row) -> Example | None:
        texts = row.columns[self.source].strip(), row.columns[self.target].strip()
        if not all(texts):
            return None
        try:
            source, target = (
                fixed if column is None else standard(row.columns[column])
                for fixed, column in zip(self.languages, self.language_columns, strict=True)
            )
        except DataError as error:
            raise DataError(str(error), path, row.line) from error
        return Example(texts, (source, target))


def _roles(path: Path, row: Row, source_language: str, columns: ParallelColumns, target_language: str | None) -> list[_Roles]:
    names = list(row.columns)
    remedy = "name them with --columns.source and --columns.target, or in the file's first line"
    languages = standard(source_language), standard(target_language or UNKNOWN)
    asked = [name for name in (columns.source, columns.target, columns.source_language, columns.target_language) if name is not None]
    absent = [name for name in asked if name not in names]
    if absent:
        raise DataError(f"there is no column {absent[0]!r}; the columns are {', '.join(names)}", path, row.line)
    if columns.source and columns.target:
        return [_Roles(columns.source, columns.target, languages, (columns.source_language, columns.target_language))]
    if len(names) < 2:
        raise DataError(f"one column ({names[0][:40]!r}), two are needed: a text and its translation", path, row.line)
    pairs = [pair for pair in PAIR_NAMES if set(pair) <= set(names)]
    if len(pairs) == 1:
        of_language = ("source_language", "target_language")
        return [_Roles(*pairs[0], languages, tuple(name if name in names else None for name in of_language))]  # pyright: ignore[reportArgumentType]
    codes = _language_columns(names)
    sources = [name for name in codes if same(name, source_language)]
    if len(codes) < 2 or pairs:
        raise DataError(f"which columns are source and target? The first row names {', '.join(map(repr, names))}; {remedy}", path, row.line)
    if len(sources) != 1:
        found = "no column is" if not sources else f"{len(sources)} columns are"
        problem = f"{found} in {source_language!r}; the languages are {', '.join(codes)}"
        raise DataError(f"{problem}; choose one with --source-language", path, row.line)
    return [_Roles(sources[0], name, (languages[0], standard(name))) for name in codes if name != sources[0]]


def _language_columns(names: list[str]) -> list[str]:
    """The columns, if every one of them is named by a language code."""
    try:
        for name in names:
            standard(name)
    except DataError:
        return []
    return names


def similarity(path: Path) -> Iterator[Example]:
    """Pairs with a similarity score: columns sentence1, sentence2, score. Raises DataError, with the line, for what is no number."""
    found = False
    for row in read_rows(Path(path)):
        missing = [name for name in ("sentence1", "sentence2", "score") if name not in row.columns]
        if missing:
            raise DataError(f"there is no column {missing[0]!r}; the columns are {', '.join(row.columns)}", path, row.line)
        try:
            score = float(row.columns["score"])
        except ValueError:
            score = float("nan")
        if not isfinite(score):
            raise DataError(f"the score {row.columns['score']!r} is not a number", path, row.line)
        found = True
        yield Example((row.columns["sentence1"], row.columns["sentence2"]), (UNKNOWN, UNKNOWN), score)
    if not found:
        raise DataError("no pairs in this file", path)


def texts(path: Path) -> list[str]:
    """One text a line of a plain file (or of standard input, "-"), empty lines kept; the column `text` of a table."""
    path = Path(path)
    if str(path) == "-" or bare_suffix(path) not in (".tsv", ".csv", ".jsonl", ".ndjson", ".parquet"):
        return [text for _, text in read_lines(path)]
    found: list[str] = []
    for row in read_rows(path):
        if "text" not in row.columns:
            raise DataError(f"there is no column 'text'; the columns are {', '.join(row.columns)}", path, row.line)
        found.append(row.columns["text"])
    return found
