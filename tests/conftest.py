"""Small encoders and texts that every test may use."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is imported: see torch.set_num_threads below

import gc
import multiprocessing as start
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

import hypothesis
import numpy as np
import pytest
import torch
import torch.distributed as distributed
import torch.multiprocessing as processes

from interlingua import tokenization
from interlingua.encoders.bodies import static, transformer
from interlingua.encoders.encoder import Encoder
from interlingua.export import report
from interlingua.tensors import Batch
from interlingua.training import metrics, throughput
from interlingua.training.objective import Objective
from interlingua.training.processes import rank, world

torch.set_num_threads(1)  # tests are small: threads would only wait for each other
report.AT_LEAST_SECONDS = 0.0  # nobody reads the speed of an export that is made in a test,
throughput.SIZE = 32  # nor that of a run,
_DRAW = metrics._draw
metrics._draw = lambda folder: None  # nor looks at its picture, which takes as long as a short run: see `drawn`
hypothesis.settings.register_profile("any speed", deadline=None)  # a busy machine is no bug
hypothesis.settings.load_profile("any speed")

TEXTS = [
    "The cat sleeps on the mat.", "Die Katze schläft auf der Matte.", "Кошка спит на коврике.", "猫在垫子上睡觉。", "القطة تنام على السجادة.",
    "A", "", "Numbers such as 3.14 and 2,718 stand here; they are as good as words, and this text is longer than its fellows.",
]  # fmt: skip


def peer(package: str) -> ModuleType:
    """Another package, of the extra `dev`, that ours is held against. Without it tests fail; only `make test-lowest`,
    which installs no peers and says so, skips them.
    """
    return pytest.importorskip(package) if os.environ.get("WITHOUT_PEERS") else import_module(package)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """A full disk, as far as writing goes: larger files are cut off."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def in_processes(function: Callable[..., None], arguments: tuple[Any, ...], count: int) -> None:
    """Call `function(number, *arguments)` in processes of their own, which have two minutes. They are forked from one
    that has imported torch: that takes each seconds.
    """
    start.set_forkserver_preload(["torch", "transformers", "interlingua.training.fit", "tests.conftest"])
    started = processes.start_processes(function, arguments, nprocs=count, join=False, start_method="forkserver")
    assert started is not None
    deadline = time.monotonic() + 120
    while not started.join(timeout=1):
        if time.monotonic() > deadline:
            for process in started.processes:
                process.kill()
            raise AssertionError(f"{function.__name__}: the processes have not ended")


@contextmanager
def group_of_processes(number: int, count: int, folder: str) -> Iterator[None]:
    """This process as one of a group; it ends with the block.

    It ends at once: where a group's threads still hold tensors while the interpreter shuts down, torch aborts the
    process now and then.
    """
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{folder}/meet", rank=number, world_size=count)
    yield
    distributed.barrier()
    os._exit(0)


def share(batch: Batch) -> Batch:
    """The rows of a batch that are for this process."""
    each = len(batch.columns[0].ids) // world()
    mine = slice(rank() * each, (rank() + 1) * each)
    targets, teacher = (None if part is None else part[mine] for part in (batch.targets, batch.teacher))
    return Batch(tuple(tokens.rows(mine) for tokens in batch.columns), targets, teacher, batch.task, whole=False)


def check_gradients(objective: Objective, encoder: Encoder, batch: Batch, picks: int = 1) -> None:
    """Compare analytic gradients with central differences, in float64, at random non-zero places of every parameter
    of both."""
    random = np.random.default_rng(2)
    torch.manual_seed(0)
    encoder.zero_grad()
    objective.zero_grad()
    objective(encoder, batch).backward()
    checked = 0
    for parameter in [*encoder.parameters(), *objective.parameters()]:
        if parameter.grad is None or not parameter.grad.any():
            continue
        for _ in range(picks):
            place = tuple(int(axis) for axis in random.choice(np.argwhere(parameter.grad.numpy() != 0)))
            values = []
            for step in (1e-5, -1e-5):
                with torch.no_grad():
                    before = parameter[place].item()
                    parameter[place] = before + step
                    torch.manual_seed(0)  # the same dropout, the same hidden tokens
                    values.append(objective(encoder, batch).item())
                    parameter[place] = before
            assert (values[0] - values[1]) / 2e-5 == pytest.approx(float(parameter.grad[place]), rel=1e-4, abs=1e-8)
            checked += 1
    assert checked


def pytest_collection_finish() -> None:
    """What is imported by now stays: the garbage collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs have their pictures."""
    monkeypatch.setattr(metrics, "_draw", _DRAW)


@pytest.fixture(scope="session")
def tokenizer() -> tokenization.Tokenizer:
    return tokenization.train(TEXTS * 3, 600, max_tokens=32)


@pytest.fixture(params=["transformer", "static"])
def encoder(request: pytest.FixtureRequest, tokenizer: tokenization.Tokenizer) -> Encoder:
    torch.manual_seed(7)
    if request.param == "static":
        body = static.Body(static.Config(width=16), tokenizer.vocabulary_size, tokenizer.pad)
    else:
        config = transformer.Config(layers=2, width=16, heads=2, feedforward=32)
        body = transformer.Body(config, tokenizer.vocabulary_size, tokenizer.pad)
    return Encoder(tokenizer=tokenizer, body=body, projection=torch.nn.Linear(16, 12), normalize=True).eval()
