"""Tables as translation memories and back: columns are texts by language, or source and target; every other column
is a property.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from interlingua.errors import DataError
from interlingua.languages import UNKNOWN, is_language
from interlingua.types import Row
from interlingua.units.markup import is_content
from interlingua.units.unit import NOTE, OTHER, PROPERTY, About, Memory, Remark, Unit, Variant, prop

SIDES = ("source", "target")
LANGUAGES = ("source_language", "target_language")
OF_A_CATALOGUE = {
    "location": "x-po-references",
    "fuzzy": "x-po-flags",
    "context": "x-po-context",
    "translator_comments": "",
    "developer_comments": "x-po-extracted",
}
"""Columns of a gettext catalogue as a table, which Weblate and translate-toolkit write, and the properties they are; ""
is a note."""
OF_ANOTHER_MAKING = (KeyError, TypeError, ValueError, AttributeError)
"""What a record raises that stands where ours would, and is none."""


def memory_of(
    rows: Callable[[], Iterator[Row]], path: Path, source_language: str = "", target_language: str = ""
) -> Memory:
    """The rows as units. Languages are those the table names, else the two given. Raises DataError, with the line,
    for unclear columns.
    """

    def stream() -> Iterator[Unit]:
        for row in rows():
            yield unit_of(row, path, source_language, target_language)

    return Memory(About({"srclang": source_language} if source_language else {}), stream)


def unit_of(row: Row, path: Path, source_language: str, target_language: str) -> Unit:
    """One row as a unit."""
    named = row.columns
    if set(SIDES) <= set(named):
        languages = [
            named.get(column) or given or UNKNOWN
            for column, given in zip(LANGUAGES, (source_language, target_language), strict=True)
        ]
        texts = dict(zip(SIDES, languages, strict=True))
    else:
        texts = {
            name: name for name in named if is_language(name) and not (name == "id" and named[name].strip().isdigit())
        }
    if not texts:
        problem = (
            f"which columns are texts? They are named {', '.join(named)}; name them source and target, or by language "
            "codes"
        )
        raise DataError(problem, path, row.line)
    # without languages the place of a text says which side it is: an empty source holds the place of one
    holds_place = {"source"} if set(texts.values()) == {UNKNOWN} and named.get("target") else set[str]()
    variants = tuple(
        Variant(language, named[name]) for name, language in texts.items() if named[name] or name in holds_place
    )
    catalogue = OF_A_CATALOGUE.keys() <= named.keys()
    rest = tuple(
        _of_a_catalogue(name, value) if catalogue and name in OF_A_CATALOGUE else prop(name, value)
        for name, value in named.items()
        if name not in (*texts, *LANGUAGES) and value and not (catalogue and name == "fuzzy" and not _is_true(value))
    )
    return Unit(variants, remarks=rest, line=row.line)


def _of_a_catalogue(name: str, value: str) -> Remark:
    return (
        prop(OF_A_CATALOGUE[name], "fuzzy" if name == "fuzzy" else value)
        if OF_A_CATALOGUE[name]
        else Remark(NOTE, value, {})
    )


def _is_true(value: str) -> bool:
    return value.strip().lower() in ("true", "1", "yes")


def header_of(memory: Memory) -> list[str]:
    """The columns that hold the texts of a memory: its languages, that of the source first; source and target where
    it names none, or has no text at all.
    """
    languages = memory.languages()
    return list(SIDES) if languages in ([], [UNKNOWN]) else languages


def texts_of(unit: Unit, header: list[str]) -> list[str]:
    """The first text of each column."""
    if header == list(SIDES):
        return [*(variant.text for variant in unit.variants), "", ""][:2]
    first = {variant.language: variant.text for variant in reversed(unit.variants)}
    return [first.get(language, "") for language in header]


def columns_of(memory: Memory) -> list[str]:
    """The columns of a table that holds the properties of units beside their texts. Reads the memory twice."""
    names = dict.fromkeys(remark.name for unit in memory for remark in unit.remarks if remark.kind == PROPERTY)
    return list(dict.fromkeys([*header_of(memory), *names]))


def cells_of(unit: Unit, columns: list[str]) -> list[str]:
    """What a unit has for each of such columns: the first text of a language, or a property."""
    named = {remark.name: remark.text for remark in reversed(unit.remarks) if remark.kind == PROPERTY}
    header = columns[:2] if tuple(columns[:2]) == SIDES else columns
    named |= {name: text for name, text in zip(header, texts_of(unit, header), strict=True) if text}
    return [named.get(name, "") for name in columns]


def record_of(unit: Unit, about: About | None = None, header: Sequence[str] = ()) -> dict[str, Any]:
    """What a unit holds beyond its texts, as JSON values; {} where that is nothing. `about` is kept with the first
    unit, and the order of the texts where it is not that of the `header`.
    """
    variants = [_variant(variant, first) for variant, first in zip(unit.variants, _firsts(unit), strict=True)]
    record: dict[str, Any] = {"attributes": unit.attributes, "remarks": _remarks(unit.remarks)}
    columns = [header.index(variant.language) for variant in unit.variants if variant.language in header]
    if (
        any(variant.keys() != {"language"} for variant in variants)
        or not all(variant.text for variant in unit.variants)
        or columns != sorted(columns)
    ):
        record["variants"] = variants
    if about is not None and (about.attributes or about.remarks or about.root):
        record["about"] = {"attributes": about.attributes, "remarks": _remarks(about.remarks), "root": about.root}
    record = {name: value for name, value in record.items() if value}
    return record if unit.variants else record | {"variants": []}  # a row without columns does not say so itself


def _firsts(unit: Unit) -> Iterator[bool]:
    """Whether a variant is the first of its language, whose text stands in a column."""
    seen = Counter[str]()
    for variant in unit.variants:
        seen[variant.language] += 1
        yield seen[variant.language] == 1 and variant.language != UNKNOWN


def _variant(variant: Variant, first: bool) -> dict[str, Any]:
    record = {
        "text": "" if first else variant.text,
        "markup": variant.markup,
        "dialect": variant.dialect,
        "attributes": variant.attributes,
    }
    record = {name: value for name, value in (record | {"remarks": _remarks(variant.remarks)}).items() if value}
    return {"language": variant.language} | record | ({} if first else {"text": variant.text})


def _remarks(remarks: tuple[Remark, ...]) -> list[list[Any]]:
    return [[remark.kind, remark.text, remark.attributes] for remark in remarks]


def restored(row: Row, record: Mapping[str, Any], path: Path, source_language: str, target_language: str) -> Unit:
    """The unit of a row that had `record` beside its columns. Raises DataError for a record of another making."""
    try:
        variants = (
            tuple(
                Variant(
                    _text(variant["language"]) or UNKNOWN,
                    _text(variant["text"]) if "text" in variant else row.columns.get(variant["language"], ""),
                    _markup(variant.get("markup", "")), _text(variant.get("dialect", "")),
                    _texts(variant.get("attributes", {})), _restored(variant.get("remarks", [])),
                )
                for variant in record["variants"]
            )
            if "variants" in record
            else unit_of(row, path, source_language, target_language).variants
        )  # fmt: skip
        return Unit(variants, _texts(record.get("attributes", {})), _restored(record.get("remarks", [])), row.line)
    except OF_ANOTHER_MAKING as error:
        raise _not_ours(error, path, row.line) from error


def about_of(record: Mapping[str, Any], path: Path, line: int) -> About:
    """The header that stands with the first unit. Raises DataError for one of another making."""
    try:
        about = record.get("about", {})
        attributes, root = _texts(about.get("attributes", {})), _texts(about.get("root", {}))
        return About(attributes, _restored(about.get("remarks", [])), root)
    except OF_ANOTHER_MAKING as error:
        raise _not_ours(error, path, line) from error


def _not_ours(error: Exception, path: Path, line: int) -> DataError:
    problem = f"the column `unit` is not what this package writes there ({type(error).__name__}: {error})"
    return DataError(problem, path, line)


def _text(value: Any) -> str:
    """A text as any file can hold it. Raises TypeError for what is none, UnicodeEncodeError for half a character."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} is no text")
    value.encode()
    return value


def _markup(value: Any) -> str:
    if not is_content(_text(value)):
        raise ValueError(f"{value!r:.40} is no well-formed markup")
    return value


def _texts(named: Any) -> dict[str, str]:
    return {_text(name): _text(value) for name, value in named.items()}


def _restored(remarks: list[Any]) -> tuple[Remark, ...]:
    restored = tuple(Remark(_text(kind), _text(text), _texts(named)) for kind, text, named in remarks)
    for remark in restored:
        if remark.kind not in (PROPERTY, NOTE, OTHER):
            raise ValueError(f"{remark.kind!r:.40} is no kind of remark")
        if remark.kind == OTHER:
            _markup(remark.text)
    return restored
