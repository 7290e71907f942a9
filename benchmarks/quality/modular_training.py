"""The encoders that modular.py compares: their data, monoliths, and modular encoders language by language."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from interlingua import load
from interlingua.data.paraphrases import across, sharing_a_translation
from interlingua.encoders.modular import packs
from interlingua.formats import read_rows, tsv
from interlingua.languages import standard
from interlingua.recipes import modular_encoders, simcse
from interlingua.recipes.modular_encoders.settings import (
    AlignmentStageOptions,
    Form,
    LanguageStageOptions,
    Stage,
    StageOptions,
)
from interlingua.training.loop import Optimization
from interlingua.training.session import Supervision

STAGES = {
    "modular": tuple(Stage),
    "modular, no alignment": tuple(Stage),  # the same run, measured before its last stage
    "modular, no language adaptation": (Stage.sentence, Stage.alignment),
    "modular, alignment alone": (Stage.alignment,),
    "modular-2024": tuple(Stage),
}
"""Without the language stage, the base's vocabulary stays."""
NATURAL = ("tatoeba", "tatoeba-anki", "multi30k", "wmt", "lafand-mt", "tico19-dev", "wikipedia", "tanaka-enja")
Texts = tuple[str, str]


def rows_of(file: Path) -> list[dict[str, str]]:
    return [row.columns for row in read_rows(file)]


def table(file: Path, header: Sequence[str], rows: Sequence[Texts]) -> Path:
    tsv.write(file, header, rows)
    return file


def paraphrases(file: Path) -> list[Texts]:
    return [(row["sentence1"], row["sentence2"]) for row in rows_of(file)]


def prepare(data: Path, work: Path, language: str, count: int) -> dict[str, Path]:
    """Pairs, plain text and paraphrases of a language, and the monoliths' view of them."""
    folder, random = work / "data" / language, np.random.default_rng(0)
    rows = rows_of(data / f"train/parallel/en-{language}.tsv.zst")
    found = sorted({(row["src"], row["tgt"]) for row in rows if row["source"] in NATURAL and len(row["src"]) < 150})
    kept = [found[row] for row in sorted(random.permutation(len(found))[:count])]
    texts = [found[row][1] for row in sorted(random.permutation(len(found))[: 4 * count])]
    file = data / f"train/paraphrase/tatoeba_pivot.{language}.tsv.zst"
    given = paraphrases(file)[:count] if file.exists() else []
    same, english = sharing_a_translation(kept)
    cross = across(kept, english, [*same, *given])
    (folder / "mono.txt").parent.mkdir(parents=True, exist_ok=True)
    (folder / "mono.txt").write_text("\n".join(sorted(set(texts))) + "\n", encoding="utf-8")
    made = {"texts": folder / "mono.txt", "pairs": table(folder / "pairs.tsv", ("en", language), kept)}
    if given:
        made["paraphrases"] = table(folder / "paraphrases.tsv", ("sentence1", "sentence2"), given)
    alone = sorted({*same, *given}) or [(text, text) for text in texts]  # a sentence under two dropout masks
    made["full-m"] = table(folder / "alone.tsv", ("anchor", "positive"), alone)
    made["full-mc"] = table(folder / "across.tsv", ("anchor", "positive"), sorted({*cross, *kept}))
    return made


def monolith(args: argparse.Namespace, made: dict[str, dict[str, Path]], row: str, seed: int) -> dict[str, Any]:
    """The whole base learns by contrast; every batch mixes the languages."""
    english = paraphrases(args.data / "train/paraphrase/tatoeba_pivot.en.tsv.zst")[: args.pairs]
    files = [table(args.work / "data/en/alone.tsv", ("anchor", "positive"), english)]
    files += [each["full-m"] for each in made.values()]
    files += [each["full-mc"] for each in made.values()] if row == "full-mc" else []
    folder = args.work / f"{row}-{seed}"
    language, sentence, alignment = args.steps  # a text each, two texts each, a text each
    steps = round((language + 2 * sentence + alignment) / 2) * len(args.languages)
    config = simcse.Config(
        student=args.base, pairs=tuple(files), head=False, output=folder, seed=seed,
        resume=(folder / "config.json").exists(), epochs=1e3, max_steps=steps, learning_rate=args.full_rate,
        batch_size=64, max_tokens=64, dev_texts=200, optimization=Optimization(dropout=True),
        supervision=Supervision(evaluate_every=max(1, steps // 4)),
    )  # fmt: skip
    outcome = simcse.run(config)
    return {"model": load(folder), "seconds": {"all": outcome.seconds}, "steps": outcome.steps}


def modular(args: argparse.Namespace, made: dict[str, dict[str, Path]], row: str, seed: int) -> dict[str, Any]:
    """Each language by itself from the base; then all packs over one body."""
    whole = packs.modular_from(load(args.base))  # type: ignore[arg-type]
    form = Form.full if row == "modular-2024" else Form.adapters
    stages = STAGES[row]
    about: dict[str, Any] = {"model": whole, "seconds": {}, "megabytes": {}, "identical": True}
    for language, files in made.items():
        name = "modular" if row == "modular, no alignment" else row.replace(", ", "-").replace(" ", "-")
        folder = args.work / f"{name}-{seed}" / language
        rates = (3e-4, 3e-4, 1e-3) if form == Form.adapters else (5e-5, args.full_rate, 1e-3)
        long: dict[str, Any] = {"epochs": 1e3}
        language_stage = LanguageStageOptions(learning_rate=rates[0], max_steps=args.steps[0], **long)
        sentence_stage = StageOptions(learning_rate=rates[1], max_steps=args.steps[1], **long)
        alignment_stage = AlignmentStageOptions(learning_rate=rates[2], max_steps=args.steps[2], **long)
        modular_encoders.run(
            modular_encoders.Config(
                base=args.base, language=language, output=folder, texts=(files["texts"],), pairs=(files["pairs"],),
                paraphrases=(files["paraphrases"],) if "paraphrases" in files else (), stages=stages, form=form,
                vocabulary_size=args.vocabulary if Stage.language in stages else 0, dev_texts=200, seed=seed,
                language_stage=language_stage, sentence_stage=sentence_stage, alignment_stage=alignment_stage,
                resume=(folder / "config.json").exists(),
                supervision=Supervision(evaluate_every=max(1, max(args.steps) // 2)),
            )
        )  # fmt: skip
        last = Stage.sentence if row.endswith("alignment") else Stage.alignment
        pack = folder / last / "model" / packs.FOLDER / standard(language)
        before = {each: whole.encode(["1 + 1 = 2", "Berlin"], each) for each in ("en", *about["megabytes"])}
        packs.add(whole, packs.load(pack, whole, packs.fingerprint(packs.shared(whole))))
        about["identical"] &= all(
            np.array_equal(vectors, whole.encode(["1 + 1 = 2", "Berlin"], each)) for each, vectors in before.items()
        )
        about["megabytes"][language] = packs.summary(pack).megabytes
        about["seconds"][language] = {
            str(stage): round(json.loads((folder / stage / "outcome.json").read_text())["seconds"], 1)
            for stage in stages
        }
    return about
