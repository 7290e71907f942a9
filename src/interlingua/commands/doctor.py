"""Examine training data: roles of columns, duplicates, contamination, languages, false negatives, labels and scores."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from interlingua import printing
from interlingua.data.doctor import Finding, Severity, examine, texts_of_tests
from interlingua.data.parallel import ParallelColumns
from interlingua.data.roles import Dataset, find
from interlingua.errors import ConfigError, DataError
from interlingua.loading import load
from interlingua.machine import AUTO
from interlingua.memories.review import reports
from interlingua.memories.review.findings import Kind as Checked
from interlingua.memories.review.review import Review
from interlingua.mining.examination import by_model
from interlingua.mining.scoring import score_pairs
from interlingua.parameters import MODEL, Device, Flag, Inputs, Json
from interlingua.types import Encode

WITH_MODEL = (
    "Also find pairs that are misaligned, and hard negatives nearer to their anchor than its positive, with this "
    f"model: {MODEL}"
)
ANY = "any"
NEEDED = {Checked.terms: "--glossary", Checked.meaning: "--model"}
"""What some kinds of findings need."""


def doctor(
    files: Inputs,
    /,
    *,
    model: Annotated[str | None, Parameter(alias="-m", help=WITH_MODEL)] = None,
    device: Device = AUTO,
    test_sets: tuple[Path, ...] = (),
    columns: ParallelColumns | None = None,
    report: tuple[Path, ...] = (),
    glossary: Path | None = None,
    fail_on: tuple[Checked | Literal["any"], ...] = (),
    strict: Flag = False,
    json: Json = False,
) -> None:
    """Examine training data and translations: what is wrong with them, most severe first.

    Reads parallel data, triplets, labelled and scored pairs, labelled and plain texts, told apart by the names of their
    columns. Findings end with exit code 0; with --strict, errors end with exit code 1. A file that cannot be read is
    exit code 2.

    With --report, --glossary or --fail-on, translations are also reviewed pair by pair: numbers, tags and placeholders,
    terms, consistency, what is untranslated or in another language, end marks, brackets and spaces; with a model also
    what the texts mean.

    Parameters
    ----------
    files
        Tables, TMX, XLIFF, PO, Moses prefixes, or .txt of one text a line; - reads TSV from standard input.
    test_sets
        Folders or files whose texts must not be in the training data; every readable file in a folder is one test set.
    columns
        Which columns of a table hold parallel text, where their names do not say it.
    report
        Review translations and write what was found: a page to work through (.html), a table (.tsv, .csv, .xlsx,
        .jsonl, .parquet), or both.
    glossary
        Review the terms of translations, too: TBX, a table, or OmegaT's list, as `tm terms` reads them.
    fail_on
        Review translations, and end with exit code 1 where there is a finding of one of these kinds; any is each of
        them.
    strict
        Exit code 1 where there is an error among the findings.

    """
    if model is None and device != AUTO:
        raise ConfigError(f"--device {device} is for a model; give one with --model, or leave it out")
    _require_means(fail_on, glossary, model)
    reports.check(report)
    tests = texts_of_tests(test_sets)
    encode = None if model is None else load(model, device).encode
    examined: list[dict[str, Any]] = []
    texts: list[str] = []
    worst = Severity.note
    with ExitStack() as opened:
        review = opened.enter_context(Review(glossary)) if report or glossary or fail_on else None
        for file in files:
            dataset, findings = _examined(file, columns, tests, encode, review)
            worst = max([worst, *(finding.severity for finding in findings)])
            examined.append(_report(dataset, findings))
            texts.append(_text(dataset, findings))
        result: dict[str, Any] = {"files": examined, "worst": worst.name, "test_sets": len(tests)}
        if review is not None:
            review.finish()
            reports.write(report, review, files)
            result["review"] = {"pairs": review.pairs, "findings": review.counts, "reports": list(map(str, report))}
            texts.append(reports.text(review, report))
        counts = {} if review is None else review.counts
    printing.show(result, "\n\n".join(texts), json)
    failed = any(counts.values()) if ANY in fail_on else any(counts.get(kind, 0) for kind in fail_on)
    if failed or (strict and worst is Severity.error):
        raise SystemExit(1)


def _require_means(kinds: tuple[Checked | Literal["any"], ...], glossary: Path | None, model: str | None) -> None:
    given = {"--glossary": glossary, "--model": model}
    for kind, option in NEEDED.items():
        if kind in kinds and given[option] is None:
            raise ConfigError(f"--fail-on {kind.value} needs {option}")


def _examined(
    file: Path,
    columns: ParallelColumns | None,
    tests: dict[str, set[str]],
    encode: Encode | None,
    review: Review | None,
) -> tuple[Dataset, list[Finding]]:
    """A file with what is wrong with it, its pairs reviewed where there is a review."""
    dataset = find(file, columns, keep_pairs=review is not None)
    findings, scores = examine(dataset, tests), None
    if review is not None and dataset.pairs is None:
        remedy = "--report, --glossary and --fail-on are for translations; --columns names their columns"
        raise DataError(f"holds {dataset.kind.value}; {remedy}", file)
    if encode is not None:
        if review is not None:
            scores = score_pairs([(record.texts[0], record.texts[1]) for record in dataset.records], encode)
        findings = sorted([*findings, *by_model(dataset, encode, scores)], key=lambda finding: -finding.severity)
    if review is not None and dataset.pairs is not None:
        review.add(dataset.pairs, scores)
    return replace(dataset, pairs=None), findings


def _report(dataset: Dataset, findings: list[Finding]) -> dict[str, Any]:
    about = {
        "file": str(dataset.path),
        "kind": dataset.kind.value,
        "rows": len(dataset.records),
        "columns": dataset.roles,
        "ignored": dataset.ignored,
    }
    return about | {"findings": [finding.as_json() for finding in findings]}


def _text(dataset: Dataset, findings: list[Finding]) -> str:
    roles = ", ".join(role if role == column else f"{role}: {column}" for role, column in dataset.roles.items())
    lines = [f"{dataset.path}: {len(dataset.records):,} rows of {dataset.kind.value} ({roles})"]
    if dataset.ignored:
        lines.append(f"  columns without a role: {', '.join(dataset.ignored)}")
    for finding in findings:
        where = (
            f" [line {', '.join(map(str, finding.lines[:5]))}{', ...' if len(finding.lines) > 5 else ''}]"
            if finding.lines
            else ""
        )
        lines.append(f"  {finding.severity.name:<8} {finding.check}: {finding.text}{where}")
    return "\n".join(lines if findings else [*lines, "  nothing found"])
