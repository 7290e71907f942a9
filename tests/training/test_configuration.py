"""Options from files give the runs that flags give."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from interlingua import cli, discovery
from interlingua.training import run_folder
from interlingua.training.configuration import named_files
from tests.contracts.test_recipes import ARGUMENTS

SHIPPED = sorted(set(ARGUMENTS) - {"own-recipe"})


@pytest.fixture
def configs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Any]:
    """The configurations that recipes are run with; nothing is trained."""
    monkeypatch.chdir(tmp_path)
    run_with: list[Any] = []

    def run(config: Any) -> None:
        run_with.append(config)
        run_folder.claim(config.output, config.__class__.__module__.split(".")[2].replace("_", "-"), config, {}, None)
        raise KeyboardInterrupt

    for recipe in SHIPPED:
        monkeypatch.setattr(discovery.find("recipes", recipe, "recipe"), "run", run)
    return run_with


def train(recipe: str, *arguments: str) -> int:
    return cli.run(["train", recipe, *arguments])


@pytest.mark.parametrize("recipe", SHIPPED)
def test_the_configuration_of_a_run_repeats_it(
    recipe: str, configs: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = [] if recipe == "averaging" else ["--seed", "3", "--warmup", "0.3", "--patience", "7"]
    assert train(recipe, *ARGUMENTS[recipe], *chosen, "--output", "one") == cli.INTERRUPTED, capsys.readouterr().err
    for file in ("one", "one/config.json"):
        assert train(recipe, "--config", file, "--output", f"two-{file[4:]}") == cli.INTERRUPTED, (
            capsys.readouterr().err
        )
    first, *others = configs
    assert [replace(other, output=first.output) for other in others] == [first, first]


def test_flags_and_tables_and_names_with_underscores(configs: list[Any]) -> None:
    Path("run.toml").write_text(
        'recipe = "labse"\nstudent = "small"\npairs = ["a.tsv", "b.tsv"]\nbatch-size = 8\nmax_tokens = 32\nchunk = 4\n'
        'languages = ["de"]\noutput = "out"\nprecision = "bf16"\n'
        '[optimization]\nwarmup = 0.25\nschedule = "cosine"\n[supervision]\npatience = 3\n[columns]\nsource = "x"\n',
        encoding="utf-8",
    )
    Path("later.toml").write_text('batch-size = 16\npairs = ["c.tsv"]\n', encoding="utf-8")
    assert train("labse", "--config", "run.toml", "--max-tokens", "64") == cli.INTERRUPTED
    assert train("labse", "--config", "run.toml", "later.toml", "--output", "again") == cli.INTERRUPTED
    assert train("labse", "--config=run.toml", "--config=later.toml", "--output", "third") == cli.INTERRUPTED
    one, two, three = configs
    assert (one.batch_size, one.max_tokens, one.chunk, str(one.output)) == (8, 64, 4, "out")
    assert (one.optimization.warmup, one.optimization.precision, one.supervision.patience) == (0.25, "bf16", 3)
    assert (one.optimization.schedule, one.columns.source, one.languages) == ("cosine", "x", ("de",))
    assert [str(path) for path in one.pairs] == ["a.tsv", "b.tsv"]
    assert (two.batch_size, [str(path) for path in two.pairs], two.max_tokens) == (16, ["c.tsv"], 32)
    assert replace(three, output=two.output) == two


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("a = \n", r"run.toml: this is no TOML (Invalid value (at line 1, column 5))"),
        ("batch-sizes = 3\n", 'Unknown option: "[batch-sizes]" from run.toml. Did you mean --batch-size?'),
        ('batch-size = "x"\n', 'Invalid value for [batch-size] from run.toml: unable to convert "x" into int'),
        ("[columns]\nsauce = 'a'\n", 'Unknown option: "[columns][sauce]" from run.toml'),
        ('recipe = "muse"\n', "run.toml holds options of the recipe muse, not of labse; use interlingua train muse"),
        ("config = 'other.toml'\n", "run.toml: --config stands on a command line, not in a file"),
        (
            "log_every = 1\n[supervision]\nlog-every = 2\n",
            "run.toml: log-every stands both in [supervision] and outside",
        ),
        ("\xff", "run.toml: this is no TOML"),
        (None, "run.toml: No such file or directory; --config names a TOML file, or the folder of a run"),
    ],
)
def test_what_is_wrong_is_named(
    content: str | None, problem: str, configs: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        Path("run.toml").write_bytes(content.encode("latin-1"))
    assert (
        train("labse", "--config", "run.toml", "--student", "small", "--pairs", "a.tsv", "--output", "o")
        == cli.BAD_INPUT
    )
    said = capsys.readouterr().err
    assert problem in said
    assert said.count("\n") == 1
    assert configs == []


def test_a_configuration_that_is_none(configs: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    Path("run").mkdir()
    for content, problem in (("[]", "options by their names are needed, found list"), ("{", "this is no JSON")):
        Path("run/config.json").write_text(content, encoding="utf-8")
        assert train("labse", "--config", "run", "--output", "o") == cli.BAD_INPUT
        assert f"run/config.json: {problem}" in capsys.readouterr().err


def test_another_runs_output_is_not_written_into(configs: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert train("simcse", *ARGUMENTS["simcse"], "--output", "one") == cli.INTERRUPTED
    kept = json.loads(Path("one/config.json").read_text(encoding="utf-8"))
    assert kept["config"]["output"] == "one"
    assert train("simcse", "--config", "one") == cli.BAD_INPUT
    assert "--output" in capsys.readouterr().err


def test_files_are_those_behind_the_flag() -> None:
    given = ["labse", "--config", "a", "b", "--pairs", "c", "--config=d", "--seed=3", "e", "--config", "--json", "f"]
    assert [str(path) for path in named_files(given)] == ["a", "b", "d"]
