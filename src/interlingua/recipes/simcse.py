"""SimCSE: an encoder learns from plain sentences and its own dropout, or from inference pairs with contradictions as
hard negatives.

Paper: Gao, Yao & Chen 2021, SimCSE: Simple Contrastive Learning of Sentence Embeddings, arXiv:2104.08821
Command: interlingua train simcse --student MODEL --texts sentences.txt --dev-sts sts-dev.tsv --output DIR
Measured: STS-B 44.7 ± 0.3 in 60 s (simcse, unsupervised); STS-B 43.1 ± 0.7 in 62 s (simcse, supervised);
  docs/recipes/english.md

Departure from the paper: the layer after the embedding is used in training only, in both forms; the paper keeps it in
the supervised form.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from interlingua.data.digest import digest_of
from interlingua.data.examples import sentences
from interlingua.data.gathering import gather_each
from interlingua.data.labelled import positives
from interlingua.encoders.pooling import Pooling
from interlingua.errors import ConfigError
from interlingua.objectives.contrastive import Contrastive, TrainingHead, candidates
from interlingua.objectives.masked_language import MaskedLanguage
from interlingua.objectives.weighted_sum import WeightedSum
from interlingua.training.fit import Fit
from interlingua.training.loop import WithDropout
from interlingua.training.objective import Objective
from interlingua.training.options import only
from interlingua.training.processes import world
from interlingua.training.session import Outcome
from interlingua.types import Example


@dataclass(frozen=True, kw_only=True)
class Config(Fit):
    """SimCSE. Give texts (unsupervised) or pairs (supervised)."""

    student: str
    """The model that learns: one that is pretrained already."""
    texts: tuple[Path, ...] = ()
    """Plain sentences: each is its own positive under another dropout mask."""
    pairs: tuple[Path, ...] = ()
    """Rows of anchor and positive, with or without hard negatives."""
    temperature: float = 0.05
    """Divides the cosines."""
    head: bool = True
    """Whether a layer with tanh follows the embedding during training."""
    masked_language: float = 0.0
    """Weight of masked language modelling beside the contrastive loss; the paper tries 0.1."""
    hard_negative_weight: float = 1.0
    """How much an anchor's own hard negatives count among its candidates."""
    pooling: Pooling | None = None
    """How hidden states become one embedding; by default as in the model. The paper uses cls."""
    learning_rate: float = 3e-5
    batch_size: int = 64
    max_tokens: int = 32
    optimization: WithDropout = field(default_factory=WithDropout)

    def __post_init__(self) -> None:
        super().__post_init__()
        if bool(self.texts) == bool(self.pairs):
            raise ConfigError("give either --texts (unsupervised) or --pairs (supervised)")
        if self.texts and not self.optimization.dropout:
            raise ConfigError(
                "without dropout a sentence's two embeddings are one, and there is nothing to learn; use --dropout"
            )
        if self.temperature <= 0 or self.hard_negative_weight <= 0 or self.masked_language < 0:
            raise ConfigError(
                "temperature and hard-negative weight must be more than 0, the masked-language weight not negative"
            )
        only(bool(self.pairs), "with hard negatives in --pairs", self, "hard_negative_weight")


def run(config: Config) -> Outcome:
    """Train the encoder and leave the best one in `config.output`/model.

    Raises DataError, ConfigError or ModelFormatError before anything is written where input or options are unusable.
    """
    import torch

    from interlingua.progress import log
    from interlingua.training.fit import begin, fit
    from interlingua.training.start import trainable
    from interlingua.training.tasks import Task

    examples = _examples(config)
    only(len(examples[0].texts) > 2, "with hard negatives in --pairs", config, "hard_negative_weight")
    torch.manual_seed(config.seed)
    encoder = trainable(config.student)
    encoder.change(pooling=config.pooling or encoder.pooling)
    contrastive = Contrastive(
        config.temperature,
        hard_negative_weight=config.hard_negative_weight,
        head=TrainingHead(encoder.width) if config.head else None,
        needs_dropout=bool(config.texts),
    )
    parts: list[tuple[Objective, float]] = [(contrastive, 1.0)]
    if config.masked_language:
        parts.append((MaskedLanguage(encoder), config.masked_language))
    begin(config, "simcse", {"": examples}, {"examples": len(examples), "data": digest_of(examples)})
    log(f"{len(examples):,} examples; {candidates(config.examples_a_step, len(examples[0].texts), world())}")
    task = Task(objective=WeightedSum(parts) if len(parts) > 1 else contrastive, examples=examples)
    return fit(config, encoder, task, folder=config.output)


def _examples(config: Config) -> Sequence[Example]:
    if config.pairs:
        return gather_each(positives, config.pairs, config.data_cache)
    return gather_each(sentences, config.texts, config.data_cache, once=True, times=2)
