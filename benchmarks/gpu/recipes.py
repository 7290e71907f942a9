"""LASER, mUSE, LaBSE and modular encoders, some time each on one device, and what they reach in translation search.

    python benchmarks/gpu/recipes.py DATA WORK OUT.json [--device cuda] [--seconds 120] [--size medium] [--batch 512]

DATA is what cut.py leaves. LASER, mUSE and LaBSE learn from the same pairs of English with five languages until the
time is over, which is told them by Ctrl-C, and are judged with the best model so far, on Tatoeba's pairs. A modular
encoder then learns Macedonian on top of this LaBSE, in stages of so many steps as take about that time.
"""

import argparse
import json
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from interlingua import load
from interlingua.evaluation.tasks import tatoeba
from interlingua.training import metrics

sys.path.append(str(Path(__file__).parents[1]))
from cut import LANGUAGES, NEW
from measuring import about, write

NEVER = 10**6
"""Epochs that no run comes to the end of."""


def train(arguments: str, output: Path, seconds: float) -> dict[str, Any]:
    """Run a recipe until it ends, or the time is over; how far it came."""
    command = [sys.executable, "-m", "interlingua", "train", *shlex.split(arguments), "--output", str(output)]
    began = time.monotonic()
    process = subprocess.Popen(command)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
        process.wait(60)
    if process.returncode not in (0, 130):
        raise SystemExit(f"{shlex.join(command)} failed")
    found: dict[str, Any] = {"seconds": round(time.monotonic() - began, 1)}
    for file in sorted(output.rglob(metrics.FILE)):
        lines = [line for line in metrics.read(file.parent) if line["kind"] == "train"]
        name = "" if file.parent == output else f"{file.parent.name} "
        found[f"{name}steps"] = lines[-1]["step"] if lines else 0
        if lines:
            found[f"{name}texts_per_second"] = round(sum(line["texts_per_second"] for line in lines) / len(lines), 1)
            found[f"{name}share_of_peak"] = round(sum(line.get("share_of_peak", 0) for line in lines) / len(lines), 4)
    return found


def accuracy(model: Path, data: Path, names: dict[str, str], device: str) -> float | None:
    """Mean of both directions and of all languages, in per cent; None where no model was kept in time."""
    if not model.exists():
        return None
    report = tatoeba.evaluate(load(str(model), device).encode, data / "tatoeba", languages=tuple(names))
    return round(sum(row["accuracy"] for row in report.rows) / len(report.rows), 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--size", default="medium")
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--modular-steps", type=int, default=400)
    config = parser.parse_args()
    data, size, batch = config.data, config.size, config.batch
    pairs = " ".join(str(data / f"en-{code}.tsv.zst") for code in LANGUAGES)
    new = next(iter(NEW))
    small = size == "tiny"
    body = "--layers 2 --width 64 --heads 2 --feedforward 128" if small else "--layers 6 --width 512 --heads 8"
    shared = (
        f"--device {config.device} --max-tokens 48 --dev-texts 500 --log-every 20 --schedule constant "
        f"--evaluate-every {20 if small else 200} --vocabulary-size {4000 if small else 24_000} --epochs {NEVER} "
        "--learning-rate 5e-4"
    )
    plan = {
        "laser": f"laser --pairs {pairs} --write en es --layers {1 if small else 2} --hidden {64 if small else 384} "
        f"--decoder {128 if small else 1024} --batch-size {batch} {shared}",
        "muse": f"muse --pairs {pairs} --nli {data / 'nli.tsv.zst'} {body} --batch-size {batch} {shared}",
        "labse": f"labse --pairs {pairs} --student {size} --batch-size {batch} {shared}",
    }
    steps = config.modular_steps
    stages = " ".join(f"--{stage}-stage.max-steps {steps}" for stage in ("language", "sentence", "alignment"))
    result: dict[str, Any] = {}

    def keep(name: str, found: dict[str, Any]) -> None:
        result[name] = found
        print(json.dumps({name: found}), file=sys.stderr, flush=True)
        write(config.out, about(f"gpu/recipes.py {shlex.join(sys.argv[1:])}") | {"recipes": result})

    for name, arguments in plan.items():
        found = train(arguments, config.work / name, config.seconds)
        keep(name, found | {"tatoeba": accuracy(config.work / name / "model", data, LANGUAGES, config.device)})
    base = config.work / "labse" / "model"
    arguments = (
        f"modular-encoders --base {base} --language {new} --pairs {data / f'en-{new}.tsv.zst'} "
        f"--device {config.device} --vocabulary-size {2000 if small else 8000} {stages} --log-every 20"
    )
    found = {"tatoeba before": accuracy(base, data, NEW, config.device)}
    found |= train(arguments, config.work / "modular", 2 * config.seconds)
    keep("modular", found | {"tatoeba": accuracy(config.work / "modular" / "model", data, NEW, config.device)})


if __name__ == "__main__":
    main()
