"""The STS benchmark's own files, sts-train.csv, sts-dev.csv and sts-test.csv: tabs in spite of the name, no header,
quotes are text.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from interlingua.errors import DataError
from interlingua.files import read_lines


def is_official(path: Path) -> bool:
    """Whether this is such a file, by its name and its first line."""
    if not re.fullmatch(r"sts-(train|dev|test)\.csv", path.name) or not path.is_file():
        return False
    _, first = next(read_lines(path), (0, ""))
    return first.count("\t") >= 6


def read(path: Path) -> Iterator[tuple[int, str, str, str]]:
    """Line, the two sentences and the score. The columns are genre, file, year, id, score, sentence1, sentence2, and
    perhaps sources.

    Raises DataError, with the line, for a line with fewer.
    """
    for line, text in read_lines(path):
        fields = text.split("\t")
        if len(fields) < 7:
            raise DataError(
                f"{len(fields)} fields, the STS benchmark has genre, file, year, id, score and two sentences",
                path,
                line,
            )
        yield line, fields[5], fields[6], fields[4]
