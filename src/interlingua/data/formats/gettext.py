"""Translation catalogues of gettext: PO and MO."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from interlingua.errors import DataError
from interlingua.files import bare_suffix, open_bytes, read_lines
from interlingua.languages import standard
from interlingua.types import Row

SUFFIXES = (".po", ".mo")
SCRIPTS = {"latin": "Latn", "cyrillic": "Cyrl", "devanagari": "Deva", "arabic": "Arab"}
"""What a locale calls its script (sr@latin)."""

LINE = re.compile(r'#.*|((msgctxt|msgid|msgid_plural|msgstr(\[\d+\])?)\s*)?"([^"\\]|\\.)*"|')


def read(path: Path) -> Iterator[Row]:
    """Rows of source, target and (where the header names it) target_language: the translated entries, plural forms as rows of their own.

    Untranslated, fuzzy and obsolete entries are left out. Raises DataError, with the line, for a damaged catalogue.
    """
    catalogue = _catalogue(path)
    language = _language(str(catalogue.metadata.get("Language", "")).strip(), path)
    named = {"target_language": language} if language else {}
    for number, entry in enumerate(catalogue, 1):
        if entry.obsolete or "fuzzy" in entry.flags:
            continue
        forms: dict[int, str] = entry.msgstr_plural
        pairs = [(entry.msgid, forms.get(0, "")), (entry.msgid_plural, forms[max(forms)])] if forms else [(entry.msgid, entry.msgstr)]
        for source, target in pairs:
            if source and target:
                yield Row(
                    {"source": source, "target": target, **named}, getattr(entry, "linenum", None) or number
                )  # MO entries stand on no line


def _language(locale: str, path: Path) -> str:
    """The language of a locale such as sr_RS@latin; "" where the header is empty."""
    if not locale:
        return ""
    place, _, variant = locale.partition("@")
    language, *region = place.split(".")[0].replace("_", "-").split("-")
    try:
        return standard("-".join(filter(None, (language, SCRIPTS.get(variant), *region))))
    except DataError as error:
        raise DataError(f"the header's Language: {error}", path) from error


def _checked(path: Path) -> Iterator[bytes]:
    """The lines of a PO file; polib drops an entry with an unclosed quote in silence."""
    for line, text in read_lines(path):
        if not LINE.fullmatch(text.strip()):
            raise DataError(f"not a readable catalogue ({text.strip()[:50]!r} is no comment, keyword or quoted text)", path, line)
        yield f"{text}\n".encode()


def _catalogue(path: Path) -> Any:
    """A file for polib: a str it also splits at U+2028, which is no line end."""
    import polib

    compiled = bare_suffix(path) == ".mo"
    with tempfile.NamedTemporaryFile(suffix=bare_suffix(path)) as copy:
        if compiled:
            with open_bytes(path) as stream:
                shutil.copyfileobj(stream, copy)
        else:
            copy.writelines(_checked(path))
        copy.flush()
        try:
            return polib.mofile(copy.name) if compiled else polib.pofile(copy.name, encoding="utf-8")
        except Exception as error:  # struct.error, IndexError and others: whatever the damage makes of it
            place = re.search(r"\(line (\d+)\)", str(error))
            problem = str(error).replace(copy.name, path.name).removeprefix("Syntax error in po file ")
            raise DataError(f"not a readable catalogue ({problem})", path, int(place[1]) if place else None) from error
