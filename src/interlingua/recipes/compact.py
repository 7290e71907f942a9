"""A smaller encoder with most of the quality: fewer layers, narrower embeddings, learned from the larger one's
embeddings of plain text.

Paper: Hinton et al. 2015, Distilling the Knowledge in a Neural Network, arXiv:1503.02531; Sanh et al. 2019, DistilBERT,
  arXiv:1910.01108
Command: interlingua train compact --teacher MODEL --layers 3 --texts sentences.txt --output DIR
Measured: STS-B 82.0 (teacher), 82.3 (3 layers), 80.9 (3 layers, 128 wide), 59.7 (1 layer); docs/recipes/english.md
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from interlingua.data.digest import digest_of
from interlingua.data.examples import sentences
from interlingua.data.gathering import gather_each
from interlingua.data.teaching import some_targets, taught, teach
from interlingua.errors import DataError
from interlingua.languages import UNKNOWN
from interlingua.objectives.distillation import EmbeddingDistillation, unit_of_error
from interlingua.training.fit import Fit
from interlingua.training.session import Outcome
from interlingua.types import Embeddings, Encode

FIT_TEXTS = 10_000
"""Texts from which the narrower space is computed."""


@dataclass(frozen=True, kw_only=True)
class Config(Fit):
    """Compression by distillation."""

    teacher: str
    """The encoder to compress; its layers are where the student starts."""
    layers: int
    """Layers to keep, evenly spread."""
    width: int | None = None
    """Width of the student's embeddings; by default the teacher's. A narrower one keeps the directions in which
    embeddings vary most."""
    texts: tuple[Path, ...]
    """Plain text of the kind that will be embedded."""
    teacher_cache: Path | None = None
    """The folder that keeps the teacher's embeddings; by default the run's folder."""
    learning_rate: float = 3e-4
    batch_size: int = 64


def run(config: Config) -> Outcome:
    """Train the smaller encoder and leave the best one in `config.output`/model.

    Raises DataError, ConfigError or ModelFormatError before anything is written where input or options are unusable.
    """
    import torch

    from interlingua.encoders.shrink import keep_layers, principal_directions
    from interlingua.placement import arithmetic
    from interlingua.training.fit import begin, fit
    from interlingua.training.processes import first
    from interlingua.training.start import trainable
    from interlingua.training.tasks import Task

    examples = gather_each(sentences, config.texts, config.data_cache, once=True)
    if not len(examples):
        raise DataError("there is no text in this file", config.texts[0])
    torch.manual_seed(config.seed)
    teacher = trainable(config.teacher, config.device)
    teacher.tokenizer.truncate(min(config.max_tokens, teacher.tokenizer.max_tokens))
    student = keep_layers(teacher, config.layers)
    begin(config, "compact", {"": examples}, {"texts": len(examples), "data": digest_of(examples)})
    with first(), arithmetic(config.optimization.precision, teacher.device):
        cache = config.teacher_cache or config.output / "teacher"
        encode: Encode = teacher.encode
        if config.width is not None and config.width != teacher.width:
            some = [example.texts[0] for example in examples[:FIT_TEXTS]]
            narrow = principal_directions(teach(some, teacher.encode, cache, UNKNOWN, "teacher"), config.width)
            encode = partial(_narrowed, teacher.encode, narrow)
            free = student.projection is None
            student.projection = narrow if free else torch.nn.Linear(student.body.width, config.width)
        examples = taught(examples, encode, cache, UNKNOWN, "teacher")
    student.change(normalize=teacher.normalize)
    task = Task(objective=EmbeddingDistillation(scale=unit_of_error(some_targets(examples))), examples=examples)
    return fit(config, student, task, folder=config.output)


def _narrowed(encode: Encode, narrow: Any, texts: Sequence[str], language: str = UNKNOWN) -> Embeddings:
    """The teacher's embeddings in the narrower space."""
    import torch

    with torch.no_grad():
        return narrow(torch.from_numpy(encode(texts, language))).numpy()
