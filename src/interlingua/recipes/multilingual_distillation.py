"""Make an English encoder multilingual: a student imitates its teacher's vectors on both sides of parallel text.

Paper: Reimers & Gurevych 2020, Making Monolingual Sentence Embeddings Multilingual using Knowledge Distillation,
  arXiv:2004.09813
Command: interlingua train multilingual-distillation --teacher MODEL --student small --pairs pairs.tsv --output DIR
Measured: STS-B across languages 65.8 to 73.9 (e5-small, taught by MiniLM); docs/recipes/multilingual-distillation.md

Departures from the paper: the error is measured in units of the teacher's variance (see objectives/distillation.py), so
teachers of unit norm, which the paper did not have, work as well; batches hold alike-long pairs; a projection starts at
the least-squares map from the student's space to the teacher's; with --targets assistant the student then learns its
own projected English embeddings, in a space that --keep may make of both, and with --interpolation it forgets less.
"""

import hashlib
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from interlingua.data.batching import BatchPlan
from interlingua.data.holdout import hold_out
from interlingua.data.parallel import ParallelColumns, parallel
from interlingua.data.teaching import teach
from interlingua.errors import ConfigError, DataError
from interlingua.languages import standard
from interlingua.loading import load
from interlingua.objectives.distillation import Distance, EmbeddingDistillation, unit_of_error
from interlingua.progress import log
from interlingua.tokenization import SMALLEST_VOCABULARY
from interlingua.training.loop import Optimization
from interlingua.training.session import Outcome, Supervision
from interlingua.training.validation import CollapseWatch, embed_pairs, translation_accuracy
from interlingua.types import Embeddings, Encode, Example

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
class Config:
    """Multilingual distillation."""

    teacher: str
    """The encoder to imitate: a folder, package:NAME[/SUBFOLDER], or a Hugging Face name."""
    student: str = "small"
    """What learns: tiny, small, medium or static (from scratch, with a vocabulary of your text), or any model."""
    pairs: tuple[Path, ...]
    """Parallel text: TSV, CSV, JSONL, Parquet, PO, MO, TMX or Moses files, plain, .gz or .zst."""
    output: Path
    """The run's folder: model/, metrics.jsonl, config.json, checkpoint.pt."""
    dev: tuple[Path, ...] = ()
    """Parallel text to validate on; without it, pairs of held-out source texts are set aside."""
    dev_texts: int = 300
    """How many source texts to set aside where no dev files are given."""
    source_language: str = "en"
    """The language the teacher knows."""
    target_language: str | None = None
    """The other language, for files that do not name it."""
    columns: ParallelColumns = field(default_factory=ParallelColumns)
    """Which columns hold what, for tables whose headers do not say."""
    languages: tuple[str, ...] = ()
    """Learn only these target languages; all by default."""
    distance: Distance = Distance.mse
    """What the student minimises: mse (the paper's) or cosine."""
    target_scale: float | None = None
    """Factor on the loss; by default 1 / the teacher's variance per coordinate, so that an mse of 1 means collapsed
    and 0 perfect."""
    targets: Targets = Targets.teacher
    """teacher: learn the teacher's embeddings (the paper); assistant: those of the student itself, once it is
    projected into the teacher's space, which takes far fewer steps from a student that is multilingual already."""
    keep: float = 0.0
    """With an assistant: how much the space it is projected into keeps of the student's own beside the teacher's, in
    units of the teacher's variance. A student that is good already gains more and loses less with 1."""
    interpolation: float = 1.0
    """What is validated and kept stands this far on the way from the start (0) to the learned weights (1). A student
    that is good already forgets less with 0.75."""
    projection: Projection = Projection.auto
    """auto adds a linear layer where widths differ or the student's vectors are far from the teacher's; linear adds
    one always; it starts at the least-squares map."""
    freeze_word_embeddings: bool = False
    """Keep the student's word embeddings as they are: a large vocabulary then costs no gradient, optimiser state or
    checkpoint."""
    vocabulary_size: int = 24_000
    """Pieces in the vocabulary of a student from scratch."""
    max_tokens: int = 128
    """Longer texts are cut."""
    learning_rate: float | None = None
    """The highest learning rate; by default 1e-4 for a student that knows something, 1e-3 for one from scratch."""
    batch_size: int = 64
    """Pairs in a batch."""
    epochs: float = 5.0
    """How often each pair is seen."""
    max_steps: int | None = None
    """Stop here even if the epochs are not over."""
    seed: int = 0
    """Of initial weights, batches and dropout."""
    teacher_cache: Path | None = None
    """Where the teacher's embeddings are kept; by default the run's folder. Runs with one teacher may share one."""
    resume: bool = False
    """Continue the run in --output."""
    optimization: Optimization = field(default_factory=Optimization)
    """How weights move."""
    supervision: Supervision = field(default_factory=Supervision)
    """How the run is watched."""

    def __post_init__(self) -> None:
        if self.vocabulary_size < SMALLEST_VOCABULARY:
            raise ConfigError(
                f"a vocabulary of {self.vocabulary_size} pieces is too small; give at least {SMALLEST_VOCABULARY}"
            )
        if self.batch_size < 1 or self.max_tokens < 3 or self.epochs <= 0 or self.dev_texts < 1:
            raise ConfigError("batch size and dev texts must be at least 1, max tokens at least 3, epochs more than 0")
        if self.targets == Targets.assistant and self.projection == Projection.none:
            raise ConfigError("--targets assistant is the student behind a projection; use --projection auto or linear")
        if not 0 < self.interpolation <= 1:
            raise ConfigError(f"--interpolation {self.interpolation:g} is a share, more than 0 and at most 1")
        if self.keep < 0 or (self.keep and self.targets != Targets.assistant):
            raise ConfigError(
                "--keep is a share, not negative, of what an assistant's space keeps; it needs --targets assistant"
            )


def run(config: Config) -> Outcome:
    """Train the student and leave the best one in `config.output`/model.

    Raises DataError, ConfigError or ModelFormatError before anything is written where input or options are unusable.
    """
    import torch

    from interlingua.encoders.from_scratch import SIZES
    from interlingua.tensors import Batch
    from interlingua.training import loop, run_folder, session
    from interlingua.training.interpolation import between, trained

    teacher = load(config.teacher)
    train, dev = _examples(config)
    precision = loop.resolve(config.optimization.precision)
    facts = {
        "train_pairs": len(train),
        "dev_pairs": len(dev),
        "data": _digest([*train, *dev]),
        "precision": precision,
        "teacher": teacher.describe(),
    }
    run_folder.claim(config.output, "multilingual-distillation", config, facts, config.resume)
    log(
        f"{len(train):,} pairs to learn from, {len(dev):,} to validate on, {len({e.languages[1] for e in train})} "
        "target languages"
    )

    cache = config.teacher_cache or config.output / "teacher"
    with loop.arithmetic(precision):
        targets = teach([e.texts[0] for e in [*train, *dev]], teacher.encode, cache, config.source_language, "teacher")
    torch.manual_seed(config.seed)
    with loop.arithmetic(precision):
        encoder = _student(config, train, targets[: len(train)])
        encoder.normalize = bool(
            np.allclose(np.linalg.norm(targets[:1000], axis=1), 1, atol=1e-3)
        )  # the student answers as its teacher
        if config.targets == Targets.assistant:
            itself = partial(encoder.encode, normalize=False)  # as the loss compares them
            targets = teach([e.texts[0] for e in [*train, *dev]], itself, cache, config.source_language, "assistant")
    train_targets, dev_targets = targets[: len(train)], targets[len(train) :]
    scale = (
        unit_of_error(train_targets)
        if config.target_scale is None and config.distance == Distance.mse
        else config.target_scale or 1.0
    )
    objective = EmbeddingDistillation(config.distance, scale)

    lengths = np.array(
        [len(ids) for column in (0, 1) for ids in encoder.tokenizer.ids([e.texts[column] for e in train])]
    )
    plan = BatchPlan(lengths=lengths.reshape(2, -1).sum(axis=0), batch_size=config.batch_size, seed=config.seed)
    total = min(round(config.epochs * plan.steps_per_epoch), config.max_steps or 10**12)

    def batch_at(step: int) -> Batch:
        rows = plan.at(step)
        columns = [
            encoder.tokens([train[r].texts[c] for r in rows], [train[r].languages[c] for r in rows]) for c in (0, 1)
        ]
        return Batch(tuple(columns), torch.from_numpy(train_targets[rows]))

    highest = config.learning_rate or (1e-3 if config.student in SIZES else 1e-4)
    state = loop.start(encoder, objective, highest, config.optimization)
    delivered = (
        partial(between, encoder, trained(encoder), config.interpolation) if config.interpolation < 1 else nullcontext
    )
    collapse = CollapseWatch()

    def evaluate() -> dict[str, Any]:
        with loop.arithmetic(precision):
            return _validate(partial(encoder.encode, normalize=False), dev, dev_targets, objective, collapse)

    return session.train(
        state,
        batch_at,
        total,
        folder=config.output,
        evaluate=evaluate,
        optimization=config.optimization,
        supervision=config.supervision,
        delivered=delivered,
    )


def _examples(config: Config) -> tuple[list[Example], list[Example]]:
    """Train and dev examples."""
    wanted = {standard(language) for language in config.languages}

    def read(files: Sequence[Path]) -> list[Example]:
        found = [e for f in files for e in parallel(f, config.source_language, config.columns, config.target_language)]
        kept = [e for e in found if not wanted or e.languages[1] in wanted]
        if not kept:
            raise DataError(
                f"no pairs in {', '.join(sorted(wanted))}; the files hold "
                f"{', '.join(sorted({e.languages[1] for e in found}))}"
            )
        return kept

    return (read(config.pairs), read(config.dev)) if config.dev else hold_out(read(config.pairs), config.dev_texts)


def _digest(examples: Sequence[Example]) -> str:
    """A fingerprint of the data: a run is never continued on other pairs."""
    return hashlib.sha256(
        "\n".join("\t".join((*e.languages, *e.texts)) for e in examples).encode("utf-8", "surrogatepass")
    ).hexdigest()[:16]


def _student(config: Config, train: Sequence[Example], targets: Embeddings) -> Any:
    """The student at its start: loaded or from scratch, with a projection into the teacher's space where one is
    wanted or needed.
    """
    from interlingua.encoders.from_scratch import SIZES, from_scratch
    from interlingua.encoders.projection import beside, least_squares
    from interlingua.training.start import trainable

    width = targets.shape[1]
    if config.student in SIZES and not Path(config.student).exists():
        if config.targets == Targets.assistant:
            raise ConfigError(
                f"--targets assistant needs a student that knows something already; {config.student} starts from "
                "scratch"
            )
        texts = sorted({text for example in train for text in example.texts})
        return from_scratch(config.student, texts, config.vocabulary_size, config.max_tokens, width)
    encoder = trainable(config.student)
    encoder.tokenizer.truncate(config.max_tokens)
    if config.freeze_word_embeddings:
        encoder.body.word_embeddings.weight.requires_grad_(False)
    if config.projection == Projection.none and encoder.width != width:
        raise ConfigError(
            f"the student's vectors have width {encoder.width}, the teacher's {width}; use --projection auto"
        )
    asked = config.projection == Projection.linear or config.targets == Targets.assistant or encoder.width != width
    if asked or (config.projection == Projection.auto and _is_elsewhere(encoder, train, targets)):
        log("starting the projection at the least-squares map into the teacher's space")
        some = np.random.default_rng(config.seed).permutation(len(train))[:FIT_TEXTS]
        encoder.projection, encoder.normalize = None, False
        vectors = encoder.encode([train[row].texts[side] for side in (0, 1) for row in some])
        space = beside(targets[some], vectors[: len(some)], config.keep) if config.keep else targets[some]
        encoder.projection = least_squares(vectors, np.concatenate([space] * 2))
    return encoder


def _is_elsewhere(encoder: Any, train: Sequence[Example], targets: Embeddings) -> bool:
    """Whether the student's vectors, as they are, miss the teacher's by more than the teacher's mean vector would."""
    vectors = encoder.encode([example.texts[0] for example in train[:200]], normalize=False)
    return float(np.mean((vectors - targets[:200]) ** 2)) * unit_of_error(targets[:200]) > 1


def _validate(
    encode: Encode,
    dev: Sequence[Example],
    targets: Embeddings,
    objective: EmbeddingDistillation,
    collapse: CollapseWatch,
) -> dict[str, Any]:
    """Dev loss, translation accuracy per language, and the student's geometry."""
    import torch

    from interlingua.objectives.distillation import distance

    source, target = embed_pairs(encode, dev)
    teacher = torch.from_numpy(targets)
    losses = [float(distance(torch.from_numpy(side), teacher, objective.kind)) for side in (source, target)]
    accuracy = translation_accuracy(source, target, dev)
    return {
        "dev_loss": objective.scale * sum(losses) / 2,
        "translation_accuracy": round(sum(accuracy.values()) / len(accuracy), 2),
        "accuracy": accuracy,
        **collapse.look(target, targets),
    }
