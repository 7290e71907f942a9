"""Check a file of translations against a glossary: terms without their translation, forbidden terms."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from interlingua import printing
from interlingua.formats import open_memory, writer_of
from interlingua.languages import UNKNOWN
from interlingua.memories.glossary import Glossary, languages_between
from interlingua.outputs import check_writable
from interlingua.parameters import STDOUT, Flag, Json, OutputOrStdout
from interlingua.progress import log
from interlingua.units.catalogue import is_obsolete
from interlingua.units.facts import Pair, pairs
from interlingua.units.tables import SIDES
from interlingua.units.unit import Memory, Unit

CHOOSE = (
    "choose with --source-language and --target-language, which also name the languages of texts that a file does not"
)
HEADER = ("line", "unit", "problem", "term", "expected", "source", "target")


def terms(
    file: Path,
    /,
    *,
    glossary: Path,
    output: OutputOrStdout = STDOUT,
    source_language: str = "",
    target_language: str = "",
    fail: Flag = False,
    json: Json = False,
) -> None:
    """Check a file of translations against a glossary: terms without their translation, forbidden terms.

    A term is found in any case, and with another ending of up to three letters. What has no translation yet, and
    obsolete entries, are not checked.

    Parameters
    ----------
    file
        A file in any format that `tm convert` reads.
    glossary
        TBX (.tbx, version 2 or 3), a table with columns source and target or named by language codes, or OmegaT's list
        (.txt, .utf8: a term, a tab, its translation).
    output
        A table of what was found (.tsv, .csv, .xlsx, .html, .jsonl, .parquet); - prints the TSV.
    source_language
        The language to check from; by default that of the file. Also that of a table or list that does not say it.
    target_language
        The same for the other side; by default all other languages of the file.
    fail
        Exit code 1 where anything was found.

    """
    table = writer_of(output, lambda one: one.is_table, "findings")
    memory = open_memory(file, source_language, target_language)
    languages = languages_between(memory, source_language, target_language)
    known = Glossary.read(glossary, *languages)
    known.require(languages, f"{glossary}", CHOOSE)
    check_writable(output)
    counts = Counter[str]()
    found = _findings(memory, known, languages, target_language, counts)
    found = list(found) if json else found
    if not json or output != STDOUT:
        assert table.write_rows is not None
        table.write_rows(output, HEADER, map(_cells, found))
    if json:
        result = {"file": str(file), **{name: counts[name] for name in ("pairs", "missing", "forbidden")}}
        printing.show(result | {"found": found}, "", as_json=True)
    missing, forbidden = counts["missing"], counts["forbidden"]
    log(f"{counts['pairs']:,} pairs: {missing:,} terms without their translation, {forbidden:,} forbidden terms")
    if fail and missing + forbidden:
        raise SystemExit(1)


def _findings(
    memory: Memory, known: Glossary, languages: tuple[str, str], target_language: str, counts: Counter[str]
) -> Iterator[dict[str, Any]]:
    source_language = "" if languages[0] in SIDES else languages[0]
    for unit in memory:
        for pair in () if is_obsolete(unit) else pairs(unit, source_language, target_language):
            if pair.target.text.strip():
                counts["pairs"] += 1
                for problem in _problems(unit, pair, known, languages):
                    counts[problem["problem"]] += 1
                    yield problem


def _problems(unit: Unit, pair: Pair, known: Glossary, languages: tuple[str, str]) -> Iterator[dict[str, Any]]:
    spoken = [
        side if of.language == UNKNOWN else of.language
        for side, of in zip(languages, (pair.source, pair.target), strict=True)
    ]
    about = {"line": unit.line, "unit": unit.attributes.get("tuid", "")}
    texts = {"source": pair.source.text, "target": pair.target.text}
    for one in known.missing(pair.source.text, pair.target.text, *spoken):
        yield about | {"problem": "missing", "term": one.term.text, "expected": list(one.expected)} | texts
    for one in known.forbidden(pair.source.text, pair.target.text, *spoken):
        yield about | {"problem": "forbidden", "term": one.term.text, "expected": []} | texts


def _cells(row: dict[str, Any]) -> list[str]:
    row = row | {"expected": " | ".join(row["expected"])}
    return [str(row[name]) for name in HEADER]
