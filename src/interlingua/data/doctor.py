"""What is wrong with training data: findings, most severe first, each with its rows, for any kind of file."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np

from interlingua.data.identify import strangeness, usual_language
from interlingua.data.roles import Dataset, Kind, Record, texts_of
from interlingua.errors import DataError
from interlingua.files import bare_suffix
from interlingua.folding import plain
from interlingua.formats import by_suffix
from interlingua.languages import UNKNOWN

STRANGE = 0.6
"""Lead in probability from which a text counts as in another language."""
LONG_ENOUGH = 15
"""Letters and digits (a Chinese, Japanese or Korean one counts as three) below which a text is in two sets by
chance."""
MANY = 0.01
"""Share of rows from which a finding is a warning rather than a note."""
BATCH = 64
"""Rows of a batch, for the rate of false negatives."""
BINS = 10


class Severity(IntEnum):
    """How much a finding matters: an error makes results wrong, a warning costs quality, a note is to be known."""

    note = 0
    warning = 1
    error = 2


@dataclass(frozen=True)
class Finding:
    """One thing found, with the lines it was found on."""

    severity: Severity
    check: str
    text: str
    lines: tuple[int, ...] = ()
    figures: dict[str, Any] | None = None

    def as_json(self, most: int = 100) -> dict[str, Any]:
        """For --json, with at most so many lines named."""
        fields = {"severity": self.severity.name, "check": self.check, "text": self.text, "rows": len(self.lines)}
        return fields | {"lines": list(self.lines[:most])} | (self.figures or {})


def examine(dataset: Dataset, tests: dict[str, set[str]] | None = None) -> list[Finding]:
    """Every check that suits the kind of the file. `tests` are the plain texts of test sets by name
    (`texts_of_tests`).
    """
    checks: list[Callable[[Dataset], Iterable[Finding]]] = [
        empty,
        duplicates,
        copies,
        false_negatives,
        answers,
        languages,
    ]
    everything = [finding for check in checks for finding in check(dataset)]
    everything += contamination(dataset, tests or {})
    return sorted(everything, key=lambda finding: -finding.severity)


def empty(dataset: Dataset) -> Iterator[Finding]:
    """Texts without a letter or digit."""
    lines = [
        record.line for record in dataset.records if any(not any(c.isalnum() for c in text) for text in record.texts)
    ]
    yield from _rows("empty", "rows have a text without any letter or digit", lines, dataset, Severity.error)


def duplicates(dataset: Dataset) -> Iterator[Finding]:
    """Rows that say the same as an earlier row: exactly (case, punctuation and space aside), or with other digits or
    word order.
    """
    seen, near_seen = dict[Any, str](), set[Any]()
    same: list[int] = []
    near: list[int] = []
    for record in dataset.records:
        key = tuple(map(plain, record.texts))
        near_key = tuple(_loose(text) for text in record.texts)
        if key in seen:
            same.append(record.line)
        elif near_key in near_seen:
            near.append(record.line)
        seen.setdefault(key, record.answer)
        near_seen.add(near_key)
    yield from _rows("duplicates", "rows repeat an earlier row, case and punctuation aside", same, dataset)
    yield from _rows(
        "near duplicates", "rows differ from an earlier row in digits or the order of words only", near, dataset
    )


def copies(dataset: Dataset) -> Iterator[Finding]:
    """Pairs of one and the same text."""
    if dataset.kind in (Kind.parallel, Kind.triplets, Kind.pairs):
        lines = [
            r.line
            for r in dataset.records
            if len(r.texts) > 1 and plain(r.texts[0]) == plain(r.texts[1]) and _lettered(r.texts[0])
        ]
        yield from _rows("copies", "rows hold the same text twice (untranslated, or nothing to learn)", lines, dataset)


def false_negatives(dataset: Dataset) -> Iterator[Finding]:
    """Texts that are used as negatives and are none: the positive of another row with the same anchor, or an anchor
    itself.
    """
    if dataset.kind not in (Kind.parallel, Kind.triplets, Kind.pairs):
        return
    folded = [tuple(map(plain, record.texts)) for record in dataset.records]
    anchors: dict[str, set[str]] = defaultdict(set)
    positives: dict[str, set[str]] = defaultdict(set)
    for texts in folded:
        anchors[texts[1]].add(texts[0])
        positives[texts[0]].add(texts[1])
    negatives = [
        record.line for record, texts in zip(dataset.records, folded, strict=True)
        if any(negative in positives[texts[0]] or negative == texts[0] for negative in texts[2:] if negative)
    ]  # fmt: skip
    yield from _rows(
        "false negatives",
        "rows name as hard negative the anchor itself or one of its positives",
        negatives,
        dataset,
        Severity.error,
    )
    shared = [len(anchors[texts[1]]) > 1 or len(positives[texts[0]]) > 1 for texts in folded]
    lines = [record.line for record, is_shared in zip(dataset.records, shared, strict=True) if is_shared]
    if lines:
        rate = _collisions(folded)
        said = (
            f"rows share a text with another row; in a random batch of {BATCH}, {rate:.2%} of the rows meet a false "
            "negative"
        )
        yield from _rows("shared texts", said, lines, dataset, figures={"rate_in_batch": rate})


def _collisions(folded: Sequence[tuple[str, ...]]) -> float:
    """The chance of a row to share its anchor or its positive with one of BATCH - 1 random other rows."""
    first, second = Counter(texts[0] for texts in folded), Counter(texts[1] for texts in folded)
    both = Counter(texts[:2] for texts in folded)
    others = np.array([first[t[0]] + second[t[1]] - both[t[:2]] - 1 for t in folded]) / max(1, len(folded) - 1)
    return float(np.mean(1 - (1 - others) ** (BATCH - 1)))


def answers(dataset: Dataset) -> Iterator[Finding]:
    """Labels or scores: how they are spread, and the same texts with different ones."""
    if dataset.kind not in (Kind.labelled, Kind.scored, Kind.classified):
        return
    missing = [record.line for record in dataset.records if not record.answer.strip()]
    yield from _rows("answers", "rows have no label or score", missing, dataset, Severity.error)
    given: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for record in dataset.records:
        given[tuple(map(plain, record.texts))].add(record.answer)
    lines = [record.line for record in dataset.records if len(given[tuple(map(plain, record.texts))]) > 1]
    yield from _rows(
        "contradictions", "rows have the texts of another row and a different label or score", lines, dataset
    )
    if dataset.kind is Kind.scored:
        yield from _histogram(dataset)
        return
    counts = Counter(record.answer for record in dataset.records if record.answer.strip())
    rarest = min(counts.values(), default=0) / max(1, counts.total())
    severity = Severity.warning if len(counts) < 2 or (rarest < 0.01 and len(counts) < 50) else Severity.note
    said = ", ".join(f"{name} {count:,} ({count / counts.total():.0%})" for name, count in counts.most_common(12))
    yield Finding(severity, "labels", f"{len(counts)} labels: {said}", figures={"labels": dict(counts)})


def _histogram(dataset: Dataset) -> Iterator[Finding]:
    values: list[float] = []
    bad: list[int] = []
    for record in dataset.records:
        try:
            value = float(record.answer)
        except ValueError:
            value = float("nan")
        if np.isfinite(value):
            values.append(value)
        elif record.answer.strip():
            bad.append(record.line)
    yield from _rows("scores", "rows have a score that is no finite number", bad, dataset, Severity.error)
    if values:
        counts, edges = np.histogram(values, BINS)
        figures = {"histogram": {"counts": counts.tolist(), "edges": [round(float(edge), 4) for edge in edges]}}
        said = f"scores from {min(values):g} to {max(values):g}, mean {np.mean(values):.3g}; in {BINS} equal bins: "
        severity = Severity.note if min(values) < max(values) else Severity.warning
        yield Finding(severity, "scores", said + " ".join(map(str, counts.tolist())), figures=figures)


def languages(dataset: Dataset) -> Iterator[Finding]:
    """Texts in another language than their column says (or mostly is), and pairs whose sides are the wrong way
    round.
    """
    groups: dict[tuple[str, ...], list[Record]] = defaultdict(list)
    for record in dataset.records:
        groups[record.languages or (UNKNOWN,) * len(record.texts)].append(record)
    strange: list[int] = []
    swapped: list[int] = []
    for named, records in groups.items():
        columns = [[record.texts[place] for record in records] for place in range(len(records[0].texts))]
        declared = [
            usual_language(texts) if code == UNKNOWN else code for code, texts in zip(named, columns, strict=True)
        ]
        leads = np.array([strangeness(texts, code) for code, texts in zip(declared, columns, strict=True)])
        wrong = (leads > STRANGE).any(axis=0)
        if dataset.kind is Kind.parallel and declared[0] != declared[1]:
            crossed = np.array([strangeness(columns[0], declared[1]), strangeness(columns[1], declared[0])])
            apart = leads - crossed
            turned = (apart.min(axis=0) > 0) & (apart.mean(axis=0) > STRANGE)
            swapped += [records[row].line for row in np.flatnonzero(turned)]
            wrong &= ~turned
        strange += [records[row].line for row in np.flatnonzero(wrong)]
    yield from _rows(
        "languages", "rows have a text in another language than the rest of its column", sorted(strange), dataset
    )
    if 2 * len(swapped) > len(dataset.records):
        said = (
            f"source and target are swapped: {len(swapped):,} of {len(dataset.records):,} rows are the wrong way round"
        )
        yield Finding(Severity.error, "swapped", said, tuple(sorted(swapped)))
    else:
        yield from _rows("swapped", "rows have source and target the wrong way round", sorted(swapped), dataset)


def contamination(dataset: Dataset, tests: dict[str, set[str]]) -> Iterator[Finding]:
    """Texts that are in a test set, case and punctuation aside; short ones, which are in both by chance, left out."""
    for name, texts in tests.items():
        lines = [
            r.line for r in dataset.records if any(is_long(key := plain(text)) and key in texts for text in r.texts)
        ]
        yield from _rows("contamination", f"rows have a text of the test set {name}", lines, dataset, Severity.error)


def texts_of_tests(folders: Iterable[Path]) -> dict[str, set[str]]:
    """The plain texts of every readable file in these folders (or of these files), by file. Raises DataError where
    there is none.
    """
    by_file: dict[str, set[str]] = {}
    for folder in folders:
        readable = [
            file for file in sorted(folder.rglob("*")) if file.is_file() and bare_suffix(file) in (*by_suffix(), ".txt")
        ]
        files = readable if folder.is_dir() else [folder]
        if not files:
            raise DataError("no readable file in this folder", folder)
        for file in files:
            by_file[str(file)] = {key for text in texts_of(file) if is_long(key := plain(text))}
    return by_file


def _rows(
    check: str,
    text: str,
    lines: Sequence[int],
    dataset: Dataset,
    severity: Severity | None = None,
    figures: dict[str, Any] | None = None,
) -> Iterator[Finding]:
    """A finding about rows, where there are any: a warning if they are MANY."""
    if lines:
        share = len(lines) / len(dataset.records)
        level = (Severity.warning if share >= MANY else Severity.note) if severity is None else severity
        yield Finding(
            level,
            check,
            f"{len(lines):,} ({share:.2%}) {text}",
            tuple(lines),
            {"share": round(share, 6), **(figures or {})},
        )


def _loose(text: str) -> Any:
    """What a text is without digits and the order of its words; a short one is what it is."""
    letters = sorted("".join(c for c in plain(word) if not c.isdigit()) for word in text.split())
    return tuple(word for word in letters if word) if is_long("".join(letters)) else plain(text)


def is_long(folded: str) -> bool:
    """Whether a text says enough to be the same elsewhere only by copying."""
    return sum(3 if character >= "\u2e80" else 1 for character in folded) >= LONG_ENOUGH


def _lettered(text: str) -> bool:
    return sum(character.isalpha() for character in text) > 2
