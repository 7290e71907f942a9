"""The recipe of modular encoders, small: every stage learns, resumes exactly, and can be left out."""

import json
import re
import signal
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest
import torch

from interlingua import load, tokenization
from interlingua.encoders import storage
from interlingua.encoders.bodies import transformer
from interlingua.encoders.encoder import Encoder
from interlingua.encoders.modular import packs
from interlingua.errors import ConfigError, DataError
from interlingua.placement import Precision
from interlingua.recipes import modular_encoders
from interlingua.recipes.modular_encoders import Config
from interlingua.recipes.modular_encoders.settings import (
    AlignmentStageOptions,
    Form,
    LanguageStageOptions,
    Stage,
    StageOptions,
)
from interlingua.training.loop import Optimization
from interlingua.training.session import Supervision

ENGLISH = ["one", "two", "three", "four", "five", "six", "seven", "nine"]
RUSSIAN = ["один", "два", "три", "четыре", "пять", "шесть", "семь", "девять"]


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base, plain text, parallel text in which translations are shared, and paraphrases (the words turned round)."""
    folder, random = tmp_path_factory.mktemp("modular"), np.random.default_rng(0)
    rows = sorted({tuple(random.integers(0, 8, 3)) for _ in range(340)})
    english, russian = ([" ".join(words[k] for k in row) for row in rows] for words in (ENGLISH, RUSSIAN))
    turned = [" ".join(reversed(text.split())) for text in russian]
    (folder / "ru.txt").write_text("\n".join(russian + turned) + "\n", encoding="utf-8")
    lines = [f"{en}\t{ru}" for en, ru in zip(english, russian, strict=True)]
    (folder / "pairs.tsv").write_text("en\tru\n" + "\n".join(lines) + "\n", encoding="utf-8")
    lines = [f"{one}\t{other}" for one, other in zip(russian, turned, strict=True) if one != other]
    (folder / "paraphrases.tsv").write_text("sentence1\tsentence2\n" + "\n".join(lines) + "\n", encoding="utf-8")
    torch.manual_seed(0)
    tokenizer = tokenization.train(english, 400, max_tokens=16)
    body = transformer.Body(
        transformer.Config(layers=2, width=32, heads=2, feedforward=64), tokenizer.vocabulary_size, tokenizer.pad
    )
    storage.save(Encoder(tokenizer=tokenizer, body=body, normalize=True), folder / "base")
    return folder


def make(material: Path, output: Path, **more: Any) -> Config:
    short: dict[str, Any] = {"learning_rate": 1e-2, "epochs": 100.0, "batch_size": 16, "max_tokens": 16}
    quick: dict[str, Any] = {
        "base": str(material / "base"), "language": "rus", "vocabulary_size": 400, "language_rank": 4, "sentence_rank": 4, "alignment_width": 16,
        "language_stage": LanguageStageOptions(max_steps=16, **short), "sentence_stage": StageOptions(max_steps=16, **short),
        "alignment_stage": AlignmentStageOptions(max_steps=40, **short), "dev_texts": 12,
        "optimization": Optimization(precision=Precision.fp32), "supervision": Supervision(log_every=4, evaluate_every=16),
        "texts": (material / "ru.txt",), "pairs": (material / "pairs.tsv",), "paraphrases": (material / "paraphrases.tsv",),
    }  # fmt: skip
    return Config(output=output, **(quick | more))


def dev(folder: Path) -> list[dict[str, Any]]:
    records = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [record for record in records if record["kind"] == "dev"]


@pytest.fixture(scope="module")
def whole(material: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("runs") / "whole"
    modular_encoders.run(make(material, output))
    return output


def test_every_stage_learns_and_leaves_a_model(material: Path, whole: Path) -> None:
    for stage in ("language", "sentence", "alignment"):
        found = dev(whole / stage)
        assert min(record["dev_loss"] for record in found[1:]) < found[0]["dev_loss"], stage
        assert load(whole / stage / "model").describe()["packs"] == ["ru"]
    assert (
        max(record["translation_accuracy"] for record in dev(whole / "alignment"))
        > dev(whole / "alignment")[0]["translation_accuracy"]
    )
    base, model = load(material / "base"), load(whole / "model")
    np.testing.assert_array_equal(base.encode(ENGLISH), model.encode(ENGLISH, "en"))
    assert packs.summary(whole / "pack").adapters == ("language", "sentence", "alignment")
    assert packs.read_pack_card(whole / "pack").max_tokens == 16
    assert (whole / "alignment" / "model" / "weights.safetensors").stat().st_ino == (
        whole / "base" / "weights.safetensors"
    ).stat().st_ino


def test_one_flag_of_a_stage_leaves_its_other_defaults(tmp_path: Path) -> None:
    from cyclopts import App, Parameter

    found: list[Config] = []
    app = App()

    @app.default
    def command(config: Annotated[Config, Parameter(name="*")]) -> None:
        found.append(config)

    some = [
        "--base",
        "b",
        "--language",
        "ru",
        "--output",
        str(tmp_path),
        "--language-stage.max-steps",
        "7",
        "--alignment-stage.epochs",
        "2",
    ]
    app(some, result_action="return_value")
    assert found[0].language_stage == LanguageStageOptions(max_steps=7)
    assert found[0].alignment_stage == AlignmentStageOptions(epochs=2.0)
    assert not found[0].alignment_stage.dropout


def test_batches_of_the_alignment_take_turns(
    material: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    modular_encoders.run(make(material, tmp_path / "run", stages=(Stage.vocabulary, Stage.alignment)))
    said = capsys.readouterr().err
    assert "too few" not in said
    assert re.search(r"batches are drawn from paraphrases 5[01].\d%, translations", said)


@pytest.mark.parametrize("stopped", [16 + 16 + 20])
def test_interrupted_in_any_stage_and_continued_is_as_never_interrupted(
    material: Path, whole: Path, tmp_path: Path, stopped: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from interlingua.training import session

    loop_steps, done = session.steps, 0

    def stopping(*arguments, **options):
        nonlocal done
        for step in loop_steps(*arguments, **options):
            done += 1
            if done == stopped:
                signal.raise_signal(signal.SIGINT)
            yield step

    monkeypatch.setattr(session, "steps", stopping)
    with pytest.raises(KeyboardInterrupt):
        modular_encoders.run(make(material, tmp_path / "parts"))
    monkeypatch.setattr(session, "steps", loop_steps)
    modular_encoders.run(make(material, tmp_path / "parts", resume=True))
    one, other = (folder / "pack" / "weights.safetensors" for folder in (whole, tmp_path / "parts"))
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.slow
def test_stages_run_one_by_one_are_the_whole(material: Path, whole: Path, tmp_path: Path) -> None:
    for stage in Stage:
        modular_encoders.run(make(material, tmp_path / "run", stages=(stage,), resume=stage != Stage.vocabulary))
    assert (tmp_path / "run" / "pack" / "weights.safetensors").read_bytes() == (
        whole / "pack" / "weights.safetensors"
    ).read_bytes()
    with pytest.raises(ConfigError, match="holds this run already"):
        modular_encoders.run(make(material, tmp_path / "run"))


@pytest.mark.slow
def test_the_form_of_2024_has_a_body_of_its_own(material: Path, tmp_path: Path) -> None:
    ranks = {name: Config.__dataclass_fields__[name].default for name in ("language_rank", "sentence_rank")}
    modular_encoders.run(make(material, tmp_path / "run", form=Form.full, **ranks))
    assert packs.summary(tmp_path / "run" / "pack").adapters == ("alignment", "whole body")
    base, model = load(material / "base"), load(tmp_path / "run")
    np.testing.assert_array_equal(base.encode(ENGLISH), model.encode(ENGLISH, "en"))
    found = dev(tmp_path / "run" / "alignment")
    assert min(record["dev_loss"] for record in found) < found[0]["dev_loss"]


def test_a_second_language_leaves_the_first_as_it_was(material: Path, whole: Path, tmp_path: Path) -> None:
    again = make(
        material,
        tmp_path / "run",
        base=str(whole / "model"),
        language="uk",
        vocabulary_size=0,
        stages=(Stage.alignment,),
    )
    pairs = (material / "pairs.tsv").read_text(encoding="utf-8").replace("en\tru", "en\tuk", 1)
    (tmp_path / "uk.tsv").write_text(pairs, encoding="utf-8")
    modular_encoders.run(replace(again, pairs=(tmp_path / "uk.tsv",)))
    model = load(tmp_path / "run")
    assert model.describe()["packs"] == ["ru", "uk"]
    np.testing.assert_array_equal(model.encode(RUSSIAN, "ru"), load(whole / "model").encode(RUSSIAN, "ru"))


def test_what_cannot_be_learned_is_refused_before_anything_is_written(
    material: Path, whole: Path, tmp_path: Path
) -> None:
    output = tmp_path / "run"
    with pytest.raises(ConfigError, match="is the pivot itself"):
        make(material, output, language="eng")
    with pytest.raises(DataError, match="too few for the alignment stage: give more with --pairs"):
        modular_encoders.run(make(material, output, pairs=()))
    with pytest.raises(ConfigError, match="has a pack for ru already. Remedy: interlingua packs remove"):
        modular_encoders.run(make(material, output, base=str(whole / "model")))
    assert not output.exists()
    with pytest.raises(ConfigError, match="sentence stage builds on the vocabulary stage"):
        modular_encoders.run(make(material, output, stages=(Stage.sentence,)))
    modular_encoders.run(make(material, output, stages=(Stage.vocabulary, Stage.sentence), resume=True))
    with pytest.raises(ConfigError, match="sentence stage is done already, without the language stage"):
        modular_encoders.run(make(material, output, resume=True))
