"""What README and docs show can be run: Python compiles and imports what there is, commands have the flags they show."""

import ast
import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest
from cyclopts import CycloptsError

from interlingua import cli

HERE = Path(__file__).parents[1]
PAGES = [HERE / "README.md", HERE / "CONTRIBUTING.md", *sorted((HERE / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(page: Path) -> list[tuple[str, str]]:
    """The language and the text of every block of code."""
    return BLOCK.findall(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HERE)))
def test_code_stands_in_blocks_that_begin_and_end_on_lines_of_their_own(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.count("```") == 2 * len(blocks(page))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HERE)))
def test_python_compiles_and_imports_what_there_is(page: Path) -> None:
    for language, code in blocks(page):
        if language == "python":
            for node in ast.walk(ast.parse(code)):
                if isinstance(node, ast.ImportFrom) and str(node.module).startswith("interlingua"):
                    exec(ast.unparse(node), {})


def commands(page: Path) -> list[str]:
    """The lines of a page that call the command; without those that show its syntax."""
    lines = "\n".join(code for language, code in blocks(page) if language != "python").replace("\\\n", " ").splitlines()
    return [
        line
        for line in lines
        if line.startswith("interlingua ") and not re.search(r"[\[|>]|\.\.\.| (TASK|RECIPE)\b", line)
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(HERE)))
def test_commands_have_the_flags_they_show(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, content in re.findall(r"```toml\n# (\S+)\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        Path(name).write_text(content, encoding="utf-8")  # and the folder of a run with these options
        Path(name).with_suffix("").mkdir()
        Path(name).with_suffix("").joinpath("config.json").write_text(
            json.dumps(tomllib.loads(content)), encoding="utf-8"
        )
    for line in commands(page):
        arguments = [word for word in shlex.split(line, comments=True)[1:] if word != cli.OFFLINE]
        try:
            cli.application(arguments).parse_args(arguments, exit_on_error=False, print_error=False)
        except CycloptsError as error:
            pytest.fail(f"{line}: {error}")
