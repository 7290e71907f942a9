"""What every recipe promises: it trains from the command line, an interrupted run ends with the same bits, and what it
leaves is a model that encodes the same again. A new recipe is one new file, here or in another package.
"""

import contextlib
import io
import json
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from importlib.metadata import EntryPoint
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

import interlingua.recipes
from interlingua import cli, discovery, load, load_cross_encoder, tokenization
from interlingua.data import batching, permutation, sampling
from interlingua.encoders import storage
from interlingua.encoders.bodies import transformer
from interlingua.encoders.encoder import Encoder
from interlingua.recipes import multilingual_distillation
from interlingua.training import session
from interlingua.types import Example

WORDS = ["red", "blue", "old", "new", "tall", "small", "wide", "low", "one", "two"]
SHORT = ["--max-steps", "2", "--batch-size", "8", "--dev-texts", "4", "--log-every", "1", "--evaluate-every", "1"]
FROM_SCRATCH = ["--vocabulary-size", "400", "--max-tokens", "16"]
SMALL_BODY = ["--layers", "1", "--width", "16", "--heads", "2", "--feedforward", "16"]
STAGES = [f"--{stage}-stage.max-steps=2" for stage in ("language", "sentence", "alignment")]
STAGES += [f"--{stage}-stage.batch-size=8" for stage in ("language", "sentence", "alignment")]
ARGUMENTS: dict[str, list[str]] = {
    "averaging": ["--vectors", "vectors.txt", "--weights", "sif", "--texts", "texts.txt"],
    "compact": ["--teacher", "model", "--layers", "1", "--texts", "texts.txt", *SHORT],
    "cross-encoder": ["--start", "model", "--nli", "nli.tsv", *SHORT],
    "english-nli-transfer": ["--student", "model", "--nli", "nli.tsv", "--evaluate", "sts", *SHORT],
    "infersent": ["--vectors", "vectors.txt", "--nli", "nli.tsv", "--hidden", "8", "--classifier", "8", *SHORT],
    "labse": ["--student", "model", "--pairs", "pairs.tsv", "--chunk", "3", *SHORT],
    "laser": ["--pairs", "pairs.tsv", "--layers", "1", "--hidden", "8", "--decoder", "16", *FROM_SCRATCH, *SHORT],
    "laser3": [
        *("--teacher", "model", "--pairs", "pairs.tsv", "--mask-weight", "0.2", "--self-weight", "0.5"),
        *(*SMALL_BODY, *FROM_SCRATCH, *SHORT),
    ],
    "masked-language": ["--start", "model", "--texts", "texts.txt", *SHORT],
    "modular-encoders": [
        *("--base", "model", "--language", "ru", "--texts", "texts.txt", "--pairs", "pairs.tsv", "--dev-texts", "4"),
        *(
            "--vocabulary-size",
            "400",
            "--language-rank",
            "2",
            "--sentence-rank",
            "2",
            "--alignment-width",
            "4",
            *STAGES,
        ),
    ],
    "multilingual-distillation": ["--teacher", "model", "--student", "model", "--pairs", "pairs.tsv", *SHORT],
    "muse": ["--pairs", "pairs.tsv", "--nli", "nli.tsv", "--classifier", "8", *SMALL_BODY, *FROM_SCRATCH, *SHORT],
    "own-recipe": ["--student", "model", "--texts", "texts.txt", *SHORT],
    "sbert": ["--student", "model", "--sts", "sts.tsv", "--sts-epochs", "9", *SHORT],
    "simcse": ["--student", "model", "--texts", "texts.txt", *SHORT],
}
"""The least that each recipe needs to run, by its name."""
WITHOUT_STEPS = {"averaging"}
OWN = '''
"""Texts learn to have the embedding they had: a recipe of one's own, with an objective of its own.

Paper: none
Command: interlingua train own-recipe --student MODEL --texts texts.txt --output DIR
Measured: not yet measured
"""

from dataclasses import dataclass, replace
from pathlib import Path

from interlingua.data.digest import digest_of
from interlingua.data.examples import texts
from interlingua.training.fit import Fit
from interlingua.types import Example


@dataclass(frozen=True, kw_only=True)
class Config(Fit):
    """A recipe of one's own."""

    student: str
    """What learns."""
    texts: tuple[Path, ...]
    """From what."""


def run(config):
    from interlingua.training.fit import begin, fit
    from interlingua.training.objective import Objective
    from interlingua.training.start import trainable
    from interlingua.training.tasks import Task

    class Still(Objective):
        def forward(self, encoder, batch):
            return ((encoder(batch.columns[0]) - batch.targets) ** 2).sum()

    examples = [Example((text,), ("und",)) for path in config.texts for text in texts(path)]
    begin(config, "own-recipe", {"": examples}, {"data": digest_of(examples)})
    encoder = trainable(config.student)
    vectors = encoder.encode([example.texts[0] for example in examples])
    taught = [replace(example, target=vector) for example, vector in zip(examples, vectors)]
    return fit(config, encoder, Task(objective=Still(), examples=taught), folder=config.output)
'''


@pytest.fixture(scope="module", autouse=True)
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The file of a new recipe beside the others."""
    folder = tmp_path_factory.mktemp("recipes")
    (folder / "own_recipe.py").write_text(OWN, encoding="utf-8")
    interlingua.recipes.__path__.append(str(folder))
    yield folder
    interlingua.recipes.__path__.remove(str(folder))
    sys.modules.pop("interlingua.recipes.own_recipe", None)


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model, and a little of every kind of data."""
    folder, random = tmp_path_factory.mktemp("material"), np.random.default_rng(0)
    texts = sorted({" ".join(random.permutation(WORDS)[:3]) for _ in range(60)})
    foreign = [" ".join(word[::-1] for word in text.split()) for text in texts]

    def table(name: str, header: str, rows: list[str]) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")

    pairs = list(pairwise(texts))
    table("texts.txt", texts[0], texts[1:])
    table("pairs.tsv", "en\tru", [f"{one}\t{other}" for one, other in zip(texts, foreign, strict=True)])
    table("nli.tsv", "premise\thypothesis\tlabel", [f"{a}\t{b}\t{'xyz'[n % 3]}" for n, (a, b) in enumerate(pairs)])
    for name in ("sts.tsv", "sts/en.test.tsv", "sts/de.test.tsv"):
        table(name, "sentence1\tsentence2\tscore", [f"{a}\t{b}\t{n % 6}" for n, (a, b) in enumerate(pairs)])
    vectors = [f"{word} {' '.join(f'{value:.3f}' for value in random.normal(size=4))}" for word in WORDS]
    table("vectors.txt", vectors[0], vectors[1:])
    torch.manual_seed(0)
    tokenizer = tokenization.train([*texts, *foreign], 400, max_tokens=16)
    size = transformer.Config(layers=2, width=16, heads=2, feedforward=32, max_positions=16)
    body = transformer.Body(size, tokenizer.vocabulary_size, tokenizer.pad)
    storage.save(Encoder(tokenizer=tokenizer, body=body, normalize=True), folder / "model")
    return folder


def train(recipe: str, output: str, *more: str) -> int:
    fixed = ["--precision", "fp32"] if recipe not in WITHOUT_STEPS else []
    return cli.run(
        ["train", recipe, *ARGUMENTS[Path(recipe).stem.replace("_", "-")], *fixed, "--output", output, *more]
    )


@pytest.fixture(scope="module")
def whole_run(material: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, str]]:
    """The folder of a recipe's run that nothing interrupted, made once, and what it printed as JSON. Nobody changes
    it.
    """

    @cache
    def run(recipe: str) -> tuple[Path, str]:
        folder, printed = tmp_path_factory.mktemp("whole") / "run", io.StringIO()
        with contextlib.chdir(material), contextlib.redirect_stdout(printed):
            assert train(recipe, str(folder), "--json") == cli.DONE
        return folder, printed.getvalue()

    return run


def weights(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes() for file in sorted((folder / "model").rglob("*.safetensors"))
    }


@contextmanager
def interrupted_at(number: int) -> Iterator[None]:
    """Ctrl-C comes at this step."""
    steps = session.steps

    def interrupted(*arguments: object, **options: object) -> Iterator[session.Step]:
        for step in steps(*arguments, **options):  # pyright: ignore[reportArgumentType]
            if step.number == number:
                signal.raise_signal(signal.SIGINT)
            yield step

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "steps", interrupted)
        yield


def test_every_recipe_is_tested_here() -> None:
    assert set(discovery.choices("recipes")) == set(ARGUMENTS)


@pytest.mark.parametrize("recipe", ARGUMENTS)
def test_it_trains_resumes_to_the_same_bits_and_encodes_the_same_again(
    recipe: str,
    whole_run: Callable[[str], tuple[Path, str]],
    material: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(material)
    (whole, printed), parts = whole_run(recipe), tmp_path / "parts"
    assert json.loads(printed)["model"] == f"{whole}/model"
    if recipe not in WITHOUT_STEPS:
        with interrupted_at(1):
            assert train(recipe, str(parts)) == cli.INTERRUPTED
        assert train(recipe, str(parts), "--resume") == cli.DONE, capsys.readouterr().err
        assert weights(parts) == weights(whole)
        assert train(recipe, str(whole)) == cli.BAD_INPUT
        assert "--resume continues it" in capsys.readouterr().err
    assert weights(whole)
    if recipe == "cross-encoder":
        pairs = [("red old house", "blue house"), ("one", "two")]
        np.testing.assert_array_equal(*(load_cross_encoder(whole).outputs(pairs) for _ in range(2)))
        return
    model = load(whole)
    vectors = model.encode(["red old house", "blue"])
    assert vectors.shape == (2, model.width)
    assert np.isfinite(vectors).all()
    np.testing.assert_array_equal(load(whole / "model").encode(["red old house", "blue"]), vectors)


def by_characters(_encoder: Encoder, examples: Sequence[Example]) -> np.ndarray:
    return np.array([sum(map(len, example.texts)) for example in examples])


@pytest.mark.parametrize(
    "recipe", [name for name in ARGUMENTS if name not in {*WITHOUT_STEPS, "modular-encoders", "own-recipe"}]
)
def test_from_examples_on_disk_it_learns_the_same(
    recipe: str,
    whole_run: Callable[[str], tuple[Path, str]],
    material: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(material)
    kept = tmp_path / "cache"
    if recipe == "multilingual-distillation":  # batches by tokens, which of examples on disk nobody counts
        memory = tmp_path / "memory"
        monkeypatch.setattr(multilingual_distillation, "_tokens", by_characters)
        assert train(recipe, str(memory)) == cli.DONE
    else:
        memory, _ = whole_run(recipe)
    for name in ("disk", "again"):  # of which the first makes the store
        assert train(recipe, str(tmp_path / name), "--data-cache", str(kept)) == cli.DONE, capsys.readouterr().err
        assert weights(tmp_path / name) == weights(memory)
    assert "examples in " + str(kept) in capsys.readouterr().err


@pytest.mark.parametrize("recipe", ["labse", "laser", "multilingual-distillation"])
def test_from_more_examples_than_can_be_listed_a_run_resumes_to_the_same_bits(
    recipe: str, material: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(material)
    monkeypatch.setattr(permutation, "LISTED", 4)
    monkeypatch.setattr(sampling, "LISTED", 4)
    monkeypatch.setattr(batching, "POOL_BATCHES", 2)
    at = ARGUMENTS[recipe].index("--max-steps") + 1
    monkeypatch.setitem(ARGUMENTS, recipe, [*ARGUMENTS[recipe][:at], "12", *ARGUMENTS[recipe][at + 1 :]])
    kept = ["--data-cache", str(tmp_path / "cache"), "--epochs", "2"]
    assert train(recipe, str(tmp_path / "whole"), *kept) == cli.DONE
    for number in (3, 8):
        with interrupted_at(number):
            assert train(recipe, str(tmp_path / "parts"), *kept, "--resume") == cli.INTERRUPTED
    assert train(recipe, str(tmp_path / "parts"), *kept, "--resume") == cli.DONE
    assert weights(tmp_path / "parts") == weights(tmp_path / "whole")


@pytest.mark.parametrize("recipe", sorted(ARGUMENTS))
def test_one_flag_leaves_the_other_defaults_as_they_are(recipe: str) -> None:
    """The command line makes options that belong together anew from their class as soon as one of them is given."""
    for one in fields(discovery.find("recipes", recipe, "recipe").Config):
        if one.default_factory is not MISSING and is_dataclass(default := one.default_factory()):
            assert type(default)() == default, f"{recipe}: {one.name}"


def test_a_recipe_without_training_is_not_told_to_resume(
    material: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(material)
    assert [train("averaging", str(tmp_path / "run")) for _ in range(2)] == [cli.DONE, cli.BAD_INPUT]
    said = capsys.readouterr().err
    assert "holds this run already; choose another --output" in said
    assert "--resume" not in said


BARE = '''"""A recipe that trains nothing."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Config:
    """Nothing much."""

    output: Path
    """The folder."""


def run(config):
    """Do nothing."""
'''


def test_a_recipe_in_a_file_of_the_users(
    own: Path, material: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(material)
    assert cli.run(["train", str(own / "own_recipe.py"), "--help"]) == cli.DONE
    shown = capsys.readouterr().out
    assert "Texts learn to have the embedding they had" in shown
    assert "What learns." in shown
    assert train(str(own / "own_recipe.py"), str(tmp_path / "run"), "--json") == cli.DONE
    assert json.loads(capsys.readouterr().out)["steps"] == 2
    assert load(tmp_path / "run").width == 16
    for name, text, problem in (
        ("absent.py", None, "there is no such file; a recipe is a Python file with Config and run"),
        ("wrong.py", "a = 1\nb = = 2\n", "wrong.py:2: the recipe cannot be imported (SyntaxError"),
        ("fails.py", "a = 1\n\nraise ValueError('no')\n", "fails.py:3: the recipe cannot be imported (ValueError: no)"),
        ("leaves.py", "import sys\nsys.exit(0)\n", "leaves.py:2: the recipe cannot be imported (SystemExit: 0)"),
        ("empty.py", '"""Nothing."""\n', "empty.py: a recipe needs Config"),
        ("three.py", "Config = 3\nrun = print\n", "three.py: a recipe needs Config: a frozen dataclass"),
        ("bare.py", "class Config: ...\nrun = print\n", "bare.py: a recipe needs Config: a frozen dataclass"),
        ("stops.py", BARE + "    raise SystemExit(0)\n", "stops.py: run left by sys.exit(0); let it raise an error"),
        ("nothing.py", BARE, "nothing.py: run returned NoneType; "),
    ):
        if text is not None:
            (tmp_path / name).write_text(text, encoding="utf-8")
        assert cli.run(["train", str(tmp_path / name), "--output", "x"]) == cli.BAD_INPUT
        said = capsys.readouterr().err
        assert problem in said
        assert said.count("\n") == 1
    (tmp_path / "nothing.py").write_text(BARE, encoding="utf-8")
    assert cli.run(["train", str(tmp_path / "nothing.py"), "--output", "x", "--seeds", "1", "2"]) == cli.BAD_INPUT
    assert "nothing.py: Config has no field seed" in capsys.readouterr().err
    monkeypatch.chdir(tmp_path)  # named by a relative path, a file has the same line
    assert cli.run(["train", "./fails.py", "--output", "x"]) == cli.BAD_INPUT
    assert "fails.py:3: the recipe cannot be imported (ValueError: no)" in capsys.readouterr().err


def test_a_recipe_of_another_package(
    material: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It comes by an entry point, and has its command like any other."""
    (tmp_path / "their_recipe.py").write_text(OWN, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(material)
    entry = EntryPoint("their-recipe", "their_recipe", "interlingua.recipes")
    monkeypatch.setattr(discovery, "entry_points", lambda group: [entry] if group == entry.group else [])
    discovery._installed.cache_clear()
    try:
        assert "their-recipe" in discovery.choices("recipes")
        arguments = [*ARGUMENTS["own-recipe"], "--output", str(tmp_path / "run")]
        assert cli.run(["train", "their-recipe", *arguments]) == cli.DONE, capsys.readouterr().err
        assert load(tmp_path / "run").width == 16
    finally:
        monkeypatch.undo()
        discovery._installed.cache_clear()
