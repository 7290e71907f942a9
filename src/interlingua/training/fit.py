"""What every recipe that learns from Examples shares: its options, its data held out, its batches, its validation."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor

from interlingua.data.batching import BatchPlan
from interlingua.data.examples import similarity
from interlingua.data.holdout import hold_out
from interlingua.data.sampling import SampledPlan
from interlingua.encoders.encoder import Encoder
from interlingua.errors import ConfigError
from interlingua.evaluation.tasks.sts import rank_correlation
from interlingua.progress import log
from interlingua.tensors import Batch, Tokens
from interlingua.training import loop, session
from interlingua.training.loop import Optimization
from interlingua.training.objective import Classifier, Objective
from interlingua.training.session import Outcome, Supervision
from interlingua.types import Example
from interlingua.vectors import unit


@dataclass(frozen=True, kw_only=True)
class Fit:
    """What every recipe asks for; a recipe's Config extends it with its own."""

    output: Path
    """The run's folder: model/, metrics.jsonl, config.json, checkpoint.pt."""
    dev_sts: Path | None = None
    """Scored pairs: the model with the best Spearman correlation is kept. Without it, the one with the lowest loss
    on held-out examples."""
    dev_texts: int = 500
    """How many texts to set aside, with all their examples, to validate on."""
    learning_rate: float = 2e-5
    """The highest learning rate."""
    batch_size: int = 32
    """Examples in a batch."""
    epochs: float = 1.0
    """How often each example is seen."""
    max_steps: int | None = None
    """Stop here even if the epochs are not over."""
    max_tokens: int = 128
    """Longer texts are cut."""
    seed: int = 0
    """Of initial weights, batches and dropout."""
    resume: bool = False
    """Continue the run in --output."""
    optimization: Optimization = field(default_factory=Optimization)
    """How weights move."""
    supervision: Supervision = field(default_factory=Supervision)
    """How the run is watched."""

    def __post_init__(self) -> None:
        if self.batch_size < 1 or self.max_tokens < 3 or self.epochs <= 0 or self.dev_texts < 1:
            raise ConfigError("batch size and dev texts must be at least 1, max tokens at least 3, epochs more than 0")


Columns = Callable[[Sequence[Example]], tuple[Tokens, ...]]


def separately(encoder: Encoder) -> Columns:
    """Each text of an example is encoded on its own: one column a position."""

    def columns(examples: Sequence[Example]) -> tuple[Tokens, ...]:
        languages = zip(*(e.languages for e in examples), strict=True)
        return tuple(
            encoder.tokens(texts, codes)
            for texts, codes in zip(zip(*(e.texts for e in examples), strict=True), languages, strict=True)
        )

    return columns


def jointly(encoder: Encoder) -> Columns:
    """The first text of an example is read together with each other: one column a position behind the first."""

    def columns(examples: Sequence[Example]) -> tuple[Tokens, ...]:
        languages = [e.languages[0] for e in examples]
        return tuple(
            encoder.joint_tokens([(e.texts[0], e.texts[k]) for e in examples], languages)
            for k in range(1, len(examples[0].texts))
        )

    return columns


def fit(
    config: Fit,
    encoder: Encoder,
    objective: Objective,
    examples: Sequence[Example],
    *,
    folder: Path,
    columns: Columns | None = None,
    score: Callable[[Sequence[Example]], Float32[np.ndarray, " N"]] | None = None,
    measure: Callable[[Sequence[Example]], dict[str, Any]] | None = None,
    groups: Callable[[Example], str] | None = None,
    alpha: float = 1.0,
    in_turn: bool = False,
) -> Outcome:
    """Train `encoder` on `examples` and leave the best in `folder`/model; what the best one scored stands in the
    outcome.

    `columns` makes the batches' columns, each text on its own by default. `score` says how alike the encoder finds the
    two texts of each example, the cosine by default. `measure` adds to what each validation finds on the held-out
    examples. With `groups` every batch holds examples of one group, and groups are drawn by their share to the power
    `alpha`, or take turns. Raises DataError where the examples are too few to hold some out.
    """
    columns = columns or separately(encoder)
    encoder.tokenizer.truncate(min(config.max_tokens, encoder.tokenizer.max_tokens))
    watched = list(similarity(config.dev_sts)) if config.dev_sts else []
    train, dev = (list(examples), []) if watched else hold_out(examples, config.dev_texts)
    lengths = np.array(
        [sum(map(len, e.texts)) for e in train]
    )  # characters sort alike-long texts together as well as tokens do
    if groups is None:
        plan = BatchPlan(lengths=lengths, batch_size=config.batch_size, seed=config.seed)
    else:
        names = [groups(example) for example in train]
        plan = SampledPlan(
            groups=names, lengths=lengths, batch_size=config.batch_size, seed=config.seed, alpha=alpha, in_turn=in_turn
        )
        log(f"batches are drawn from {plan.describe()}")
    total = min(max(1, round(config.epochs * plan.steps_per_epoch)), config.max_steps or 10**12)
    precision = loop.resolve(config.optimization.precision)

    def batch_of(some: Sequence[Example]) -> Batch:
        return Batch(columns(some), stack([e.target for e in some]), stack([e.teacher for e in some]))

    def evaluate() -> dict[str, Any]:
        with loop.arithmetic(precision):
            if not watched:
                found = validate(
                    [batch_of(dev[k : k + config.batch_size]) for k in range(0, len(dev), config.batch_size)]
                )
                return found | ({} if measure is None else measure(dev))
            scores = (score or partial(_cosines, encoder))(watched)
        spearman, pearson = rank_correlation(scores, np.array([e.target for e in watched], np.float64))
        return {"dev_loss": 1 - spearman / 100, "spearman": round(spearman, 2), "pearson": round(pearson, 2)}

    @torch.no_grad()
    def validate(batches: Sequence[Batch]) -> dict[str, Any]:
        """The mean loss of `batches` with the dropout the run has, always the same; for classes, how many are right
        without dropout.
        """
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            encoder.train(config.optimization.dropout)
            objective.eval()
            loss = sum(objective(encoder, batch).item() * len(batch.columns[0].ids) for batch in batches) / len(dev)
        if not isinstance(objective, Classifier):
            return {"dev_loss": loss}
        encoder.eval()
        right = sum(
            int((objective.logits(encoder, b).argmax(-1) == b.targets).sum()) for b in batches if b.targets is not None
        )
        return {"dev_loss": loss, "accuracy": round(100 * right / len(dev), 2)}

    return session.train(
        loop.start(encoder, objective, config.learning_rate, config.optimization),
        lambda step: batch_of([train[row] for row in plan.at(step)]),
        total,
        folder=folder,
        evaluate=evaluate,
        optimization=config.optimization,
        supervision=config.supervision,
    )


def stack(values: Sequence[Any]) -> Tensor | None:
    """Classes as integers, scores and embeddings as float32; None where there are none."""
    if values[0] is None:
        return None
    stacked = np.stack([np.asarray(value) for value in values])
    return torch.from_numpy(stacked if stacked.dtype.kind == "i" else stacked.astype(np.float32))


def _cosines(encoder: Encoder, examples: Sequence[Example]) -> Float32[np.ndarray, " N"]:
    one, other = (unit(encoder.encode([e.texts[side] for e in examples])) for side in (0, 1))
    return (one * other).sum(axis=1)


def digest(examples: Sequence[Example]) -> str:
    """A fingerprint of the data: a run is never continued on other examples."""
    lines = (
        json.dumps([*e.languages, *e.texts, e.target if isinstance(e.target, int | float) else None]) for e in examples
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
