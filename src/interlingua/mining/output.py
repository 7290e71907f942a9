"""Mined pairs to a file in the format its suffix names."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from interlingua.errors import ConfigError
from interlingua.files import bare_suffix
from interlingua.formats import Format, ScoredPairs, writer_of
from interlingua.languages import UNKNOWN
from interlingua.outputs import check_writable


def check(path: Path, languages: tuple[str, str]) -> None:
    """Find out before the work whether it can be written. Raises DataError where not, ConfigError for a format that
    is not written.
    """
    one = _writer(path)
    if one.needs_languages and (UNKNOWN in languages or languages[0] == languages[1]):
        raise ConfigError(
            f"a {bare_suffix(path)} file names its languages: give two different ones with --source-language and "
            "--target-language"
        )
    check_writable(path)


def write_pairs(
    path: Path, pairs: ScoredPairs, languages: tuple[str, str], properties: Mapping[str, str] | None = None
) -> None:
    """Write scored pairs, whole or not at all; "-" prints TSV. Raises DataError where that cannot be done."""
    _writer(path).write_pairs(path, pairs, languages, properties)


def _writer(path: Path) -> Format:
    return writer_of(path, lambda one: one.writes_pairs, "pairs")


def write(path: Path, rows: Iterable[Sequence[str]], languages: tuple[str, str]) -> None:
    """Write rows of HEADER, whole or not at all. Raises DataError where that cannot be done."""
    write_pairs(path, ((float(score), source, target) for score, source, target in rows), languages)
