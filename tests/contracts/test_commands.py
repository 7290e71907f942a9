"""What every command promises: help in which every flag is explained, one line and exit code 2 for an unknown flag, and
with --json nothing but JSON on standard output. A new command is one new file.
"""

import io
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest
import torch
from cyclopts import App, CycloptsError, Parameter

from interlingua import cli, tokenization
from interlingua.encoders import storage
from interlingua.encoders.bodies import static
from interlingua.encoders.encoder import Encoder
from interlingua.errors import ConfigError
from interlingua.quantities import kinds_of
from tests.contracts.test_recipes import ARGUMENTS

Name = tuple[str, ...]
TESTS = Path(__file__).parents[1]
SENTENCES = [
    f"the {word} {thing} stands here" for word in ("red", "old", "tall") for thing in ("house", "tree", "lamp")
]
EXAMPLES: dict[Name, str] = {
    ("align",): "align a.txt a.txt --model model",
    ("clean",): "clean pairs.tsv --without-model --output kept.tsv --rejected rejected.tsv",
    ("doctor",): "doctor pairs.tsv",
    ("export",): "export model --output engine --precision fp32",
    ("mine",): "mine a.txt a.txt --model model --output mined.tsv",
    ("negatives",): "negatives pairs.tsv --model model --output triplets.tsv --ranks 1 5 --count 1 --margin 0",
    ("packs", "list"): "packs list model",
    ("recipes",): "recipes",
    ("score",): "score pairs.tsv --model model",
    ("tm", "analyse"): "tm analyse a.txt --memory pairs.tsv --model model --cache kept",
    ("tm", "convert"): "tm convert pairs.tsv -o pairs.tmx",
    ("tm", "dedupe"): "tm dedupe pairs.tsv -o unique.tsv --conflicts conflicts.tsv",
    ("tm", "filter"): "tm filter pairs.tsv -o filtered.tsv --contains tree --rest rest.tsv",
    ("tm", "info"): "tm info pairs.tsv",
    ("tm", "lookup"): "tm lookup a.txt --memory pairs.tsv --model model --cache kept",
    ("tm", "merge"): "tm merge pairs.tsv -o merged.tmx",
    ("tm", "search"): "tm search tree --memory pairs.tsv",
    ("tm", "terms"): "tm terms pairs.tsv --glossary pairs.tsv",
}
"""The least that each command with --json needs to run."""
ELSEWHERE: dict[Name, str] = {
    ("convert",): "parity/test_laser.py",  # needs a checkpoint of LASER's
    ("evaluate",): "contracts/test_evaluations.py",
    ("new-language",): "journeys/test_new_language.py",  # many seconds
    ("quickstart",): "journeys/test_quickstart.py",  # the same
    ("runs",): "commands/test_runs.py",
    ("train",): "contracts/test_recipes.py",
    ("translate",): "recipes/test_multilingual.py",  # needs a run of the recipe laser
    ("trim",): "commands/test_trim.py",
}
"""Commands (and menus) that print JSON in a test of their own, where all they need is at hand."""


def commands(app: App, name: Name = ()) -> Iterator[tuple[Name, App]]:
    """Every command under `app`, those of menus too."""
    names = [one for one in app if not one.startswith("-")]
    if name and not names:
        yield name, app
    for one in names:
        yield from commands(app[one], (*name, one))


def menus(app: App, name: Name = ()) -> Iterator[Name]:
    names = [one for one in app if not one.startswith("-")]
    if names:
        yield name
        for one in names:
            yield from menus(app[one], (*name, one))


def flags(app: App) -> dict[str, str]:
    """What help shows of a command: its flags and arguments, and their explanations."""
    found = app.assemble_argument_collection(parse_docstring=True)
    return {argument.name: (argument.parameter.help or "").strip() for argument in found if argument.show}


def unexplained(app: App) -> list[str]:
    """The flags of a command that help lists and says nothing about."""
    return [name for name, text in flags(app).items() if not any(map(str.isalpha, text))]


APP = cli.application([])
COMMANDS = dict(commands(APP))
MENUS = list(menus(APP))
WITH_JSON = {name for name, app in COMMANDS.items() if "--json" in flags(app)}


@dataclass(kw_only=True)
class Options:
    known: int = 0
    """Explained."""
    bare: int = 0


def test_an_unexplained_flag_is_found() -> None:
    def command(
        path: Path, /, *, named: Annotated[int, Parameter(help="Why.")], silent_flag: int, more: Options
    ) -> None:
        """Do something.

        Parameters
        ----------
        path
            A file.

        """

    app = App()
    app.default(command)
    assert unexplained(app) == ["--silent-flag", "--more.bare"]


@pytest.mark.parametrize("name", sorted(COMMANDS), ids=" ".join)
def test_help_explains_every_flag(
    name: Name, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")  # room for the longest flag
    assert cli.run([*name, "--help"]) == cli.DONE
    shown = capsys.readouterr().out
    assert shown.startswith(f"Usage: interlingua {' '.join(name)} ")
    for flag in flags(COMMANDS[name]):
        assert f"{flag} " in shown
    assert unexplained(COMMANDS[name]) == []


@pytest.mark.parametrize("name", sorted([*COMMANDS, *MENUS]), ids=" ".join)
def test_an_unknown_flag_is_one_line(name: Name, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([*name, "--nonsense"]) == cli.BAD_INPUT == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1
    assert "--nonsense" in said.err


def test_a_hyphen_alone_is_standard_input_and_no_flag(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"en\tde\na\tb\n"), encoding="utf-8"))
    assert cli.run(["doctor", "-", "--json"]) == cli.DONE
    assert json.loads(capsys.readouterr().out)["files"][0]["rows"] == 1
    for line in (
        "doctor - --nonsense",
        "encode a.txt --model m -o --nonsense",
        "evaluate sts a.tsv --nonsense --model m",
    ):
        assert cli.run(line.split()) == cli.BAD_INPUT
        assert "--nonsense" in capsys.readouterr().err


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model and a little data."""
    folder = tmp_path_factory.mktemp("commands")
    (folder / "a.txt").write_text("\n".join(SENTENCES) + "\n", encoding="utf-8")
    rows = [f"{text}\t{text[::-1]}" for text in SENTENCES]
    (folder / "pairs.tsv").write_text("\n".join(["en\tde", *rows]) + "\n", encoding="utf-8")
    torch.manual_seed(0)
    tokenizer = tokenization.train(SENTENCES * 3, 400)
    body = static.Body(static.Config(width=8), tokenizer.vocabulary_size, tokenizer.pad)
    storage.save(Encoder(tokenizer=tokenizer, body=body, normalize=True), folder / "model")
    return folder


def test_every_command_that_prints_json_is_tested() -> None:
    left = {name for name in WITH_JSON if not any(name[: len(known)] == known for known in ELSEWHERE)}
    assert left == set(EXAMPLES)
    for name, file in ELSEWHERE.items():
        assert any(one[: len(name)] == name for one in WITH_JSON), name
        text = (TESTS / file).read_text(encoding="utf-8")
        assert '"--json"' in text
        assert "json.loads(" in text


@pytest.mark.parametrize("name", sorted(EXAMPLES), ids=" ".join)
def test_with_json_standard_output_is_json(
    name: Name, material: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(material)
    assert cli.run([*EXAMPLES[name].split(), "--json"]) == cli.DONE, capsys.readouterr().err
    assert isinstance(json.loads(capsys.readouterr().out), dict)


NUMBERS = [
    (name, argument.name, argument.hint)
    for name, app in sorted(COMMANDS.items())
    for argument in app.assemble_argument_collection(parse_docstring=True)
    if kinds_of(argument.hint)
]
"""Every flag of every command and recipe that takes numbers, and what they may be."""


def test_the_flags_that_take_numbers_are_found() -> None:
    assert {("mine",), ("evaluate", "retrieval"), ("train", "labse")} <= {name for name, _, _ in NUMBERS}
    assert {"--threshold", "--recall-at", "--save-every", "--language-stage.epochs"} <= {flag for _, flag, _ in NUMBERS}


def _shown(name: Name) -> Any:
    """Recipes share most of their options: one of them stands for the others in the quick tests."""
    quick = name[0] != "train" or name[1:] == ("labse",)
    return pytest.param(name, id=" ".join(name), marks=() if quick else pytest.mark.slow)


@pytest.mark.parametrize("name", [_shown(name) for name in sorted({name for name, _, _ in NUMBERS})])
def test_a_number_that_an_option_cannot_be_is_one_line(name: Name, capsys: pytest.CaptureFixture[str]) -> None:
    """It is found as the line is parsed: the files and models that are named here are looked for nowhere."""
    rest = ["--output", "o", *ARGUMENTS[name[1]]] if name[0] == "train" else least(COMMANDS[name])
    for flag, hint in ((flag, hint) for one, flag, hint in NUMBERS if one == name):
        line = [*without(rest, flag), flag]
        for value in ("nan", "inf", "-inf") if float in kinds_of(hint) else ("1000.5", "-1", str(10**20), "1.0e999"):
            values = [value] * (2 if hint == tuple[int, int] else 1)
            with pytest.raises((ConfigError, CycloptsError)) as caught:
                COMMANDS[name].parse_args([*line, *values], exit_on_error=False, print_error=False)
            assert flag.strip("-").rpartition(".")[2] in str(caught.value)
    assert cli.run([*name, *line, *values]) == cli.BAD_INPUT
    said = capsys.readouterr().err
    assert flag.strip("-").rpartition(".")[2] in said
    assert said.count("\n") == 1


def without(words: list[str], flag: str) -> list[str]:
    """A command line without a flag and the value behind it."""
    place = words.index(flag) if flag in words else len(words)
    return [word for word in [*words[:place], *words[place + 2 :]] if not word.startswith(f"{flag}=")]


def least(app: App) -> list[str]:
    """A value for every argument that a command needs."""
    needed = [argument for argument in app.assemble_argument_collection() if argument.required and argument.parse]
    at_places = [one for one in needed if one.index is not None]
    return ["x"] * len(at_places) + [word for one in needed if one.index is None for word in (one.name, "x")]
