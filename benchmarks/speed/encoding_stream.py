"""Many short texts through `interlingua encode`: does memory stay constant, and throughput flat from start to end?

    python benchmarks/speed/encoding_stream.py MODEL TEXTS_FILE --texts 1000000 --out
        benchmarks/results/encoding-stream.json

The file's lines are repeated, each with a number so that no two are the same. Memory and the size of the unfinished
output are sampled twice a second; throughput is given for each tenth of the work, in texts per second by the clock and
per processor second.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from interlingua.data.examples import texts as read_texts

sys.path.append(str(Path(__file__).parents[1]))
from measuring import about, write

TICKS = os.sysconf("SC_CLK_TCK")


def sample(process: "subprocess.Popen[bytes]", rows: Path, width: int) -> dict[str, float] | None:
    try:
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
        resident = int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024
        times = Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        cpu = sum(map(int, times[11:13])) / TICKS
        return {
            "wall": time.perf_counter(),
            "cpu": cpu,
            "megabytes": resident,
            "texts": (rows.stat().st_size - 128) // (4 * width),
        }
    except (OSError, StopIteration):
        return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("file", type=Path)
    parser.add_argument("--texts", type=int, default=1_000_000)
    parser.add_argument("--width", type=int, default=384)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    lines = [line for line in read_texts(arguments.file) if line.strip()]
    samples: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as scratch:
        big, output = Path(scratch) / "big.txt", Path(scratch) / "out.npy"
        with big.open("w", encoding="utf-8") as stream:
            stream.writelines(f"{lines[number % len(lines)]} {number}\n" for number in range(arguments.texts))
        command = [Path(sys.executable).with_name("interlingua"), "encode", big]
        process = subprocess.Popen([*command, "--model", arguments.model, "--output", output])
        while process.poll() is None:
            if found := sample(process, Path(scratch) / ".out.npy.work" / "rows", arguments.width):
                samples.append(found)
            time.sleep(0.5)
        vectors = np.load(output, mmap_mode="r")
        assert process.returncode == 0
        assert vectors.shape == (arguments.texts, arguments.width)
    steps: list[dict[str, Any]] = []
    moved = [now for before, now in pairwise(samples) if now["texts"] > before["texts"]]
    for start, end in pairwise(moved[:: max(1, len(moved) // 10)]):
        done = end["texts"] - start["texts"]
        rates = {unit: round(done / max(1e-9, end[unit] - start[unit])) for unit in ("wall", "cpu")}
        steps.append(
            {
                "texts": int(end["texts"]),
                "per_second": rates["wall"],
                "per_cpu_second": rates["cpu"],
                "megabytes": round(end["megabytes"]),
            }
        )
    result = about("speed/encoding_stream.py MODEL TEXTS_FILE --texts N --out OUT.json") | {
        "model": Path(arguments.model).name,
        "texts": arguments.texts,
        "seconds": round(samples[-1]["wall"] - samples[0]["wall"], 1),
        "peak_megabytes": round(max(one["megabytes"] for one in samples)),
        "tenths": steps,
        "load": os.getloadavg(),
    }
    write(arguments.out, result)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
