"""Reading text whatever its wrapping, and within bounds: no file takes more memory than an honest one."""

import codecs
import errno
import gzip
import hashlib
import io
import os
import re
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from interlingua.errors import DataError

COMPRESSIONS = (".gz", ".zst")
BUFFER = 1 << 16
"""Bytes read at a time."""
LONGEST_RECORD = 1 << 24
"""Bytes of one line, row, field or unit. What is longer is no text that anyone wrote, and takes a multiple of its size
as Python objects (JSON up to 25 times)."""
LONGEST_DOCUMENT = 1 << 25
"""Bytes of a text that is read at once, decompressed: less than LARGEST_WHOLE, for what is parsed of it takes 25 times
as much."""
LARGEST_WHOLE = 1 << 26
"""Bytes, unpacked, of a file that is held as a whole."""
MAX_EXPANSION, EXPANSION_FROM = 500, 1 << 28
"""Bytes that one byte of a compressed file may become, looked at once that many came out: deflate's limit is 1032, that
of zstd far above; text's is below 50."""
ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
"""What the system says of a name that leads to nothing."""
CHARSET = re.compile(rb"Content-Type:[^\n]{0,99}charset=([\w.:-]+)", re.IGNORECASE)
NO_CHARSETS = ("idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined", "utf-7")
"""Codecs of Python that decode other things than the text of a file."""
NOT_UTF8 = "{} is not UTF-8; convert the file (iconv -f ... -t UTF-8)"


def bare_suffix(path: Path) -> str:
    """The suffix that names the format, compression aside: ".tsv" for pairs.TSV.gz."""
    name = path.name.lower()
    for compression in COMPRESSIONS:
        name = name.removesuffix(compression)
    return Path(name).suffix


def wrong_with(path: Path) -> str:
    """Why no file can have this name, or may be looked for under it; "" where one can. (What Path.exists makes of such
    a name differs between versions of Python.)
    """
    try:
        path.stat()
    except ValueError as error:  # a NUL character, or half of a surrogate pair
        return f"no file can have this name ({error})"
    except OSError as error:
        return "" if error.errno in ABSENT else f"cannot be read ({error.strerror or error})"
    return ""


def check_name(path: Path) -> None:
    """Raise DataError for a name that no file can have; "-" is standard input."""
    if str(path) != "-" and (problem := wrong_with(path)):
        raise DataError(problem, path)


@contextmanager
def open_bytes(path: Path) -> Iterator[BinaryIO]:
    """The decompressed bytes of a plain, .gz or .zst file; "-" is standard input. Raises DataError where they cannot
    be read.
    """
    check_name(path)
    try:
        if str(path) == "-":
            yield sys.stdin.buffer
        elif path.name.lower().endswith(".gz"):
            with gzip.open(path) as stream:
                yield io.BufferedReader(_Unpacked(stream, path), BUFFER)
        elif path.name.lower().endswith(".zst"):
            with path.open("rb") as raw:
                yield io.BufferedReader(_Unpacked(_Zstd(raw, path), path), BUFFER)
        else:
            with path.open("rb") as stream:
                yield stream
    except FileNotFoundError as error:
        raise DataError("there is no such file", path) from error
    except IsADirectoryError as error:
        raise DataError("this is a folder, a file is needed", path) from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"the compressed file is damaged or cut short ({error}); fetch it again", path) from error
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror or error})", path) from error


class Expansion:
    """What came out of a compressed file so far, held against what it holds."""

    def __init__(self, path: Path) -> None:
        self._path, self._taken = path, 0
        self._packed = path.stat().st_size if path.is_file() else 0

    def add(self, count: int) -> None:
        """So many bytes more. Raises DataError where these are more than an honest file becomes."""
        self._taken += count
        if self._packed and self._taken > max(EXPANSION_FROM, MAX_EXPANSION * self._packed):
            raise DataError(
                f"refused: {self._packed:,} bytes unpack to more than {self._taken - count:,}: a decompression bomb; "
                "an honest file is read uncompressed",
                self._path,
            )


class _Unpacked(io.RawIOBase):
    """What a compressed file unpacks to, unless that is absurd."""

    def __init__(self, stream: Any, path: Path) -> None:
        self._stream, self._expansion = stream, Expansion(path)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        count = self._stream.readinto(buffer)
        self._expansion.add(count)
        return count


class _Zstd(io.RawIOBase):
    """The content of zstd frames. The library's own stream takes a file that was cut short for a whole one; this one
    does not.
    """

    def __init__(self, raw: BinaryIO, path: Path) -> None:
        self._raw, self._path = raw, path
        self._frame: Any = None
        self._packed, self._ready = b"", memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        while not self._ready:
            packed = self._packed or self._raw.read(BUFFER)
            if not packed:
                if self._frame is not None:
                    raise self._damage("it ends in the middle")
                return 0
            self._unpack(packed)
        size = min(len(buffer), len(self._ready))
        buffer[:size], self._ready = self._ready[:size], self._ready[size:]
        return size

    def _unpack(self, packed: bytes) -> None:
        import zstandard

        self._frame = self._frame or zstandard.ZstdDecompressor(max_window_size=2**31).decompressobj()
        try:
            self._ready, self._packed = memoryview(self._frame.decompress(packed)), b""
        except zstandard.ZstdError as error:
            raise self._damage(str(error)) from error
        if self._frame.eof:
            self._packed, self._frame = self._frame.unused_data, None

    def _damage(self, problem: str) -> DataError:
        return DataError(f"the compressed file is damaged or cut short ({problem}); fetch it again", self._path)


@contextmanager
def open_text(path: Path) -> Iterator[TextIO]:
    """The text of a plain, .gz or .zst file, or of standard input ("-"): UTF-8, a byte order mark dropped.

    Raises DataError where it cannot be read; `read_lines` also says on which line.
    """
    with open_bytes(path) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8-sig")
        try:
            yield text
        except UnicodeDecodeError as error:
            raise DataError(NOT_UTF8.format("the text"), path) from error
        finally:
            text.detach()  # standard input stays open


def read_lines(path: Path, encoding: str = "utf-8") -> Iterator[tuple[int, str]]:
    """Line numbers (from 1) and lines without their ends; a byte order mark is dropped, CRLF is a line end like LF.

    Raises DataError, with the line, for bytes that are not of the encoding (one whose line feed is that of ASCII), for
    NUL characters, and for a line of more than LONGEST_RECORD bytes.
    """
    with open_bytes(path) as stream:
        for number, raw in enumerate(iter(partial(stream.readline, LONGEST_RECORD + 1), b""), 1):
            if len(raw) > LONGEST_RECORD:
                raise too_long("line", path, number)
            try:
                line = raw.decode("utf-8-sig" if number == 1 and encoding == "utf-8" else encoding)
            except UnicodeDecodeError as error:
                place = f"byte {error.start + 1} of this line"
                problem = NOT_UTF8.format(place) if encoding == "utf-8" else f"{place} is not {encoding}"
                raise DataError(problem, path, number) from error
            if "\0" in line:
                raise DataError(
                    "a NUL character; this is not a text file, or it is UTF-16 (iconv -f UTF-16 -t UTF-8)", path, number
                )
            if line:  # a byte order mark alone is an empty file
                yield number, line.removesuffix("\n").removesuffix("\r")


def whole_text(path: Path, encoding_of: Callable[[bytes, Path], str] | None = None) -> str:
    """The text of a file that is read at once: UTF-8, or UTF-16 where a byte order mark says so; marks are dropped. In
    the bytes of a file without a mark, `encoding_of` may find another encoding.

    Raises DataError for other bytes, for NUL characters, and for more than LONGEST_DOCUMENT bytes.
    """
    with open_bytes(path) as stream:
        content = stream.read(LONGEST_DOCUMENT + 1)
    if len(content) > LONGEST_DOCUMENT:
        raise DataError(f"refused: a document of more than {LONGEST_DOCUMENT >> 20} MB; break it into several", path)
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encoding = "utf-16" if wide else "utf-8-sig"
    if encoding_of is not None and not wide and not content.startswith(codecs.BOM_UTF8):
        encoding = encoding_of(content, path)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line, place = content[: error.start].count(b"\n") + 1, f"byte {error.start + 1:,}"
        other = f"{place} is not {encoding}, which the file names; save it as UTF-8"
        raise DataError(NOT_UTF8.format(place) if encoding.startswith("utf-8") else other, path, line) from error
    if "\0" in text:
        raise DataError("a NUL character; this is not a text file", path, text[: text.index("\0")].count("\n") + 1)
    return text


def charset_of(content: bytes, path: Path) -> str:
    """The encoding that a header such as a mail's names, Content-Type: ...; UTF-8 where it names none. Raises DataError
    for one that cannot be read.
    """
    found = CHARSET.search(content)
    name = found[1].decode() if found else ""
    if name.lower() in ("", "charset", "ascii", "us-ascii"):  # a template's, and what UTF-8 holds
        return "utf-8"
    return codec_named(name, path)


def codec_named(name: str, path: Path) -> str:
    """Python's name of the encoding that a file names. Raises DataError for one that cannot be read."""
    try:
        codec = codecs.lookup(name).name
        if codec in NO_CHARSETS or b'msgid "a"'.decode(codec) != 'msgid "a"':
            raise LookupError
    except (LookupError, ValueError) as error:
        problem = f"the header names the encoding {name[:50]!r}, which cannot be read; convert the file to UTF-8"
        raise DataError(problem, path) from error
    return codec


def too_long(what: str, path: Path, line: int | None = None) -> DataError:
    """What a record of more than LONGEST_RECORD bytes raises."""
    return DataError(
        f"refused: a {what} of more than {LONGEST_RECORD >> 20} MB; break the text into several", path, line
    )


def digest(path: Path) -> str:
    """The SHA-256 of a file's decompressed bytes, or of the names and bytes of all files in a folder.

    Raises DataError where they cannot be read.
    """
    check_name(path)
    if not path.is_dir():
        with open_bytes(path) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()  # pyright: ignore[reportArgumentType]
    hashed = hashlib.sha256()
    for file in sorted(file for file in path.rglob("*") if file.is_file()):
        hashed.update(f"{file.relative_to(path)}\0{digest(file)}\n".encode())
    return hashed.hexdigest()


def user_cache() -> Path:
    """The folder for what can be made again: interlingua in XDG_CACHE_HOME, or in ~/.cache."""
    return Path(os.path.expanduser(os.environ.get("XDG_CACHE_HOME") or "~/.cache")) / "interlingua"
