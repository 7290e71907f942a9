"""Rows to Examples, by the names of their columns: a column whose role is not clear is an error, never a guess by
position.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from types import ModuleType

from interlingua import discovery
from interlingua.data import sts_benchmark
from interlingua.errors import DataError
from interlingua.files import bare_suffix, read_lines
from interlingua.formats import gettext, moses, tmx, tsv, xliff
from interlingua.languages import UNKNOWN, is_language, same, standard
from interlingua.progress import log
from interlingua.types import Example, Row

PAIR_NAMES = (("source", "target"), ("sentence1", "sentence2"), ("text1", "text2"))
JUDGED = (
    ("sentence1", "sentence_A"),
    ("sentence2", "sentence_B"),
    ("score", "relatedness", "relatedness_score", "similarity_score"),
)
"""Names of the two texts and of their score, in STS-B, SICK and translations of them."""
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


def suffixes() -> dict[str, ModuleType]:
    """The readable suffixes and the format that reads each."""
    formats = [discovery.find("formats", name, "format") for name in discovery.choices("formats")]
    return {suffix: module for module in formats for suffix in module.SUFFIXES}


def read_rows(path: Path) -> Iterator[Row]:
    """Rows of a file in the format its suffix names; "-" is TSV on standard input; a Moses prefix is a name without a
    file.

    Raises DataError, which lists the readable suffixes, for any other.
    """
    if str(path) == "-":
        return tsv.read(path)
    readable = suffixes()
    if module := readable.get(bare_suffix(path)):
        return module.read(path)
    if not path.exists() and moses.sides(path):
        return moses.read(path)
    problem = (
        "this is a folder, a file is needed"
        if path.is_dir()
        else "is not a readable format"
        if path.exists()
        else "there is no such file"
    )
    raise DataError(
        f"{problem}; readable are {' '.join(readable)}, each also .gz or .zst, and Moses pairs by their prefix", path
    )


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
    self_named = _names_columns(path)
    asked = _Asked(path, standard(source_language), standard(target_language or UNKNOWN), self_named)
    columns = ParallelColumns() if self_named or columns is None else columns
    roles: dict[
        tuple[str, ...], list[_Roles]
    ] = {}  # by the names of the columns: TMX and JSONL change them from row to row
    left_out: Counter[str] = Counter()
    for row in read_rows(path):
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


def _names_columns(path: Path) -> bool:
    """Whether the format itself says what its columns are, so that no header needs explaining."""
    return bare_suffix(path) in (*tmx.SUFFIXES, *xliff.SUFFIXES, *gettext.SUFFIXES) or (
        str(path) != "-" and not path.exists() and bool(moses.sides(path))
    )


@dataclass(frozen=True)
class _Asked:
    """What the caller wants of a file."""

    path: Path
    source_language: str
    target_language: str
    self_named: bool

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
    found = UNKNOWN if column is None or not row.columns[column].strip() else standard(row.columns[column])
    return otherwise if found == UNKNOWN else found


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
        problem = f"one column ({', '.join(names)[:40]!r}), two are needed: a text and its translation, with a tab between them in TSV"
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
    if bare_suffix(asked.path) in tmx.SUFFIXES and (not sources or len(names) < 2):
        return []  # a memory may hold units of other languages
    if len(exact or sources) != 1:
        found = "no column is" if not sources else f"{len(exact or sources)} columns are"
        problem = f"{found} in {asked.source_language!r}, the columns are {', '.join(names)}; choose a language with --source-language"
        raise asked.unclear(problem + ("" if asked.self_named else f"; if these are no languages, {REMEDY}"), row)
    source = (exact or sources)[0]
    return [_Roles(source, name, standard(name)) for name in names if name != source]


def _is_moses_side(path: Path) -> bool:
    ending = bare_suffix(path)[1:]
    return f".{ending}" not in suffixes() and ending not in moses.NO_LANGUAGES and is_language(ending)


def _quoted(names: list[str]) -> str:
    return ", ".join(repr(name[:40]) for name in names)


def similarity(path: Path, columns: tuple[str, str, str] | None = None) -> Iterator[Example]:
    """Pairs with a similarity score.

    The columns are sentence1, sentence2 (or sentence_A, sentence_B) and score (or relatedness, relatedness_score,
    similarity_score), or those that `columns` names: first text, second text, score; the STS benchmark's own files have
    theirs in a known order. Raises DataError, with the line, for unclear columns, for a score that is no finite number,
    and for a file without any pair.
    """
    if sts_benchmark.is_official(Path(path)):
        for line, one, other, score in sts_benchmark.read(path):
            yield Example((one, other), (UNKNOWN, UNKNOWN), judged_score(score, path, line))
        return
    roles: dict[tuple[str, ...], list[str]] = {}
    for row in (
        tsv.read(path) if bare_suffix(path) == ".txt" else read_rows(Path(path))
    ):  # SICK's own files are TSV and end in .txt
        names = tuple(row.columns)
        if names not in roles:
            roles[names] = _judged_columns(path, row, columns)
        one, other, score = (row.columns[name] for name in roles[names])
        yield Example((one, other), (UNKNOWN, UNKNOWN), judged_score(score, path, row.line))
    if not roles:
        raise DataError("no pairs in this file", path)


def judged_score(score: str, path: Path, line: int) -> float:
    """A score as a number. Raises DataError for anything else, nan and infinity among them."""
    try:
        number = float(score)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise DataError(f"the score {score!r} is not a number", path, line)
    return number


def _judged_columns(path: Path, row: Row, columns: tuple[str, str, str] | None) -> list[str]:
    known = JUDGED if columns is None else tuple((name,) for name in columns)
    roles: list[str] = []
    for names in known:
        found = [name for name in names if name in row.columns]
        if len(found) != 1:
            problem = (
                f"there is no column {names[0]!r}"
                if not found
                else f"which is the column {names[0]!r}: {' or '.join(found)}?"
            )
            raise DataError(
                f"{problem}; the columns are {', '.join(row.columns)}. Remedy: --columns FIRST SECOND SCORE",
                path,
                row.line,
            )
        roles.append(found[0])
    return roles


def texts(path: Path) -> list[str]:
    """All of `each_text`."""
    return list(each_text(path))


def each_text(path: Path) -> Iterator[str]:
    """One text a line of a .txt file, a Moses side (corpus.de), a pipe or standard input ("-"), empty lines kept; else
    the column `text`.

    Raises DataError, with the line, for a table without that column and for a format that is not known.
    """
    path = Path(path)
    if str(path) == "-" or bare_suffix(path) in ("", ".txt") or _is_moses_side(path):
        yield from (text for _, text in read_lines(path))
        return
    for row in read_rows(path):
        if "text" not in row.columns:
            raise DataError(f"there is no column 'text'; the columns are {', '.join(row.columns)}", path, row.line)
        yield row.columns["text"]
