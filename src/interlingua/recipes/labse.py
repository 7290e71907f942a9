"""LaBSE: an encoder learns to find the translation of a text in the batch, in both directions, with a margin; from a
pretrained start.

Paper: Feng et al. 2022, Language-agnostic BERT Sentence Embedding, arXiv:2007.01852
Command: interlingua train labse --student MODEL --pairs pairs.tsv --output DIR
Measured: Tatoeba, 9 languages: 63.4 in 13 min (labse), 81.3 in 4 min (labse, static); docs/recipes/multilingual.md

Departure from the paper: cosines are scaled before the softmax (the paper's equations have no scale, its code has one).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from interlingua.data.digest import digest_of
from interlingua.data.gathering import gather_each
from interlingua.data.labelled import positives
from interlingua.data.parallel import ParallelColumns, read_parallel
from interlingua.data.stored import some_texts
from interlingua.encoders.pooling import Pooling
from interlingua.errors import ConfigError
from interlingua.objectives.contrastive import Contrastive, Duplicates, candidates
from interlingua.progress import log
from interlingua.training.fit import Fit
from interlingua.training.options import only
from interlingua.training.processes import world
from interlingua.training.session import Outcome
from interlingua.training.start import is_from_scratch
from interlingua.training.validation import translations
from interlingua.types import Example


@dataclass(frozen=True, kw_only=True)
class Config(Fit):
    """Translation ranking with an additive margin."""

    student: str = "small"
    """The model that learns: any model; or tiny, small, medium or static (from scratch, with a vocabulary of your
    text)."""
    pairs: tuple[Path, ...] = ()
    """Parallel text: TSV, CSV, JSONL, Parquet, PO, MO, TMX or Moses files, plain, .gz or .zst."""
    triplets: tuple[Path, ...] = ()
    """Rows of anchor, positive and hard negatives (negative, negative_2, ...), as `interlingua negatives` writes
    them."""
    source_language: str = "en"
    """The language on the source side."""
    target_language: str | None = None
    """The other language, for files that do not name it."""
    columns: ParallelColumns = field(default_factory=ParallelColumns)
    """Which columns hold what, for tables whose headers do not say it."""
    languages: tuple[str, ...] = ()
    """Learn only these target languages; all by default."""
    margin: float = 0.3
    """Subtracted from the cosine of a pair before the softmax, so that it must be higher than the others by this much.
    0 is symmetric InfoNCE."""
    scale: float = 20.0
    """Multiplies the cosines: the inverse of the temperature."""
    duplicates: Duplicates = Duplicates.ignored
    """How candidates are treated that repeat an anchor or its translation."""
    pooling: Pooling | None = None
    """How hidden states become one embedding; by default as in the model. The paper uses cls."""
    vocabulary_size: int = 24_000
    """Pieces in the vocabulary of a student from scratch."""
    learning_rate: float = 1e-4
    batch_size: int = 256

    def __post_init__(self) -> None:
        super().__post_init__()
        if bool(self.pairs) == bool(self.triplets):
            raise ConfigError("give either --pairs or --triplets")
        if self.margin < 0 or self.scale <= 0:
            raise ConfigError("the margin must not be negative, the scale more than 0")
        only(bool(self.pairs), "with --pairs", self, "source_language", "target_language", "columns", "languages")
        only(is_from_scratch(self.student), "with a student from scratch", self, "vocabulary_size")


def run(config: Config) -> Outcome:
    """Train the encoder and leave the best one in `config.output`/model.

    Raises DataError, ConfigError or ModelFormatError before anything is written where input or options are unusable.
    """
    import torch

    from interlingua.training.fit import begin, fit
    from interlingua.training.start import start
    from interlingua.training.tasks import Task

    examples = _examples(config)
    torch.manual_seed(config.seed)
    encoder = start(
        config.student,
        lambda: some_texts(examples),
        vocabulary_size=config.vocabulary_size,
        max_tokens=config.max_tokens,
        pooling=config.pooling,
        run=config.continued,
    )
    encoder.change(normalize=True)
    begin(config, "labse", {"": examples}, {"examples": len(examples), "data": digest_of(examples)})
    seen = candidates(config.examples_a_step, len(examples[0].texts), world())
    log(f"{len(examples):,} examples; {seen}; margin {config.margin:g}, scale {config.scale:g}")
    objective = Contrastive(1 / config.scale, symmetric=True, margin=config.margin, duplicates=config.duplicates)
    measure = partial(translations, encoder.encode) if config.pairs else None
    task = Task(objective=objective, examples=examples, measure=measure)
    return fit(config, encoder, task, folder=config.output)


def _examples(config: Config) -> Sequence[Example]:
    if config.triplets:
        return gather_each(positives, config.triplets, config.data_cache)
    return read_parallel(
        config.pairs, source_language=config.source_language, target_language=config.target_language,
        columns=config.columns, languages=config.languages, cache=config.data_cache,
    )  # fmt: skip
