"""A memory's index: time and peak memory to build it, open it, bring it up to date and look up segments in it.

    python benchmarks/speed/memories.py MODEL FOLDER/en-*.tsv.zst [--sizes 10000 100000 1000000] [--scratch DIR]

The files (columns src, tgt) make memories of so many units, as TSV. Each step is a process of its own; seconds are
those of the step (opening the index, looking up), without Python's start and the loading of the model; the peak is that
of the process, model included, as are its processor seconds. The update follows 1,000 units that are added. A look-up
is of 100 segments, each a unit of the memory with one word left out.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from interlingua import load
from interlingua.formats import open_memory, read_rows
from interlingua.loading import about as about_model
from interlingua.memories.lookup import Known, lookup
from interlingua.memories.named import Named

sys.path.append(str(Path(__file__).parents[1]))
from measuring import RESULTS, about, known, process, rounded, write

ADDED, SEGMENTS = 1000, 100


def make(files: list[Path], size: int, file: Path) -> None:
    """A memory of so many units, and a file with as many to add."""
    seen = set[int]()
    with file.open("w", encoding="utf-8") as stream, file.with_suffix(".more").open("w", encoding="utf-8") as more:
        stream.write("en\tde\n")
        for path in files:
            for row in (row.columns for row in read_rows(path)):
                pair = hash((row["src"], row["tgt"]))
                if pair not in seen and row["src"].strip() and row["tgt"].strip():
                    seen.add(pair)
                    (stream if len(seen) <= size else more).write(f"{row['src']}\t{row['tgt']}\n")
                if len(seen) == size + ADDED:
                    return
    raise SystemExit(f"the files have {len(seen):,} different pairs, not {size + ADDED:,}")


def step(name: str, model: str, file: Path, out: Path) -> None:
    """One step, in this process."""
    encoder = load(model, "cpu")
    open_memory(file, "en", "de")  # what it imports is no part of a step
    said = about_model(model, encoder)
    began = time.perf_counter()
    opened = Named(file).open(encoder.encode, said, file.parent / "cache", "en", "de")
    seconds = {"open" if name == "look up" else name: time.perf_counter() - began}
    if name == "look up":
        texts = [
            unit.variants[0].text.split()
            for _, unit in zip(range(SEGMENTS), open_memory(file, "en", "de"), strict=False)
        ]
        segments = [" ".join(words[:1] + words[2:]) for words in texts]
        for round_ in ("first", "again"):
            began = time.perf_counter()
            found = lookup(segments, [Known(opened.index)], encoder.encode, 3, 0.0, "en")
            seconds[f"look up {SEGMENTS}, {round_}"] = time.perf_counter() - began
        seconds["found"] = sum(bool(some) for some in found)
    out.write_text(json.dumps({"units": len(opened.index)} | seconds), encoding="utf-8")


def measure(model: str, file: Path) -> dict[str, Any]:
    """All steps, each in a process of its own."""
    found: dict[str, Any] = {}
    for name in ("build", "look up", "update"):
        if name == "update":
            with file.open("a", encoding="utf-8") as stream:
                stream.write(file.with_suffix(".more").read_text(encoding="utf-8"))
        out = file.with_suffix(".json")
        taken = process([sys.executable, __file__, model, str(file), "--step", name, "--out", str(out)])
        found[name] = rounded({**taken, **json.loads(out.read_text("utf-8"))}, 3)
    index = file.parent / "cache"
    found["index_megabytes"] = round(sum(f.stat().st_size for f in index.rglob("*") if f.is_file()) / 2**20, 1)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--sizes", nargs="+", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--scratch", type=Path)
    parser.add_argument("--result", type=Path, default=RESULTS / "memories.json")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        step(asked.step, asked.model, asked.files[0], asked.out)
        return
    model = Path(asked.model).name
    result = known(asked.result, runs={})
    for size in asked.sizes:
        folder = Path(tempfile.mkdtemp(dir=asked.scratch))
        make(asked.files, size, folder / "memory.tsv")
        found = measure(asked.model, folder / "memory.tsv")
        shutil.rmtree(folder)
        result["runs"][f"{size:,} units"] = about(f"speed/memories.py {model} en-*.tsv.zst --sizes {size}") | found
        write(asked.result, {"model": model, "runs": result["runs"]})
        print(size, found, flush=True)


if __name__ == "__main__":
    main()
