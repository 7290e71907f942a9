"""Translation catalogues of gettext: PO and MO."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from interlingua.errors import DataError
from interlingua.files import bare_suffix, open_bytes, read_lines
from interlingua.languages import standard
from interlingua.types import Row

SUFFIXES = (".po", ".mo")


def read(path: Path) -> Iterator[Row]:
    """Rows of source, target and (where the header names it) target_language: the translated entries, plural forms as rows of their own.

    Untranslated, fuzzy and obsolete entries are left out. Raises DataError, with the line, for a damaged catalogue.
    """
    catalogue = _catalogue(path)
    language = str(catalogue.metadata.get("Language", "")).split("@")[0].strip()
    named: dict[str, str] = {}
    if language:
        try:
            named = {"target_language": standard(language)}
        except DataError as error:
            raise DataError(f"the header's Language: {error}", path) from error
    for number, entry in enumerate(catalogue, 1):
        if entry.obsolete or "fuzzy" in entry.flags:
            continue
        forms: dict[int, str] = entry.msgstr_plural
        pairs = [(entry.msgid, forms.get(0, "")), (entry.msgid_plural, forms[max(forms)])] if forms else [(entry.msgid, entry.msgstr)]
        for source, target in pairs:
            if source and target:
                yield Row({"source": source, "target": target, **named}, entry.linenum or number)


def _catalogue(path: Path) -> Any:
    import polib

    try:
        if bare_suffix(path) == ".mo":
            with open_bytes(path) as stream:
                content = stream.read()
            return _mo(content)
        return polib.pofile("\n".join(text for _, text in read_lines(path)) + "\n")
    except (OSError, ValueError, UnicodeDecodeError, IndexError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"not a readable catalogue ({error})", path) from error


def _mo(content: bytes) -> Any:
    """Polib reads MO files from disk alone."""
    import tempfile

    import polib

    with tempfile.NamedTemporaryFile(suffix=".mo") as copy:
        copy.write(content)
        copy.flush()
        try:
            return polib.mofile(copy.name)
        except Exception as error:  # struct.error and others: whatever damaged offsets make of it
            raise ValueError(str(error)) from error
