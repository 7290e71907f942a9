"""Training on more data than memory should hold: time until the first step, memory, and speed over the run.

    python benchmarks/speed/large_data.py SCRATCH OUT.json --pairs 200000 20000000

Pairs are sentences of made-up words and their "translations", word by word, so that there is something to learn; a
static encoder learns them with LaBSE's objective from a store on disk. `interlingua train labse` trains each size three
times: from scratch without a store (which makes it, and a vocabulary), from that model with the store, and, after a
kill, continued. Anonymous memory (RssAnon) is what the process itself holds; pages of the mapped files belong to the
system, which takes them back as it needs them.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).parents[1]))
from measuring import about, write

from interlingua.training import metrics

WORDS = 20_000
BATCH = 256


def make(path: Path, pairs: int) -> None:
    """Write this many pairs of sentences of 4 to 15 words, whose frequencies fall as in Zipf's law."""
    random = np.random.default_rng(0)
    syllables = np.array([a + b for a in "bdfgklmnprst" for b in ("a", "e", "i", "o", "u", "ei", "ou")])
    source = np.unique(["".join(some) for some in random.choice(syllables, (3 * WORDS, 3))])[:WORDS]
    random.shuffle(source)
    target = np.array([word[::-1] + "n" for word in source])
    odds = 1 / np.arange(1, len(source) + 1)
    odds /= odds.sum()
    with path.open("w", encoding="utf-8") as stream:
        stream.write("en\tde\n")
        for start in range(0, pairs, 100_000):
            counts = random.integers(4, 16, min(100_000, pairs - start))
            words = random.choice(len(source), counts.sum(), p=odds)
            for some in np.split(words, np.cumsum(counts)[:-1]):
                stream.write(" ".join(source[some]) + "\t" + " ".join(target[some]) + "\n")


def anonymous(pid: int) -> float:
    """Megabytes of memory of its own that a process holds."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("RssAnon"):
            return int(line.split()[1]) / 1024
    return 0.0


def lines(file: Path) -> list[dict[str, Any]]:
    """Those of steps and validations."""
    return [one for one in metrics.read(file.parent) if one["kind"] in ("train", "dev")] if file.exists() else []


def train(arguments: list[str], output: Path, kill_after: int | None = None) -> dict[str, Any]:
    """Run the command; what it took until its first new line of metrics.jsonl, and its memory over the run."""
    began, seen = time.monotonic(), len(lines(output / "metrics.jsonl"))
    process = subprocess.Popen([sys.executable, "-m", "interlingua", "train", "labse", *arguments])
    memory: list[float] = []
    first = 0.0
    while process.poll() is None:
        try:
            memory.append(anonymous(process.pid))
        except OSError:
            break
        logged = lines(output / "metrics.jsonl")
        if not first and len(logged) > seen:
            first = time.monotonic() - began
        if kill_after and logged and logged[-1]["step"] >= kill_after and (output / "checkpoint.pt").exists():
            process.send_signal(signal.SIGKILL)
        time.sleep(0.2)
    process.wait()
    return {
        "seconds_to_first_line": round(first, 1),
        "seconds": round(time.monotonic() - began, 1),
        "peak_megabytes": round(max(memory)),
        "returncode": process.returncode,
        "megabytes_over_the_run": [round(float(some.mean())) for some in np.array_split(memory, 12)],
    }


def speeds(output: Path) -> list[float]:
    """Texts a second, over eighths of the steps."""
    logged = [line["texts_per_second"] for line in lines(output / "metrics.jsonl") if line["kind"] == "train"]
    return [round(float(np.mean(some)), 1) for some in np.array_split(logged, 8)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scratch", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--pairs", nargs="+", type=int, default=[200_000, 20_000_000])
    parser.add_argument("--steps", type=int, default=1500)
    given = parser.parse_args()
    given.scratch.mkdir(parents=True, exist_ok=True)
    os.environ["OMP_NUM_THREADS"] = "1"
    found: dict[str, Any] = {}
    for pairs in given.pairs:
        file, store = given.scratch / f"{pairs}.tsv", given.scratch / f"store-{pairs}"
        scratch, output = given.scratch / "from-scratch", given.scratch / "run"
        if not file.exists():
            make(file, pairs)
        shutil.rmtree(store, ignore_errors=True)
        arguments = [
            "--vocabulary-size", "8000", "--pairs", str(file), "--data-cache", str(store), "--batch-size", str(BATCH),
            "--max-steps", str(given.steps), "--log-every", "5", "--learning-rate", "0.02",
            "--evaluate-every", "100000", "--checkpoint-seconds", "5", "--device", "cpu",
        ]  # fmt: skip
        for folder in (scratch, output):
            shutil.rmtree(folder, ignore_errors=True)
        row: dict[str, Any] = {"bytes": file.stat().st_size}
        row["store made"] = train([*arguments, "--student", "static", "--output", str(scratch)], scratch)
        arguments += ["--student", str(scratch / "model"), "--output", str(output)]
        row["store there"] = train(arguments, output, kill_after=given.steps // 2)
        row["continued"] = train([*arguments, "--resume"], output)
        row["texts_per_second"] = speeds(output)
        row["store_bytes"] = sum(one.stat().st_size for one in store.rglob("*") if one.is_file())
        found[f"{pairs:,} pairs"] = row
        print(json.dumps(row), flush=True)
        sizes = " ".join(map(str, given.pairs))
        command = f"speed/large_data.py SCRATCH OUT.json --pairs {sizes} --steps {given.steps}"
        write(given.out, about(command) | {"sizes": found})


if __name__ == "__main__":
    main()
