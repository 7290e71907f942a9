"""Sentence-BERT: an encoder learns from inference labels, triplets and similarity scores, one after the other.

Paper: Reimers & Gurevych 2019, Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks, arXiv:1908.10084
Command: interlingua train sbert --student MODEL --nli nli.tsv --sts sts.tsv --dev-sts sts-dev.tsv --output DIR
Measured: STS-B 48.6 ± 1.7 in 78 s (sbert, nli (u, v, |u-v|)); STS-B 56.1 ± 1.7 in 61 s (sbert, nli then sts);
  docs/recipes/english.md
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from interlingua.data.digest import digest_of
from interlingua.data.examples import similarity
from interlingua.data.gathering import gather_each
from interlingua.data.labelled import class_names, labelled_pairs, positives
from interlingua.data.stored import some_texts
from interlingua.encoders.pooling import Pooling
from interlingua.errors import ConfigError, DataError
from interlingua.objectives.classification import Feature, PairClassification
from interlingua.objectives.regression import CosineRegression
from interlingua.objectives.triplet import Separation, Triplet
from interlingua.training.fit import Fit
from interlingua.training.objective import Objective
from interlingua.training.options import only
from interlingua.training.session import Outcome
from interlingua.training.start import is_from_scratch
from interlingua.types import Example


@dataclass(frozen=True, kw_only=True)
class Config(Fit):
    """Sentence-BERT. Of nli, triplets and sts, those given are learned in this order."""

    student: str = "small"
    """The model that learns: any model; or tiny, small, medium or static (from scratch, with a vocabulary of your
    text)."""
    nli: tuple[Path, ...] = ()
    """Labelled pairs (premise, hypothesis, label) for the softmax objective."""
    triplets: tuple[Path, ...] = ()
    """Rows of anchor, positive, negative for the triplet objective."""
    sts: tuple[Path, ...] = ()
    """Scored pairs (sentence1, sentence2, score) for the cosine objective."""
    features: tuple[Feature, ...] = (Feature.u, Feature.v, Feature.difference)
    """What the softmax sees of two embeddings u and v."""
    pooling: Pooling | None = None
    """How hidden states become one embedding; by default as in the model."""
    margin: float = 1.0
    """How much nearer the positive of a triplet must be."""
    separation: Separation = Separation.euclidean
    """How triplets measure nearness."""
    highest_score: float = 5.0
    """The score of two texts with the same meaning in the sts files."""
    sts_epochs: float = 4.0
    """How often each scored pair is used; --epochs is for the other two."""
    vocabulary_size: int = 16_000
    """Pieces in the vocabulary of a student from scratch."""
    batch_size: int = 16

    def __post_init__(self) -> None:
        super().__post_init__()
        only(bool(self.nli), "with --nli", self, "features")
        only(bool(self.triplets), "with --triplets", self, "margin", "separation")
        only(bool(self.sts), "with --sts", self, "highest_score", "sts_epochs")
        others = bool(self.nli or self.triplets) or self.epochs == self.sts_epochs  # as `run` has it in the last stage
        only(others, "with --nli or --triplets (--sts-epochs is for --sts)", self, "epochs")
        only(is_from_scratch(self.student), "with a student from scratch", self, "vocabulary_size")


def run(config: Config) -> Outcome:
    """Train stage by stage, each in a folder of its own, and leave the last stage's best encoder in
    `config.output`/model.

    Raises DataError, ConfigError or ModelFormatError before anything is written where input or options are unusable.
    """
    from dataclasses import replace

    import torch

    from interlingua.encoders import storage
    from interlingua.outputs import copy_whole_folder
    from interlingua.training.fit import begin, fit
    from interlingua.training.processes import rank, wait
    from interlingua.training.start import start
    from interlingua.training.tasks import Task

    stages = _stages(config)
    torch.manual_seed(config.seed)
    encoder = start(
        config.student,
        lambda: (text for _, examples, _ in stages for text in some_texts(examples)),
        vocabulary_size=config.vocabulary_size,
        max_tokens=config.max_tokens,
        pooling=config.pooling,
    )
    facts = {name: {"examples": len(examples), "data": digest_of(examples)} for name, examples, _ in stages}
    begin(config, "sbert", [{"": examples} for _, examples, _ in stages], facts)
    outcome: Outcome | None = None
    for name, examples, objective in stages:
        torch.manual_seed(config.seed)  # a stage does not depend on whether the one before ran in this sitting
        stage = replace(config, epochs=config.sts_epochs) if name == "sts" else config
        task = Task(objective=objective(encoder.width), examples=examples)
        outcome = fit(stage, encoder, task, folder=config.output / name)
        encoder = storage.load(config.output / name / "model")
    assert outcome is not None
    if rank() == 0:
        copy_whole_folder(config.output / stages[-1][0] / "model", config.output / "model")
    wait()
    return outcome


def _stages(config: Config) -> list[tuple[str, Sequence[Example], Callable[[int], Objective]]]:
    """Name, examples, and the objective for a width, of every stage that is asked for."""
    stages: list[tuple[str, Sequence[Example], Callable[[int], Objective]]] = []
    if config.nli:
        classes = class_names(config.nli)
        labelled = gather_each(labelled_pairs, config.nli, config.data_cache, classes=classes)
        stages.append(("nli", labelled, lambda width: PairClassification(width, len(classes), config.features)))
    if config.triplets:
        rows = gather_each(positives, config.triplets, config.data_cache)
        if any(len(row.texts) != 3 for row in rows):
            raise DataError("triplets need one column of negatives beside anchor and positive", config.triplets[0])
        stages.append(("triplets", rows, lambda _: Triplet(config.margin, config.separation)))
    if config.sts:
        stages.append(
            ("sts", scored(config.sts, config.highest_score, config.data_cache), lambda _: CosineRegression())
        )
    if not stages:
        raise ConfigError("nothing to learn from: give --nli, --triplets or --sts")
    return stages


def scored(paths: Sequence[Path], highest: float, cache: Path | None) -> Sequence[Example]:
    """Scored pairs with scores between 0 and 1. Raises DataError for a score outside 0 to `highest`."""
    return gather_each(_scaled, paths, cache, highest=highest)


def _scaled(path: Path, highest: float) -> Iterator[Example]:
    from dataclasses import replace

    for pair in similarity(path):
        score = pair.target
        assert isinstance(score, float)
        if not 0 <= score <= highest:
            raise DataError(
                f"the score {score:g} of {pair.texts[0][:40]!r} is not between 0 and {highest:g} (--highest-score)",
                path,
            )
        yield replace(pair, target=score / highest)
