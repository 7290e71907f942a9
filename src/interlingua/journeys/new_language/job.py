"""From plain and parallel text of a language to a model that knows it, and to the figures of a report. A second call
continues.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

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
from interlingua.folding import canonical
from interlingua.journeys.new_language import resources
from interlingua.journeys.new_language.forecast import forecast
from interlingua.loading import locate
from interlingua.mining.margin import Margin
from interlingua.outputs import link_folder
from interlingua.placement import device
from interlingua.printing import versions
from interlingua.progress import log
from interlingua.recipes import modular_encoders
from interlingua.recipes.modular_encoders import Config, stages
from interlingua.recipes.modular_encoders.settings import (
    AlignmentStageOptions,
    LanguageStageOptions,
    Material,
    Stage,
    StageOptions,
)
from interlingua.resumable import resumable
from interlingua.training.start import trainable
from interlingua.types import Encode, Example
from interlingua.vectors import verified

PLENTY = 1_000_000
"""Words of text from which a vocabulary of the language's own, and guessing hidden tokens, are worth their time."""
VOCABULARIES = ((2_000, 1_000), (20_000, 4_000), (PLENTY, 8_000), (10**12, 16_000))
"""Words of text up to which a vocabulary of so many pieces is learned."""


@dataclass(frozen=True, kw_only=True)
class Settings:
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
    device: str
    seed: int


def run(settings: Settings) -> dict[str, Any]:
    """Do it all and return the report's figures; what an earlier call finished is used, what it began is continued.

    Raises DataError before any work where the text cannot serve, and where another run is at work in the output.
    """
    with resumable(settings.output, "run", name=".lock"):
        return _run(settings)


def _run(settings: Settings) -> dict[str, Any]:
    began = time.monotonic()
    device(settings.device)  # what is not there is found before the text is read
    locate(settings.base)
    texts, train, held = _material(settings)
    checked = resources.check(settings.language, texts, [*train, *held], settings.any_script)
    for warning in checked.warnings:
        log(f"warning: {warning}")
    paraphrases = sorted({pair for path in settings.paraphrases for pair in read_paraphrases(path)})
    material = Material(texts=texts, pairs=train, paraphrases=paraphrases)
    config = _config(settings, checked.words, _own_vocabulary(settings, checked.words, texts), len(train))
    modular_encoders.learn(config, material, resume=(config.output / "config.json").exists())
    where = device(config.device)
    base, model = (storage.load(config.output / name).to(where) for name in ("base", "model"))
    sets = {"held-out pairs": held} | _tests(settings)
    before, after = (
        {name: measure(encoder.encode, pairs, settings) for name, pairs in sets.items()} for encoder in (base, model)
    )
    quality = {
        name: {"pairs": len(pairs), "before": before[name], "after": after[name]} for name, pairs in sets.items()
    }
    sample = _sample(texts)
    curve = [*_curve(settings, config, material, held), {"pairs": len(train), **after["held-out pairs"]}]
    prospect = forecast([(int(point["pairs"]), point["xsim"]) for point in curve])
    pack = config.output / "pack"
    return {
        "language": settings.language,
        "name": languages.name(settings.language),
        "pivot": settings.pivot,
        "base": settings.base,
        "resources": asdict(checked),
        "vocabulary": {
            "before": asdict(resources.reading(base.tokenizer, sample)),
            "after": asdict(resources.reading(model.tokenizer_of(settings.language), sample)),
        },
        "quality": quality,
        "curve": curve,
        "forecast": None if prospect is None else asdict(prospect),
        "stages": [_stage(config.output / stage, stage) for stage in config.stages],
        "pack": {"folder": str(pack), "megabytes": packs.summary(pack).megabytes},
        "model": str(config.output / "model"),
        "seconds_of_this_call": round(time.monotonic() - began, 1),
        "seed": settings.seed,
        "versions": versions(),
    }


def measure(encode: Encode, pairs: Sequence[Texts], settings: Settings) -> dict[str, float]:
    """Accuracy of the nearest translation (%, mean of both directions) and xsim, the error (%) by the ratio margin
    into the pivot.
    """
    encode = verified(encode)
    source, target = (
        encode([one for one, _ in pairs], settings.pivot),
        encode([other for _, other in pairs], settings.language),
    )
    return {
        "accuracy": round(sum(accuracies(source, target)) / 2, 2),
        "xsim": round(error(target, source, Margin.ratio), 2),
    }


def _material(settings: Settings) -> tuple[list[str], list[Texts], list[Texts]]:
    """Plain text, pairs to learn from and pairs held out, which share no text with what is learned."""
    examples = [
        Example((e.texts[0], e.texts[1]), (settings.pivot, settings.language))
        for path in settings.pairs
        for e in parallel(path, settings.pivot, None, settings.language)
        if languages.same(e.languages[1], settings.language)
    ]
    resources.require(len({e.texts[0] for e in examples}), resources.PAIRS, settings.language)
    train, dev = hold_out(examples, min(settings.held_out, len({e.texts[0] for e in examples}) // 5))
    train, dev = (sorted({(e.texts[0], e.texts[1]) for e in part}) for part in (train, dev))
    held = sorted({source: (source, target) for source, target in dev}.values())
    unknown = {canonical(target) for _, target in held}
    texts = {text.strip() for path in settings.text for text in read_texts(path)} - {""}
    return sorted(text for text in texts if canonical(text) not in unknown), train, held


def _own_vocabulary(settings: Settings, words: int, texts: Sequence[str]) -> int:
    """How many pieces of its own the language gets; 0 where the base's serve it better (decision 0030)."""
    if settings.vocabulary_size is not None:
        return settings.vocabulary_size
    if words < PLENTY and resources.readable(trainable(settings.base).tokenizer, _sample(texts)):
        log(f"{words:,} words are too few to learn a vocabulary from; the base's, which can read the language, is kept")
        return 0
    return next(size for most, size in VOCABULARIES if words <= most)


def _sample(texts: Sequence[str]) -> Sequence[str]:
    return texts[:: max(1, len(texts) // 2000)]


def _config(settings: Settings, words: int, vocabulary_size: int, pairs: int) -> Config:
    """Sensible choices: which stages, how long each.

    A body that reads the language as it is need not be bent before it is aligned, unless there are paraphrases to learn
    from.
    """
    first = tuple(Stage)[:2] if vocabulary_size else ()
    return Config(
        base=settings.base, language=settings.language, pivot=settings.pivot, output=settings.output / "run",
        seed=settings.seed, device=settings.device,
        vocabulary_size=vocabulary_size,
        stages=(*first, *((Stage.sentence,) if first or settings.paraphrases else ()), Stage.alignment),
        language_stage=LanguageStageOptions(epochs=5.0, max_steps=_cap(settings, 4_000)),
        sentence_stage=StageOptions(max_steps=_cap(settings, 1_000)),
        alignment_stage=AlignmentStageOptions(learning_rate=1e-3, epochs=10.0 if pairs < 20_000 else 4.0,
            max_steps=_cap(settings, 6_000)),
    )  # fmt: skip


def _cap(settings: Settings, most: int) -> int:
    return min(most, settings.max_steps or most)


def _tests(settings: Settings) -> dict[str, list[Texts]]:
    tests: dict[str, list[Texts]] = {}
    for path in settings.test:
        for bitext in bitexts(path, settings.pivot, (settings.language,)):
            tests[bitext.file.name] = list(zip(bitext.source, bitext.target, strict=True))
    return tests


def _curve(settings: Settings, config: Config, material: Material, held: Sequence[Texts]) -> list[dict[str, Any]]:
    """The alignment stage again with a share of the pairs, from the same sentence stage, with as many epochs."""
    points: list[dict[str, Any]] = []
    shuffled = np.random.default_rng(settings.seed).permutation(len(material.pairs))  # shares are nested
    for share in sorted(share for share in settings.curve if share > 0):
        count = int(share * len(material.pairs))
        folder = settings.output / "curve" / f"{count}-pairs"
        part = sorted(material.pairs[row] for row in shuffled[:count])
        if len(part) < stages.SMALLEST:
            continue
        for earlier in ("base", *(stage for stage in Stage if stage != Stage.alignment)):
            folder.mkdir(parents=True, exist_ok=True)
            if (config.output / earlier).exists() and not (folder / earlier).exists():
                link_folder(config.output / earlier, folder / earlier)
        stage = config.alignment_stage
        steps = None if stage.max_steps is None else max(1, int(stage.max_steps * share))
        smaller = replace(config, output=folder, alignment_stage=replace(stage, max_steps=steps))
        if not stages.finished(folder / Stage.alignment):
            log(f"learning curve: {len(part):,} pairs")
            stages.run(smaller, Stage.alignment, replace(material, pairs=part))
        encoder = storage.load(folder / Stage.alignment / "model").to(device(config.device))
        points.append({"pairs": len(part), **measure(encoder.encode, held, settings)})
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
