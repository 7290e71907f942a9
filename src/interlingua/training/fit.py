"""The one way in which recipes train: their common options, data held out, batches, validation."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from interlingua.data.examples import similarity
from interlingua.data.sampling import Plan, SampledPlan, TaskPlan
from interlingua.data.stored import take
from interlingua.encoders.encoder import Encoder
from interlingua.errors import ConfigError
from interlingua.evaluation.tasks.sts import rank_correlation
from interlingua.machine import AUTO
from interlingua.placement import arithmetic, device, resolve, undrawn
from interlingua.progress import log
from interlingua.quantities import require_fields
from interlingua.tensors import Batch
from interlingua.training import loop, run_folder, session
from interlingua.training.interpolation import between, trained
from interlingua.training.loop import Optimization, Schedule
from interlingua.training.objective import Classifier, Objective
from interlingua.training.options import only
from interlingua.training.processes import rank, require_same, wait, world
from interlingua.training.session import Outcome, Supervision
from interlingua.training.tasks import InTurn, Task, separately, split
from interlingua.types import Example
from interlingua.vectors import cosines


@dataclass(frozen=True, kw_only=True)
class Fit:
    """The options of every recipe; a recipe's Config extends them with its own."""

    output: Path
    """The run's folder: model/, metrics.jsonl, config.json, checkpoint.pt."""
    dev_sts: Path | None = None
    """Scored pairs: the model with the best Spearman correlation is kept. Without it, the one with the lowest loss on
    held-out examples."""
    dev_texts: int = 500
    """How many texts to hold out for validation, with all their examples."""
    learning_rate: float | None = 2e-5
    """The highest learning rate."""
    batch_size: int = 32
    """Examples in a batch."""
    gradient_accumulation: int = 1
    """Batches that make one step together, in the memory of one. A step learns as from one large batch: each text of it
    is a negative of every other."""
    epochs: float = 1.0
    """How often each example is used."""
    max_steps: int | None = None
    """Stop after this many steps, even if the epochs are not over."""
    chunk: int = 0
    """Encode this many texts of a batch at a time, and once more for their gradient: large batches, with all their
    negatives, in little memory. 0 encodes a batch at once."""
    max_tokens: int = 128
    """Longer texts are cut."""
    data_cache: Path | None = None
    """The folder that keeps what is read on disk instead of in memory, for this run and every other of the same files.
    Files of more than 256 MiB are kept in the user's cache folder without it."""
    seed: int = 0
    """Seed of the initial weights, the batches and dropout."""
    resume: bool = False
    """Continue the run in --output."""
    device: str = AUTO
    """Where to compute: cpu, cuda, cuda:1 or mps; auto takes a GPU where there is one."""
    optimization: Optimization = field(default_factory=Optimization)
    """How the weights are updated."""
    supervision: Supervision = field(default_factory=Supervision)
    """How the run is logged, validated and saved."""

    def __post_init__(self) -> None:
        require_fields(self)
        if self.gradient_accumulation < 1:
            raise ConfigError(f"--gradient-accumulation {self.gradient_accumulation}: give at least 1")
        if self.batch_size < 1 or self.max_tokens < 3 or self.epochs <= 0 or self.dev_texts < 1 or self.chunk < 0:
            raise ConfigError(
                "batch size and dev texts must be at least 1, max tokens at least 3, epochs more than 0, and the chunk "
                "not negative"
            )
        only(
            not self.dev_sts, "without --dev-sts, which is validated on instead of held-out examples", self, "dev_texts"
        )

    @property
    def continued(self) -> Path | None:
        """The run's folder, where there may be a run to continue in it."""
        return self.output if self.resume else None

    @property
    def examples_a_step(self) -> int:
        """Examples that a step learns from, in all processes."""
        return self.batch_size * self.gradient_accumulation


Score = Callable[[Sequence[Example]], Float[np.ndarray, " N"]]


def fit(
    config: Fit,
    encoder: Encoder,
    tasks: Task | Sequence[Task],
    *,
    folder: Path,
    score: Score | None = None,
    interpolation: float = 1.0,
) -> Outcome:
    """Train `encoder` on a task, or on several of which each step serves one, and leave the best in `folder`/model;
    what the best one scored stands in the outcome.

    With `config.dev_sts`, `score` says how alike the encoder finds the two texts of each example, the cosine by
    default. Otherwise the dev loss is the mean of the tasks', each by its weight. What is validated and kept stands at
    `interpolation` on the way from the start (0) to the learned weights (1). Raises DataError where the examples are
    too few to hold some out.
    """
    every = {task.name: task for task in ([tasks] if isinstance(tasks, Task) else tasks)}
    encoder.tokenizer.truncate(min(config.max_tokens, encoder.tokenizer.max_tokens))
    examples = {name: task.examples for name, task in every.items()}
    watched = list(similarity(config.dev_sts)) if config.dev_sts else []
    given = {name: task.dev for name, task in every.items() if task.dev is not None}
    train, dev = (examples, examples) if watched else split(examples, config.dev_texts, given)
    plans = {name: task.plan(train[name], config.examples_a_step, config.seed) for name, task in every.items()}
    weights = {name: task.weight for name, task in every.items()}
    plan = TaskPlan(plans=plans, weights=weights)
    encoder.computation.chunk = _chunk(config, max(len(some[0].texts) for some in train.values()))
    _tell(plans, weights, train)
    columns = {name: task.columns or separately(encoder) for name, task in every.items()}
    objectives = {name: task.objective for name, task in every.items()}
    objective = objectives[""] if "" in objectives else InTurn(objectives)
    total = min(max(1, round(config.epochs * plan.steps_per_epoch)), config.max_steps or 10**12)
    where, count, number = device(config.device), world(), rank()
    precision = resolve(config.optimization.precision, where)

    def batch_of(name: str, some: Sequence[Example], whole: bool = True) -> Batch:
        targets, teacher = _stack([e.target for e in some]), _stack([e.teacher for e in some])
        return Batch(columns[name](some), targets, teacher, name, whole)

    def batch_at(step: int) -> Batch:
        name, rows = plan.at(step)
        if count == 1 or len(rows) % count:  # what cannot be shared evenly, every process learns from
            return batch_of(name, take(train[name], rows))
        return batch_of(name, take(train[name], np.array_split(rows, count)[number]), whole=False)

    @torch.no_grad()
    def evaluate() -> dict[str, Any]:
        with arithmetic(precision, where), undrawn(where):
            if watched:
                return _correlation((score or partial(_cosines, encoder))(watched), watched)
            torch.manual_seed(config.seed)
            losses, measured = dict[str, float](), dict[str, Any]()
            for name, task in every.items():
                some = dev[name]
                measured |= {} if task.measure is None else task.measure(some)
                if "dev_loss" in measured:
                    losses[name] = measured.pop("dev_loss")
                    continue
                size = config.examples_a_step
                batches = [batch_of(name, some[start : start + size]) for start in range(0, len(some), size)]
                judged = _judge(encoder, task.objective, batches, config.optimization.dropout)
                losses[name] = judged["loss"]
                if name:
                    measured |= {f"{what}_{name}": value for what, value in judged.items()}
                elif "accuracy" in judged:
                    measured["accuracy"] = judged["accuracy"]
        loss = sum(weights[name] * value for name, value in losses.items()) / sum(weights.values())
        return {"dev_loss": loss, **measured}

    assert config.learning_rate is not None
    state = loop.start(encoder, objective, config.learning_rate, config.optimization, where)
    delivered = partial(between, encoder, trained(encoder), interpolation) if interpolation < 1 else nullcontext
    return session.train(
        state, batch_at, total, folder=folder, evaluate=evaluate, optimization=config.optimization,
        supervision=config.supervision, delivered=delivered,
    )  # fmt: skip


def begin(
    config: Fit,
    recipe: str,
    examples: Mapping[str, Sequence[Example]] | Sequence[Mapping[str, Sequence[Example]]],
    facts: dict[str, Any],
    *,
    dev: Mapping[str, Sequence[Example]] | None = None,
    earlier: Mapping[str, Any] | None = None,
) -> None:
    """Make `config.output` this run's, or continue it, once it is sure that some examples can be held out.

    `examples` are those of each task (of each fit, where the run has several), `dev` those to validate on where they
    are given. `facts` are what the configuration resolved to; `earlier` is how an earlier version wrote some of them.
    Raises DataError where examples are too few, ConfigError where the folder holds something else.
    """
    for one in [examples] if isinstance(examples, Mapping) else examples:
        if not config.dev_sts:
            split(one, config.dev_texts, dev)
    if config.examples_a_step % world():
        raise ConfigError(f"--batch-size {config.examples_a_step} cannot be shared by {world()} processes evenly")
    facts = {**facts, "precision": resolve(config.optimization.precision, device(config.device))}
    if config.optimization.schedule == Schedule.plateau:  # validation moves the learning rate
        facts["evaluate_every"] = config.supervision.evaluate_every
    alike = replace(config, device="", resume=False, data_cache=None)  # each has its own GPU, and perhaps its own disk
    require_same(run_folder.plain({"recipe": recipe, "options": alike, "facts": facts}), "data or options")
    if rank() == 0:
        run_folder.claim(config.output, recipe, config, facts, config.resume, earlier)
    wait()


def _chunk(config: Fit, columns: int) -> int:
    """How many texts are encoded at a time; 0 for all of a batch, which has so many `columns`."""
    if config.gradient_accumulation == 1:
        return config.chunk
    log(
        f"a step learns from {config.examples_a_step:,} examples, {config.batch_size:,} at a time; they are encoded "
        "twice, so that each sees the others as its negatives"
    )
    return config.chunk or max(1, config.batch_size // world()) * columns


def _tell(plans: Mapping[str, Plan], weights: Mapping[str, float], examples: Mapping[str, Sequence[Example]]) -> None:
    """Say how often tasks and groups come up, where there are several."""
    for name, plan in plans.items():
        groups = f"batches are drawn from {plan.describe()}" if isinstance(plan, SampledPlan) else ""
        if name:
            share = weights[name] / sum(weights.values())
            log(
                f"{name}: {len(examples[name]):,} examples, {share:.1%} of the steps"
                + (f"; {groups}" if groups else "")
            )
        elif groups:
            log(groups)


def _judge(encoder: Encoder, objective: Objective, batches: Sequence[Batch], dropout: bool) -> dict[str, float]:
    """The mean loss of batches, and for classes how many are right (0 to 100). Dropout is off, except for an objective
    that learns from it (decision 0036).
    """
    sizes = [len(batch.columns[0].ids) for batch in batches]
    encoder.train(dropout and objective.needs_dropout)
    objective.eval()
    losses = [objective(encoder, batch.aimed(encoder.device)).item() for batch in batches]
    loss = sum(loss * size for loss, size in zip(losses, sizes, strict=True)) / sum(sizes)
    if not isinstance(objective, Classifier):
        return {"loss": loss}
    encoder.eval()
    guesses = [objective.logits(encoder, batch).argmax(-1).cpu() for batch in batches]
    right = [int((some == b.targets).sum()) for some, b in zip(guesses, batches, strict=True) if b.targets is not None]
    return {"loss": loss, "accuracy": round(100 * sum(right) / sum(sizes), 2)}


def _correlation(scores: Float[np.ndarray, " N"], judged: Sequence[Example]) -> dict[str, Any]:
    spearman, pearson = rank_correlation(scores, np.array([e.target for e in judged], np.float64))
    return {"dev_loss": 1 - spearman / 100, "spearman": round(spearman, 2), "pearson": round(pearson, 2)}


def _cosines(encoder: Encoder, examples: Sequence[Example]) -> Float[np.ndarray, " N"]:
    one, other = (encoder.encode([e.texts[side] for e in examples]) for side in (0, 1))
    return cosines(one, other)


def _stack(values: Sequence[Any]) -> Tensor | None:
    """Classes as integers, scores and embeddings as float32; None where there are none."""
    if values[0] is None:
        return None
    stacked = np.stack([np.asarray(value) for value in values])
    return torch.from_numpy(stacked if stacked.dtype.kind == "i" else stacked.astype(np.float32))
