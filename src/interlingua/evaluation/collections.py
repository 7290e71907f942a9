"""Test collections for retrieval: documents, queries, and which documents answer which query."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from interlingua.errors import DataError
from interlingua.files import COMPRESSIONS, check_name
from interlingua.formats import read_rows
from interlingua.languages import UNKNOWN, is_language, standard
from interlingua.progress import log
from interlingua.types import Row


@dataclass(frozen=True, kw_only=True)
class Collection:
    """Texts by identifier, and judgements: query, document, grade (0 is not relevant)."""

    name: str
    language: str = UNKNOWN
    documents: dict[str, str]
    queries: dict[str, str]
    judgements: dict[str, dict[str, int]]
    files: tuple[Path, ...]


def collections(path: Path, split: str = "test") -> list[Collection]:
    """The collections in `path`.

    A folder in BEIR's layout (corpus.jsonl, queries.jsonl, qrels/SPLIT.tsv), a folder of such folders, or one in
    LAReQA's (LANGUAGE.queries.tsv, LANGUAGE.candidates.tsv). Raises DataError, with the line, for what cannot be used.
    """
    check_name(path)
    if _file(path, "corpus.jsonl"):
        return [_beir(path, split)]
    lareqa = sorted(path.glob("*.queries.tsv"))
    if lareqa:
        return [_lareqa(file) for file in lareqa]
    inside = (
        [folder for folder in sorted(path.iterdir()) if folder.is_dir() and _file(folder, "corpus.jsonl")]
        if path.is_dir()
        else []
    )
    if not inside:
        raise DataError(
            "there is no corpus.jsonl here (with queries.jsonl and qrels/test.tsv), nor LANGUAGE.queries.tsv", path
        )
    return [_beir(folder, split) for folder in inside]


def _file(folder: Path, name: str) -> Path | None:
    """The file of this name, compressed or not."""
    return next((file for suffix in ("", *COMPRESSIONS) if (file := folder / f"{name}{suffix}").exists()), None)


def _beir(folder: Path, split: str) -> Collection:
    files = [_file(folder, name) or folder / name for name in ("corpus.jsonl", "queries.jsonl", f"qrels/{split}.tsv")]
    documents = _texts(files[0], "_id", ("title", "text"))
    queries = _texts(files[1], "_id", ("text",))
    judgements: dict[str, dict[str, int]] = {}
    absent = 0
    for row in read_rows(files[2]):
        query, document, grade = (_cell(row, name, files[2]) for name in ("query-id", "corpus-id", "score"))
        if query not in queries:
            raise DataError(f"the query {query!r} is not in {files[1].name}", files[2], row.line)
        if not grade.lstrip("-").isdigit():
            raise DataError(f"the score {grade!r} is no whole number", files[2], row.line)
        absent += document not in documents
        judgements.setdefault(query, {})[document] = int(grade)
    if not judgements:
        raise DataError("no judgements in this file", files[2])
    if absent:
        log(f"{files[2]}: {absent:,} judged documents are not in {files[0].name}; they count as not found")
    asked = {query: queries[query] for query in judgements}
    return Collection(
        name=folder.absolute().name, documents=documents, queries=asked, judgements=judgements, files=tuple(files)
    )


def _lareqa(queries_file: Path) -> Collection:
    code = queries_file.name.split(".")[0]
    candidates = queries_file.with_name(queries_file.name.replace(".queries.", ".candidates."))
    documents = _texts(candidates, "cand_id", ("sentence",))
    queries: dict[str, str] = {}
    judgements: dict[str, dict[str, int]] = {}
    for row in read_rows(queries_file):
        query, text, gold = (_cell(row, name, queries_file) for name in ("question_id", "question", "gold_cand_id"))
        if gold not in documents:
            raise DataError(f"the candidate {gold!r} is not in {candidates.name}", queries_file, row.line)
        queries[query] = text
        judgements[query] = {gold: 1}
    if not queries:
        raise DataError("no questions in this file", queries_file)
    language = standard(code) if is_language(code) else UNKNOWN
    files = (candidates, queries_file)
    return Collection(
        name=code, language=language, documents=documents, queries=queries, judgements=judgements, files=files
    )


def _texts(path: Path, identifier: str, parts: Sequence[str]) -> dict[str, str]:
    """Texts by identifier: the `parts` that a row has, with a space between them, as BEIR joins title and text."""
    by_key: dict[str, str] = {}
    for row in read_rows(path):
        key = _cell(row, identifier, path)
        _cell(row, parts[-1], path)
        if key in by_key:
            raise DataError(f"the identifier {key!r} occurs twice", path, row.line)
        by_key[key] = " ".join(row.columns[part] for part in parts if row.columns.get(part)).strip()
    if not by_key:
        raise DataError("no texts in this file", path)
    return by_key


def _cell(row: Row, column: str, path: Path) -> str:
    if column not in row.columns:
        raise DataError(f"there is no column {column!r}; the columns are {', '.join(row.columns)}", path, row.line)
    return row.columns[column]
