"""A cross-encoder reads two texts together: for inference labels, similarity scores, or to sort again what a bi-encoder
found.

Paper: Reimers & Gurevych 2019, Sentence-BERT, section 2 (BERT on pairs); Hinton et al. 2015, Distilling the Knowledge
  in a Neural Network
Command: interlingua train cross-encoder --start MODEL --sts sts.tsv --dev-sts sts-dev.tsv --output DIR
Measured: STS-B 80.3 ± 0.6 in 135 s (MiniLM, cross-encoder, sts); SICK-E 61.1 ± 0.3 in 21 s (cross-encoder, sick);
  docs/recipes/english.md
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32

from interlingua.data.digest import digest_of
from interlingua.data.gathering import gather_each
from interlingua.data.labelled import class_names, labelled_pairs, positives
from interlingua.data.stored import some_texts
from interlingua.encoders.pooling import Pooling
from interlingua.errors import ConfigError, DataError
from interlingua.objectives.joint import JointClassification, JointRanking, JointRegression
from interlingua.recipes.sbert import scored
from interlingua.training.fit import Fit
from interlingua.training.objective import Objective
from interlingua.training.options import only
from interlingua.training.session import Outcome
from interlingua.training.start import is_from_scratch
from interlingua.types import Example


class Ranking(StrEnum):
    """How a positive is learned to rank above its negatives."""

    listwise = "listwise"
    pairwise = "pairwise"


@dataclass(frozen=True, kw_only=True)
class Config(Fit):
    """A cross-encoder. Give one of nli, sts and ranking."""

    start: str = "small"
    """The model that learns: a cross-encoder, or any model with a transformer body; tiny, small or medium: from
    scratch."""
    nli: tuple[Path, ...] = ()
    """Labelled pairs (premise, hypothesis, label): classification."""
    sts: tuple[Path, ...] = ()
    """Scored pairs (sentence1, sentence2, score): regression."""
    ranking: tuple[Path, ...] = ()
    """Rows of query, positive and hard negatives (negative, negative_2, ...): ranking."""
    ranking_loss: Ranking = Ranking.listwise
    """listwise: the positive against all its negatives at once; pairwise: against each of them alone."""
    teacher: str | None = None
    """A cross-encoder for the same classes; its probabilities are learned as well as the labels (Hinton)."""
    alpha: float = 0.7
    """Share of the teacher's part in the loss."""
    temperature: float = 2.0
    """Divides the teacher's and the student's logits: above 1, small probabilities count for more."""
    pooling: Pooling = Pooling.cls
    """How hidden states become one vector."""
    highest_score: float = 5.0
    """The score of two texts with the same meaning in the sts files."""
    vocabulary_size: int = 16_000
    """Pieces in the vocabulary of a start from scratch."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if sum(map(bool, (self.nli, self.sts, self.ranking))) != 1:
            raise ConfigError("give one of --nli, --sts and --ranking")
        if self.teacher and not self.nli:
            raise ConfigError("--teacher goes with --nli: it is class probabilities that are learned from it")
        if self.dev_sts and self.nli:
            raise ConfigError("--dev-sts goes with --sts or --ranking; classes are validated on held-out pairs")
        if not 0 <= self.alpha <= 1 or self.temperature <= 0:
            raise ConfigError("alpha must be between 0 and 1, the temperature more than 0")
        only(bool(self.teacher), "with --teacher", self, "alpha", "temperature")
        only(bool(self.ranking), "with --ranking", self, "ranking_loss")
        only(bool(self.sts), "with --sts", self, "highest_score")
        only(is_from_scratch(self.start), "with a start from scratch", self, "vocabulary_size")


def run(config: Config) -> Outcome:
    """Train the cross-encoder and leave the best one in `config.output`/model.

    Raises DataError, ConfigError or ModelFormatError before anything is written where input or options are unusable.
    """
    import torch

    from interlingua.encoders.cross_encoder import CrossEncoder, with_head
    from interlingua.training.fit import begin, fit
    from interlingua.training.start import start
    from interlingua.training.tasks import Task, jointly

    labels, examples, objective = _task(config)
    torch.manual_seed(config.seed)
    encoder = start(
        config.start, lambda: some_texts(examples), vocabulary_size=config.vocabulary_size,
        max_tokens=config.max_tokens, joint=True, run=config.continued,
    )  # fmt: skip
    encoder = with_head(encoder, labels, config.pooling)
    teacher = _teacher(config.teacher, labels, config.device) if config.teacher else None
    facts = {"examples": len(examples), "data": digest_of(examples), "labels": labels}
    begin(config, "cross-encoder", {"": examples}, facts)
    if teacher is not None:
        outputs = teacher.outputs([(e.texts[0], e.texts[1]) for e in examples])
        examples = [replace(example, teacher=row) for example, row in zip(examples, outputs, strict=True)]

    def score(pairs: Sequence[Example]) -> Float32[np.ndarray, " N"]:
        return CrossEncoder(encoder).scores([(e.texts[0], e.texts[1]) for e in pairs])

    task = Task(objective=objective, examples=examples, columns=jointly(encoder))
    return fit(config, encoder, task, folder=config.output, score=score)


def _task(config: Config) -> tuple[tuple[str, ...], Sequence[Example], Objective]:
    """Labels, examples and objective of what is asked for."""
    from interlingua.encoders.cross_encoder import SCORE

    if config.sts:
        return (SCORE,), scored(config.sts, config.highest_score, config.data_cache), JointRegression()
    if config.ranking:
        rows = gather_each(positives, config.ranking, config.data_cache)
        if len({len(row.texts) for row in rows}) > 1 or len(rows[0].texts) < 3:
            raise DataError("every row needs the same number of negatives, one at least", config.ranking[0])
        return (SCORE,), rows, JointRanking(listwise=config.ranking_loss == Ranking.listwise)
    classes = class_names(config.nli)
    examples = gather_each(labelled_pairs, config.nli, config.data_cache, classes=classes)
    return classes, examples, JointClassification(config.alpha if config.teacher else 0.0, config.temperature)


def _teacher(name: str, labels: tuple[str, ...], device: str) -> Any:
    from interlingua.loading import load_cross_encoder

    teacher = load_cross_encoder(name, device)
    if teacher.labels != labels:
        raise ConfigError(
            f"the teacher knows the classes {', '.join(teacher.labels)}, the data has {', '.join(labels)}"
        )
    return teacher
