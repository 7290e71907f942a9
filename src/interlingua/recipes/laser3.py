"""LASER3: a student of its own, with a vocabulary of its own, brings a language or a group of them into the space of a
frozen teacher.

Paper: Heffernan, Celebi & Schwenk 2022, Bitext Mining Using Distilled Sentence Representations for Low-Resource
  Languages, arXiv:2205.12654
Command: interlingua train laser3 --teacher MODEL --pairs en-xx.tsv --output DIR
Measured: xsim error, teacher to student: mk: 84.6 to 45.8, eo: 76.1 to 25.2; docs/recipes/multilingual.md

The teacher reads its own language only, so nothing about it changes: vectors and indexes it made are valid for every
student. Departures from the paper: pre-norm layers and learned positions; weights say how often a task comes up, not
how much its loss counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from interlingua.data.examples import texts
from interlingua.data.parallel import ParallelColumns, parallel
from interlingua.data.teaching import teach
from interlingua.encoders.pooling import Pooling
from interlingua.errors import ConfigError, DataError
from interlingua.evaluation.tasks.tatoeba import retrieval_accuracy
from interlingua.languages import UNKNOWN, standard
from interlingua.loading import load
from interlingua.progress import log
from interlingua.training.fit import Fit
from interlingua.training.loop import Optimization
from interlingua.training.session import Outcome
from interlingua.training.validation import by_language
from interlingua.types import Embeddings, Example


@dataclass(frozen=True, kw_only=True)
class Config(Fit):
    """A LASER3 student."""

    teacher: str
    """The frozen model whose space it is: any model."""
    pairs: tuple[Path, ...]
    """Parallel text of the teacher's language and the student's."""
    texts: tuple[Path, ...] = ()
    """Further text in the student's languages, a sentence a line, for the masked task."""
    languages: tuple[str, ...] = ()
    """Learn only these target languages; all by default."""
    source_language: str = "en"
    """The language the teacher reads."""
    target_language: str | None = None
    """The other language, for files that do not name it."""
    columns: ParallelColumns = field(default_factory=ParallelColumns)
    """Which columns hold what, for tables whose headers do not say."""
    distil_weight: float = 1.0
    """How often translations learn the teacher's vectors of their sources."""
    mask_weight: float = 0.09
    """How often hidden tokens are guessed in the student's languages; 0 never."""
    self_weight: float = 0.0
    """How often the source texts learn the teacher's vectors of themselves, so that the student reads that language
    too; 0 never."""
    alpha: float = 0.3
    """How often a language is drawn: its share of the pairs to this power; 1 in proportion, 0 evenly."""
    layers: int = 12
    """Layers of the transformer."""
    width: int = 1024
    """Width of its states; a projection leads to the teacher's width where that is another."""
    heads: int = 4
    """Attention heads."""
    feedforward: int = 2048
    """Width inside a layer."""
    pooling: Pooling = Pooling.cls
    """How states become one vector."""
    vocabulary_size: int = 8_000
    """Pieces in the student's own vocabulary."""
    teacher_cache: Path | None = None
    """Where the teacher's embeddings are kept; by default in the run's folder."""
    learning_rate: float = 1e-4
    batch_size: int = 64
    optimization: Optimization = field(default_factory=lambda: Optimization(dropout=True))

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.distil_weight <= 0 or self.mask_weight < 0 or self.self_weight < 0 or self.layers < 1:
            raise ConfigError("the distillation weight must be more than 0, the others not negative, layers at least 1")


def run(config: Config) -> Outcome:
    """Train the student and leave the best one in `config.output`/model.

    Raises DataError, ConfigError or ModelFormatError before anything is written where input or options are unusable.
    """
    import torch

    from interlingua.encoders.bodies import transformer
    from interlingua.encoders.from_scratch import transformer_encoder
    from interlingua.objectives.distillation import Distance, EmbeddingDistillation
    from interlingua.objectives.masked_language import MaskedLanguage
    from interlingua.training import run_folder
    from interlingua.training.fit import digest
    from interlingua.training.tasks import Task, fit_tasks, split

    teacher = load(config.teacher)
    pairs, plain = _pairs(config), _plain(config)
    split({"distil": pairs}, config.dev_texts)  # too few examples are found before anything is written
    facts = {"pairs": len(pairs), "data": digest([*pairs, *plain]), "teacher": teacher.describe()}
    run_folder.claim(config.output, "laser3", config, facts, config.resume)
    log(f"{len(pairs):,} pairs in {', '.join(sorted({e.languages[1] for e in pairs}))}; {len(plain):,} further texts")
    cache = config.teacher_cache or config.output / "teacher"
    targets = teach([e.texts[0] for e in pairs], teacher.encode, cache, config.source_language, "teacher")
    torch.manual_seed(config.seed)
    own = (
        [e.texts[1] for e in pairs]
        + [e.texts[0] for e in plain]
        + ([e.texts[0] for e in pairs] if config.self_weight else [])
    )
    size = transformer.Config(
        layers=config.layers,
        width=config.width,
        heads=config.heads,
        feedforward=config.feedforward,
        max_positions=config.max_tokens,
    )
    out = None if targets.shape[1] == config.width else targets.shape[1]
    encoder = transformer_encoder(
        size, sorted(set(own)), config.vocabulary_size, config.max_tokens, out, config.pooling
    )
    encoder.normalize = bool(
        np.allclose(np.linalg.norm(targets[:1000], axis=1), 1, atol=1e-3)
    )  # the student answers as its teacher

    def taught(side: int) -> list[Example]:
        rows = zip(pairs, targets, strict=True)
        return [Example((e.texts[side],), (e.languages[1],), vector) for e, vector in rows]

    def task(name: str, objective: Any, examples: Sequence[Example], weight: float) -> Task:
        return Task(
            name=name, objective=objective, examples=examples, weight=weight, groups=_language, alpha=config.alpha
        )

    tasks = [task("distil", EmbeddingDistillation(Distance.cosine), taught(1), config.distil_weight)]
    if config.self_weight:
        tasks.append(task("self", EmbeddingDistillation(Distance.cosine), taught(0), config.self_weight))
    if config.mask_weight:
        unlabelled = [replace(example, target=None) for example in taught(1)] + plain
        tasks.append(task("mask", MaskedLanguage(encoder, always=True), unlabelled, config.mask_weight))
    return fit_tasks(config, encoder, tasks, folder=config.output, measure=partial(_translations, encoder))


def _pairs(config: Config) -> list[Example]:
    wanted = {standard(language) for language in config.languages}
    found = [
        e
        for path in config.pairs
        for e in parallel(path, config.source_language, config.columns, config.target_language)
    ]
    kept = [e for e in found if not wanted or e.languages[1] in wanted]
    if not kept:
        raise DataError(
            f"no pairs in {', '.join(sorted(wanted))}; the files hold "
            f"{', '.join(sorted({e.languages[1] for e in found}))}"
        )
    return kept


def _plain(config: Config) -> list[Example]:
    unique = dict.fromkeys(text.strip() for path in config.texts for text in texts(path))
    return [Example((text,), (UNKNOWN,)) for text in unique if text]


def _language(example: Example) -> str:
    return example.languages[0]


def _translations(encoder: Any, dev: Mapping[str, Sequence[Example]]) -> dict[str, Any]:
    """How many held-out texts find their source's teacher vector at the first try, per language: how much of the
    space is shared.
    """
    examples = [Example((e.texts[0], e.texts[0]), (e.languages[0],) * 2, e.target) for e in dev["distil"]]
    vectors: Embeddings = encoder.encode([e.texts[0] for e in examples])
    targets = np.stack([np.asarray(e.target, np.float32) for e in examples])
    accuracy: dict[str, float] = {}
    for language, rows in by_language(examples).items():
        first = list({targets[row].tobytes(): row for row in rows}.values())  # translations of one text have one vector
        accuracy[language] = round(retrieval_accuracy(targets[first], vectors[first]), 2)
    return {"translation_accuracy": round(sum(accuracy.values()) / len(accuracy), 2), "accuracy": accuracy}
