"""Java's .properties: a key and a text a line."""

import re
from collections.abc import Iterator
from pathlib import Path

from interlingua.documents import Passage, Reader
from interlingua.documents._text import paired
from interlingua.errors import DataError
from interlingua.files import open_bytes, whole_text

BLANK, COMMENT = " \t\f", "#!"
KEY = re.compile(r"(?:[^\\:= \t\f]|\\.)*", re.DOTALL)
SEPARATOR = re.compile(r"[ \t\f]*[:=]?[ \t\f]*")
ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


def passages(path: Path) -> Iterator[Passage]:
    """Each text by its key. UTF-8, as Java 9 and later read it; what is not UTF-8 is ISO-8859-1, as before. Raises
    DataError, with the line, for a Unicode escape that is none.
    """
    for line, text in _logical(_text(path)):
        key = KEY.match(text)
        assert key is not None
        gap = SEPARATOR.match(text, key.end())
        assert gap is not None
        name, value = (_plain(part, path, line) for part in (key[0], text[gap.end() :]))
        if value.strip():
            yield Passage(value, f"line {line:,}", name)


def _text(path: Path) -> str:
    try:
        return whole_text(path)
    except DataError as error:
        if not isinstance(error.__cause__, UnicodeDecodeError):
            raise
    with open_bytes(path) as stream:
        return stream.read().decode("latin-1")


def _logical(text: str) -> Iterator[tuple[int, str]]:
    """Lines with those that continue them, each with the number of its first."""
    waiting, begun = "", 0
    for number, line in enumerate(re.split("\r\n|\r|\n", text), 1):
        line = line.lstrip(BLANK)
        if not begun and (not line or line[0] in COMMENT):
            continue
        begun = begun or number
        if (len(line) - len(line.rstrip("\\"))) % 2:
            waiting += line[:-1]
            continue
        yield begun, waiting + line
        waiting, begun = "", 0
    if waiting:
        yield begun, waiting


def _plain(text: str, path: Path, line: int) -> str:
    def character(found: re.Match[str]) -> str:
        escape = found[1]
        if escape == "u":
            raise DataError(
                f"an escape of four hexadecimal digits is expected: {found.string[found.start() :][:6]!r}", path, line
            )
        return chr(int(escape[1:], 16)) if len(escape) > 1 else CONTROLS.get(escape, escape)

    return paired(ESCAPE.sub(character, text))


READER = Reader(suffixes=(".properties",), passages=passages)
