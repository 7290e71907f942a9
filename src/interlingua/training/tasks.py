"""What a run learns: one task or several that share an encoder, of which each step serves one.

Chidambaram et al. 2019 (1810.12836), section 2.2, and Heffernan et al. 2022 (2205.12654), section 3, for several.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from torch import Tensor, nn

from interlingua.data.batching import BatchPlan
from interlingua.data.holdout import first_texts, hold_out, without
from interlingua.data.sampling import Plan, SampledPlan
from interlingua.data.stored import Stored
from interlingua.encoders.encoder import Encoder
from interlingua.errors import DataError
from interlingua.tensors import Batch, Tokens
from interlingua.training.objective import Objective
from interlingua.types import Example

Columns = Callable[[Sequence[Example]], tuple[Tokens, ...]]
Measure = Callable[[Sequence[Example]], dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Task:
    """Something to learn, from what, and how it is watched."""

    name: str = ""
    """Its name among several; "" for one that is all there is."""
    objective: Objective
    examples: Sequence[Example]
    dev: Sequence[Example] | None = None
    """Examples to validate on; without them some of `examples` are held out."""
    weight: float = 1.0
    """How often it comes up among the tasks; any scale."""
    groups: Callable[[Example], str] | None = None
    """With it every batch holds examples of one group. Of examples on disk it sees the languages, and no text."""
    alpha: float = 1.0
    """Groups are drawn by their share to this power."""
    in_turn: bool = False
    """Groups take turns instead."""
    columns: Columns | None = None
    """Makes a batch's columns; by default each text of an example is encoded on its own."""
    lengths: Callable[[Sequence[Example]], Int[np.ndarray, " N"]] | None = None
    """How long examples are, so that alike-long ones share a batch; by default, and of examples on disk, in
    characters."""
    measure: Measure | None = None
    """Adds to what a validation finds on the held-out examples. Where it gives a "dev_loss", that stands for the mean
    loss of the objective, which is then not computed."""

    def plan(self, examples: Sequence[Example], batch_size: int, seed: int) -> Plan:
        """Which of the examples make the batch of a step."""
        on_disk = isinstance(examples, Stored)
        if on_disk:
            lengths = examples.lengths
        elif self.lengths is None:
            lengths = np.array([sum(map(len, e.texts)) for e in examples])
        else:
            lengths = self.lengths(examples)
        if self.groups is None:
            return BatchPlan(lengths=lengths, batch_size=batch_size, seed=seed)
        groups = examples.groups(self.groups) if on_disk else [self.groups(example) for example in examples]
        return SampledPlan(
            groups=groups, lengths=lengths, batch_size=batch_size, seed=seed, alpha=self.alpha, in_turn=self.in_turn
        )


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


def separately(encoder: Encoder) -> Columns:
    """Each text of an example is encoded on its own: one column a position."""

    def columns(examples: Sequence[Example]) -> tuple[Tokens, ...]:
        languages = zip(*(e.languages for e in examples), strict=True)
        texts = zip(*(e.texts for e in examples), strict=True)
        return tuple(encoder.tokens(some, codes) for some, codes in zip(texts, languages, strict=True))

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


def split(
    examples: Mapping[str, Sequence[Example]], texts: int, dev: Mapping[str, Sequence[Example]] | None = None
) -> tuple[dict[str, Sequence[Example]], dict[str, list[Example]]]:
    """Training and held-out examples by task: about `texts` source texts are held out with all their examples; of a
    task with a name at most a fifth, and a text held out for one is learned from in none.

    A task with examples in `dev` has those, and keeps all of its own. Raises DataError where examples are too few.
    """
    held: dict[str, list[Example]] = {}
    for name, some in examples.items():
        if dev and name in dev:
            held[name] = list(dev[name])
            continue
        sources = first_texts(some)
        if name and sources < 2:
            raise DataError(
                f"the task {name} has {sources} different text(s) to learn from, which is too few to hold one out"
            )
        held[name] = hold_out(some, min(texts, max(1, sources // 5)) if name else texts)[1]
    known = {
        text for name, some in held.items() if not (dev and name in dev) for example in some for text in example.texts
    }
    train = {name: without(some, known) for name, some in examples.items()}
    empty = [name for name, some in train.items() if not len(some)]
    if empty:
        raise DataError(
            f"the task {empty[0]} has no examples left beside those held out; give more, or a smaller --dev-texts"
        )
    return train, held
