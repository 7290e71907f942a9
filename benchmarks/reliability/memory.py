"""Peak memory of commands, whatever their lines look like: does each stay below the ceiling that is stated for it?

    python benchmarks/reliability/memory.py [--jobs encode-engine ...] [--share 1.0]

Every command runs in a process of its own on three files: a usual one, a million short lines, and few enormous ones.
The peak is the largest resident set as the kernel counts it. Ceilings, beside what the same command takes for one line:
of `encode`, its --memory; of `mine` (all of the process), its --memory; of what reads a stream, a number of megabytes;
of what holds its input, so many bytes a row and a byte of it. The model is made here: a transformer of 2 layers, and
the engine exported from it. `--share` makes all files smaller.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1]))
from reliability.record import record

SENTENCE = "the house of a river stands near old trees and many people walk there every day with their dogs"
WORDS = SENTENCE.split()
REFUSED = 2


@dataclass(frozen=True)
class Job:
    """A command and its ceiling."""

    arguments: str
    """With {a} and {b} for its input files, {pairs}, {one} for a file of one row, {out}, {model} and {engine}."""
    megabytes: int
    """That it may take."""
    usual: int
    """Rows of the usual file."""
    short: int = 1_000_000
    enormous: int = 100
    longest: int = 4_000_000
    """Characters of an enormous row."""
    row: int = 0
    """Bytes more that it may take for each row, of what holds its input."""
    times: int = 0
    """Bytes more for each byte of its input."""
    beside: bool = True
    """Whether the ceiling is beside what one row takes."""


JOBS = {
    "encode-engine": Job("encode {a} -m {engine} -o {out}.npy --memory 1G", 1024, 200_000),
    "encode-torch": Job("encode {a} -m {model} -o {out}.npy --memory 1G", 1024, 200_000),
    "encode-lines": Job("encode {a} -m {engine} --memory 1G", 1024, 50_000, short=200_000),
    "mine": Job("mine {a} {b} -m {engine} -o {out}.tsv --memory 2G", 2048, 50_000, 200_000, 2000, 90_000, beside=False),
    "negatives": Job(
        "negatives {pairs} -m {engine} -o {out}.tsv --ranks 1 10 --margin -2 --lists 64", 512, 20_000, 100_000, 20,
        row=3000, times=16,
    ),
    "clean": Job(
        "clean {pairs} -m {engine} -o {out}.tsv --rejected {out}-rejected.tsv", 768, 20_000, 100_000, 20, row=4000,
        times=16,
    ),
    "align": Job("align {a} {b} -m {engine} -o {out}.tsv", 512, 5000, 20_000, 200, 19_000, row=3000, times=32),
    "convert": Job(
        "tm convert {pairs} -o {out}.tmx --source-language en --target-language de", 384, 200_000, enormous=30
    ),
    "lookup": Job(
        "tm lookup {one} --memory {pairs} -m {engine} -k 1 --cache {out}-kept -o {out}.tsv --source-language en "
        "--target-language de", 512, 20_000, 100_000, 20, row=4000, times=16,
    ),
}  # fmt: skip


def made(folder: Path) -> None:
    """A small model and its engine."""
    import torch

    from interlingua import tokenization
    from interlingua.encoders import storage
    from interlingua.encoders.bodies import transformer
    from interlingua.encoders.encoder import Encoder
    from interlingua.export.export import export

    torch.manual_seed(0)
    tokenizer = tokenization.train([SENTENCE, "0 1 2 3 4 5 6 7 8 9"] * 3, 400, max_tokens=128)
    config = transformer.Config(layers=2, width=64, heads=2, feedforward=128)
    body = transformer.Body(config, tokenizer.vocabulary_size, tokenizer.pad)
    encoder = Encoder(tokenizer=tokenizer, body=body, normalize=True)
    storage.save(encoder, folder / "model")
    export(encoder, folder / "engine")


def usual(row: int) -> str:
    """A sentence of some 60 characters, another in each row."""
    return " ".join(WORDS[(row * step) % len(WORDS)] for step in range(1, 12)) + f" {row}"


def write(folder: Path, rows: int, text: Callable[[int], str]) -> dict[str, str]:
    """The files of a case."""
    names = {name: folder / name for name in ("a.txt", "b.txt", "pairs.tsv", "one.txt")}
    with names["a.txt"].open("w") as a, names["b.txt"].open("w") as b, names["pairs.tsv"].open("w") as pairs:
        pairs.write("en\tde\n")
        for row in range(rows):
            one, other = text(row), text(row) + "."
            a.write(f"{one}\n")
            b.write(f"{other}\n")
            pairs.write(f"{one}\t{other}\n")
    names["one.txt"].write_text("the old house near a river\n")
    return {path.stem: str(path) for path in names.values()}


def peak(command: list[str]) -> dict[str, Any]:
    """What a command did, and the most memory that it took."""
    began = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)  # it does not know that it was waited for
        said.seek(0)
        told = said.read().decode().strip().rpartition("\n")[2][:200]
    if child.returncode not in (0, REFUSED):
        raise SystemExit(f"{' '.join(command)} failed: {told}")
    done = {} if child.returncode == 0 else {"refused": told.replace(str(Path(command[-1]).parent), "")}
    return {"megabytes": round(usage.ru_maxrss / 1024), "seconds": round(time.perf_counter() - began, 1), **done}


def measure(job: Job, models: dict[str, str], share: float) -> dict[str, Any]:
    cases: dict[str, tuple[int, Callable[[int], str]]] = {
        "one row": (3, usual),
        "usual": (max(3, int(job.usual * share)), usual),
        "short": (max(3, int(job.short * share)), str),
        "enormous": (max(3, int(job.enormous * share)), lambda row: (usual(row) + " ") * (job.longest // 80)),
    }
    found: dict[str, Any] = {}
    for name, (rows, text) in cases.items():
        with tempfile.TemporaryDirectory() as folder:
            files = write(Path(folder), rows, text)
            size = os.path.getsize(files["pairs"])
            arguments = job.arguments.format(**files, **models, out=str(Path(folder) / "out")).split()
            result = peak([sys.executable, "-m", "interlingua", *arguments])
        ceiling = job.megabytes + (rows * job.row + size * job.times) // 2**20
        ceiling += found["one row"]["megabytes"] if job.beside and found else 0
        found[name] = {"rows": rows, "input_megabytes": round(size / 2**20, 1), **result}
        if name != "one row":
            found[name] |= {"ceiling_megabytes": ceiling, "held": result["megabytes"] <= ceiling}
        print(job.arguments.split(" {")[0], name, found[name], flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", nargs="+", choices=JOBS, default=list(JOBS))
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--make", type=Path, help="only make the model and its engine in this folder")
    arguments = parser.parse_args()
    if arguments.make is not None:
        made(arguments.make)
        return
    with tempfile.TemporaryDirectory() as folder:
        # in another process: what this one holds, the kernel counts for those that it starts
        subprocess.run([sys.executable, "-W", "ignore", __file__, "--make", folder], check=True)
        models = {name: str(Path(folder) / name) for name in ("model", "engine")}
        found = {name: measure(JOBS[name], models, arguments.share) for name in arguments.jobs}
    cases = [case for job in found.values() for case in job.values() if "held" in case]
    record(
        "memory has a ceiling",
        f"reliability/memory.py --jobs {' '.join(arguments.jobs)} --share {arguments.share}",
        tried=len(cases),
        lost=sum(not case["held"] for case in cases),
        commands={name: JOBS[name].arguments for name in arguments.jobs},
        found=found,
    )


if __name__ == "__main__":
    main()
