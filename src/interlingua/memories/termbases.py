"""Glossaries as files: TBX 2 and 3, tables, and OmegaT's lists. Nothing in them is trusted: XML is read as that of
memories is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from interlingua.errors import DataError
from interlingua.files import bare_suffix, read_lines
from interlingua.formats import by_suffix
from interlingua.languages import UNKNOWN, is_language, spelled
from interlingua.types import Row
from interlingua.units.markup import all_text, name_of, parts
from interlingua.units.tables import LANGUAGES, SIDES

LISTS = (".txt", ".utf8", ".tab")
"""Suffixes of OmegaT's lists."""
LANGUAGE_SECTIONS, TERM_SECTIONS = ("langSet", "langSec"), ("tig", "ntig", "termSec")
STATUS = ("administrativeStatus", "normativeAuthorization")
FORBIDDEN = ("deprecated", "superseded", "obsolete", "forbidden", "prohibited", "not recommended")
"""What the status of a term begins with that is not to be used."""
COMMENTS, TRUE = ("comment", "note", "definition"), ("true", "yes", "1", "x")


@dataclass(frozen=True)
class Term:
    """A word or phrase for a concept."""

    text: str
    language: str
    """Or "source" and "target", where the file names none."""
    is_forbidden: bool = False
    """The file says that it is not to be used: deprecated, superseded, forbidden."""


@dataclass(frozen=True)
class Concept:
    """What terms of several languages stand for."""

    terms: tuple[Term, ...]
    comment: str = ""
    line: int = 0


def read(path: Path, source_language: str = "", target_language: str = "") -> Iterator[Concept]:
    """The concepts of a glossary, with empty terms; the languages are those of terms for which it names none.

    Raises DataError, with the line, for what cannot be read.
    """
    named = (source_language or SIDES[0], target_language or SIDES[1])
    suffix = bare_suffix(path)
    if suffix in (".tbx", ".xml"):
        yield from _of_tbx(path)
    elif suffix in LISTS:
        yield from _of_list(path, named)
    elif suffix in by_suffix() and by_suffix()[suffix].is_table:
        for row in by_suffix()[suffix].read(path):
            yield _of_row(row, path, named)
    else:
        tables = (suffix for suffix, one in by_suffix().items() if one.is_table)
        raise DataError(f"glossaries are read from {' '.join(('.tbx', *tables, *LISTS))}", path)


def _of_tbx(path: Path) -> Iterator[Concept]:
    for part in parts(path, ("martif", "tbx"), frozenset({"termEntry", "conceptEntry"})):
        if part.element is not None:
            sections = (one for one in part.element.iter() if name_of(one) in LANGUAGE_SECTIONS)
            terms = tuple(term for section in sections for term in _of_section(section))
            comment = next((_text(one) for one in part.element.iter() if name_of(one) in ("note", "descrip")), "")
            yield Concept(terms, comment, part.line)


def _of_section(section: Element) -> Iterator[Term]:
    language = spelled(section.attrib.get("xml:lang", "") or section.attrib.get("lang", "")) or UNKNOWN
    for place in [one for one in section.iter() if name_of(one) in TERM_SECTIONS] or [section]:
        status = [
            _text(one)
            for one in place.iter()
            if name_of(one) in STATUS or (name_of(one) == "termNote" and one.attrib.get("type") in STATUS)
        ]
        text = next((_text(one) for one in place.iter() if name_of(one) == "term"), "")
        yield Term(text, language, any(map(_forbids, status)))


def _text(element: Element) -> str:
    return " ".join(all_text(element).split())


def _forbids(status: str) -> bool:
    return status.strip().lower().startswith(FORBIDDEN)


def _of_list(path: Path, languages: tuple[str, str]) -> Iterator[Concept]:
    """A term, a tab, its translation, perhaps another tab and a comment; no header."""
    for line, text in read_lines(path):
        if not text.strip() or text.startswith("#"):
            continue
        source, *more = text.split("\t")
        if not more:
            raise DataError("no tab; a term, a tab and its translation are expected", path, line)
        terms = tuple(Term(one.strip(), of) for one, of in zip((source, more[0]), languages, strict=True))
        yield Concept(terms, " ".join(more[1:]).strip(), line)


def _of_row(row: Row, path: Path, languages: tuple[str, str]) -> Concept:
    """Columns source and target, or named by language codes; perhaps a comment, and a status of the translations."""
    named = {name.strip().lower(): value.strip() for name, value in row.columns.items()}
    if set(SIDES) <= named.keys():
        codes = [named.get(column) or of for column, of in zip(LANGUAGES, languages, strict=True)]
        columns = dict(zip(SIDES, codes, strict=True))
    else:
        columns = {name: spelled(name) for name in named if is_language(name) and name != "id"}
    if len(columns) < 2:
        problem = "name two columns source and target, or by language codes"
        raise DataError(f"which columns are terms? They are named {', '.join(row.columns)}; {problem}", path, row.line)
    forbidden = named.get("forbidden", "").lower() in TRUE or _forbids(named.get("status", ""))
    terms = (Term(named[name], of, forbidden and bool(number)) for number, (name, of) in enumerate(columns.items()))
    return Concept(tuple(terms), next((named[name] for name in COMMENTS if named.get(name)), ""), row.line)
