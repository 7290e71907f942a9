"""Moses pairs: PREFIX.de and PREFIX.en, one text a line, line by line translations. The prefix stands for both."""

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from interlingua.errors import DataError
from interlingua.files import COMPRESSIONS, read_lines
from interlingua.languages import is_language, standard
from interlingua.types import Row

SUFFIXES = ()
NO_LANGUAGES = ("bak", "bin", "bpe", "csv", "doc", "err", "ids", "log", "mo", "npy", "old", "raw", "tmp", "tsv", "txt", "xml")
"""What beside a pair of files is more likely the end of a file's name than the small language with that code."""


def sides(prefix: Path) -> list[tuple[str, Path]]:
    """The files PREFIX.LANGUAGE (compressed or not) by language, in alphabetical order.

    A prefix that names its languages (corpus.de-en) has these two sides and no other.
    """
    found: list[tuple[str, Path]] = []
    for path in sorted(prefix.parent.iterdir()) if prefix.parent.is_dir() else []:
        if path.name.startswith(f"{prefix.name}."):
            name = path.name[len(prefix.name) + 1 :]
            for compression in COMPRESSIONS:
                name = name.removesuffix(compression)
            found.append((name, path))
    pairs = [{one, other} for one, _ in found for other, _ in found if f".{prefix.name}".endswith((f".{one}-{other}", f".{other}-{one}"))]
    chosen = [side for side in found if (side[0] in pairs[0] if pairs else side[0] not in NO_LANGUAGES and is_language(side[0]))]
    return [(standard(name), path) for name, path in chosen]


def read(path: Path) -> Iterator[Row]:
    """Rows {language: text} of both sides of the prefix `path`.

    Raises DataError where there are not exactly two sides, and where they have different numbers of lines.
    """
    found = sides(path)
    if len({language for language, _ in found}) != 2 or len(found) != 2:
        names = ", ".join(file.name for _, file in found) or "none"
        raise DataError(f"two files {path.name}.LANGUAGE are needed beside each other (Moses pairs), found {names}", path)
    columns = [(text for _, text in read_lines(file)) for _, file in found]
    for line, texts in enumerate(zip_longest(*columns), 1):
        if None in texts:
            counts = ", ".join(f"{file.name} has {sum(1 for _ in read_lines(file)):,}" for _, file in found)
            raise DataError(f"the sides have different numbers of lines: {counts}; they must be translations line by line", path, line)
        yield Row({language: text for (language, _), text in zip(found, texts, strict=True)}, line)
