"""Writing outputs whole or not at all."""

import gzip
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from interlingua.errors import DataError


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


def link_folder(source: Path, path: Path) -> None:
    """Have `path` lead to the folder `source`, or be a copy of it where links are not to be had (Windows asks for
    rights of an administrator).
    """
    try:
        os.symlink(source.resolve(), path, target_is_directory=True)
    except OSError:
        copy_whole_folder(source, path)


def copy_whole_folder(source: Path, path: Path) -> None:
    """Copy a folder to `path`, whole or not at all. Raises DataError where it cannot be written."""
    with write_whole_folder(path) as temporary:
        shutil.copytree(source, temporary, dirs_exist_ok=True)
