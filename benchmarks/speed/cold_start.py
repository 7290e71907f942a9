"""From the shell prompt to the first vector: `interlingua encode` of one sentence with an engine, and three lines of
sentence-transformers.

    python benchmarks/speed/cold_start.py SENTENCE_TRANSFORMERS_FOLDER ENGINE --out benchmarks/results/cold-start.json

New processes in turns, files in the cache, medians. wall by the clock, cpu in processor seconds, peak memory of the
process in MB.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from interlingua import printing
from interlingua.files import write_whole

SCRIPT = """
from sentence_transformers import SentenceTransformer
model = SentenceTransformer({folder!r}, device="cpu")
print(model.encode(["The cat sleeps on the mat."])[0, :3])
"""


def run(command: list[str]) -> tuple[float, float, float]:
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command} failed")
    return time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("engine")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        text = Path(scratch) / "one.txt"
        text.write_text("The cat sleeps on the mat.\n", encoding="utf-8")
        command = str(Path(sys.executable).with_name("interlingua"))
        commands = {
            "interlingua encode": [command, "encode", str(text), "--model", arguments.engine],
            "sentence-transformers": [sys.executable, "-c", SCRIPT.format(folder=arguments.folder)],
        }
        found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in commands}
        for number in range(arguments.rounds + 1):
            for name, line in commands.items():
                measured = run(line)
                if number:  # the first round fills the file cache
                    found[name].append(measured)
    names = ("wall_seconds", "cpu_seconds", "peak_megabytes")
    table = {
        name: {key: round(median(column), 3) for key, column in zip(names, zip(*rows, strict=True), strict=True)}
        for name, rows in found.items()
    }
    ours, theirs = table.values()
    result = {
        "command": "python benchmarks/speed/cold_start.py SENTENCE_TRANSFORMERS_FOLDER ENGINE --out OUT.json",
        "model": Path(arguments.folder).name,
        "rounds": arguments.rounds,
        "load": os.getloadavg(),
        "systems": table,
        "ratio": {key: round(theirs[key] / ours[key], 2) for key in names},
        "versions": printing.versions(),
    }
    with write_whole(arguments.out) as file:
        file.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(table | result["ratio"], indent=1))


if __name__ == "__main__":
    main()
