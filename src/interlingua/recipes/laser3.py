"""LASER3: a separate student with a vocabulary of its own learns to embed a language, or a group of languages, in the
space of a frozen teacher.

Paper: Heffernan, Celebi & Schwenk 2022, Bitext Mining Using Distilled Sentence Representations for Low-Resource
  Languages, arXiv:2205.12654
Command: interlingua train laser3 --teacher MODEL --pairs en-xx.tsv --output DIR
Measured: xsim error, teacher to student: mk: 84.6 to 45.8, eo: 76.1 to 25.2; docs/recipes/multilingual.md

The teacher reads its own language only, so nothing about it changes: vectors and indexes it made are valid for every
student. Departures from the paper: pre-norm layers and learned positions; weights say how often a task comes up, not
how much its loss counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from interlingua.data.digest import digest_of
from interlingua.data.examples import texts
from interlingua.data.parallel import ParallelColumns, read_parallel
from interlingua.data.teaching import teach
from interlingua.encoders.pooling import Pooling
from interlingua.errors import ConfigError
from interlingua.languages import UNKNOWN
from interlingua.loading import load
from interlingua.progress import log
from interlingua.training.fit import Fit
from interlingua.training.loop import WithDropout
from interlingua.training.session import Outcome
from interlingua.training.validation import nearest_targets
from interlingua.types import Example
from interlingua.vectors import are_unit


@dataclass(frozen=True, kw_only=True)
class Config(Fit):
    """A LASER3 student."""

    teacher: str
    """The frozen model in whose space the student learns: any model."""
    pairs: tuple[Path, ...]
    """Parallel text of the teacher's language and the student's."""
    texts: tuple[Path, ...] = ()
    """Further text in the student's languages, a sentence a line, for masked language modelling."""
    languages: tuple[str, ...] = ()
    """Learn only these target languages; all by default."""
    source_language: str = "en"
    """The language the teacher reads."""
    target_language: str | None = None
    """The other language, for files that do not name it."""
    columns: ParallelColumns = field(default_factory=ParallelColumns)
    """Which columns hold what, for tables whose headers do not say it."""
    distil_weight: float = 1.0
    """How often a step trains translations to have the teacher's embeddings of their sources."""
    mask_weight: float = 0.09
    """How often a step is masked language modelling in the student's languages; 0 is never."""
    self_weight: float = 0.0
    """How often a step trains source texts to have the teacher's embeddings of themselves, so that the student reads
    that language too; 0 is never."""
    alpha: float = 0.3
    """How often a language is drawn: its share of the pairs to this power; 1 in proportion, 0 evenly."""
    layers: int = 12
    """Layers of the transformer."""
    width: int = 1024
    """Width of its hidden states; a projection leads to the teacher's width if that is different."""
    heads: int = 4
    """Attention heads."""
    feedforward: int = 2048
    """Width inside a layer."""
    pooling: Pooling = Pooling.cls
    """How hidden states become one embedding."""
    vocabulary_size: int = 8_000
    """Pieces in the student's own vocabulary."""
    teacher_cache: Path | None = None
    """The folder that keeps the teacher's embeddings; by default the run's folder."""
    data_cache: Path | None = None
    """The folder that keeps what is read on disk, for every run of the same files; training holds it in memory."""
    learning_rate: float = 1e-4
    batch_size: int = 64
    optimization: WithDropout = field(default_factory=WithDropout)

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
    from interlingua.training.fit import begin, fit
    from interlingua.training.objective import Objective
    from interlingua.training.processes import first
    from interlingua.training.start import vocabulary
    from interlingua.training.tasks import Task

    teacher = load(config.teacher, config.device)
    plain = _plain(config)
    pairs = read_parallel(
        config.pairs, source_language=config.source_language, target_language=config.target_language,
        columns=config.columns, languages=config.languages, cache=config.data_cache,
    )  # fmt: skip
    pairs = list(pairs)
    facts = {"pairs": len(pairs), "data": digest_of([*pairs, *plain]), "teacher": teacher.describe()}
    sides = [[Example((e.texts[side],), (e.languages[1],)) for e in pairs] for side in (0, 1)]
    learned = {"distil": sides[1]}
    learned |= {"self": sides[0]} if config.self_weight else {}
    learned |= {"mask": [*sides[1], *plain]} if config.mask_weight else {}
    begin(config, "laser3", learned, facts)
    log(f"{len(pairs):,} pairs in {', '.join(sorted({e.languages[1] for e in pairs}))}; {len(plain):,} further texts")
    cache = config.teacher_cache or config.output / "teacher"
    with first():
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
    tokenizer = vocabulary(lambda: own, config.vocabulary_size, config.max_tokens, config.continued)
    encoder = transformer_encoder(size, tokenizer, out, config.pooling)
    encoder.change(normalize=are_unit(targets))  # the student answers as its teacher

    def task(name: str, objective: Objective, examples: Sequence[Example], weight: float, measure: Any = None) -> Task:
        return Task(
            name=name, objective=objective, examples=examples, weight=weight, groups=_language, alpha=config.alpha,
            measure=measure,
        )  # fmt: skip

    def taught(side: int) -> list[Example]:
        return [replace(example, target=vector) for example, vector in zip(sides[side], targets, strict=True)]

    distance, measure = EmbeddingDistillation(Distance.cosine), partial(nearest_targets, encoder.encode)
    tasks = [task("distil", distance, taught(1), config.distil_weight, measure)]
    if config.self_weight:
        tasks.append(task("self", EmbeddingDistillation(Distance.cosine), taught(0), config.self_weight))
    if config.mask_weight:
        tasks.append(task("mask", MaskedLanguage(encoder, always=True), learned["mask"], config.mask_weight))
    return fit(config, encoder, tasks, folder=config.output)


def _plain(config: Config) -> list[Example]:
    unique = dict.fromkeys(text.strip() for path in config.texts for text in texts(path))
    return [Example((text,), (UNKNOWN,)) for text in unique if text]


def _language(example: Example) -> str:
    return example.languages[0]
