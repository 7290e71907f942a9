"""Training with two versions of this package, in turns: has a change made it slower?

    python benchmarks/speed/old_and_new.py OLD PAIRS MODEL OUT.json [--rounds 3] [--steps 24]

OLD is a checkout of another version, PAIRS a table with columns en and de, MODEL an encoder to tune. Every recipe
trains so many steps with each version, a process a run, one thread; its speed is the median of its lines of
metrics.jsonl but the first. Figures are medians over rounds, ratios are new over old.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from interlingua.formats import read_rows

sys.path.append(str(Path(__file__).parents[1]))
from measuring import Figures, about, in_turns, medians, ratios, rounded, write

HERE = Path(__file__).resolve().parents[2]


def recipes(pairs: Path, texts: Path, model: str) -> dict[str, str]:
    """By name: the recipe's arguments."""
    scratch = f"--pairs {pairs} --vocabulary-size 8000 --batch-size 128"
    return {
        "labse, pretrained": f"labse --student {model} --pairs {pairs} --batch-size 32",
        "labse, static": f"labse --student static {scratch}",
        "laser": f"laser --write en de --layers 1 --hidden 192 --decoder 384 {scratch}",
        "masked-language": f"masked-language --start {model} --texts {texts} --batch-size 32",
    }


def speed(checkout: Path, arguments: str, steps: int) -> Figures:
    arguments += f" --max-steps {steps} --log-every 4 --evaluate-every 100000 --dev-texts 50 --precision fp32"
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "interlingua", "train", *shlex.split(arguments), "--output", f"{scratch}/run"]
        environment = {**os.environ, "PYTHONPATH": str(checkout / "src"), "OMP_NUM_THREADS": "1"}
        subprocess.run(command, check=True, env=environment)
        lines = map(json.loads, (Path(scratch) / "run/metrics.jsonl").read_text(encoding="utf-8").splitlines())
        speeds = [line["texts_per_second"] for line in lines if line["kind"] == "train"]
    return {"texts_per_second": median(speeds[1:])}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("model")
    parser.add_argument("out", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=24)
    config = parser.parse_args()
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        texts = Path(scratch) / "texts.txt"
        texts.write_text("".join(row.columns["en"] + "\n" for row in read_rows(config.pairs)), encoding="utf-8")
        for name, arguments in recipes(config.pairs, texts, config.model).items():
            places = {"old": config.old, "new": HERE}
            ways = {who: partial(speed, place, arguments, config.steps) for who, place in places.items()}
            runs = in_turns(ways, config.rounds)
            each = {who: rounded(medians(some), 1) for who, some in runs.items()}
            found[name] = each | {"ratio": ratios(each["new"], each["old"])["texts_per_second"], "runs": runs}
            print(name, found[name], file=sys.stderr, flush=True)
            write(config.out, about(f"speed/old_and_new.py {shlex.join(sys.argv[1:])}") | {"recipes": found})


if __name__ == "__main__":
    main()
