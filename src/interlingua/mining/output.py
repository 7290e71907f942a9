"""Mined pairs to a file in the format its suffix names."""

import inspect
from collections.abc import Iterable, Sequence
from pathlib import Path

from interlingua.data.examples import suffixes
from interlingua.errors import ConfigError
from interlingua.files import bare_suffix, write_whole
from interlingua.languages import UNKNOWN

HEADER = ("score", "source", "target")


class _NothingYet(Exception):
    """Ends the attempt to write."""


def check(path: Path, languages: tuple[str, str]) -> None:
    """Find out before the work whether it can be written. Raises DataError where not, ConfigError for a format that
    is not written.
    """
    suffix = bare_suffix(path)
    written = sorted(suffix for suffix, module in suffixes().items() if _writes_pairs(suffix, module))
    if suffix not in written:
        raise ConfigError(
            f"{path}: pairs are written as {', '.join(written)}; the output must end in one of these, or be -"
        )
    if suffix == ".tmx" and (UNKNOWN in languages or languages[0] == languages[1]):
        raise ConfigError(
            "a TMX file names its languages: give two different ones with --source-language and --target-language"
        )
    try:
        with write_whole(path):
            raise _NothingYet
    except _NothingYet:
        pass


def write(path: Path, rows: Iterable[Sequence[str]], languages: tuple[str, str]) -> None:
    """Write rows of HEADER, whole or not at all. Raises DataError where that cannot be done."""
    module = suffixes()[bare_suffix(path)]
    if bare_suffix(path) == ".tmx":
        module.write(path, ((float(score), source, target) for score, source, target in rows), *languages)
    else:
        module.write(path, HEADER, rows)


def _writes_pairs(suffix: str, module: object) -> bool:
    write = getattr(module, "write", None)
    if write is None or suffix == ".csv":
        return False
    names = list(inspect.signature(write).parameters)
    return names[:3] == ["path", "header", "rows"] or suffix == ".tmx"
