"""What kind of training data a file is, told by the names of its columns, as rows of texts in their roles."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from interlingua.data import bitext
from interlingua.data.examples import JUDGED, each_text
from interlingua.data.labelled import LABELS, PAIRS, POSITIVES, SINGLE
from interlingua.data.parallel import PAIR_NAMES, ParallelColumns
from interlingua.errors import DataError
from interlingua.files import bare_suffix
from interlingua.formats import format_of, read_rows
from interlingua.languages import UNKNOWN
from interlingua.types import Row


class Kind(StrEnum):
    """What a file teaches."""

    parallel = "parallel"
    """A text and its translation."""
    triplets = "triplets"
    """Anchor, positive, hard negatives."""
    scored = "scored pairs"
    labelled = "labelled pairs"
    pairs = "pairs"
    """Two texts and nothing that says how they belong together."""
    classified = "labelled texts"
    plain = "plain texts"


@dataclass(frozen=True, slots=True)
class Record:
    """One row: its texts in the order of their roles, and what is to be learned from them."""

    texts: tuple[str, ...]
    line: int
    languages: tuple[str, ...] = ()
    answer: str = ""


@dataclass(frozen=True)
class Dataset:
    """A file's kind, the columns behind each role, and its rows."""

    path: Path
    kind: Kind
    roles: dict[str, str]
    records: list[Record] = field(repr=False)
    ignored: list[str]
    """Columns without a role."""
    pairs: bitext.Bitext | None = field(default=None, repr=False)
    """Of parallel text: what else the file says of its pairs, where that was asked for."""


def find(path: Path, columns: ParallelColumns | None = None, keep_pairs: bool = False) -> Dataset:
    """Read a file, which is read once. With `keep_pairs`, parallel text comes with its units. Raises DataError, with
    the line, for what cannot be read and for columns without a clear role.
    """
    if str(path) != "-" and (bare_suffix(path) in ("", ".txt") and path.exists()):
        records = [Record((text,), line) for line, text in enumerate(each_text(path), 1)]
        if not records:
            raise DataError("no texts in this file", path)
        return Dataset(path, Kind.plain, {"text": "the line"}, records, [])
    if columns is not None or (str(path) != "-" and not format_of(path).is_table):
        return _parallel(path, columns, keep_pairs=keep_pairs)
    rows = list(read_rows(path))
    if not rows:
        raise DataError("no rows in this file", path)
    names = list(dict.fromkeys(name for row in rows for name in row.columns))
    told = _told(names, rows)
    if told is None:
        return _parallel(path, None, rows, keep_pairs)
    kind, texts, answer = told
    records = [
        Record(tuple(row.columns.get(name, "") for name in texts), row.line, (), row.columns.get(answer, ""))
        for row in rows
    ]
    roles = {name: name for name in texts} | ({"answer": answer} if answer else {})
    return Dataset(path, kind, roles, records, [name for name in names if name not in (*texts, answer)])


def _told(names: list[str], rows: list[Row]) -> tuple[Kind, list[str], str] | None:
    """Kind, columns of texts and column of the answer; None for parallel data."""
    for pair in POSITIVES:
        if set(pair) <= set(names):
            negatives = [
                name
                for name in names
                if name.removeprefix("hard_").startswith("negative") or name.startswith("hard_neg")
            ]
            return (Kind.triplets, [*pair, *negatives], "")
    label = next((name for name in LABELS if name in names), "")
    score = next((name for name in JUDGED[2] if name in names), "")
    for pair in dict.fromkeys((*PAIRS, *PAIR_NAMES[1:], ("sentence_A", "sentence_B"))):
        if set(pair) <= set(names):
            if score and all(_is_number(row.columns.get(score, "")) for row in rows[:100]):
                return Kind.scored, list(pair), score
            return (Kind.labelled if label else Kind.pairs), list(pair), label
    if {"source", "target"} <= set(names):
        return None
    for name in SINGLE:
        if name in names:
            return (Kind.classified if label else Kind.plain), [name], label
    return None


def _parallel(
    path: Path, columns: ParallelColumns | None, rows: list[Row] | None = None, keep_pairs: bool = False
) -> Dataset:
    pairs = bitext.read(path, UNKNOWN, UNKNOWN, columns, rows)
    columns = columns or (bitext.short_names(pairs.rows[0].columns) if pairs.rows else None)
    records = [Record(entry.texts, pairs.line(entry), entry.languages) for entry in pairs.entries]
    named: dict[str, str] = (
        {"source": columns.source or "source", "target": columns.target or "target"} if columns else {}
    )
    if not named:
        languages = next(
            (entry.languages for entry in pairs.entries if UNKNOWN not in entry.languages), ("source", "target")
        )
        named = {"source": languages[0], "target": languages[1]}
    header = list(pairs.rows[0].columns) if pairs.rows else []
    used = {*named.values(), "source", "target", "source_language", "target_language"}
    used |= {name for name in (columns.source_language, columns.target_language) if name} if columns else set()
    ignored = [name for name in header if name not in used]
    return Dataset(path, Kind.parallel, named, records, ignored, pairs if keep_pairs else None)


def texts_of(path: Path) -> Iterator[str]:
    """Every text of a test set: lines of plain text, or all cells of a table that are not numbers or single words."""
    if bare_suffix(path) in ("", ".txt"):
        yield from each_text(path)
        return
    for row in read_rows(path):
        yield from row.columns.values()


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
