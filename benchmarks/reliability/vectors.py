"""The same vectors everywhere: in batches of any size and order, alone, from Python, from the command line in each of
its formats, in another process, and from an engine.

    python benchmarks/reliability/vectors.py MODEL

Largest difference of a coordinate to `load(MODEL).encode(texts)`, relative to the longest vector, beside what is
promised.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

sys.path.append(str(Path(__file__).parents[1]))
from reliability.record import record

from interlingua import load
from interlingua.encoders.encoder import Encoder
from interlingua.engines.engine import TOLERANCE, difference
from interlingua.export.export import export, kinds

WORDS = [
    "the", "river", "house", "garden", "window", "letter", "der", "Fluss", "Haus", "Garten", "Fenster", "Brief",
    "la", "rivière", "maison", "pierre", "река", "дом", "сад", "окно", "письмо", "камень", "河", "房子", "花园",
    "النهر", "البيت", "الحديقة", "الرسالة", "naïve", "Ångström", "e\u0301", "👩‍👩‍👧", "🇫🇷", "3.14", "\u200d", "\u202e",
]  # fmt: skip
SAME, JSON_DIGITS = 1e-5, 2e-6


def texts(number: int) -> list[str]:
    random = np.random.default_rng(1)
    return ["", *(" ".join(random.choice(WORDS, size=size)) for size in random.integers(1, 60, number - 1))]


def command_line(model: str, lines: list[str], folder: Path, output: str) -> np.ndarray:
    (folder / "texts.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    target = "-" if output == "jsonl" else str(folder / f"vectors.{output}")
    line = [sys.executable, "-m", "interlingua", "encode", str(folder / "texts.txt"), "-m", model, "-o", target]
    done = subprocess.run(line, check=True, stdout=subprocess.PIPE)
    if output == "npy":
        return np.load(target)
    if output == "parquet":
        return np.stack(pq.read_table(target)["embedding"].to_numpy()).astype(np.float32)
    return np.array([json.loads(row)["embedding"] for row in done.stdout.splitlines()], np.float32)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--texts", type=int, default=300)
    arguments = parser.parse_args()
    lines = texts(arguments.texts)
    encoder = load(arguments.model, device="cpu")
    assert isinstance(encoder, Encoder)
    expected, order = encoder.encode(lines), np.random.default_rng(2).permutation(len(lines))
    found: dict[str, tuple[np.ndarray, float]] = {
        "in another order": (encoder.encode([lines[row] for row in order])[np.argsort(order)], SAME),
        "one at a time": (np.concatenate([encoder.encode([line]) for line in lines]), SAME),
        "in batches of 7": (
            np.concatenate([encoder.encode(lines[start : start + 7]) for start in range(0, len(lines), 7)]),
            SAME,
        ),
    }
    against: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for output in ("npy", "parquet", "jsonl"):
            found[f"command line, {output}"] = (
                command_line(arguments.model, lines, Path(scratch), output),
                SAME if output != "jsonl" else SAME + JSON_DIGITS,
            )
        for precision in ("fp32", "int8"):
            if precision in kinds(encoder):
                export(encoder, Path(scratch) / precision, precision, lines)
                engine = load(Path(scratch) / precision)
                found[f"engine, {precision}"] = (engine.encode(lines), TOLERANCE[precision])
                alone = np.concatenate([engine.encode([line]) for line in lines])
                against[f"engine, {precision}, one at a time"] = (alone, engine.encode(lines))
    rows = {
        name: {"largest_difference": difference(vectors, expected), "promised": promised}
        for name, (vectors, promised) in found.items()
    }
    for name, (one, other) in against.items():
        rows[name] = {"largest_difference": difference(one, other), "promised": SAME}
    broken = [name for name, row in rows.items() if not row["largest_difference"] <= row["promised"]]
    command = f"reliability/vectors.py {Path(arguments.model).name}"
    record("same vectors everywhere", command, texts=len(lines), ways=rows, broken=broken)
    print(json.dumps(rows, indent=1), f"{len(broken)} broken promises")


if __name__ == "__main__":
    main()
