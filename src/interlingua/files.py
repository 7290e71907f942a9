"""Reading text whatever its wrapping, and writing outputs whole or not at all."""

import gzip
import hashlib
import io
import os
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from interlingua.errors import DataError

COMPRESSIONS = (".gz", ".zst")
BUFFER = 1 << 16
"""Bytes read at a time."""
NOT_UTF8 = "{} is not UTF-8; convert the file (iconv -f ... -t UTF-8)"


def bare_suffix(path: Path) -> str:
    """The suffix that names the format, compression aside: ".tsv" for pairs.TSV.gz."""
    name = path.name.lower()
    for compression in COMPRESSIONS:
        name = name.removesuffix(compression)
    return Path(name).suffix


@contextmanager
def open_bytes(path: Path) -> Iterator[BinaryIO]:
    """The decompressed bytes of a plain, .gz or .zst file; "-" is standard input. Raises DataError where they cannot
    be read.
    """
    try:
        if str(path) == "-":
            yield sys.stdin.buffer
        elif path.name.lower().endswith(".gz"):
            with gzip.open(path) as stream:
                yield io.BufferedReader(stream, BUFFER)  # pyright: ignore[reportArgumentType]
        elif path.name.lower().endswith(".zst"):
            with path.open("rb") as raw:
                yield io.BufferedReader(_Zstd(raw, path), BUFFER)
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

    def readinto(self, buffer: memoryview) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
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


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Line numbers (from 1) and lines without their ends; a byte order mark is dropped, CRLF is a line end like LF.

    Raises DataError, with the line, for bytes that are not UTF-8 and for NUL characters.
    """
    with open_bytes(path) as stream:
        for number, raw in enumerate(stream, 1):
            try:
                line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise DataError(NOT_UTF8.format(f"byte {error.start + 1} of this line"), path, number) from error
            if "\0" in line:
                raise DataError(
                    "a NUL character; this is not a text file, or it is UTF-16 (iconv -f UTF-16 -t UTF-8)", path, number
                )
            if line:  # a byte order mark alone is an empty file
                yield number, line.removesuffix("\n").removesuffix("\r")


def digest(path: Path) -> str:
    """The SHA-256 of a file's decompressed bytes, or of the names and bytes of all files in a folder.

    Raises DataError where they cannot be read.
    """
    if not path.is_dir():
        with open_bytes(path) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()  # pyright: ignore[reportArgumentType]
    hashed = hashlib.sha256()
    for file in sorted(file for file in path.rglob("*") if file.is_file()):
        hashed.update(f"{file.relative_to(path)}\0{digest(file)}\n".encode())
    return hashed.hexdigest()


@contextmanager
def write_whole(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`, renamed over it when the block ends well and removed when it does not.

    A link stays a link: what it points to is replaced. Raises DataError where the folder cannot be written to, the disk
    is full, or something other than a regular file (a folder, a device) has the name.
    """
    asked, path = path, Path(os.path.realpath(path))
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if path.exists() and not path.is_file():
            raise DataError("this is a folder or a device, which is never replaced; give the name of a file", asked)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.open("wb").close()  # an unwritable folder is found before the work, not after
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        raise _unwritable(error, asked, {path, temporary}) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


@contextmanager
def create_bytes(path: Path) -> Iterator[BinaryIO]:
    """Bytes to write: a file whole or not at all, compressed where its name ends in .gz or .zst; "-" is standard
    output.

    The same bytes give the same file. Raises DataError where it cannot be written.
    """
    if str(path) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with write_whole(path) as temporary, temporary.open("wb") as raw:
        if path.name.lower().endswith(".gz"):
            with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as stream:
                yield stream  # pyright: ignore[reportReturnType]
        elif path.name.lower().endswith(".zst"):
            import zstandard

            with zstandard.ZstdCompressor(write_checksum=True).stream_writer(raw, closefd=False) as stream:
                yield stream  # pyright: ignore[reportReturnType]
        else:
            yield raw


def save_array(file: Path, array: Any) -> None:
    """Write a .npy file. (numpy.save does not notice that a full disk refused the last bytes.)"""
    import numpy as np

    array = np.ascontiguousarray(array)
    with file.open("wb") as stream:
        np.lib.format.write_array_header_1_0(stream, np.lib.format.header_data_from_array_1_0(array))
        stream.write(array.data)


def check_writable(path: Path) -> None:
    """Raise DataError where `create_bytes` could not write: found before long work, not after. What is there is left
    alone.
    """
    if str(path) != "-":
        with suppress(_Untouched), write_whole(path):
            raise _Untouched


def user_cache() -> Path:
    """The folder for what can be made again: interlingua in XDG_CACHE_HOME, or in ~/.cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "interlingua"


class _Untouched(Exception):
    """Ends a `write_whole` that was only tried."""


@contextmanager
def create_text(path: Path) -> Iterator[TextIO]:
    """The same for text in UTF-8, line ends as they are written."""
    with create_bytes(path) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=False)
        try:
            yield text
        finally:
            text.detach()  # flushes, and leaves the stream open


@contextmanager
def write_whole_folder(path: Path) -> Iterator[Path]:
    """A temporary folder beside `path` that takes its place when the block ends well and vanishes when it does not.

    Raises DataError where it cannot be written, and for a `path` that is a file or holds the current folder.
    """
    asked, path = path, Path(os.path.realpath(path))
    if path.is_file() or Path.cwd().is_relative_to(path):
        raise DataError(
            "this is a file or the folder one works in, which is never replaced; give the name of a new folder", asked
        )
    temporary, old = path, path.with_name(f".{path.name}.{os.getpid()}.old")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent))
        yield temporary
        temporary.chmod(0o755)
        if path.exists():
            os.replace(path, old)
        os.replace(temporary, path)
    except OSError as error:
        raise _unwritable(error, asked, {path, temporary}) from error
    finally:
        if old.exists() and not path.exists():  # stopped between the two renames
            os.replace(old, path)
        shutil.rmtree(old, ignore_errors=True)
        if temporary != path:
            shutil.rmtree(temporary, ignore_errors=True)


def _unwritable(error: OSError, path: Path, ours: set[Path]) -> Exception:
    """The error of an output; one about another file (an input that was read meanwhile) stays what it is."""
    named = None if error.filename is None else Path(os.fsdecode(error.filename))
    if named is not None and not any(named.is_relative_to(our) or our.is_relative_to(named) for our in ours):
        return error
    return DataError(f"cannot be written ({error.strerror or error}); nothing was changed", path)


def copy_whole_folder(source: Path, path: Path) -> None:
    """Copy a folder to `path`, whole or not at all. Raises DataError where it cannot be written."""
    with write_whole_folder(path) as temporary:
        shutil.copytree(source, temporary, dirs_exist_ok=True)
