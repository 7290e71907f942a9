"""Reading text whatever its wrapping, and writing outputs whole or not at all."""

import gzip
import io
import os
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from interlingua.errors import DataError

COMPRESSIONS = (".gz", ".zst")


def bare_suffix(path: Path) -> str:
    """The suffix that names the format, compression aside: ".tsv" for pairs.TSV.gz."""
    name = path.name.lower()
    for compression in COMPRESSIONS:
        name = name.removesuffix(compression)
    return Path(name).suffix


@contextmanager
def open_bytes(path: Path) -> Iterator[BinaryIO]:
    """The decompressed bytes of a plain, .gz or .zst file; "-" is standard input. Raises DataError where they cannot be read."""
    try:
        if str(path) == "-":
            yield sys.stdin.buffer
        elif path.name.lower().endswith(".gz"):
            with gzip.open(path) as stream:
                yield stream  # pyright: ignore[reportReturnType]
        elif path.name.lower().endswith(".zst"):
            import zstandard

            with path.open("rb") as raw, zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True) as stream:
                yield _Complete(stream, path)  # pyright: ignore[reportReturnType]
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


class _Complete(io.RawIOBase):
    """A zstd stream that says so when it is damaged, and when it ends too early (its library takes that for the end)."""

    def __init__(self, stream: BinaryIO, path: Path) -> None:
        self._stream, self._path = stream, path

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        import zstandard

        try:
            data = self._stream.read(len(buffer))
        except zstandard.ZstdError as error:
            raise DataError(f"the compressed file is damaged or cut short ({error}); fetch it again", self._path) from error
        buffer[: len(data)] = data
        return len(data)


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Line numbers (from 1) and lines without their ends; a byte order mark is dropped, CRLF is a line end like LF.

    Raises DataError, with the line, for bytes that are not UTF-8 and for NUL characters.
    """
    with open_bytes(path) as stream:
        for number, raw in enumerate(io.BufferedReader(stream) if isinstance(stream, io.RawIOBase) else stream, 1):  # pyright: ignore[reportArgumentType]
            try:
                line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                problem = f"byte {error.start + 1} of this line is not UTF-8; convert the file (iconv -f ... -t UTF-8)"
                raise DataError(problem, path, number) from error
            if "\0" in line:
                raise DataError("a NUL character; this is not a text file, or it is UTF-16 (iconv -f UTF-16 -t UTF-8)", path, number)
            yield number, line.removesuffix("\n").removesuffix("\r")


@contextmanager
def write_whole(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`, renamed over it when the block ends well and removed when it does not.

    Raises DataError where the folder cannot be written to or the disk is full.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.open("wb").close()  # an unwritable folder is found before the work, not after
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        raise DataError(f"cannot be written ({error.strerror or error}); nothing was changed", path) from error
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def write_whole_folder(path: Path) -> Iterator[Path]:
    """A temporary folder beside `path` that takes its place when the block ends well and vanishes when it does not.

    Raises DataError where it cannot be written.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent))
    except OSError as error:
        raise DataError(f"cannot be written ({error.strerror or error}); nothing was changed", path) from error
    try:
        yield temporary
        temporary.chmod(0o755)
        old = path.with_name(f".{path.name}.{os.getpid()}.old")
        if path.exists():
            os.replace(path, old)
        os.replace(temporary, path)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise DataError(f"cannot be written ({error.strerror or error}); nothing was changed", path) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
