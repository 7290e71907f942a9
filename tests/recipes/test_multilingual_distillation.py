"""The main job, small: a random teacher, forty pairs of two languages, a student from scratch."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from interlingua import load, tokenization
from interlingua.encoders import storage
from interlingua.encoders.bodies import static
from interlingua.encoders.encoder import Encoder
from interlingua.errors import ConfigError, DataError
from interlingua.placement import Precision
from interlingua.recipes.multilingual_distillation import Config, Projection, Targets, run
from interlingua.training import metrics
from interlingua.training.loop import NonFiniteLoss, Optimization
from interlingua.training.session import Supervision

WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
GERMAN = ["eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("distillation")
    random = np.random.default_rng(0)
    picks = [random.integers(0, len(WORDS), 3) for _ in range(60)]
    rows = [f"{' '.join(WORDS[k] for k in pick)}\t{' '.join(GERMAN[k] for k in pick)}" for pick in picks]
    (folder / "pairs.tsv").write_text("en\tde\n" + "\n".join(dict.fromkeys(rows)) + "\n", encoding="utf-8")
    torch.manual_seed(0)
    tokenizer = tokenization.train(WORDS * 4, 400)
    teacher = Encoder(
        tokenizer=tokenizer,
        body=static.Body(static.Config(width=8), tokenizer.vocabulary_size, tokenizer.pad),
        normalize=True,
    )
    storage.save(teacher, folder / "teacher")
    return folder


def config(folder: Path, output: Path, **changes: object) -> Config:
    small = Config(
        teacher=str(folder / "teacher"),
        student="small",
        pairs=(folder / "pairs.tsv",),
        output=output,
        dev_texts=10,
        vocabulary_size=400,
        batch_size=8,
        max_steps=24,
        epochs=100.0,
        optimization=Optimization(precision=Precision.fp32),
        supervision=Supervision(log_every=4, evaluate_every=8),
    )
    pretrained = {"vocabulary_size": 24_000} if "student" in changes else {}  # one that has its vocabulary
    return replace(small, **pretrained, **changes)


def validations(output: Path) -> list[dict[str, Any]]:
    return [record for record in metrics.read(output) if record["kind"] == "dev"]


def test_the_student_learns_and_the_run_is_recorded(folder: Path, tmp_path: Path) -> None:
    outcome = run(config(folder, tmp_path / "run", max_steps=120))
    dev = validations(tmp_path / "run")
    assert dev[0]["step"] == 0
    assert outcome.best_loss == min(record["dev_loss"] for record in dev) < 0.5 < dev[0]["dev_loss"]
    assert dev[-1]["accuracy"].keys() == {"de"}
    steps = [record["step"] for record in metrics.read(tmp_path / "run") if record["kind"] == "train"]
    assert steps == list(range(4, 121, 4))
    student = load(tmp_path / "run")
    assert np.allclose(
        np.linalg.norm(student.encode(["eins zwei"]), axis=1), 1, atol=1e-5
    )  # unit norm, as its teacher's
    written = json.loads((tmp_path / "run" / "config.json").read_text())
    assert written["recipe"] == "multilingual-distillation"
    assert written["config"]["batch_size"] == 8


@pytest.mark.parametrize(
    ("stop_after", "large"), [(3, 1_000_000), (8, 1), pytest.param(17, 1_000_000, marks=pytest.mark.slow)]
)
def test_interrupted_and_continued_is_as_never_interrupted(
    folder: Path, tmp_path: Path, stop_after: int, large: int, monkeypatch
) -> None:
    monkeypatch.setattr("interlingua.training.loop.LARGE", large)  # of word embeddings from which on AdamW is lazy
    plan = config(folder, tmp_path / "whole", optimization=Optimization(precision=Precision.fp32, dropout=True))
    run(plan)
    from interlingua.training import session

    def stopping(*arguments, **options):
        for step in loop_steps(*arguments, **options):
            if step.number == stop_after:
                signal.raise_signal(signal.SIGINT)
            yield step

    loop_steps = session.steps
    monkeypatch.setattr(session, "steps", stopping)
    with pytest.raises(KeyboardInterrupt):
        run(replace(plan, output=tmp_path / "parts"))
    monkeypatch.setattr(session, "steps", loop_steps)
    run(replace(plan, output=tmp_path / "parts", resume=True))
    for name in ("model/weights.safetensors", "model/encoder.json"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "parts" / name).read_bytes()


@pytest.mark.slow
def test_killed_at_random_moments_and_continued_gives_the_same_bits(folder: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", SCRIPT, str(folder)]
    options = {"stderr": subprocess.DEVNULL, "env": {**os.environ, "OMP_NUM_THREADS": "1"}}
    subprocess.run([*command, str(tmp_path / "whole")], check=True, timeout=120, **options)
    random, kills = np.random.default_rng(3), 0
    for _ in range(30):
        process = subprocess.Popen([*command, str(tmp_path / "parts")], **options)
        if kills < 4:
            while not (tmp_path / "parts" / "checkpoint.pt").exists() and process.poll() is None:
                time.sleep(0.01)
            time.sleep(random.uniform(0.0, 0.6) + (2.0 if kills else 0.0))
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                kills += 1
        if process.wait(120) == 0:
            break
    assert kills
    assert (tmp_path / "whole/model/weights.safetensors").read_bytes() == (
        tmp_path / "parts/model/weights.safetensors"
    ).read_bytes()
    steps = [
        [one["step"] for one in metrics.read(tmp_path / name) if one["kind"] != "start"] for name in ("parts", "whole")
    ]
    assert steps[0] == steps[1]


SCRIPT = f"""
import sys, time
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from tests.recipes.test_multilingual_distillation import config, replace, run
from interlingua.training import session
steps = session.steps
def slow(*arguments, **options):
    for step in steps(*arguments, **options):
        time.sleep(0.02)  # so that kills fall between many steps
        yield step
session.steps = slow
run(config(Path(sys.argv[1]), Path(sys.argv[2]), max_steps=60, resume=True))
"""


def test_early_stopping(folder: Path, tmp_path: Path) -> None:
    watched = Supervision(evaluate_every=2, patience=2)
    outcome = run(config(folder, tmp_path / "run", learning_rate=1e-12, max_steps=100, supervision=watched))
    assert outcome.stopped_early
    assert outcome.steps < 20


def test_another_width_needs_a_projection(folder: Path, tmp_path: Path) -> None:
    run(config(folder, tmp_path / "first"))
    torch.manual_seed(0)
    tokenizer = tokenization.train(WORDS + GERMAN, 400)
    wide = Encoder(
        tokenizer=tokenizer, body=static.Body(static.Config(width=12), tokenizer.vocabulary_size, tokenizer.pad)
    )
    storage.save(wide, tmp_path / "wide")
    student = str(tmp_path / "wide")
    with pytest.raises(ConfigError, match=r"width 12, the teacher's 8; use --projection auto"):
        run(config(folder, tmp_path / "none", student=student, projection=Projection.none))
    outcome = run(config(folder, tmp_path / "auto", student=student))
    assert load(tmp_path / "auto").width == 8
    first = validations(tmp_path / "auto")[0]
    assert first["dev_loss"] < 1  # the least-squares start explains something already
    assert outcome.best_loss <= first["dev_loss"]


def test_an_assistant_is_the_projected_student(folder: Path, tmp_path: Path) -> None:
    """Where both sides are the same text, the student is its own target before any step; a teacher's vectors it only
    approximates."""
    run(config(folder, tmp_path / "first"))
    rows = [line.split("\t") for line in (folder / "pairs.tsv").read_text(encoding="utf-8").splitlines()]
    twice = [rows[0], *([english, english] for english, _ in rows[1:])]
    (tmp_path / "twice.tsv").write_text("".join("\t".join(row) + "\n" for row in twice), encoding="utf-8")
    plan = config(
        folder, tmp_path / "second", student=str(tmp_path / "first"), pairs=(tmp_path / "twice.tsv",), max_steps=8
    )
    first = {}
    for targets in (Targets.assistant, Targets.teacher):
        run(replace(plan, output=tmp_path / targets, targets=targets, projection=Projection.linear))
        first[targets] = validations(tmp_path / targets)[0]["dev_loss"]
    assert first[Targets.assistant] < 1e-6 < 1e-3 < first[Targets.teacher]
    run(replace(plan, output=tmp_path / "keeping", targets=Targets.assistant, keep=1.0))
    assert validations(tmp_path / "keeping")[0]["dev_loss"] < 1e-6
    with pytest.raises(ConfigError, match="needs --targets assistant"):
        replace(plan, keep=1.0)
    with pytest.raises(ConfigError, match="small starts from scratch"):
        run(config(folder, tmp_path / "third", targets=Targets.assistant))
    with pytest.raises(ConfigError, match="behind a projection"):
        config(folder, tmp_path / "fourth", targets=Targets.assistant, projection=Projection.none)


def test_what_is_kept_lies_between_start_and_learned(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("interlingua.training.loop.LARGE", 1)  # lazy rows of the word embedding too
    run(config(folder, tmp_path / "first"))
    once = Supervision(evaluate_every=1000)
    plan = config(
        folder,
        tmp_path / "plain",
        student=str(tmp_path / "first"),
        seed=5,
        supervision=once,
        projection=Projection.none,
    )
    run(plan)
    run(replace(plan, output=tmp_path / "between", interpolation=0.25))
    start, learned, between = (load(tmp_path / name).state_dict() for name in ("first", "plain", "between"))
    assert any(not torch.equal(start[name], learned[name]) for name in start)
    for name in start:
        assert torch.allclose(between[name], torch.lerp(start[name], learned[name], 0.25), atol=1e-6)
    with pytest.raises(ConfigError, match="at most 1"):
        replace(plan, interpolation=1.5)


def test_frozen_word_embeddings_stay(folder: Path, tmp_path: Path) -> None:
    run(config(folder, tmp_path / "first"))
    start = load(tmp_path / "first").body.word_embeddings.weight.clone()
    run(config(folder, tmp_path / "second", student=str(tmp_path / "first"), freeze_word_embeddings=True, seed=5))
    assert torch.equal(load(tmp_path / "second").body.word_embeddings.weight, start)


def test_a_folder_belongs_to_one_run(folder: Path, tmp_path: Path) -> None:
    run(config(folder, tmp_path / "run"))
    with pytest.raises(ConfigError, match="holds this run already; --resume"):
        run(config(folder, tmp_path / "run"))
    with pytest.raises(ConfigError, match=r"another run \(batch_size was 8, is 4\)"):
        run(config(folder, tmp_path / "run", batch_size=4, resume=True))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("precious")
    with pytest.raises(ConfigError, match="not empty"):
        run(config(folder, tmp_path / "other"))
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["thesis.txt"]


def test_unusable_pairs_leave_nothing_behind(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no pairs in fr; the files hold de"):
        run(config(folder, tmp_path / "run", languages=("fr",)))
    with pytest.raises(DataError, match="no such file"):
        run(config(folder, tmp_path / "run", pairs=(tmp_path / "missing.tsv",)))
    assert not (tmp_path / "run").exists()


def test_a_loss_that_is_not_finite_stops_the_run(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(NonFiniteLoss, match="at step 1"):
        run(config(folder, tmp_path / "run", target_scale=1e300))
