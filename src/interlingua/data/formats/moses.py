"""Moses pairs: PREFIX.de and PREFIX.en, one text a line, line by line translations. The prefix stands for both."""

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from interlingua.errors import DataError
from interlingua.files import COMPRESSIONS, read_lines
from interlingua.languages import standard
from interlingua.types import Row

SUFFIXES = ()


def sides(prefix: Path) -> list[tuple[str, Path]]:
    """The files PREFIX.LANGUAGE (compressed or not) by language, in alphabetical order."""
    found: list[tuple[str, Path]] = []
    for path in sorted(prefix.parent.glob(f"{prefix.name}.*")):
        name = path.name[len(prefix.name) + 1 :]
        for compression in COMPRESSIONS:
            name = name.removesuffix(compression)
        try:
            found.append((standard(name), path))
        except DataError:
            continue
    return found


def read(path: Path) -> Iterator[Row]:
    """Rows {language: text} of all sides of the prefix `path`. Raises DataError where they have different numbers of lines."""
    found = sides(path)
    if len(found) < 2:
        raise DataError(f"there is no such file, and no two files {path.name}.LANGUAGE beside each other (Moses pairs)", path)
    columns = [(text for _, text in read_lines(file)) for _, file in found]
    for line, texts in enumerate(zip_longest(*columns), 1):
        if None in texts:
            counts = ", ".join(f"{file.name} has {sum(1 for _ in read_lines(file)):,}" for _, file in found)
            raise DataError(f"the sides have different numbers of lines: {counts}; they must be translations line by line", path, line)
        yield Row({language: text for (language, _), text in zip(found, texts, strict=True)}, line)
