"""Rows to Examples with something to learn beside the texts: classes, or positives and hard negatives. Columns are
known by name alone.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from interlingua.data.parallel import parallel
from interlingua.errors import DataError
from interlingua.formats import read_rows
from interlingua.languages import UNKNOWN
from interlingua.progress import log
from interlingua.types import Example, Row

PAIRS = (("premise", "hypothesis"), ("sentence1", "sentence2"), ("question1", "question2"), ("text1", "text2"))
LABELS = ("label", "gold_label", "entailment", "is_duplicate")
POSITIVES = (("anchor", "positive"), ("query", "positive"), ("sent0", "sent1"))
SINGLE = ("text", "sentence", "review")
NEGATIVES = ("negative", "hard_neg")
"""A column is one of hard negatives if its name begins like this: negative, negative_2, hard_negative, hard_neg."""
UNDECIDED = "-"
"""SNLI's label where its annotators did not agree."""


def class_names(paths: Sequence[Path]) -> tuple[str, ...]:
    """The labels that occur in these files, in alphabetical order. Raises DataError for columns without a clear
    role.
    """
    return tuple(sorted({label for path in paths for _, _, label in _labelled(path)}))


def labelled_pairs(path: Path, classes: Sequence[str]) -> Iterator[Example]:
    """Pairs of texts and their class, its place among `classes`.

    Columns: premise and hypothesis (or sentence1 and sentence2, question1 and question2), and label (or gold_label,
    entailment, is_duplicate); the public layouts of SNLI, MultiNLI, SICK and Quora are such. Rows labelled "-" are left
    out and counted. Raises DataError, with the line, for a label outside `classes`, unclear columns, and a file without
    any pair.
    """
    number = {name: place for place, name in enumerate(classes)}
    for row, texts, label in _labelled(path):
        if label not in number:
            raise DataError(f"the label {label!r} is not one of {', '.join(classes)}", path, row.line)
        yield Example(texts, (UNKNOWN, UNKNOWN), number[label])


def classified(path: Path) -> Iterator[tuple[tuple[str, ...], str]]:
    """Texts with their class, a text a row (column text, sentence or review) or a pair of texts (columns as of
    `labelled_pairs`).

    Raises DataError, with the line, for unclear columns, for an empty label, and for a file without any row.
    """
    roles: dict[tuple[str, ...], tuple[tuple[str, ...], str]] = {}
    for row in read_rows(path):
        names = tuple(row.columns)
        if names not in roles:
            texts = _only((*((name,) for name in SINGLE), *PAIRS), row, path, "the text")
            roles[names] = texts, _only(tuple((name,) for name in LABELS), row, path, "the label")[0]
        texts, label = roles[names]
        if not row.columns[label].strip():
            raise DataError(f"column {label!r} is empty", path, row.line)
        yield tuple(row.columns[name] for name in texts), row.columns[label].strip()
    if not roles:
        raise DataError("no rows in this file", path)


def positives(path: Path) -> Iterator[Example]:
    """Anchor, positive, and as many hard negatives as the file has columns for.

    Columns: anchor (or query) and positive, negative, negative_2, ...; or SimCSE's sent0, sent1, hard_neg.
    Raises DataError, with the line, for unclear columns, an empty text, and a file without any row.
    """
    roles: dict[tuple[str, ...], list[str]] = {}
    any_positive = False
    for row in read_rows(path):
        names = tuple(row.columns)
        if names not in roles:
            anchor, positive = _only(POSITIVES, row, path, "anchor and positive")
            negatives = [
                name
                for name in names
                if name.removeprefix("hard_").startswith("negative") or name.startswith("hard_neg")
            ]
            roles[names] = [anchor, positive, *negatives]
        texts = tuple(row.columns[name].strip() for name in roles[names])
        if not all(texts):
            raise DataError(f"column {roles[names][texts.index('')]!r} is empty", path, row.line)
        any_positive = True
        yield Example(texts, (UNKNOWN,) * len(texts))
    if not any_positive:
        raise DataError("no rows in this file", path)


def _labelled(path: Path) -> Iterator[tuple[Row, tuple[str, str], str]]:
    roles: dict[tuple[str, ...], tuple[str, str, str]] = {}
    kept, undecided = 0, 0
    for row in read_rows(path):
        names = tuple(row.columns)
        if names not in roles:
            first, second = _only(PAIRS, row, path, "the two texts")
            (label,) = _only(tuple((name,) for name in LABELS), row, path, "the label")
            roles[names] = first, second, label
        first, second, label = (row.columns[name].strip() for name in roles[names])
        if label == UNDECIDED:
            undecided += 1
            continue
        kept += 1
        yield row, (first, second), label
    if not kept:
        raise DataError("no labelled pairs in this file", path)
    if undecided:
        log(f"{path}: left out {undecided:,} pairs labelled {UNDECIDED!r}")


def _only(choices: tuple[tuple[str, ...], ...], row: Row, path: Path, what: str) -> tuple[str, ...]:
    """The one choice whose columns the row has."""
    fitting = [names for names in choices if set(names) <= set(row.columns)]
    if len(fitting) == 1:
        return fitting[0]
    known = " or ".join(", ".join(names) for names in choices)
    problem = f"{len(fitting)} columns could be {what}" if fitting else f"no column is {what}"
    raise DataError(
        f"{problem}; the columns are {', '.join(row.columns)}, known are {known}. Rename the columns", path, row.line
    )


def anchors_and_positives(path: Path, source_language: str = "en", target_language: str | None = None) -> list[Example]:
    """Rows of anchor and positive by their names, everything else as parallel text."""
    rows = read_rows(path)
    first = next(iter(rows), None)
    if first is not None and any(set(names) <= set(first.columns) for names in POSITIVES):
        return list(positives(path))
    return list(parallel(path, source_language, target_language=target_language))
