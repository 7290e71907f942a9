"""Make an English encoder multilingual: a student imitates its teacher's embeddings on both sides of parallel text.

Paper: Reimers & Gurevych 2020, Making Monolingual Sentence Embeddings Multilingual using Knowledge Distillation,
  arXiv:2004.09813
Command: interlingua train multilingual-distillation --teacher MODEL --student small --pairs pairs.tsv --output DIR
Measured: STS-B across languages 65.8 to 73.9 (e5-small, taught by MiniLM); docs/recipes/multilingual-distillation.md

Departures from the paper: the error is measured in units of the teacher's variance (see objectives/distillation.py), so
teachers of unit norm, which the paper did not have, work as well; batches hold alike-long pairs; a projection starts at
the least-squares map from the student's space to the teacher's; with --targets assistant the student then learns its
own projected English embeddings, in a space that --keep may make of both, and with --interpolation it forgets less.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Int

from interlingua.data.digest import digest, digest_of
from interlingua.data.parallel import ParallelColumns, read_parallel
from interlingua.data.stored import Stored, language_combinations, some_texts, take
from interlingua.data.teaching import some_targets, taught
from interlingua.errors import ConfigError
from interlingua.loading import load
from interlingua.objectives.distillation import Distance, EmbeddingDistillation, unit_of_error
from interlingua.progress import log
from interlingua.tokenization import SMALLEST_VOCABULARY
from interlingua.training.fit import Fit
from interlingua.training.options import only
from interlingua.training.session import Outcome
from interlingua.training.start import is_from_scratch
from interlingua.training.validation import CollapseWatch, embed_pairs, found_translations
from interlingua.types import Embeddings, Encode, Example
from interlingua.vectors import are_unit

FIT_TEXTS = 5000
"""Pairs from which a projection's least-squares start is computed."""


class Projection(StrEnum):
    """Whether a linear layer carries the student's vectors into the teacher's space."""

    auto = "auto"
    linear = "linear"
    none = "none"


class Targets(StrEnum):
    """Whose embeddings of the source texts are learned."""

    teacher = "teacher"
    """The teacher's, as in the paper."""
    assistant = "assistant"
    """The student's own, as its projection first carries them into the teacher's space (Mirzadeh et al. 2020,
    "Improved Knowledge Distillation via Teacher Assistant"): they hold no more than the student can express, so all
    that is left to learn is to agree across languages."""


@dataclass(frozen=True, kw_only=True)
class Config(Fit):
    """Multilingual distillation."""

    teacher: str
    """The encoder to imitate: a folder, package:NAME[/SUBFOLDER], or a Hugging Face name (NAME@REVISION for a
    revision)."""
    student: str = "small"
    """The model that learns: tiny, small, medium or static (from scratch, with a vocabulary of your text), or any
    model."""
    pairs: tuple[Path, ...]
    """Parallel text: TSV, CSV, JSONL, Parquet, PO, MO, TMX or Moses files, plain, .gz or .zst."""
    dev: tuple[Path, ...] = ()
    """Parallel text for validation; without it, some source texts are held out with all their pairs."""
    dev_texts: int = 300
    """How many source texts to hold out if no dev files are given."""
    source_language: str = "en"
    """The language the teacher knows."""
    target_language: str | None = None
    """The other language, for files that do not name it."""
    columns: ParallelColumns = field(default_factory=ParallelColumns)
    """Which columns hold what, for tables whose headers do not say it."""
    languages: tuple[str, ...] = ()
    """Learn only these target languages; all by default."""
    distance: Distance = Distance.mse
    """What the student minimises: mse (the paper's) or cosine."""
    target_scale: float | None = None
    """Factor on the loss; by default 1 / the teacher's variance per coordinate, so that an mse of 1 means collapsed
    and 0 perfect."""
    targets: Targets = Targets.teacher
    """teacher: learn the teacher's embeddings (the paper); assistant: learn those of the student itself, after its
    projection into the teacher's space. A student that is multilingual already then needs far fewer steps."""
    keep: float = 0.0
    """With an assistant: how much of the student's own space is kept beside the teacher's, in units of the teacher's
    variance. A student that is good already gains more and loses less with 1."""
    interpolation: float = 1.0
    """The model that is validated and kept is interpolated between the start (0) and the learned weights (1). A student
    that is good already forgets less with 0.75."""
    projection: Projection = Projection.auto
    """auto adds a linear layer if the widths differ or the student's embeddings are far from the teacher's; linear
    always adds one; none adds none. It starts at the least-squares map."""
    freeze_word_embeddings: bool = False
    """Do not train the student's word embeddings: a large vocabulary then costs no gradient, optimiser state or
    checkpoint."""
    vocabulary_size: int = 24_000
    """Pieces in the vocabulary of a student from scratch."""
    learning_rate: float | None = None
    """The highest learning rate; by default 1e-4 for a pretrained student, 1e-3 for one from scratch."""
    batch_size: int = 64
    """Pairs in a batch."""
    epochs: float = 5.0
    """How often each pair is used."""
    teacher_cache: Path | None = None
    """The folder that keeps the teacher's embeddings; by default the run's folder. Runs with the same teacher may share
    it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.vocabulary_size < SMALLEST_VOCABULARY:
            raise ConfigError(
                f"a vocabulary of {self.vocabulary_size} pieces is too small; give at least {SMALLEST_VOCABULARY}"
            )
        if self.targets == Targets.assistant and self.projection == Projection.none:
            raise ConfigError("--targets assistant is the student behind a projection; use --projection auto or linear")
        if not 0 < self.interpolation <= 1:
            raise ConfigError(f"--interpolation {self.interpolation:g} is a share, more than 0 and at most 1")
        if self.keep < 0 or (self.keep and self.targets != Targets.assistant):
            raise ConfigError(
                "--keep is a share, not negative, of what an assistant's space keeps; it needs --targets assistant"
            )
        scratch = is_from_scratch(self.student)
        only(scratch, "with a student from scratch", self, "vocabulary_size")
        only(not scratch, "with a student that knows something already", self, "projection", "freeze_word_embeddings")
        only(not self.dev, "without --dev", self, "dev_texts")


def run(config: Config) -> Outcome:
    """Train the student and leave the best one in `config.output`/model.

    Raises DataError, ConfigError or ModelFormatError before anything is written where input or options are unusable.
    """
    import torch

    from interlingua.encoders.from_scratch import SIZES
    from interlingua.placement import arithmetic, device
    from interlingua.training.fit import begin, fit
    from interlingua.training.processes import first
    from interlingua.training.tasks import Task, split

    teacher = load(config.teacher, config.device)
    read = partial(
        read_parallel, source_language=config.source_language, target_language=config.target_language,
        columns=config.columns, languages=config.languages, cache=config.data_cache,
    )  # fmt: skip
    pairs, given = read(config.pairs), {"": read(config.dev)} if config.dev else {}
    train, dev = (part[""] for part in split({"": pairs}, config.dev_texts, given))
    facts: dict[str, Any] = {"train_pairs": len(train), "dev_pairs": len(dev)}
    earlier: dict[str, Any] = {}
    if isinstance(train, Stored):
        facts["data"] = digest([digest_of(train), digest_of(dev)])
    else:
        facts["data"] = digest_of([*train, *dev])
        earlier["data"] = digest("\t".join((*e.languages, *e.texts)) for e in [*train, *dev])
    begin(
        config,
        "multilingual-distillation",
        {"": pairs},
        {**facts, "teacher": teacher.describe()},
        dev=given,
        earlier=earlier,
    )
    languages = len({languages[1] for languages in language_combinations(train)})
    log(f"{len(train):,} pairs to learn from, {len(dev):,} to validate on, {languages} target languages")

    cache = config.teacher_cache or config.output / "teacher"
    with first(), arithmetic(config.optimization.precision, device(config.device)):
        train, dev = _taught(train, dev, teacher.encode, cache, config.source_language, "teacher")
    torch.manual_seed(config.seed)
    with arithmetic(config.optimization.precision, device(config.device)):
        targets = some_targets(train)
        encoder = _student(config, train, targets)
        encoder.change(normalize=are_unit(targets))  # the student answers as its teacher
        if config.targets == Targets.assistant:
            itself = partial(encoder.encode, normalize=False)  # as the loss compares them
            with first():
                train, dev = _taught(train, dev, itself, cache, config.source_language, "assistant")
    scale = config.target_scale or 1.0
    if config.target_scale is None and config.distance == Distance.mse:
        scale = unit_of_error(some_targets(train))
    objective = EmbeddingDistillation(config.distance, scale)
    task = Task(
        objective=objective,
        examples=train,
        dev=dev,
        lengths=partial(_tokens, encoder),
        measure=partial(_validate, partial(encoder.encode, normalize=False), objective, CollapseWatch()),
    )
    learning_rate = config.learning_rate or (1e-3 if config.student in SIZES else 1e-4)
    return fit(
        replace(config, learning_rate=learning_rate),
        encoder,
        task,
        folder=config.output,
        interpolation=config.interpolation,
    )


def _taught(
    train: Sequence[Example], dev: Sequence[Example], teacher: Encode, *where: Any
) -> tuple[Sequence[Example], list[Example]]:
    """Both with the teacher's embeddings as targets."""
    if isinstance(train, Stored):
        return taught(train, teacher, *where), list(taught(dev, teacher, *where))
    both = taught([*train, *dev], teacher, *where)
    return both[: len(train)], list(both[len(train) :])


def _tokens(encoder: Any, examples: Sequence[Example]) -> Int[np.ndarray, " N"]:
    """How many tokens the two texts of each example have."""
    counts = [len(ids) for side in (0, 1) for ids in encoder.tokenizer.ids([e.texts[side] for e in examples])]
    return np.array(counts).reshape(2, -1).sum(axis=0)


def _student(config: Config, train: Sequence[Example], targets: Embeddings) -> Any:
    """The student at its start: loaded or from scratch, with a projection into the teacher's space where one is
    wanted or needed.
    """
    from interlingua.encoders.from_scratch import from_scratch
    from interlingua.encoders.projection import beside, least_squares
    from interlingua.training.start import trainable, vocabulary

    width = targets.shape[1]
    if is_from_scratch(config.student):
        if config.targets == Targets.assistant:
            raise ConfigError(
                f"--targets assistant needs a student that knows something already; {config.student} starts from "
                "scratch"
            )
        tokenizer = vocabulary(lambda: some_texts(train), config.vocabulary_size, config.max_tokens, config.continued)
        return from_scratch(config.student, tokenizer, width)
    encoder = trainable(config.student, config.device)
    encoder.tokenizer.truncate(min(config.max_tokens, encoder.tokenizer.max_tokens))
    if config.freeze_word_embeddings:
        encoder.body.word_embeddings.weight.requires_grad_(False)
    if config.projection == Projection.none and encoder.width != width:
        raise ConfigError(
            f"the student's vectors have width {encoder.width}, the teacher's {width}; use --projection auto"
        )
    asked = config.projection == Projection.linear or config.targets == Targets.assistant or encoder.width != width
    if asked or (config.projection == Projection.auto and _is_elsewhere(encoder, train)):
        log("starting the projection at the least-squares map into the teacher's space")
        some = np.random.default_rng(config.seed).permutation(len(train))[:FIT_TEXTS]
        encoder.projection = None
        encoder.change(normalize=False)
        pairs = take(train, some)
        vectors = encoder.encode([pair.texts[side] for side in (0, 1) for pair in pairs])
        space = np.stack([np.asarray(pair.target, np.float32) for pair in pairs])
        space = beside(space, vectors[: len(some)], config.keep) if config.keep else space
        encoder.projection = least_squares(vectors, np.concatenate([space] * 2)).to(encoder.device)
    return encoder


def _is_elsewhere(encoder: Any, train: Sequence[Example]) -> bool:
    """Whether the student's vectors, as they are, miss the teacher's by more than the teacher's mean vector would."""
    first = train[:200]
    vectors = encoder.encode([example.texts[0] for example in first], normalize=False)
    targets = np.stack([np.asarray(example.target, np.float32) for example in first])
    return float(np.mean((vectors - targets) ** 2)) * unit_of_error(targets) > 1


def _validate(
    encode: Encode, objective: EmbeddingDistillation, collapse: CollapseWatch, dev: Sequence[Example]
) -> dict[str, Any]:
    """Dev loss, translation accuracy per language, and the student's geometry, from one encoding of the texts."""
    import torch

    from interlingua.objectives.distillation import distance

    source, target = embed_pairs(encode, dev)
    targets = np.stack([np.asarray(e.target, np.float32) for e in dev])
    losses = [
        float(distance(torch.from_numpy(side), torch.from_numpy(targets), objective.kind)) for side in (source, target)
    ]
    retrieval = found_translations(source, target, dev)
    return {"dev_loss": objective.scale * sum(losses) / 2, **retrieval, **collapse.look(target, targets)}
