"""From plain and parallel text of a language to a model that knows it, and to the figures of a report. A second call
continues.
"""

import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from interlingua import languages
from interlingua.data.examples import texts as read_texts
from interlingua.data.holdout import hold_out
from interlingua.data.parallel import parallel
from interlingua.data.paraphrases import Texts
from interlingua.data.paraphrases import paraphrases as read_paraphrases
from interlingua.encoders import storage
from interlingua.encoders.modular import packs
from interlingua.evaluation.bitext import bitexts
from interlingua.evaluation.tasks.tatoeba import accuracies
from interlingua.evaluation.tasks.xsim import error
from interlingua.journeys.new_language import resources
from interlingua.journeys.new_language.forecast import forecast
from interlingua.mining.margin import Margin
from interlingua.printing import versions
from interlingua.progress import log
from interlingua.recipes import modular_encoders
from interlingua.recipes.modular_encoders import Config
from interlingua.recipes.modular_encoders import stages as stages
from interlingua.recipes.modular_encoders.settings import AlignmentLesson, LanguageLesson, Lesson, Material, Stage
from interlingua.training.start import trainable
from interlingua.types import Encode, Example

PLENTY = 1_000_000
"""Words of text from which a vocabulary of the language's own, and guessing hidden tokens, are worth their time."""
VOCABULARIES = ((2_000, 1_000), (20_000, 4_000), (PLENTY, 8_000), (10**12, 16_000))
"""Words of text up to which a vocabulary of so many pieces is learned."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is wanted."""

    language: str
    text: tuple[Path, ...]
    pairs: tuple[Path, ...]
    base: str
    output: Path
    pivot: str
    paraphrases: tuple[Path, ...]
    test: tuple[Path, ...]
    held_out: int
    curve: tuple[float, ...]
    vocabulary_size: int | None
    max_steps: int | None
    any_script: bool
    seed: int


def run(order: Order) -> dict[str, Any]:
    """Do it all and return the report's figures; what an earlier call finished is used, what it began is continued.

    Raises DataError before any work where the text cannot serve.
    """
    began = time.monotonic()
    texts, train, held = _material(order)
    found = resources.check(order.language, texts, [*train, *held], order.any_script)
    for warning in found.warnings:
        log(f"warning: {warning}")
    paraphrases = sorted({pair for path in order.paraphrases for pair in read_paraphrases(path)})
    material = Material(texts=texts, pairs=train, paraphrases=paraphrases)
    config = _config(order, found.words, _own_vocabulary(order, found.words, texts), len(train))
    modular_encoders.learn(config, material, resume=(config.output / "config.json").exists())
    base, model = storage.load(config.output / "base"), storage.load(config.output / "model")
    sets = {"held-out pairs": held} | _tests(order)
    before, after = (
        {name: measure(encoder.encode, pairs, order) for name, pairs in sets.items()} for encoder in (base, model)
    )
    quality = {
        name: {"pairs": len(pairs), "before": before[name], "after": after[name]} for name, pairs in sets.items()
    }
    sample = _sample(texts)
    curve = [*_curve(order, config, material, held), {"pairs": len(train), **after["held-out pairs"]}]
    prospect = forecast([(int(point["pairs"]), point["xsim"]) for point in curve])
    pack = config.output / "pack"
    return {
        "language": order.language,
        "name": languages.name(order.language),
        "pivot": order.pivot,
        "base": order.base,
        "resources": asdict(found),
        "vocabulary": {
            "before": asdict(resources.reading(base.tokenizer, sample)),
            "after": asdict(resources.reading(model.tokenizer_of(order.language), sample)),
        },
        "quality": quality,
        "curve": curve,
        "forecast": None if prospect is None else asdict(prospect),
        "stages": [_stage(config.output / stage, stage) for stage in config.stages],
        "pack": {"folder": str(pack), "megabytes": packs.summary(pack).megabytes},
        "model": str(config.output / "model"),
        "seconds_of_this_call": round(time.monotonic() - began, 1),
        "seed": order.seed,
        "versions": versions(),
    }


def measure(encode: Encode, pairs: Sequence[Texts], order: Order) -> dict[str, float]:
    """Accuracy of the nearest translation (%, mean of both directions) and xsim, the error (%) by the ratio margin
    into the pivot.
    """
    source, target = (
        encode([one for one, _ in pairs], order.pivot),
        encode([other for _, other in pairs], order.language),
    )
    return {
        "accuracy": round(sum(accuracies(source, target)) / 2, 2),
        "xsim": round(error(target, source, Margin.ratio), 2),
    }


def _material(order: Order) -> tuple[list[str], list[Texts], list[Texts]]:
    """Plain text, pairs to learn from and pairs held out, which share no text with what is learned."""
    found = [
        Example((e.texts[0], e.texts[1]), (order.pivot, order.language))
        for path in order.pairs
        for e in parallel(path, order.pivot, None, order.language)
        if languages.same(e.languages[1], order.language)
    ]
    train, dev = hold_out(found, min(order.held_out, len({e.texts[0] for e in found}) // 5))
    train, dev = (sorted({(e.texts[0], e.texts[1]) for e in part}) for part in (train, dev))
    held = sorted({source: (source, target) for source, target in dev}.values())
    unknown = {target for _, target in held}
    texts = {text.strip() for path in order.text for text in read_texts(path)} - {""} - unknown
    return sorted(texts), train, held


def _own_vocabulary(order: Order, words: int, texts: Sequence[str]) -> int:
    """How many pieces of its own the language gets; 0 where the base's serve it better (decision 0030)."""
    if order.vocabulary_size is not None:
        return order.vocabulary_size
    if words < PLENTY and resources.readable(trainable(order.base).tokenizer, _sample(texts)):
        log(f"{words:,} words are too few to learn a vocabulary from; the base's, which can read the language, is kept")
        return 0
    return next(size for most, size in VOCABULARIES if words <= most)


def _sample(texts: Sequence[str]) -> Sequence[str]:
    return texts[:: max(1, len(texts) // 2000)]


def _config(order: Order, words: int, vocabulary_size: int, pairs: int) -> Config:
    """Sensible choices: which stages, how long each.

    A body that reads the language as it is need not be bent before it is aligned, unless there are paraphrases to learn
    from.
    """
    first = tuple(Stage)[:2] if vocabulary_size else ()
    return Config(
        base=order.base, language=order.language, pivot=order.pivot, output=order.output / "run", seed=order.seed,
        vocabulary_size=vocabulary_size,
        stages=(*first, *((Stage.sentence,) if first or order.paraphrases else ()), Stage.alignment),
        language_lesson=LanguageLesson(epochs=5.0, max_steps=_cap(order, 4_000)),
        sentence_lesson=Lesson(max_steps=_cap(order, 1_000)),
        alignment_lesson=AlignmentLesson(learning_rate=1e-3, epochs=10.0 if pairs < 20_000 else 4.0, max_steps=_cap(order, 6_000)),
    )  # fmt: skip


def _cap(order: Order, most: int) -> int:
    return min(most, order.max_steps or most)


def _tests(order: Order) -> dict[str, list[Texts]]:
    found: dict[str, list[Texts]] = {}
    for path in order.test:
        for bitext in bitexts(path, order.pivot, (order.language,)):
            found[bitext.file.name] = list(zip(bitext.source, bitext.target, strict=True))
    return found


def _curve(order: Order, config: Config, material: Material, held: Sequence[Texts]) -> list[dict[str, Any]]:
    """The alignment stage again with a share of the pairs, from the same sentence stage, with as many epochs."""
    points: list[dict[str, Any]] = []
    for share in sorted(share for share in order.curve if share > 0):
        count = int(share * len(material.pairs))
        folder = order.output / "curve" / f"{count}"
        part = material.pairs[:: max(1, round(1 / share))][:count]
        if len(part) < stages.SMALLEST:
            continue
        for earlier in ("base", *(stage for stage in Stage if stage != Stage.alignment)):
            folder.mkdir(parents=True, exist_ok=True)
            if (config.output / earlier).exists() and not (folder / earlier).exists():
                os.symlink((config.output / earlier).resolve(), folder / earlier, target_is_directory=True)
        lesson = config.alignment_lesson
        steps = None if lesson.max_steps is None else max(1, int(lesson.max_steps * share))
        smaller = replace(config, output=folder, alignment_lesson=replace(lesson, max_steps=steps))
        if not stages.finished(folder / Stage.alignment):
            log(f"learning curve: {len(part):,} pairs")
            stages.run(smaller, Stage.alignment, replace(material, pairs=part))
        encoder = storage.load(folder / Stage.alignment / "model")
        points.append({"pairs": len(part), **measure(encoder.encode, held, order)})
    return points


def _stage(folder: Path, stage: Stage) -> dict[str, Any]:
    """How a stage went: time over all sittings, and its validations."""
    outcome = stages.finished(folder)
    metrics = folder / "metrics.jsonl"
    records = (
        [json.loads(line) for line in metrics.read_text(encoding="utf-8").splitlines()] if metrics.exists() else []
    )
    dev = [[record["step"], round(record["dev_loss"], 4)] for record in records if record["kind"] == "dev"]
    return {
        "name": str(stage),
        "seconds": 0.0 if outcome is None else round(outcome.seconds, 3),
        "steps": 0 if outcome is None else outcome.steps,
        "dev": dev,
    }
