"""The systems that training_speed.py compares, each a process of its own that trains when it is told to.

    python benchmarks/speed/training_systems.py SYSTEM TASK DATA MODELS STEPS END

SYSTEM is one of PEERS, or anything else for ours, whose learning rate falls to 0 at step END.
"""

import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

from interlingua.formats import read_rows

BATCH, MOST = 64, 128
DEV = 300
PEERS = ("sentence-transformers fp32", "sentence-transformers bf16")
OURS = (
    "padded, fp32, dense AdamW",
    "+ packed",
    "+ columns together, repeated texts once",
    "+ lazy AdamW",
    "+ bf16",
    "with dropout",
)
DEFAULT = "+ bf16"


def rows(task: str, data: Path) -> list[list[str]]:
    """Texts of each example in a fixed random order."""
    names = ("source", "target") if task == "distillation" else ("anchor", "positive", "hard_negative")
    found = [[row.columns[name] for name in names] for row in read_rows(data)]
    random.Random(0).shuffle(found)
    return found


def start(task: str, models: Path) -> str:
    """The folder of the model that is trained."""
    return str(models / ("me5-small" if task == "distillation" else "all-minilm-l6-v2"))


def targets(texts: list[str], models: Path) -> Any:
    from interlingua.loading import load

    return load(str(models / "all-minilm-l6-v2")).encode(texts)


class Clock:
    """Answers `run STEPS` on standard input with what the steps took, once `tick` was called that often; `error`
    with the dev error."""

    def __init__(self, dev: Callable[[], float], switch: Callable[[str], None] = lambda _: None) -> None:
        self.left, self.dev, self.switch = 0, dev, switch

    def tick(self) -> bool:
        """Called between steps. Waits for work where a window is over; False when there is none."""
        if self.left > 0:
            self.left -= 1
            if not self.left:
                wall, cpu = time.perf_counter() - self.wall, time.process_time() - self.cpu
                print(json.dumps({"seconds": wall, "cpu": cpu}), flush=True)
        while not self.left:
            line = sys.stdin.readline().rstrip("\n")
            if line == "error":
                print(json.dumps(self.dev()), flush=True)
                continue
            if not line.startswith("run "):
                return False
            _, steps, name = line.split(" ", 2)
            self.switch(name)
            self.left = int(steps)
            self.wall, self.cpu = time.perf_counter(), time.process_time()
        return True


def peer(task: str, data: Path, models: Path, bf16: bool, total: int) -> None:
    """sentence-transformers' trainer; its callbacks hand over to the clock."""
    import datasets
    import torch
    from sentence_transformers import (
        SentenceTransformer,
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
        losses,
    )
    from torch.utils.data import BatchSampler, SequentialSampler
    from transformers import TrainerCallback

    examples = rows(task, data)
    dev, used = examples[:DEV], examples[DEV : DEV + BATCH * total]
    model = SentenceTransformer(start(task, models), device="cpu")
    if task == "distillation":  # both learn the vectors as they are before any normalisation
        kept = [module for module in model if type(module).__name__ != "Normalize"]
        model = SentenceTransformer(modules=kept, device="cpu")
    model.max_seq_length = MOST
    columns: dict[str, Any] = {str(n): [row[n] for row in used] for n in range(len(used[0]))}
    dev_error = lambda: 0.0  # noqa: E731
    if task == "distillation":
        columns["label"] = targets(columns["0"], models).tolist()
        wanted = targets([row[0] for row in dev], models)
        dev_error = lambda: error(lambda texts: model.encode(texts), dev, wanted)  # noqa: E731
    loss = losses.MSELoss(model) if task == "distillation" else losses.MultipleNegativesRankingLoss(model)
    clock = Clock(dev_error)

    class Handing(TrainerCallback):
        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self.wait()

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self.wait()

        def wait(self) -> None:
            if not clock.tick():
                os._exit(0)
            model.train()

    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(Path(os.environ.get("TMPDIR", "/tmp")) / "peer"), per_device_train_batch_size=BATCH,
        max_steps=total, bf16=bf16, learning_rate=1e-4, warmup_steps=total // 10, use_cpu=True,
        report_to="none", logging_strategy="no", save_strategy="no", disable_tqdm=True,
        batch_sampler=lambda dataset, **_: BatchSampler(SequentialSampler(dataset), BATCH, drop_last=True),
    )  # fmt: skip
    torch.manual_seed(0)
    SentenceTransformerTrainer(
        model, arguments, datasets.Dataset.from_dict(columns), loss=loss, callbacks=[Handing()]
    ).train()


def error(encode: Callable[[list[str]], Any], dev: list[list[str]], wanted: Any) -> float:
    """The share of the teacher's variance that the student does not explain, over both sides."""
    import numpy as np

    both = [np.mean((np.asarray(encode([row[side] for row in dev])) - wanted) ** 2) for side in (0, 1)]
    return float(np.mean(both) / np.var(wanted, axis=0).mean())


def ours(task: str, data: Path, models: Path, total: int, end: int) -> None:
    """Our loop; the variants share one encoder with a dense and one with a lazy optimiser. The learning rate falls
    to 0 at step `end`."""
    import torch

    from interlingua.encoders.encoder import Encoder
    from interlingua.objectives.contrastive import Contrastive
    from interlingua.objectives.distillation import EmbeddingDistillation, unit_of_error
    from interlingua.tensors import Batch
    from interlingua.training import loop
    from interlingua.training.start import trainable

    examples = rows(task, data)
    dev, used = examples[:DEV], examples[DEV : DEV + BATCH * total]
    taught = targets([row[0] for row in used], models) if task == "distillation" else None
    wanted = targets([row[0] for row in dev], models) if task == "distillation" else None

    def state(large: int) -> loop.State:
        torch.manual_seed(0)
        encoder = trainable(start(task, models))
        encoder.tokenizer.truncate(MOST)
        objective = Contrastive() if taught is None else EmbeddingDistillation(scale=unit_of_error(taught))
        with patch.object(loop, "LARGE", large):
            return loop.start(encoder, objective, 1e-4, loop.Optimization())

    states = {"lazy": state(1)}

    def batch_at(step: int) -> Batch:
        encoder = states["lazy"].encoder
        some = used[step * BATCH : (step + 1) * BATCH]
        columns = tuple(encoder.tokens([row[n] for row in some], ["und"] * BATCH) for n in range(len(some[0])))
        return Batch(columns, None if taught is None else torch.from_numpy(taught[step * BATCH : (step + 1) * BATCH]))

    chosen = DEFAULT
    done: dict[str, int] = {}

    def switch(name: str) -> None:
        nonlocal chosen
        chosen = name if name in OURS else DEFAULT

    clock = Clock(
        lambda: error(lambda texts: states["lazy"].encoder.encode(texts, normalize=False), dev, wanted), switch
    )

    def each(self: Encoder, columns: Any, normalize: bool | None = None) -> Any:
        return tuple(self._forward(tokens, normalize) for tokens in columns)

    def walk(place: int) -> Iterator[loop.Step]:
        """The steps of one variant, from batch `done[variant]` on."""
        if place < 3 and "dense" not in states:
            states["dense"] = state(10**12)
        at = states["dense" if place < 3 else "lazy"]
        options = loop.Optimization(
            precision=loop.Precision.bf16 if place >= 4 else loop.Precision.fp32, dropout=place == 5
        )
        begin = done.get(OURS[place], 0)
        shift = begin - at.step
        with ExitStack() as stack:
            if place < 1:
                stack.enter_context(patch("interlingua.encoders.attention.post_norm.supports", lambda _: False))
            if place < 2:
                stack.enter_context(patch.object(Encoder, "each", each))
            if place < 3:
                for _ in range(10**6):
                    yield loop._step(at, batch_at(at.step + shift), end, options)
            yield from loop.steps(at, lambda step: batch_at(step + shift), end, options)

    while clock.tick():
        steps = walk(OURS.index(chosen))
        for _ in range(clock.left):
            next(steps)
        steps.close()
        done[chosen] = done.get(chosen, 0) + clock.left
        clock.left = 1


if __name__ == "__main__":
    system, task, data, models, steps, end = sys.argv[1:]
    if system in PEERS:
        peer(task, Path(data), Path(models), system.endswith("bf16"), int(steps))
    else:
        ours(task, Path(data), Path(models), int(steps), int(end))
