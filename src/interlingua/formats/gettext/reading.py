"""Catalogues as units: damaged and absurd ones are refused."""

import re
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from interlingua.errors import DataError
from interlingua.files import LARGEST_WHOLE, bare_suffix, charset_of, open_bytes, read_lines
from interlingua.languages import UNKNOWN, standard
from interlingua.types import Row
from interlingua.units.catalogue import (
    CONTEXT,
    EXTRACTED,
    FLAGS,
    FUZZY,
    HEADER,
    OBSOLETE,
    PLURAL,
    REFERENCES,
)
from interlingua.units.unit import NOTE, TARGET, About, Memory, Remark, Unit, Variant, prop

SCRIPTS = {"latin": "Latn", "cyrillic": "Cyrl", "devanagari": "Deva", "arabic": "Arab"}
"""What a locale calls its script (sr@latin)."""
PREVIOUS = {
    "x-po-previous-context": "previous_msgctxt",
    "x-po-previous": "previous_msgid",
    "x-po-previous-plural": "previous_msgid_plural",
}
MAGIC = (b"\x95\x04\x12\xde", b"\xde\x12\x04\x95")
"""How MO files begin, with the high bytes first or last."""
BEGINNING = 1 << 16
"""Bytes among which the header of a catalogue names its encoding."""
ESCAPES = re.compile(r"\\[^ax0-7]|((?:\\(?:a|x[0-9A-Fa-f]+|[0-7]{1,3}))+)")
"""Escapes that polib knows, and in a group those that only gettext reads as bytes (msgcat --escape writes them)."""
LINE = re.compile(r'#.*|((msgctxt|msgid|msgid_plural|msgstr(\[\d+\])?)\s*)?"([^"\\]|\\.)*"|')
KEYWORD = re.compile(r"(#~\s*)?(msgctxt|msgid|msgid_plural|msgstr(\[\d+\])?)")
"""One whose text begins on the next line, which gettext reads and polib does not."""
BARE_COMMENT = re.compile(r"#(?=[^\s.:,|~#=])")
"""The beginning of a comment without the space that polib wants behind it."""


def read(path: Path) -> Iterator[Row]:
    """Rows of source, target and (where the header names it) target_language: the translated entries, plural forms as
    rows of their own.

    Untranslated, fuzzy and obsolete entries are left out. Raises DataError, with the line, for a damaged catalogue.
    """
    catalogue = catalogue_of(path)
    language = language_of(str(catalogue.metadata.get("Language", "")).strip(), path)
    named = {"target_language": language} if language else {}
    for number, entry in enumerate(catalogue, 1):
        if entry.obsolete or FUZZY in entry.flags:
            continue
        forms: dict[int, str] = entry.msgstr_plural
        pairs = (
            [(entry.msgid, forms.get(0, "")), (entry.msgid_plural, forms[max(forms)])]
            if forms
            else [(entry.msgid, entry.msgstr)]
        )
        for source, target in pairs:
            if source and target:
                yield Row(
                    {"source": source, "target": target, **named}, getattr(entry, "linenum", None) or number
                )  # MO entries stand on no line


def memory(path: Path, source_language: str = "", target_language: str = "") -> Memory:
    """All entries, those without a translation, fuzzy and obsolete ones among them, with what translators see: as
    properties x-po-.

    A catalogue does not name the language of its source texts; "en" where `source_language` does not. Raises DataError,
    with the line.
    """
    catalogue = catalogue_of(path)
    language = language_of(str(catalogue.metadata.get("Language", "")).strip(), path) or target_language or UNKNOWN
    remarks = [prop(HEADER + name, value) for name, value in catalogue.metadata.items()]
    remarks += [prop("x-po-header", FUZZY)] if FUZZY in (catalogue.metadata_is_fuzzy or ()) else []
    remarks += [prop(TARGET, language)] if language != UNKNOWN else []
    remarks += [Remark(NOTE, catalogue.header, {})] if catalogue.header else []
    about = About({"srclang": source_language or "en"}, tuple(remarks))
    return Memory(about, partial(_units, catalogue, source_language or "en", language))


def _units(catalogue: Any, source_language: str, target_language: str) -> Iterator[Unit]:
    for number, entry in enumerate(catalogue, 1):
        source, target = [Variant(source_language, entry.msgid)], list[Variant]()
        if entry.msgid_plural:
            source.append(Variant(source_language, entry.msgid_plural, remarks=(prop(PLURAL, "id"),)))
            forms: dict[int, str] = entry.msgstr_plural
            target = [
                Variant(target_language, text, remarks=(prop(PLURAL, str(form)),))
                for form, text in sorted(forms.items())
            ]
        elif entry.msgstr:
            target = [Variant(target_language, entry.msgstr)]
        yield Unit((*source, *target), remarks=tuple(_remarks(entry)), line=getattr(entry, "linenum", None) or number)


def _remarks(entry: Any) -> Iterator[Remark]:
    if entry.msgctxt is not None:
        yield prop(CONTEXT, entry.msgctxt)
    if entry.flags:
        yield prop(FLAGS, ", ".join(entry.flags))
    if entry.occurrences:
        yield prop(REFERENCES, "\n".join(f"{file}:{line}" if line else file for file, line in entry.occurrences))
    if entry.comment:
        yield prop(EXTRACTED, entry.comment)
    if entry.tcomment:
        yield Remark(NOTE, entry.tcomment, {})
    for name, attribute in PREVIOUS.items():
        if getattr(entry, attribute) is not None:
            yield prop(name, getattr(entry, attribute))
    if entry.obsolete:
        yield prop(OBSOLETE, "yes")


def language_of(locale: str, path: Path) -> str:
    """The language of a locale such as sr_RS@latin; "" where the header is empty."""
    if not locale:
        return ""
    place, _, variant = locale.partition("@")
    language, *region = place.split(".")[0].replace("_", "-").split("-")
    try:
        return standard("-".join(filter(None, (language, SCRIPTS.get(variant), *region))))
    except DataError as error:
        raise DataError(f"the header's Language: {error}", path) from error


def catalogue_of(path: Path) -> Any:
    """A catalogue, of polib: it gets a file, as a str it also splits at U+2028, which is no line end. Raises DataError,
    with the line, for a damaged one.
    """
    import polib

    compiled = bare_suffix(path) == ".mo"
    with tempfile.TemporaryDirectory(prefix="interlingua-") as folder:
        copy = Path(folder) / f"catalogue{bare_suffix(path)}"
        charset = "utf-8"
        with copy.open("wb") as stream:  # closed before polib opens it: Windows lets nobody else open it earlier
            if compiled:
                content = _compiled(path)
                charset = charset_of(content, path)
                stream.write(content)
            else:
                stream.writelines(_checked(path))
        try:
            catalogue = (polib.mofile if compiled else polib.pofile)(str(copy), encoding=charset)
        except Exception as error:  # struct.error, IndexError and others: whatever the damage makes of it
            place = re.search(r"\(line (\d+)\)", str(error))
            problem = str(error).replace(str(copy), path.name).removeprefix("Syntax error in po file ")
            raise DataError(f"not a readable catalogue ({problem})", path, int(place[1]) if place else None) from error
    header = (catalogue.header, *catalogue.metadata, *catalogue.metadata.values())
    if any("\0" in text for text in header):
        raise DataError("a NUL character in the header, which no text has; compile the catalogue anew", path)
    for number, entry in enumerate(catalogue, 1):
        texts = (entry.msgctxt or "", entry.msgid, entry.msgid_plural, entry.msgstr, *entry.msgstr_plural.values())
        if any("\0" in text for text in texts):
            raise DataError("a NUL character, which no text has; compile the catalogue anew", path, number)
    return catalogue


def _checked(path: Path) -> Iterator[bytes]:
    """The lines of a PO file; polib drops an entry with an unclosed quote in silence."""
    with open_bytes(path) as stream:
        charset = charset_of(stream.read(BEGINNING), path)
    size = 0
    for line, text in read_lines(path, charset):
        size += len(text) + 1
        if size > LARGEST_WHOLE:
            raise _too_large(path, line)
        text = BARE_COMMENT.sub("# ", text, count=1) if text.lstrip().startswith("#") else text
        text = f'{text} ""' if KEYWORD.fullmatch(text.strip()) else text
        if not LINE.fullmatch(text.strip()):
            raise DataError(
                f"not a readable catalogue ({text.strip()[:50]!r} is no comment, keyword or quoted text)", path, line
            )
        if "\\" in text and (not text.lstrip().startswith("#") or text.lstrip()[:2] in ("#~", "#|")):
            text = ESCAPES.sub(partial(_unescaped, charset=charset, path=path, line=line), text)
        # polib skips the earlier texts of obsolete entries, where they are marked as such
        yield (re.sub(r"^\s*#~\|", "#|", text) + "\n").encode()


def _unescaped(escapes: re.Match[str], charset: str, path: Path, line: int) -> str:
    """The characters that escapes of bytes stand for, as polib reads them. Raises DataError where they are none."""
    import polib

    if not escapes[1]:
        return escapes[0]
    found = re.findall(r"\\(?:(a)|x([0-9A-Fa-f]+)|([0-7]+))", escapes[1])
    content = bytes(7 if bell else (int(high, 16) if high else int(octal, 8)) & 0xFF for bell, high, octal in found)
    try:
        return polib.escape(content.decode(charset))
    except UnicodeDecodeError as error:
        raise DataError(f"the bytes {escapes[0][:40]} are not {charset}", path, line) from error


def _compiled(path: Path) -> bytes:
    """The bytes of an MO file whose tables may be believed: of many strings, or of strings in each other's place, a
    small file can have gigabytes.
    """
    with open_bytes(path) as stream:
        content = stream.read(LARGEST_WHOLE + 1)
    if len(content) > LARGEST_WHOLE:
        raise _too_large(path)
    order = ">" if content.startswith(MAGIC[0]) else "<"
    revision = int(np.frombuffer(content[4:8].ljust(4, b"\0"), f"{order}u4")[0])
    if revision >> 16 > 1 and content[:4] in MAGIC:
        raise DataError(f"MO of revision {revision >> 16}.{revision & 0xFFFF} is not known; compile it anew", path)
    strings, *tables = np.frombuffer(content[8:20].ljust(12, b"\0"), f"{order}u4").tolist()
    for table in (content[place : place + 8 * strings] for place in tables):
        if len(table) == 8 * strings and np.frombuffer(table, f"{order}u4")[::2].sum(dtype=np.uint64) > LARGEST_WHOLE:
            raise _too_large(path)
        if len(table) < 8 * strings and content[:4] in MAGIC:
            raise DataError("not a readable catalogue (it ends in the middle of a table)", path)
    return content


def _too_large(path: Path, line: int | None = None) -> DataError:
    return DataError(
        f"refused: a catalogue of more than {LARGEST_WHOLE >> 20} MB, unpacked; catalogues are held whole, make "
        "several of it",
        path,
        line,
    )
