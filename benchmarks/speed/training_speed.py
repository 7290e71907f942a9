"""Training on a CPU: our loop, step by step of what makes it fast, against sentence-transformers' trainer.

    python benchmarks/speed/training_speed.py TASK DATA MODELS [--windows 6] [--learn STEPS] [--out
    benchmarks/results/training-speed.json]

TASK is distillation (me5-small learns all-minilm-l6-v2's vectors; DATA is a table of parallel text with columns source
and target) or contrastive (all-minilm-l6-v2 learns from triplets; DATA has columns anchor, positive, hard_negative);
MODELS holds the two folders. Every system is a process that waits while another runs; all see the same batches of 64
examples in the same order, a step a window, the first window is not counted. With --learn, the systems train that many
steps instead, and the error on held-out texts is taken as they go. Results are merged into OUT. Three processes of the
larger model want 12 GB; --peers takes one peer at a time, --no-steps leaves out the steps of ours. Needs
sentence-transformers and its training extras.
"""

import argparse
import csv
import itertools
import json
import os
import platform
import shlex
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unittest.mock import patch

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
    import random

    names = ("source", "target") if task == "distillation" else ("anchor", "positive", "hard_negative")
    with data.open(encoding="utf-8", newline="") as stream:
        found = [
            [row[name] for name in names] for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]
    random.Random(0).shuffle(found)
    return found


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
                print(
                    json.dumps({"seconds": time.perf_counter() - self.began, "cpu": time.process_time() - self.cpu}),
                    flush=True,
                )
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
            self.began, self.cpu = time.perf_counter(), time.process_time()
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
    model = SentenceTransformer(
        str(models / ("me5-small" if task == "distillation" else "all-minilm-l6-v2")), device="cpu"
    )
    if task == "distillation":  # both learn the vectors as they are before any normalisation
        model = SentenceTransformer(
            modules=[module for module in model if type(module).__name__ != "Normalize"], device="cpu"
        )
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
        max_steps=total, bf16=bf16,
        learning_rate=1e-4, warmup_steps=total // 10, report_to="none", logging_strategy="no", save_strategy="no",
        disable_tqdm=True,
        use_cpu=True, batch_sampler=lambda dataset,
        **_: BatchSampler(SequentialSampler(dataset), BATCH, drop_last=True),
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
        encoder = trainable(str(models / ("me5-small" if task == "distillation" else "all-minilm-l6-v2")))
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


class Worker:
    """A system in a process of its own."""

    def __init__(self, name: str, options: list[str]) -> None:
        self.name = name
        command = [sys.executable, __file__, *options, "--worker", name]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_WAIT_POLICY": "passive"},
        )

    def ask(self, line: str) -> Any:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        while not (answer := self.process.stdout.readline()).startswith(("{", *"0123456789")):
            if not answer:
                raise SystemExit(f"{self.name} stopped")
        return json.loads(answer)


def compare(workers: dict[str, Worker], names: list[str], windows: int, keep: Callable[[dict[str, Any]], None]) -> None:
    """Every system's windows, interleaved; after each, what is known so far is kept."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for window in range(windows + 1):
        for name in names:
            answer = workers[name if name in PEERS else "ours"].ask(f"run 1 {name}")
            print(f"window {window} {name}: {answer}", file=sys.stderr, flush=True)
            if window:
                found[name].append(answer)
        if window:
            speeds = {name: speed(some) for name, some in found.items()}
            keep({"systems": speeds, "ratios": ratios(speeds)})


def speed(windows: list[dict[str, float]]) -> dict[str, Any]:
    """Medians over windows of one step."""
    return {
        "examples_per_second": round(statistics.median(BATCH / w["seconds"] for w in windows), 2),
        "examples_per_cpu_second": round(statistics.median(BATCH / w["cpu"] for w in windows), 2),
        "windows": [{key: round(value, 3) for key, value in w.items()} for w in windows],
    }


def ratios(found: dict[str, Any]) -> dict[str, Any]:
    """Of medians: ours by default against each peer, and each step against the one before, by the wall clock and in
    processor time."""

    def ratio(one: str, other: str) -> dict[str, float]:
        return {
            key: round(found[one][key] / found[other][key], 2)
            for key in ("examples_per_second", "examples_per_cpu_second")
        }

    against = {peer: ratio(DEFAULT, peer) for peer in PEERS if peer in found}
    pairs = [pair for pair in itertools.pairwise(OURS[:-1]) if set(pair) <= set(found)]
    return {"against": against, "steps": {later: ratio(later, earlier) for earlier, later in pairs}}


def learn(workers: dict[str, Worker], steps: int, keep: Callable[[dict[str, Any]], None], every: int = 5) -> None:
    """Dev error after every few steps and the seconds it took to get there."""
    found: dict[str, Any] = {}
    for name, worker in workers.items():
        seconds = cpu = 0.0
        curve = [{"step": 0, "seconds": 0.0, "cpu": 0.0, "error": round(worker.ask("error"), 4)}]
        for step in range(every, steps + 1, every):
            answer = worker.ask(f"run {every} {DEFAULT}")
            seconds, cpu = seconds + answer["seconds"], cpu + answer["cpu"]
            curve.append(
                {
                    "step": step,
                    "seconds": round(seconds, 1),
                    "cpu": round(cpu, 1),
                    "error": round(worker.ask("error"), 4),
                }
            )
            print(name, curve[-1], file=sys.stderr, flush=True)
            found[name] = curve
            keep({"learning": found})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=("distillation", "contrastive"))
    parser.add_argument("data", type=Path)
    parser.add_argument("models", type=Path)
    parser.add_argument("--windows", type=int, default=6)
    parser.add_argument("--learn", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/training-speed.json"))
    parser.add_argument("--peers", nargs="*", default=PEERS)
    parser.add_argument("--no-steps", action="store_true")
    parser.add_argument("--worker", default="")
    config = parser.parse_args()
    total = config.learn or config.windows + 2
    if config.worker == "ours":
        ours(config.task, config.data, config.models, total, config.learn or 10**6)
    elif config.worker:
        peer(config.task, config.data, config.models, config.worker.endswith("bf16"), total)
    if config.worker:
        return
    options = [
        config.task,
        str(config.data),
        str(config.models),
        "--windows",
        str(config.windows),
        "--learn",
        str(config.learn),
    ]
    workers = {name: Worker(name, options) for name in (*config.peers, "ours")}
    load = [round(value, 1) for value in os.getloadavg()]
    about = {
        "command": f"python benchmarks/speed/training_speed.py {shlex.join(sys.argv[1:])}",
        "machine": machine(),
        "load_average": load,
        "batch": BATCH,
    }

    def keep(result: dict[str, Any]) -> None:
        known = json.loads(config.out.read_text(encoding="utf-8")) if config.out.exists() else {}
        names = ("torch", "transformers", "sentence-transformers", "numpy")
        known["versions"] = {"python": platform.python_version()} | {name: version(name) for name in names}
        kind = (
            "learning"
            if config.learn
            else "speed"
            if tuple(config.peers) == PEERS
            else "speed against " + ", ".join(config.peers)
            if config.peers
            else "steps"
        )
        known.setdefault(config.task, {})[kind] = about | result
        config.out.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")

    if config.learn:
        learn(workers, config.learn, keep)
    else:
        compare(workers, [*config.peers, *([DEFAULT] if config.no_steps else OURS)], config.windows, keep)
    for worker in workers.values():
        worker.process.kill()


def machine() -> str:
    names = [
        line.split(":")[1].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    return f"{os.cpu_count()} cores, {names[0]}"


if __name__ == "__main__":
    main()
