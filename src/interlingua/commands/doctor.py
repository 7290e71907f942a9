"""Examine training data: roles of columns, duplicates, contamination, languages, false negatives, labels and scores."""

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from interlingua import printing
from interlingua.data.doctor import Finding, Severity, examine, texts_of_tests
from interlingua.data.parallel import ParallelColumns
from interlingua.data.roles import Dataset, find
from interlingua.errors import ConfigError
from interlingua.loading import load
from interlingua.machine import AUTO
from interlingua.mining.examination import by_model
from interlingua.parameters import MODEL, Device, Flag, Inputs, Json

WITH_MODEL = (
    "Also find pairs that are misaligned, and hard negatives nearer to their anchor than its positive, with this "
    f"model: {MODEL}"
)


def doctor(
    files: Inputs,
    /,
    *,
    model: Annotated[str | None, Parameter(alias="-m", help=WITH_MODEL)] = None,
    device: Device = AUTO,
    test_sets: tuple[Path, ...] = (),
    columns: ParallelColumns | None = None,
    strict: Flag = False,
    json: Json = False,
) -> None:
    """Examine training data: what is wrong with it, most severe first.

    Reads parallel data, triplets, labelled and scored pairs, labelled and plain texts, told apart by the names of their
    columns. Findings end with exit code 0; with --strict, errors end with exit code 1. A file that cannot be read is
    exit code 2.

    Parameters
    ----------
    files
        Tables, TMX, XLIFF, PO, Moses prefixes, or .txt of one text a line; - reads TSV from standard input.
    test_sets
        Folders or files whose texts must not be in the training data; every readable file in a folder is one test set.
    columns
        Which columns of a table hold parallel text, where their names do not say it.
    strict
        Exit code 1 where there is an error among the findings.

    """
    if model is None and device != AUTO:
        raise ConfigError(f"--device {device} is for a model; give one with --model, or leave it out")
    tests = texts_of_tests(test_sets)
    encode = None if model is None else load(model, device).encode
    reports: list[dict[str, Any]] = []
    texts: list[str] = []
    worst = Severity.note
    for file in files:
        dataset = find(file, columns)
        findings = examine(dataset, tests)
        if encode is not None:
            findings = sorted([*findings, *by_model(dataset, encode)], key=lambda finding: -finding.severity)
        worst = max([worst, *(finding.severity for finding in findings)])
        reports.append(_report(dataset, findings))
        texts.append(_text(dataset, findings))
    printing.show({"files": reports, "worst": worst.name, "test_sets": len(tests)}, "\n\n".join(texts), json)
    if strict and worst is Severity.error:
        raise SystemExit(1)


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
