"""Writing outputs whole or not at all.

What is not whole yet lies in a hidden folder beside the output, .NAME.XXXXXXXX.part, whose lock its writer holds. (Of a
long NAME there is only the beginning, and a hash: with all of it, no file system would take the name.) A
lock ends with the process that holds it: by that the next run of the same output knows what a killed one left, and
removes it.
"""

import errno
import gzip
import hashlib
import io
import os
import re
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from stat import S_IMODE, S_ISCHR, S_ISFIFO, S_ISREG
from typing import Any, BinaryIO, TextIO

from interlingua.errors import DataError
from interlingua.machine import lock

LOCK = "lock"
PART = re.compile(r"(\..+\.)[0-9a-f]{8}\.part", re.DOTALL)
"""The name of a hidden folder, and in it what `hidden` says."""
LONGEST_NAME = 240
"""Bytes of a file's name to which .XXXXXXXX.part can be added: file systems take 255."""
OPEN_FILES = ("/dev", "/dev/fd", "/proc/self/fd")
"""Where names stand for devices and for files that are open already."""


@contextmanager
def write_whole(path: Path) -> Iterator[Path]:
    """A temporary path, which takes the place of `path` when the block ends well and vanishes when it does not.

    A link stays a link: what it points to is replaced, on whichever disk that is. The file has the mode of the one that
    it replaces, else the one that the umask says. A device or a pipe takes the bytes at the end. Raises DataError where
    the folder cannot be written to, the disk is full, or something else (a folder, a disk) has the name.
    """
    asked, path = path, real(path)
    if is_stream(asked):
        with _copied_to(asked) as temporary:
            yield temporary
        return
    try:
        if path.exists() and not path.is_file():
            raise DataError("this is a folder or a device, which is never replaced; give the name of a file", asked)
        with _beside(path) as part:
            temporary = part / "new"
            temporary.open("wb").close()  # an unwritable folder is found before the work, not after
            mode = (path if path.exists() else temporary).stat().st_mode
            yield temporary
            temporary.chmod(S_IMODE(mode))
            os.replace(temporary, path)
    except OSError as error:
        raise unwritable(error, asked, path) from error


@contextmanager
def write_whole_folder(path: Path) -> Iterator[Path]:
    """A temporary folder that takes the place of `path` when the block ends well and vanishes when it does not.

    Modes are those of the files that are replaced, else those that the umask says. Raises DataError where it cannot be
    written, and for a `path` that is a file or holds the current folder.
    """
    asked, path = path, real(path)
    if (path.exists() and not path.is_dir()) or Path.cwd().is_relative_to(path):
        raise DataError(
            "this is a file or the folder one works in, which is never replaced; give the name of a new folder", asked
        )
    try:
        with _beside(path) as part:
            temporary, old = part / "new", part / "old"
            temporary.mkdir()
            mode = temporary.stat().st_mode
            yield temporary
            _set_modes(temporary, path, mode)
            try:
                if path.exists():
                    os.replace(path, old)
                os.replace(temporary, path)
            finally:
                _put_back(old, path)  # stopped between the two renames
    except OSError as error:
        raise unwritable(error, asked, path) from error


def real(path: Path) -> Path:
    """Where a path leads. Raises DataError for links that lead to themselves, and for a name that no file can have."""
    try:
        path.stat()
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENAMETOOLONG):
            raise unwritable(error, path, path) from error
    return Path(os.path.realpath(path))


def hidden(path: Path) -> str:
    """What the names of hidden files for `path` begin with."""
    name = os.fsencode(path.name)
    return f".{path.name if len(name) <= LONGEST_NAME else path.name[:40] + hashlib.sha256(name).hexdigest()[:16]}."


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A folder beside `path` that is this process's as long as it has its lock. What dead processes left there is
    removed first.
    """
    with folder_of(path), ExitStack() as held:
        clear(path)
        while True:
            part = path.with_name(f"{hidden(path)}{secrets.token_hex(4)}.part")
            part.mkdir(mode=0o700)
            held.callback(shutil.rmtree, part, ignore_errors=True)
            with suppress(FileNotFoundError):  # another process took it for a dead one's, before it had its lock
                if held.enter_context(lock(part / LOCK)) and part.exists():
                    break
        yield part


def clear(path: Path) -> None:
    """Remove what writers of `path` that were killed left beside it."""
    for name in os.listdir(path.parent) if path.parent.is_dir() else []:
        if (part := PART.fullmatch(name)) and part[1] == hidden(path):
            _remove_if_dead(path.with_name(name), path)


def _remove_if_dead(part: Path, path: Path) -> None:
    """Remove what no living process holds. One that was killed between two renames gives the old folder back."""
    with suppress(OSError):
        with lock(part / LOCK) as dead:
            if dead:
                _put_back(part / "old", path)
        if dead:
            shutil.rmtree(part, ignore_errors=True)


def _put_back(old: Path, path: Path) -> None:
    if old.exists() and not path.exists():
        os.replace(old, path)


def _set_modes(folder: Path, old: Path, fresh: int) -> None:
    """Libraries write files that nobody else may read, and copies have the modes of what was copied; here each has that
    of the file it replaces, else that of a new file.
    """
    for place in [folder, *(Path(root) / name for root, folders, files in os.walk(folder) for name in folders + files)]:
        before, is_folder = old / place.relative_to(folder), place.is_dir()
        if place.is_symlink() or (not is_folder and place.stat().st_nlink > 1):  # a file that stands elsewhere too
            continue
        kept = before.exists() and before.is_dir() == is_folder
        mode = before.stat().st_mode if kept else fresh if is_folder else fresh & 0o666
        place.chmod(S_IMODE(mode))


@contextmanager
def folder_of(path: Path) -> Iterator[None]:
    """Make the folder that `path` stands in; where nothing came of it, what was made is removed again."""
    missing = [folder for folder in path.parents if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        with suppress(OSError):  # something came of it
            for folder in missing:
                folder.rmdir()


def is_stream(path: Path) -> bool:
    """Whether this is a device or a pipe, or the name of a file that is open already (/dev/stdout): such are written
    to, never replaced. A disk is neither.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False
    return S_ISCHR(mode) or S_ISFIFO(mode) or (S_ISREG(mode) and str(path.absolute().parent) in OPEN_FILES)


@contextmanager
def _copied_to(stream: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="interlingua-") as folder:
        temporary = Path(folder) / "new"
        temporary.touch()
        yield temporary
        try:
            with temporary.open("rb") as whole, stream.open("ab") as taker:  # behind what an open file has already
                shutil.copyfileobj(whole, taker)
        except OSError as error:
            raise unwritable(error, stream, stream) from error


def unwritable(error: OSError, asked: Path, path: Path, left: str = "nothing was changed") -> Exception:
    """The error of an output that was `asked` for and is at `path`, which says what is left. One about another file (an
    input that was read meanwhile) stays what it is, and so does a reader that has gone away.
    """
    named = None if error.filename is None else Path(os.fsdecode(error.filename))
    if isinstance(error, BrokenPipeError) or (named is not None and not _is_of(named, path)):
        return error
    return DataError(f"cannot be written ({error.strerror or error}); {left}", asked)


def _is_of(named: Path, path: Path) -> bool:
    """Whether a path is one that was used to write to `path`."""
    if not named.is_relative_to(path.parent) or named == path.parent:
        return path.is_relative_to(named)
    name = named.relative_to(path.parent).parts[0]
    return name == path.name or name.startswith(hidden(path))


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


@contextmanager
def create_text(path: Path) -> Iterator[TextIO]:
    """The same for text in UTF-8, line ends as they are written."""
    with create_bytes(path) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=False)
        try:
            yield text
        finally:
            text.detach()  # flushes, and leaves the stream open


def append_text(file: Path, text: str) -> None:
    """Add to the end of a file that grows as the work goes on. Raises DataError where that cannot be done."""
    try:
        with file.open("a", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise unwritable(error, file, file, "what was written is kept") from error


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


def copy_whole_folder(source: Path, path: Path) -> None:
    """Copy a folder to `path`, whole or not at all. Raises DataError where it cannot be written."""
    with write_whole_folder(path) as temporary:
        shutil.copytree(source, temporary, dirs_exist_ok=True)


def link_folder(source: Path, path: Path) -> None:
    """Have `path` lead to the folder `source`, or be a copy of it where links are not to be had (Windows asks for
    rights of an administrator).
    """
    try:
        os.symlink(source.resolve(), path, target_is_directory=True)
    except OSError:
        copy_whole_folder(source, path)
