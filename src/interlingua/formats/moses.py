"""Moses pairs: PREFIX.de and PREFIX.en, one text a line, line by line translations. The prefix stands for both."""

import re
from collections.abc import Iterator
from functools import partial
from itertools import zip_longest
from pathlib import Path

from interlingua import documents
from interlingua.errors import ConfigError, DataError
from interlingua.files import COMPRESSIONS, bare_suffix, read_lines
from interlingua.formats import Format, named_by
from interlingua.languages import is_language, standard
from interlingua.outputs import create_text
from interlingua.types import Row
from interlingua.units.holds import Holds
from interlingua.units.tables import header_of, memory_of, texts_of
from interlingua.units.unit import Memory

NO_LANGUAGES = (
    "bak",
    "bin",
    "bpe",
    "csv",
    "doc",
    "err",
    "ids",
    "log",
    "mo",
    "npy",
    "old",
    "raw",
    "tmp",
    "tsv",
    "txt",
    "xml",
)
"""What beside a pair of files is more likely the end of a file's name than the small language with that code."""


def sides(prefix: Path) -> list[tuple[str, Path]]:
    """The files PREFIX.LANGUAGE (compressed or not) by language, in alphabetical order.

    A prefix that names its languages (corpus.de-en) has these two sides and no other.
    """
    files: list[tuple[str, Path]] = []
    for path in sorted(prefix.parent.iterdir()) if prefix.parent.is_dir() else []:
        if path.name.startswith(f"{prefix.name}."):
            name = path.name[len(prefix.name) + 1 :]
            for compression in COMPRESSIONS:
                name = name.removesuffix(compression)
            files.append((name, path))
    pairs = [
        {one, other}
        for one, _ in files
        for other, _ in files
        if f".{prefix.name}".endswith((f".{one}-{other}", f".{other}-{one}"))
    ]
    chosen = [
        side
        for side in files
        if (side[0] in pairs[0] if pairs else side[0] not in NO_LANGUAGES and is_language(side[0]))
        and named_by(side[1]) is None
    ]
    return [(standard(name), path) for name, path in chosen]


def read(path: Path) -> Iterator[Row]:
    """Rows {language: text} of both sides of the prefix `path`.

    Raises DataError where there are not exactly two sides, and where they have different numbers of lines.
    """
    files = sides(path)
    if len({language for language, _ in files}) != 2 or len(files) != 2:
        names = ", ".join(file.name for _, file in files) or "none"
        raise DataError(
            f"two files {path.name}.LANGUAGE are needed beside each other (Moses pairs), found {names}", path
        )
    columns = [(text for _, text in read_lines(file)) for _, file in files]
    for line, texts in enumerate(zip_longest(*columns), 1):
        if None in texts:
            counts = ", ".join(f"{file.name} has {sum(1 for _ in read_lines(file)):,}" for _, file in files)
            raise DataError(
                f"the sides have different numbers of lines: {counts}; they must be translations line by line",
                path,
                line,
            )
        yield Row({language: text for (language, _), text in zip(files, texts, strict=True)}, line)


def memory(path: Path, source_language: str = "", target_language: str = "") -> Memory:
    """The pairs of lines as units; the files name the languages. Raises DataError as `read` does."""
    return memory_of(partial(read, path), path, source_language, target_language)


def write_memory(path: Path, memory: Memory) -> None:
    """Write PREFIX.SOURCE and PREFIX.TARGET, whole or not at all; the prefix corpus.gz gives corpus.de.gz. Line ends
    become spaces.

    Raises ConfigError where the memory has not exactly two languages, DataError where a file cannot be written.
    """
    languages = header_of(memory)
    if len(languages) != 2 or not all(map(is_language, languages)):
        raise ConfigError(
            f"{path}: Moses files hold two languages, found {', '.join(languages) or 'none'}; choose with "
            "--source-language and --target-language"
        )
    packed = path.suffix if path.suffix.lower() in COMPRESSIONS else ""
    source, target = (path.with_name(f"{path.name.removesuffix(packed)}.{language}{packed}") for language in languages)
    with create_text(source) as one, create_text(target) as other:
        for unit in memory:
            for stream, text in zip((one, other), texts_of(unit, languages), strict=True):
                stream.write(re.sub(r"[\r\n]+", " ", text) + "\n")


def is_side(path: Path) -> bool:
    """Whether a name ends like one side of a pair: corpus.de."""
    ending = bare_suffix(path)[1:]
    named = named_by(path) is not None or documents.reader_of(path) is not None
    return not named and ending not in NO_LANGUAGES and is_language(ending)


def _is_prefix(path: Path) -> bool:
    """A name without a suffix, or with both languages as its suffix: corpus, corpus.de-en."""
    suffix = bare_suffix(path)
    pair = suffix[1:].split("-")
    return (suffix == "" and str(path) != "-") or (len(pair) == 2 and all(map(is_language, pair)))


FORMAT = Format(
    suffixes=(),
    holds=Holds(flattened="\r\n"),
    read=read,
    memory=memory,
    write_memory=write_memory,
    names_columns=True,
    claims=_is_prefix,
    exists=lambda path: bool(sides(path)),
    files=lambda path: [file for _, file in sides(path)],
    one_file=False,
)
