"""Benchmarks are not run here, but what they import of the package and of each other is there."""

import ast
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
FILES = sorted(BENCHMARKS.rglob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_a_benchmark_imports_is_there(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] in ("interlingua", "measuring"):
            exec(ast.unparse(node), {})


@pytest.mark.parametrize("file", sorted((BENCHMARKS / "reliability").glob("*.py")), ids=lambda file: file.stem)
def test_what_is_started_reads_its_command_line(file: Path) -> None:
    """So that --help, or an option it has not, starts nothing and records nothing."""
    text = file.read_text(encoding="utf-8")
    assert "__main__" not in text or "parse_args()" in text
