"""One file a format: each defines FORMAT, and that is all that the package knows of it.

The suffix of a file names its format, whatever the compression (.gz, .zst). Another package adds formats by entry
points of the group "interlingua.formats".
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from interlingua import discovery
from interlingua.documents import reader_of as reader_of_document
from interlingua.errors import ConfigError, DataError
from interlingua.files import bare_suffix, check_name, digest
from interlingua.languages import require
from interlingua.types import Row
from interlingua.units.holds import Holds
from interlingua.units.proposal import Proposed
from interlingua.units.tables import header_of, memory_of, texts_of
from interlingua.units.unit import Memory, Unit

PAIRS = ("score", "source", "target")
"""Columns of scored pairs."""
OTHERS = (".json", ".npy", ".npz", ".svg", ".png", ".pdf")
"""Suffixes that promise what is none of these formats."""
ScoredPairs = Iterable[tuple[float, str, str]]


def _never(_path: Path) -> bool:
    return False


def _always(_path: Path) -> bool:
    return True


def _itself(path: Path) -> Sequence[Path]:
    return [path]


@dataclass(frozen=True, kw_only=True, eq=False)
class Format:
    """What a file format can do. Every function raises DataError, with path and line, for what cannot be read."""

    suffixes: tuple[str, ...]
    """The suffixes of its files, with the dot; none where `claims` knows them otherwise."""
    holds: Holds
    """What of a unit it keeps beside one text in each of two languages."""
    read: Callable[[Path], Iterator[Row]]
    """Rows by the names of their columns, as a stream."""
    memory: Callable[[Path, str, str], Memory]
    """The file as units; the two languages (or "") are those of texts for which the file names none."""
    write_memory: Callable[..., None]
    """Write (path, memory, **options), as a stream, whole or not at all."""
    options: tuple[str, ...] = ()
    """What `write_memory` may be asked for by name."""
    write_rows: Callable[[Path, Sequence[str], Iterable[Sequence[str]]], None] | None = None
    """Of a table: write (path, header, rows)."""
    write_scored: Callable[[Path, ScoredPairs, tuple[str, str], Mapping[str, str]], object] | None = None
    """Write (path, pairs with their scores, their languages, properties of the whole); a table has it by itself."""
    write_proposals: Callable[[Path, Proposed, tuple[str, str], Path | None], object] | None = None
    """Of a file for CAT tools, whose units are segments to translate: write (path, segments with the translations
    proposed for each, their languages, the file of this format that the segments came from)."""
    fills: bool = False
    """Whether segments of such a file can be filled with proposals that have a `filling`: as `write_proposals`
    does it, without that by way of XLIFF."""
    segments: Callable[[Path], Iterator[Unit]] | None = None
    """Of such a file: its segments, in the order in which `write_proposals` gets what is proposed for them."""
    names_columns: bool = False
    """Whether the format itself says what its columns are, so that no header needs explaining."""
    templates: tuple[str, ...] = ()
    """Suffixes of its files that hold no translations."""
    needs_languages: bool = False
    """Whether each text's language must be known to be written."""
    keeps_units: Callable[[Path], bool] = _never
    """Of a table: whether this file holds units with more than texts."""
    owns: Callable[[Path], bool] = _always
    """Of suffixes that are a language code as well: whether a file is of this format, or not there yet."""
    claims: Callable[[Path], bool] = _never
    """Whether a path without any known suffix is a file of this format."""
    exists: Callable[[Path], bool] = Path.exists
    """Whether there is something to read."""
    files: Callable[[Path], Sequence[Path]] = _itself
    """The files that a path stands for."""
    one_file: bool = True
    """Whether the path itself is the file, and not the beginning of the names of several."""

    @property
    def is_table(self) -> bool:
        """Whether it is made of rows and columns that anyone may name."""
        return self.write_rows is not None

    @property
    def writes_pairs(self) -> bool:
        """Whether scored pairs can be written to it."""
        return self.is_table or self.write_scored is not None

    @property
    def writes_proposals(self) -> bool:
        """Whether what a memory proposes for segments can be written to it: a table, a file for CAT tools, or a memory
        that holds any property.
        """
        holds_them = self.holds.languages and "" in self.holds.properties
        return self.is_table or self.write_proposals is not None or holds_them

    def write_pairs(
        self, path: Path, pairs: ScoredPairs, languages: tuple[str, str], properties: Mapping[str, str] | None = None
    ) -> None:
        """Write pairs with their scores, whole or not at all."""
        if self.write_scored is not None:
            self.write_scored(path, pairs, languages, properties or {})
            return
        assert self.write_rows is not None
        self.write_rows(path, PAIRS, ((f"{score:.4f}", source, target) for score, source, target in pairs))


def table(
    read: Callable[[Path], Iterator[Row]],
    write: Callable[[Path, Sequence[str], Iterable[Sequence[str]]], None],
    **more: Any,
) -> Format:
    """The format of a table that holds the texts of units and nothing else: how its rows are read and written, and
    `more` fields of a Format.
    """

    def memory(path: Path, source_language: str, target_language: str) -> Memory:
        return memory_of(partial(read, path), path, source_language, target_language)

    def write_memory(path: Path, memory: Memory) -> None:
        header = header_of(memory)
        write(path, header, (texts_of(unit, header) for unit in memory))

    return Format(read=read, memory=memory, write_memory=write_memory, write_rows=write, **more)


def known() -> list[Format]:
    """Every format. Raises ConfigError for a module that defines none."""
    return list(_by_module().values())


def _by_module() -> dict[str, Format]:
    modules = [discovery.find("formats", name, "format", ("FORMAT",)) for name in discovery.choices("formats")]
    for module in modules:
        if not isinstance(module.FORMAT, Format):
            raise ConfigError(
                f"{module.__file__}: FORMAT is a {type(module.FORMAT).__name__}, an interlingua.formats.Format is "
                "needed; mend it, or uninstall the package that adds it"
            )
    return {module.__name__: module.FORMAT for module in modules}


def by_suffix() -> dict[str, Format]:
    """The format of each suffix. Raises ConfigError where two formats claim one."""
    formats: dict[str, Format] = {}
    owners: dict[str, str] = {}
    for module, one in _by_module().items():
        for suffix in one.suffixes:
            if suffix in formats:
                raise ConfigError(
                    f"two formats claim the suffix {suffix}: {owners[suffix]} and {module}; uninstall the package that "
                    "adds one of them"
                )
            formats[suffix], owners[suffix] = one, module
    return formats


def named_by(path: Path) -> Format | None:
    """The format that the suffix of a file names, unless the file is a text in the language of that code."""
    one = by_suffix().get(bare_suffix(path))
    return one if one is not None and one.owns(path) else None


def format_of(path: Path) -> Format:
    """The format that a path names. Raises DataError, which lists the suffixes, for any other."""
    check_name(path)
    formats = by_suffix()
    if known_format := named_by(path) or _claimant(path):
        return known_format
    _refuse_document(path)
    _refuse_side(path)
    raise DataError(
        f"the suffix {bare_suffix(path)!r} is no known format; known are {' '.join(formats)}, each also .gz or .zst, "
        "and a Moses prefix",
        path,
    )


def _refuse_document(path: Path) -> None:
    if reader_of_document(path) is not None:
        raise DataError(
            "a document of one language, where pairs or columns are needed; pair it with its translation: interlingua "
            "align SOURCE TARGET -o pairs.tmx",
            path,
        )


def _refuse_side(path: Path) -> None:
    if (suffix := bare_suffix(path)) in by_suffix():
        raise DataError(
            f"no file of translations, which a {suffix} is that begins with '<'; one side of Moses pairs is read with "
            f"the other by what their names begin with, {path.name[: path.name.lower().rindex(suffix)]}",
            path,
        )


def _claimant(path: Path) -> Format | None:
    return next((one for one in known() if one.claims(path)), None)


def is_input(path: Path) -> bool:
    """Whether there is something to read at a path: a file, a folder, the files that a prefix stands for, or standard
    input ("-"). Raises DataError for a name that no file can have.
    """
    check_name(path)
    return str(path) == "-" or path.exists() or any(one.exists(path) for one in known() if not one.one_file)


def read_rows(path: Path) -> Iterator[Row]:
    """Rows of a file, in the format that `reader_of` finds. Raises DataError, with the line, for what cannot be
    read.
    """
    return reader_of(path).read(path)


def reader_of(path: Path) -> Format:
    """The format a path is read in: "-" is TSV on standard input; a name without a file may be the prefix of several.

    Raises DataError, which lists the readable suffixes, for a path that is no known format.
    """
    check_name(path)
    formats = by_suffix()
    if str(path) == "-":
        return formats[".tsv"]
    if one := named_by(path):
        return one
    several = next((other for other in known() if not other.one_file and other.exists(path)), None)
    if several is not None and not path.is_file():
        return several
    _refuse_document(path)
    _refuse_side(path)
    problem = "is not a readable format" if path.exists() else "there is no such file"
    problem = "this is a folder, a file is needed" if path.is_dir() else problem
    raise DataError(
        f"{problem}; readable are {' '.join(formats)}, each also .gz or .zst, Moses pairs by their prefix, and "
        "datasets:NAME",
        path,
    )


def files_of(path: Path) -> Sequence[Path]:
    """The files that a path stands for: several, where it is their prefix."""
    check_name(path)
    several = str(path) != "-" and (path.is_dir() or not path.exists())
    return reader_of(path).files(path) if several else [path]


def open_memory(path: Path, source_language: str = "", target_language: str = "") -> Memory:
    """A file as a translation memory; the languages are used where it names none. Raises DataError, with the line,
    and for what is no language.
    """
    require([language for language in (source_language, target_language) if language], ())
    one = format_of(path)
    if not one.exists(path):
        raise DataError("there is no such file", path)
    return one.memory(path, source_language, target_language)


def writer_of(path: Path, can: Callable[[Format], Any], what: str, or_stdout: bool = True) -> Format:
    """The format in which `what` (in the plural, for the message) is written at a path: "-" is TSV on standard output,
    which the message names where `or_stdout`.

    Raises ConfigError, which lists the suffixes of the formats that `can`, for any other.
    """
    formats = by_suffix()
    one = formats.get(".tsv" if str(path) == "-" else bare_suffix(path))
    if one is None or not can(one):
        suffixes = ", ".join(sorted(suffix for suffix, other in formats.items() if can(other)))
        remedy = f"the output must end in one of these{', or be -' if or_stdout else ''}"
        raise ConfigError(f"{path}: {what} are written as {suffixes}; {remedy}")
    return one


def promises_no_other(path: Path, what: str) -> None:
    """Raise ConfigError where `what`, which has no suffix of its own, would get a name that promises a format."""
    if (suffix := bare_suffix(path)) in {*by_suffix(), *OTHERS}:
        raise ConfigError(f"{path}: {what} is no {suffix}; give the output another name")


def digest_of(path: Path) -> str:
    """The SHA-256 of what is read at a path: of a file's content, or of all the files that a prefix stands for."""
    check_name(path)
    return (
        digest(path)
        if path.exists()
        else hashlib.sha256("".join(map(digest, reader_of(path).files(path))).encode()).hexdigest()
    )
