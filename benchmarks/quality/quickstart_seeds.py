"""The quickstart from a clean clone, with several seeds.

    python benchmarks/quality/quickstart_seeds.py [--seeds 0 1 2] [--out benchmarks/results/quickstart.json]

Clones this checkout's HEAD into a temporary folder, installs as `make quickstart` does, and runs the quickstart once a
seed, each with downloads of its own for the first seed and copies for the others.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1]))
from measuring import RESULTS, about, spread, write

HERE = Path(__file__).resolve().parents[2]


def timed(command: list[str], folder: Path) -> tuple[float, str]:
    began = time.monotonic()
    done = subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True)
    return round(time.monotonic() - began, 1), done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--out", type=Path, default=RESULTS / "quickstart.json")
    arguments = parser.parse_args()
    runs: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as temporary:
        clone = Path(temporary) / "interlingua"
        timed(["git", "clone", "--quiet", str(HERE), str(clone)], Path(temporary))
        install, _ = timed(["make", ".venv/.train"], clone)
        for seed in arguments.seeds:
            output = clone / f"quickstart-{seed}"
            if runs:
                shutil.copytree(clone / f"quickstart-{arguments.seeds[0]}" / "downloads", output / "downloads")
            wall, printed = timed(
                [".venv/bin/interlingua", "quickstart", "--output", str(output), "--seed", str(seed), "--json"], clone
            )
            report = json.loads(printed)
            kept = ("seed", "steps", "seconds", "before", "after", "mining", "data", "versions")
            runs.append({"wall_seconds": wall, **{key: report[key] for key in kept}})
            accuracies = [report[when]["mean_accuracy"] for when in ("before", "after")]
            print(seed, wall, report["seconds"], *accuracies, file=sys.stderr)
    for run in runs:
        del run["mining"]["samples"]
    result = about("quality/quickstart_seeds.py") | {
        "install_seconds": install,
        "before": runs[0]["before"]["mean_accuracy"],
        "after": spread([run["after"]["mean_accuracy"] for run in runs]),
        "mining_f1": spread([run["mining"]["f1"] for run in runs]),
        "wall_seconds": {"median": statistics.median(run["wall_seconds"] for run in runs)},
        "runs": runs,
    }
    write(arguments.out, result)


if __name__ == "__main__":
    main()
