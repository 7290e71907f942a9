"""Documents that are ZIP archives of XML (Office Open XML, OpenDocument): their parts as streams, within bounds.

Nothing is unpacked to disk, and no name in an archive leads out of it: a part is looked up, or it is missing.
"""

import io
import posixpath
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from interlingua.errors import DataError
from interlingua.files import BUFFER, LARGEST_WHOLE, open_bytes
from interlingua.units import markup

LARGEST_DIRECTORY = 1 << 22
"""Bytes of an archive's directory, which zipfile holds as objects of many times their size."""
MOST_PARTS = 20_000
LARGEST_UNPACKED = 1 << 28
"""Bytes of all parts that are read of a document. A long book has a fiftieth of it."""
MAX_EXPANSION, EXPANSION_FROM = 100, 1 << 26
"""Bytes that one byte of the archive may become, looked at once that many came out; of an honest document ten to
thirty, and its pictures, which are not read, count as well."""
LEAST = 1 << 10
"""Bytes that a part counts at least: a million references to a tiny one take their time, too."""
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How an encrypted document of Microsoft Office begins, and how its formats before 2007 do."""
DAMAGE = (BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, ValueError, OverflowError, struct.error,
          zlib.error)  # fmt: skip
"""What zipfile raises for archives that are none."""
PASSWORD = "the document is protected by a password; save it without one"


class Relation(NamedTuple):
    """What another part is to a part."""

    kind: str
    """The last word of its type: "footnotes"."""
    part: str


class Package:
    """The parts of one document by their names, whatever their case."""

    def __init__(self, stream: Any, path: Path) -> None:
        """`stream` is a file of bytes in which one can go back. Raises DataError for what is no archive, or an absurd
        one.
        """
        self._stream, self._path, self._taken = stream, path, 0
        self._most = min(LARGEST_UNPACKED, max(EXPANSION_FROM, MAX_EXPANSION * stream.seek(0, io.SEEK_END)))
        stream.seek(0)
        if stream.read(len(OLE)) == OLE:
            raise DataError(
                "the document is protected by a password, or has a format from before 2007; save it in its present "
                "format, without a password",
                path,
            )
        try:
            self._archive = ZipFile(cast(IO[bytes], _Careful(stream)))
        except DAMAGE as error:
            raise DataError(f"not a document of its kind: no ZIP archive, or a damaged one ({error})", path) from error
        infos = self._archive.infolist()
        if len(infos) > MOST_PARTS:
            raise DataError(f"refused: an archive of more than {MOST_PARTS:,} parts", path)
        self._infos = {info.filename.replace("\\", "/").lower(): info for info in infos}

    def __contains__(self, part: str) -> bool:
        return part.lower() in self._infos

    def events(self, part: str, root: str) -> Iterator[markup.Part]:
        """The markup of a part, tag by tag, and the text between. Raises DataError, with the line, for a part that is
        missing, encrypted, damaged or absurdly large, and for what is no XML with this root.
        """
        with self._open(part) as stream:
            yield from markup.parts_of(stream.read, self.place(part), root, frozenset())

    def whole(self) -> bytes:
        """The archive itself, for a library that unpacks it: within the bounds, which it may not have. Raises DataError
        where any part is beyond them, or damaged.
        """
        for name in self._infos:
            with self._open(name) as stream:
                while stream.read(BUFFER):
                    pass
        self._stream.seek(0)
        return self._stream.read()

    def place(self, part: str) -> Path:
        """How errors name a part."""
        return Path(f"{self._path} ({part})")

    def relations(self, part: str = "") -> dict[str, Relation]:
        """The parts of this document that a part refers to, by the names that it has for them; the document's own
        without a part.
        """
        folder, name = posixpath.split(part)
        listed = posixpath.join(folder, "_rels", f"{name}.rels")
        found: dict[str, Relation] = {}
        for event in self.events(listed, "Relationships") if listed in self else ():
            given = event.attributes
            if event.opened == "Relationship" and given.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, given.get("Target", "")))
                found[given.get("Id", "")] = Relation(given.get("Type", "").rpartition("/")[2], target.lstrip("/"))
        return found

    def main(self) -> str:
        """The name of the part that the others belong to. Raises DataError where none is named."""
        for kind, part in self.relations().values():
            if kind == "officeDocument":
                return part
        raise DataError("not a document of its kind: the archive does not name its main part", self._path)

    def _open(self, part: str) -> io.BufferedReader:
        self.took(LEAST)
        info = self._infos.get(part.lower())
        if info is None:
            raise DataError(f"not a document of its kind, or a damaged one: {part} is missing", self._path)
        if info.flag_bits & 1:
            raise DataError(PASSWORD, self._path)
        if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise DataError("refused: packed in a manner that documents do not have", self.place(part))
        try:
            return io.BufferedReader(_Part(self._archive.open(info), self, self.place(part)))
        except DAMAGE as error:
            raise damaged(self.place(part), error) from error

    def took(self, count: int) -> None:
        """So many bytes more were unpacked. Raises DataError where these are too many."""
        self._taken += count
        if self._taken > self._most:
            raise DataError(
                f"refused: its text unpacks to more than {self._most >> 20} MB, as that of a decompression bomb does; "
                "break the document into several",
                self._path,
            )


@contextmanager
def opened(path: Path) -> Iterator[Package]:
    """A document that is an archive; one that is compressed once more is held as a whole. Raises DataError for what is
    none.
    """
    with open_bytes(path) as stream:
        if stream.seekable():
            yield Package(stream, path)
            return
        content = stream.read(LARGEST_WHOLE + 1)
        if len(content) > LARGEST_WHOLE:
            raise DataError(f"refused: a document of more than {LARGEST_WHOLE >> 20} MB; unpack the file first", path)
        yield Package(io.BytesIO(content), path)


def damaged(path: Path, error: Exception) -> DataError:
    """What a part that cannot be unpacked raises."""
    return DataError(f"the archive is damaged ({error}); save or fetch the document again", path)


class _Careful:
    """A file that zipfile reads: never more at once than the directory of an honest archive."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.seek, self.tell, self.close = stream.seek, stream.tell, stream.close

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size > LARGEST_DIRECTORY:
            raise ValueError(f"a directory of more than {LARGEST_DIRECTORY >> 20} MB")
        return self._stream.read(size if size >= 0 else LARGEST_DIRECTORY)


class _Part(io.RawIOBase):
    """What a part unpacks to."""

    def __init__(self, stream: Any, package: Package, place: Path) -> None:
        self._stream, self._package, self._place = stream, package, place

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._stream.read(len(buffer))
        except DAMAGE as error:
            raise damaged(self._place, error) from error
        self._package.took(len(data))
        buffer[: len(data)] = data
        return len(data)
