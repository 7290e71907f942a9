"""The JSON of model folders, held against a schema before anything is built of it, and the checksums of a saved model.

A folder that this package wrote has one description (encoder.json, engine.json, pack.json). It holds a checksum of
every other file beside it, and in its last line one of its own text: no byte changes unnoticed.
"""

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from interlingua.errors import ModelFormatError

LARGEST = 1 << 26
"""Bytes of JSON that a description may have."""
_OWN = b' "checksum": "%s"\n}\n'
"""The end of a description."""


class Strict(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The schema of a file whose every setting is understood: one that is not is an error, by its name."""


class Description(Strict, kw_only=True):
    """What every description that this package writes has."""

    format: int
    files: dict[str, int] = msgspec.field(default_factory=dict)
    """The checksum of every file beside it."""
    checksum: str = ""


class Open(msgspec.Struct, kw_only=True):
    """The schema of another tool's file, of which only some settings matter here."""


def read_json(file: Path, schema: Any) -> Any:
    """A file's JSON as `schema`, a type that msgspec knows, says. Raises ModelFormatError, which names what is
    wrong with it, where it cannot be read or is something else.
    """
    return _decode(_content(file), schema, file)


def convert(value: Any, schema: Any, file: Path) -> Any:
    """What was read, held against a schema of its own; a dataclass has no other fields than its own. Raises
    ModelFormatError.
    """
    known = getattr(schema, "__dataclass_fields__", None)
    try:
        if known is not None and isinstance(value, Mapping) and (unknown := sorted(value.keys() - known.keys())):
            raise msgspec.ValidationError(f"Object contains unknown field `{unknown[0]}`")
        return msgspec.convert(value, schema)
    except msgspec.MsgspecError as error:
        raise _not(file, error) from error


def check_regular(folder: Path) -> None:
    """Raise ModelFormatError for a pipe or a device among a model's files: reading one might never end."""
    for place in (folder, *(inner for inner in folder.iterdir() if inner.is_dir())):
        for file in place.iterdir():
            if file.exists() and not file.is_file() and not file.is_dir():
                raise ModelFormatError("is a pipe or a device, which no model has", file)


def inside(folder: Path, path: str, file: Path) -> Path:
    """The place in `folder` that `file` names. Raises ModelFormatError for one that leads out of it."""
    if Path(path).is_absolute() or ".." in Path(path).parts or "\0" in path:
        raise ModelFormatError(f"the path {path!r} leads out of the model's folder", file)
    return folder / path


def write_card(file: Path, card: Mapping[str, Any]) -> None:
    """Write a description with the checksums of all files beside it, and of itself."""
    files = {other.name: _checksum(other) for other in sorted(file.parent.iterdir()) if other.is_file()}
    files.pop(file.name, None)
    whole = {**card, "files": files, "checksum": ""}
    content = (json.dumps(whole, indent=1, ensure_ascii=False) + "\n").encode()
    assert content.endswith(_OWN % b"")
    file.write_bytes(content.removesuffix(_OWN % b"") + _OWN % _digest(content))


def read_card(file: Path, schema: Any, formats: Mapping[int, bool]) -> Any:
    """A description, of one of the `formats` that this version reads, and whether each has checksums. The files beside
    it are not looked at.

    Raises ModelFormatError where it cannot be read, was changed, or is of another format.
    """
    content = _content(file)
    number = _decode(content, _Format, file).format
    if number not in formats:
        raise ModelFormatError(
            f"format {number}, this version reads {' and '.join(map(str, sorted(formats)))}; a newer interlingua may "
            "have written it, or one too old",
            file,
        )
    if formats[number]:
        end = len(_OWN % b"") + 64
        if content[-end:] != _OWN % _digest(content[:-end] + _OWN % b""):
            raise ModelFormatError(
                "it is not as it was saved, by its checksum; copy the model again (and change settings in Python: "
                "load, change, save)",
                file,
            )
    elif b'"checksum"' in content:
        raise ModelFormatError(f"it has a checksum, which format {number} has not; copy the model again", file)
    return _decode(content, schema, file)


def check_files(folder: Path, files: Mapping[str, int]) -> None:
    """Raise ModelFormatError where a file is missing or is not the one that was saved."""
    for name, checksum in files.items():
        file = inside(folder, name, folder)
        try:
            changed = _checksum(file) != checksum
        except OSError as error:
            raise ModelFormatError(f"cannot be read ({error.strerror}); is the copy complete?", file) from error
        if changed:
            raise ModelFormatError("is damaged: its checksum is not that of when it was saved; copy it again", file)


def believable(settings: Any, shapes: Iterable[tuple[int, ...]], file: Path) -> None:
    """Raise ModelFormatError for sizes in a description that its weights, of these shapes, cannot bear out.

    Building what is described, only to find that the weights are others, might take hours and all memory.
    """
    every = list(shapes)
    largest = max((size for shape in every for size in shape), default=0)
    for name, value in _numbers("", settings):
        most = len(every) if "layer" in name.rpartition(".")[2] else max(largest, 1 << 16)
        if abs(value) > most:
            raise ModelFormatError(f"{name} is {value:,}, more than the weights beside it can have", file)


class _Format(Open):
    format: int


def _numbers(name: str, value: Any) -> Iterable[tuple[str, int]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _numbers(f"{name}.{key}".removeprefix("."), inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _numbers(name, inner)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield name, value


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > LARGEST:
            raise ModelFormatError(f"has more than {LARGEST >> 20} MB, which no description of a model has", file)
        return file.read_bytes()
    except OSError as error:
        raise ModelFormatError(f"cannot be read ({error.strerror or error})", file) from error


def _decode(content: bytes, schema: Any, file: Path) -> Any:
    try:
        content.decode()  # what the schema does not look at is UTF-8, too
        return msgspec.json.decode(content, type=schema)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise _not(file, error) from error


def _not(file: Path, error: Exception) -> ModelFormatError:
    return ModelFormatError(f"not what it should hold: {error}", file)


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def _checksum(file: Path) -> int:
    checksum = 0
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            checksum = zlib.crc32(block, checksum)
    return checksum
