"""The recipes that learn from parallel text by contrast or by translation, small."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from interlingua import load
from interlingua.cli import run as cli
from interlingua.errors import ConfigError, DataError
from interlingua.objectives.translation import load as load_translator
from interlingua.placement import Precision
from interlingua.recipes import labse, laser
from interlingua.training.loop import Optimization
from interlingua.training.session import Supervision

WORDS = {
    "en": ["one", "two", "three", "four", "five", "six"],
    "de": ["eins", "zwei", "drei", "vier", "fünf", "sechs"],
    "fr": ["un", "deux", "trois", "quatre", "cinq", "six"],
}
QUICK: dict[str, Any] = {
    "optimization": Optimization(precision=Precision.fp32),
    "supervision": Supervision(log_every=4, evaluate_every=20),
    "vocabulary_size": 400,
    "dev_texts": 10,
    "batch_size": 8,
    "max_steps": 40,
    "epochs": 500.0,
    "learning_rate": 5e-3,
}


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    random, file = np.random.default_rng(0), tmp_path_factory.mktemp("parallel") / "pairs.tsv"
    rows = {tuple(random.integers(0, 6, 3)) for _ in range(120)}
    lines = ["\t".join(" ".join(WORDS[language][k] for k in row) for language in WORDS) for row in sorted(rows)]
    file.write_text("\t".join(WORDS) + "\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return file


def make(name: str, pairs: Path, output: Path) -> tuple[Any, Any]:
    if name == "labse":
        return labse, labse.Config(output=output, student="static", pairs=(pairs,), chunk=3, **QUICK)
    return laser, laser.Config(
        output=output, pairs=(pairs,), write=("en", "fr"), layers=1, hidden=24, decoder=48, **QUICK
    )


def dev(folder: Path) -> list[dict[str, Any]]:
    records = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [record for record in records if record["kind"] == "dev"]


@pytest.mark.parametrize("name", ["labse", "laser"])
def test_learns(pairs: Path, tmp_path: Path, name: str) -> None:
    recipe, config = make(name, pairs, tmp_path / "run")
    outcome = recipe.run(replace(config, max_steps=120))
    found = dev(tmp_path / "run")
    assert outcome.best_loss < 0.8 * found[0]["dev_loss"]
    assert set(found[0]["accuracy"]) == {"de", "fr"}
    assert load(tmp_path / "run").encode(["eins zwei"]).shape == (1, {"labse": 512, "laser": 48}[name])


@pytest.mark.slow
def test_what_an_embedding_keeps_can_be_written_down(
    pairs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe, config = make("laser", pairs, tmp_path / "run")
    recipe.run(replace(config, max_steps=400, learning_rate=1e-2))
    learned = [line.split("\t") for line in pairs.read_text(encoding="utf-8").splitlines()[1:31]]
    english = load_translator(tmp_path / "run").translate([row[1] for row in learned], "en")
    right = sum(word in row[0].split() for row, text in zip(learned, english, strict=True) for word in text.split())
    assert right > 0.6 * 3 * len(learned)  # words, whatever their order
    (tmp_path / "texts.txt").write_text("eins zwei drei\n", encoding="utf-8")
    assert not cli(["translate", str(tmp_path / "texts.txt"), "--model", str(tmp_path / "run"), "--to", "fr", "--json"])
    assert json.loads(capsys.readouterr().out)["language"] == "fr"
    with pytest.raises(ConfigError, match="writes en, fr, not de"):
        load_translator(tmp_path / "run").translate(["eins"], "de")


def test_what_cannot_be_learned_is_refused(pairs: Path, tmp_path: Path) -> None:
    recipe, config = make("laser", pairs, tmp_path / "run")
    with pytest.raises(DataError, match="no pairs have a side in es"):
        recipe.run(replace(config, write=("en", "es")))
    with pytest.raises(ConfigError, match="at least one language to write"):
        replace(config, write=())
    with pytest.raises(ConfigError, match="either --pairs or --triplets"):
        labse.Config(output=tmp_path / "run")
    with pytest.raises(DataError, match="no pairs in sw; the files hold de, fr"):
        labse.run(replace(make("labse", pairs, tmp_path / "run")[1], languages=("sw",)))
    (tmp_path / "one.tsv").write_text("en\tsw\none\tmoja\n", encoding="utf-8")
    (tmp_path / "empty.tsv").write_text("en\tsw\none\t\n", encoding="utf-8")
    for side, text in (("en", "one\ntwo\n"), ("sw", "moja\n")):
        (tmp_path / f"odd.{side}").write_text(text, encoding="utf-8")
    for name in ("labse", "laser"):
        recipe, config = make(name, pairs, tmp_path / "run")
        write = {"write": ("en",)} if name == "laser" else {}
        for file, problem in (
            ("one.tsv", "too few to set 10 aside"),
            ("empty.tsv", "left out: 1 with an empty side"),
            ("odd", "odd.sw"),
        ):
            with pytest.raises(DataError, match=problem):
                recipe.run(replace(config, pairs=(tmp_path / file,), **write))
    assert not (tmp_path / "run").exists()
