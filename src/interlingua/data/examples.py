"""Judged pairs and plain texts: rows by the names of their columns, never by position."""

from collections.abc import Iterator
from math import isfinite
from pathlib import Path

from interlingua.data import sts_benchmark
from interlingua.data.passages import passages
from interlingua.errors import DataError
from interlingua.files import bare_suffix
from interlingua.formats import read_rows, tsv
from interlingua.languages import UNKNOWN
from interlingua.types import Example, Row

JUDGED = (
    ("sentence1", "sentence_A"),
    ("sentence2", "sentence_B"),
    ("score", "relatedness", "relatedness_score", "similarity_score"),
)
"""Names of the two texts and of their score, in STS-B, SICK and translations of them."""


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
        present = [name for name in names if name in row.columns]
        if len(present) != 1:
            problem = (
                f"there is no column {names[0]!r}"
                if not present
                else f"which is the column {names[0]!r}: {' or '.join(present)}?"
            )
            raise DataError(
                f"{problem}; the columns are {', '.join(row.columns)}. Remedy: --columns FIRST SECOND SCORE",
                path,
                row.line,
            )
        roles.append(present[0])
    return roles


def texts(path: Path) -> list[str]:
    """All of `each_text`."""
    return list(each_text(path))


def sentences(path: Path, times: int = 1) -> Iterator[Example]:
    """The texts of a file that are not empty, without the space around them, each so many `times` in its example."""
    for text in each_text(path):
        if text.strip():
            yield Example((text.strip(),) * times, (UNKNOWN,) * times)


def each_text(path: Path) -> Iterator[str]:
    """The texts of all `passages`, which raise what is wrong."""
    return (passage.text for passage in passages(path))
