"""The recipes with several tasks, small: mUSE and LASER3."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from interlingua import load, tokenization
from interlingua.encoders import storage
from interlingua.encoders.from_scratch import from_scratch
from interlingua.errors import ConfigError, DataError
from interlingua.evaluation.tasks.tatoeba import retrieval_accuracy
from interlingua.placement import Precision
from interlingua.recipes import laser3, muse
from interlingua.training.loop import WithDropout
from tests.recipes.test_multilingual import QUICK, WORDS, dev, pairs

__all__ = ["pairs"]
TINY: dict[str, Any] = {"layers": 1, "width": 32, "heads": 2, "feedforward": 64}


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("material")
    random = np.random.default_rng(1)
    rows = [" ".join(WORDS["en"][k] for k in random.integers(0, 6, 3)) for _ in range(60)]
    nli = [f"{row}\t{row if k % 2 else 'six ' + row}\t{'same' if k % 2 else 'other'}" for k, row in enumerate(rows)]
    (folder / "nli.tsv").write_text("premise\thypothesis\tlabel\n" + "\n".join(nli) + "\n", encoding="utf-8")
    (folder / "text.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
    answers = [f"{row}\t{' '.join(reversed(row.split()))}" for row in dict.fromkeys(rows)]
    (folder / "qa.tsv").write_text("anchor\tpositive\n" + "\n".join(answers) + "\n", encoding="utf-8")
    return {"nli": folder / "nli.tsv", "documents": folder / "text.txt", "responses": folder / "qa.tsv"}


@pytest.fixture(scope="module")
def teacher(pairs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("teacher") / "model"
    texts = [line.split("\t")[0] for line in pairs.read_text(encoding="utf-8").splitlines()]
    encoder = from_scratch("static", tokenization.train(texts, 400, 32), width=24)
    storage.save(encoder, folder)
    return folder


def muse_config(pairs: Path, material: dict[str, Path], output: Path, **changes: Any) -> muse.Config:
    files = {name: (file,) for name, file in material.items()}
    return muse.Config(output=output, pairs=(pairs,), classifier=16, **files, **{**QUICK, **TINY, **changes})


def test_muse_learns_every_task_in_turn(
    pairs: Path, material: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = muse.run(muse_config(pairs, material, tmp_path / "run", max_steps=160))
    first, *_, last = dev(tmp_path / "run")
    assert {name for name in first if name.startswith("loss_")} == {
        "loss_translation", "loss_inference", "loss_next_sentence", "loss_response"
    }  # fmt: skip
    for task in ("translation", "response"):
        assert last[f"loss_{task}"] < 0.9 * first[f"loss_{task}"]
    assert last["translation_accuracy"] > first["translation_accuracy"] + 10
    assert outcome.best_loss < first["dev_loss"]
    assert load(tmp_path / "run").encode(["eins zwei"]).shape == (1, 32)
    said = capsys.readouterr().err
    assert "each anchor sees 8 candidates" in said
    assert "inference: " in said
    assert "25.0% of the steps" in said


def laser3_config(pairs: Path, teacher: Path, output: Path, **changes: Any) -> laser3.Config:
    options = {
        **QUICK,
        **TINY,
        "optimization": WithDropout(precision=Precision.fp32, dropout=False),
        "mask_weight": 0.2,
        "self_weight": 0.5,
        "teacher": str(teacher),
        "learning_rate": 3e-3,
        **changes,
    }
    return laser3.Config(output=output, pairs=(pairs,), **options)


def test_students_meet_in_the_space_of_a_teacher_that_stays_as_it_was(
    pairs: Path, teacher: Path, tmp_path: Path
) -> None:
    rows = [line.split("\t") for line in pairs.read_text(encoding="utf-8").splitlines()[1:]]
    before = {file.name: file.read_bytes() for file in teacher.iterdir()}
    index = load(teacher).encode([row[0] for row in rows])
    for language, pooling in (("de", "mean"), ("fr", "cls")):
        config = laser3_config(pairs, teacher, tmp_path / language, languages=(language,), max_steps=130)
        laser3.run(replace(config, pooling=laser3.Pooling(pooling)))
    german, french = (load(tmp_path / language) for language in ("de", "fr"))
    vectors = german.encode([row[1] for row in rows]), french.encode([row[2] for row in rows])
    untaught = load(teacher).encode([row[1] for row in rows])
    assert retrieval_accuracy(index, vectors[0]) > 2 * retrieval_accuracy(index, untaught)
    assert retrieval_accuracy(*vectors) > 40  # two students that never saw each other
    assert {file.name: file.read_bytes() for file in teacher.iterdir()} == before
    assert np.array_equal(load(teacher).encode([row[0] for row in rows]), index)
    assert german.tokenizer.vocabulary_size != load(teacher).tokenizer.vocabulary_size
    records = dev(tmp_path / "de")
    assert records[-1]["loss_mask"] < records[0]["loss_mask"]


def test_what_cannot_be_learned_is_refused(
    pairs: Path, material: dict[str, Path], teacher: Path, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    with pytest.raises(ConfigError, match="something to learn from"):
        muse.Config(output=run)
    with pytest.raises(ConfigError, match="--weights needs 4 numbers"):
        muse_config(pairs, material, run, weights=(1.0, 2.0))
    with pytest.raises(ConfigError, match="distillation weight"):
        laser3_config(pairs, teacher, run, distil_weight=0.0)
    with pytest.raises(DataError, match="no pairs in sw"):
        laser3.run(laser3_config(pairs, teacher, run, languages=("sw",)))
    alone = tmp_path / "alone.tsv"
    alone.write_text("en\tsw\none\tmoja\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"1 different text\(s\) to learn from"):
        laser3.run(laser3_config(alone, teacher, tmp_path / "other"))
    empty = tmp_path / "empty.tsv"
    empty.write_text("en\tsw\none\t\n\tmbili\n", encoding="utf-8")
    with pytest.raises(DataError, match="left out: 2 with an empty side"):
        laser3.run(laser3_config(empty, teacher, run))
    (tmp_path / "lines.txt").write_text("one\n\ntwo\n", encoding="utf-8")
    with pytest.raises(DataError, match="no two sentences follow each other"):
        muse.run(muse.Config(output=run, documents=(tmp_path / "lines.txt",), **QUICK))
    for side, text in (("en", "one\ntwo\n"), ("sw", "moja\n")):
        (tmp_path / f"odd.{side}").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="odd"):
        laser3.run(laser3_config(tmp_path / "odd", teacher, run))
    assert not run.exists()
    config = json.loads((tmp_path / "other" / "config.json").read_text()) if (tmp_path / "other").exists() else None
    assert config is None
