"""The texts of one language in any file, each with its place: of a document, a table, or lines."""

import re
from collections.abc import Iterator
from pathlib import Path

from interlingua.data.sentences import splitter
from interlingua.documents import Passage, reader_of
from interlingua.errors import DataError
from interlingua.files import bare_suffix, check_name, read_lines
from interlingua.formats import moses, read_rows
from interlingua.languages import UNKNOWN

HALF = re.compile("[\ud800-\udfff]")
"""Of a pair of escapes that stand for one character: no vector, table or terminal can hold it."""


def passages(path: Path) -> Iterator[Passage]:
    """The passages of a document; else one text a line of a .txt file, a Moses side (corpus.de), a pipe or standard
    input ("-"), empty lines kept; else the column `text`.

    Raises DataError, with the line, for a table without that column and for a format that is not known.
    """
    path = Path(path)
    if (reader := reader_of(path)) is not None:
        check_name(path)
        for passage in reader.passages(path):
            if HALF.search(passage.text):
                problem = f"half a character in the text of {passage.key or passage.place}: write all of it"
                raise DataError(problem, path)
            yield passage
    elif str(path) == "-" or bare_suffix(path) in ("", ".txt") or moses.is_side(path):
        for line, text in read_lines(path):
            yield Passage(text, f"line {line:,}")
    else:
        for row in read_rows(path):
            if "text" not in row.columns:
                columns = ", ".join(row.columns)
                raise DataError(
                    f"there is no column 'text'; the columns are {columns}. Name one so, or make a file of segments of "
                    "a table of pairs: interlingua tm convert TABLE -o job.xlf",
                    path,
                    row.line,
                )
            yield Passage(row.columns["text"], f"line {row.line:,}")


def is_split(path: Path, split: bool = False, srx: Path | None = None) -> bool:
    """Whether the passages of a file are split where sentences are asked for: those of prose are, others where `split`
    or rules of segmentation say so.
    """
    reader = reader_of(Path(path))
    return split or srx is not None or (reader is not None and reader.prose)


def sentences(
    path: Path, language: str = UNKNOWN, split: bool = False, srx: Path | None = None
) -> Iterator[list[Passage]]:
    """The passages of a file, each as its sentences where it `is_split`, by the rules of `srx` if given, and else as it
    is. Strings with keys are never split. Raises what `passages` and `splitter` raise.
    """
    divide = splitter(language, srx) if is_split(path, split, srx) else None
    for one in passages(path):
        if divide is None or one.key:
            yield [one]
        else:
            yield [one._replace(text=sentence) for sentence in divide(one.text)]
