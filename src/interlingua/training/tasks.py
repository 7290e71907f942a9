"""Several tasks share an encoder, one of them at each step: what mUSE and LASER3 have in common.

Chidambaram et al. 2019 (1810.12836), section 2.2; Heffernan et al. 2022 (2205.12654), section 3.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from interlingua.data.batching import BatchPlan
from interlingua.data.holdout import hold_out
from interlingua.data.sampling import Plan, SampledPlan, TaskPlan
from interlingua.encoders.encoder import Encoder
from interlingua.errors import DataError
from interlingua.progress import log
from interlingua.tensors import Batch
from interlingua.training import loop, session
from interlingua.training.fit import Fit, separately, stack
from interlingua.training.objective import Classifier, Objective
from interlingua.training.session import Outcome
from interlingua.types import Example


@dataclass(frozen=True, kw_only=True)
class Task:
    """Something to learn, and from what."""

    name: str
    objective: Objective
    examples: Sequence[Example]
    weight: float = 1.0
    """How often it comes up among the tasks; any scale."""
    groups: Callable[[Example], str] | None = None
    """With it every batch holds examples of one group, groups drawn by their share to the power `alpha`."""
    alpha: float = 1.0


class InTurn(Objective):
    """The objective of the task a batch belongs to."""

    def __init__(self, parts: Mapping[str, Objective]) -> None:
        super().__init__()
        self.parts = nn.ModuleDict(parts)

    def forward(self, encoder: Encoder, batch: Batch) -> Float[Tensor, ""]:
        """The loss of one batch. Raises KeyError for a batch of no known task."""
        return self.parts[batch.task](encoder, batch)

    def keep(self, folder: Path) -> None:
        """What each of the objectives keeps."""
        for part in self.parts.values():
            assert isinstance(part, Objective)
            part.keep(folder)


def fit_tasks(
    config: Fit,
    encoder: Encoder,
    tasks: Sequence[Task],
    *,
    folder: Path,
    measure: Callable[[Mapping[str, Sequence[Example]]], dict[str, Any]] | None = None,
) -> Outcome:
    """Train `encoder` on `tasks`, one a step, and leave the best in `folder`/model.

    The dev loss is the mean of the tasks', each by its weight; a text held out for one task is learned from in none.
    `measure` adds to what each validation finds on the held-out examples, by the name of the task. Raises DataError
    where examples are too few to hold some out.
    """
    encoder.tokenizer.truncate(min(config.max_tokens, encoder.tokenizer.max_tokens))
    train, dev = split({task.name: task.examples for task in tasks}, config.dev_texts)
    plans = {task.name: _plan(task, train[task.name], config) for task in tasks}
    weights = {task.name: task.weight for task in tasks}
    plan = TaskPlan(plans=plans, weights=weights)
    for task in tasks:
        inside = plans[task.name]
        groups = f"; batches are drawn from {inside.describe()}" if isinstance(inside, SampledPlan) else ""
        share = task.weight / sum(weights.values())
        log(f"{task.name}: {len(train[task.name]):,} examples, {share:.1%} of the steps{groups}")
    objective = InTurn({task.name: task.objective for task in tasks})
    total = min(max(1, round(config.epochs * plan.steps_per_epoch)), config.max_steps or 10**12)
    columns, precision = separately(encoder), loop.resolve(config.optimization.precision)

    def batch_of(name: str, some: Sequence[Example]) -> Batch:
        return Batch(columns(some), stack([e.target for e in some]), stack([e.teacher for e in some]), name)

    def batch_at(step: int) -> Batch:
        name, rows = plan.at(step)
        return batch_of(name, [train[name][row] for row in rows])

    @torch.no_grad()
    def evaluate() -> dict[str, Any]:
        found: dict[str, Any] = {}
        with loop.arithmetic(precision), torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            encoder.eval()
            objective.eval()
            for task in tasks:
                some = dev[task.name]
                batches = [
                    batch_of(task.name, some[k : k + config.batch_size]) for k in range(0, len(some), config.batch_size)
                ]
                found |= {
                    f"{what}_{task.name}": value for what, value in _judge(encoder, task.objective, batches).items()
                }
            extra = {} if measure is None else measure(dev)
        loss = sum(weights[task.name] * found[f"loss_{task.name}"] for task in tasks) / sum(weights.values())
        return {"dev_loss": loss, **found, **extra}

    return session.train(
        loop.start(encoder, objective, config.learning_rate, config.optimization),
        batch_at,
        total,
        folder=folder,
        evaluate=evaluate,
        optimization=config.optimization,
        supervision=config.supervision,
    )


def _judge(encoder: Encoder, objective: Objective, batches: Sequence[Batch]) -> dict[str, float]:
    """The mean loss of batches, and for classes how many are right (0 to 100)."""
    sizes = [len(batch.columns[0].ids) for batch in batches]
    loss = sum(objective(encoder, batch).item() * size for batch, size in zip(batches, sizes, strict=True)) / sum(sizes)
    if not isinstance(objective, Classifier):
        return {"loss": loss}
    right = sum(
        int((objective.logits(encoder, b).argmax(-1) == b.targets).sum()) for b in batches if b.targets is not None
    )
    return {"loss": loss, "accuracy": round(100 * right / sum(sizes), 2)}


def split(
    examples: Mapping[str, Sequence[Example]], texts: int
) -> tuple[dict[str, list[Example]], dict[str, list[Example]]]:
    """Training and held-out examples by task: of each task about `texts` source texts, at most a fifth of them, are
    held out.

    Raises DataError where a task has too few examples for that.
    """
    dev: dict[str, list[Example]] = {}
    for name, some in examples.items():
        sources = len({example.texts[0] for example in some})
        if sources < 2:
            raise DataError(
                f"the task {name} has {sources} different text(s) to learn from, which is too few to hold one out"
            )
        dev[name] = hold_out(some, min(texts, max(1, sources // 5)))[1]
    known = {text for some in dev.values() for example in some for text in example.texts}
    train = {name: [example for example in some if known.isdisjoint(example.texts)] for name, some in examples.items()}
    empty = [name for name, some in train.items() if not some]
    if empty:
        raise DataError(
            f"the task {empty[0]} has no examples left beside those held out; give more, or a smaller --dev-texts"
        )
    return train, dev


def _plan(task: Task, examples: Sequence[Example], config: Fit) -> Plan:
    lengths = np.array([sum(map(len, example.texts)) for example in examples])
    if task.groups is None:
        return BatchPlan(lengths=lengths, batch_size=config.batch_size, seed=config.seed)
    names = [task.groups(example) for example in examples]
    return SampledPlan(groups=names, lengths=lengths, batch_size=config.batch_size, seed=config.seed, alpha=task.alpha)
