"""Exact neighbours against FAISS, mining against the margin script as users run it, and how time and memory grow.

    python benchmarks/speed/mining_speed.py knn [--real VECTORS.npy]    # interleaved, in one process
    python benchmarks/speed/mining_speed.py script --size 100000 [--real VECTORS.npy]    # each run a process of its own
    python benchmarks/speed/mining_speed.py curve --sizes 10000 30000 100000 300000 1000000 --memory 1G

Each writes its part of benchmarks/results/mining_speed.json (or --out). Seconds of the clock mean little on a machine
that is shared, so seconds of the processor (all threads) stand beside them, and ratios are given of both. Synthetic
vectors: unit rows of width 384, half of the sources with a translation at a cosine of about 0.8. VECTORS.npy: any real
unit rows; its halves are the two sides.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import interlingua
from interlingua.machine import peak_memory, resident_memory, threads
from interlingua.parameters import size as size_of

sys.path.append(str(Path(__file__).parents[1]))
from measuring import RESULTS, about, clocked, in_turns, known, medians, ratios, rounded, write

WIDTH = 384


def synthetic(size: int, seed: int) -> np.ndarray:
    """Row i of seed 1 is the translation of row i of seed 0, for the first half of the rows."""
    rows = np.random.default_rng(seed).standard_normal((size, WIDTH), np.float32)
    if seed == 1:
        rows[: size // 2] *= 0.75
        rows[: size // 2] += np.random.default_rng(0).standard_normal((size, WIDTH), np.float32)[: size // 2]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def margin_script(source: np.ndarray, target: np.ndarray, k: int = 4) -> list[tuple[float, int, int]]:
    """Flat FAISS both ways, then a Python loop over candidates: how LASER's script and the example made after it
    work."""
    import faiss

    def knn(queries: np.ndarray, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        index = faiss.IndexFlatIP(keys.shape[1])
        index.add(keys)
        return index.search(queries, k)

    x2y_sim, x2y_ind = knn(source, target)
    x2y_mean = x2y_sim.mean(axis=1)
    y2x_sim, y2x_ind = knn(target, source)
    y2x_mean = y2x_sim.mean(axis=1)

    def score_candidates(
        x: np.ndarray, y: np.ndarray, candidates: np.ndarray, fwd_mean: np.ndarray, bwd_mean: np.ndarray
    ) -> np.ndarray:
        scores = np.zeros(candidates.shape)
        for i in range(scores.shape[0]):
            for j in range(scores.shape[1]):
                k = candidates[i, j]
                scores[i, j] = x[i].dot(y[k]) / ((fwd_mean[i] + bwd_mean[k]) / 2)
        return scores

    fwd_scores = score_candidates(source, target, x2y_ind, x2y_mean, y2x_mean)
    bwd_scores = score_candidates(target, source, y2x_ind, y2x_mean, x2y_mean)
    fwd_best = x2y_ind[np.arange(len(source)), fwd_scores.argmax(axis=1)]
    bwd_best = y2x_ind[np.arange(len(target)), bwd_scores.argmax(axis=1)]
    indices = np.stack(
        [np.concatenate([np.arange(len(source)), bwd_best]), np.concatenate([fwd_best, np.arange(len(target))])], axis=1
    )
    scores = np.concatenate([fwd_scores.max(axis=1), bwd_scores.max(axis=1)])
    seen_source, seen_target, found = set(), set(), []
    for i in np.argsort(-scores):
        one, other = indices[i]
        if one not in seen_source and other not in seen_target:
            seen_source.add(one)
            seen_target.add(other)
            found.append((float(scores[i]), int(one), int(other)))
    return found


def worker(method: str, source: str, target: str) -> None:
    one, other = np.load(source), np.load(target)
    held, mine = peak_memory(), margin_script if method == "script" else interlingua.mine
    took, found = clocked(lambda: mine(one, other))
    pairs = {(s, t) for _, s, t in found} if method == "script" else {(pair.source, pair.target) for pair in found}
    right = sum(s == t and s < len(one) // 2 for s, t in pairs)
    memory = {"peak_mb": peak_memory() >> 20, "vectors_mb": held >> 20}
    print(json.dumps({**rounded(took), **memory, "pairs": len(pairs), "right": right}))


def against_faiss(source: np.ndarray, target: np.ndarray, repeats: int) -> dict[str, Any]:
    """Neighbours of all sources among the targets, and the products that they are made of."""
    import faiss

    from interlingua.search.integer_product import Product, levels
    from interlingua.search.knn import neighbours, neighbours_both_ways

    right = np.random.default_rng(0).integers(-levels(), levels(), (WIDTH, 4096)).astype(np.int8)
    left, out = np.full((512, WIDTH), 200, np.uint8), np.empty((512, 4096), np.int32)
    product, tile = Product(right), np.ascontiguousarray(target[:4096].T)
    answers: dict[str, Any] = {}

    def by_faiss() -> tuple[np.ndarray, np.ndarray]:
        index = faiss.IndexFlatIP(source.shape[1])
        index.add(target)
        return index.search(source, 4)

    works: dict[str, Callable[[], Any]] = {
        "faiss": by_faiss,
        "ours": lambda: neighbours(source, target, 4),
        "ours both ways": lambda: neighbours_both_ways(source, target, 4),
        "fp32 product": lambda: [source[at : at + 4096] @ tile for at in range(0, 4096 * 3, 4096)],
        "int8 product": lambda: [product.into(left, out) for _ in range(24)],
    }

    def run(name: str) -> dict[str, float]:
        took, answers[name] = clocked(works[name])
        return took

    runs = in_turns({name: partial(run, name) for name in works}, repeats)
    middle = {name: rounded(medians(each)) for name, each in runs.items()}
    theirs, (scores, rows) = answers["faiss"][1], answers["ours"]
    assert np.array_equal(answers["ours both ways"][0][1], rows)
    different = theirs != rows
    exact = [source[r].astype(np.float64) @ target[theirs[r, c]].astype(np.float64) for r, c in np.argwhere(different)]
    assert np.allclose(exact, scores[different], rtol=0, atol=2e-6), "FAISS found a better neighbour"
    work = 2e-9 * len(source) * len(target) * source.shape[1]
    per_cpu = {"fp32": 2e-9 * min(len(source), 3 * 4096) * 4096 * WIDTH / middle["fp32 product"]["cpu"]}
    per_cpu["int8"] = 2e-9 * 24 * 512 * 4096 * WIDTH / middle["int8 product"]["cpu"]
    return {
        "queries": len(source), "keys": len(target), "width": source.shape[1], "k": 4, "seconds": middle,
        "faiss / ours": ratios(middle["faiss"], middle["ours"]),
        "2 faiss / ours both ways": ratios({key: 2 * value for key, value in middle["faiss"].items()},
            middle["ours both ways"]),
        "same neighbours as FAISS": float(1 - different.mean()), "elsewhere": "exact scores within 2e-6",
        "products alone, GFLOP per CPU second (fp32: NumPy; int8: ONNX Runtime)": {
            key: round(value) for key, value in per_cpu.items()},
        "GFLOP per CPU second": {method: round(work / middle[method]["cpu"]) for method in ("faiss", "ours")},
        "ours, share of int8 peak": round(work / middle["ours"]["cpu"] / per_cpu["int8"], 2),
    }  # fmt: skip


def knn(real: Path | None, repeats: int, queries: int, keys: int) -> dict[str, Any]:
    sets = {"synthetic": (synthetic(keys, 0)[:queries], synthetic(keys, 1))}
    if real is not None:
        rows = np.ascontiguousarray(np.load(real), np.float32)
        sets["real"] = (rows[: len(rows) // 2], rows[len(rows) // 2 :])
    return {name: against_faiss(*sides, repeats) for name, sides in sets.items()}


def script(size: int, repeats: int, real: Path | None) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        files = [f"{folder}/{seed}.npy" for seed in (0, 1)]
        vectors = None if real is None else np.load(real, mmap_mode="r")
        size = size if vectors is None else len(vectors) // 2
        for seed, file in enumerate(files):
            np.save(file, synthetic(size, seed) if vectors is None else vectors[seed * size : (seed + 1) * size])

        def run(method: str) -> dict[str, float]:
            command = [sys.executable, __file__, "worker", "--method", method, "--files", *files]
            found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            print(method, found, file=sys.stderr, flush=True)
            return found

        runs = in_turns({method: partial(run, method) for method in ("ours", "script")}, repeats)
    middle = {method: rounded(medians(each)) for method, each in runs.items()}
    ratio = ratios(middle["script"], middle["ours"])
    return {"size": size, "width": WIDTH, "runs": repeats, "medians": middle, "script / ours": ratio}


def curve(size: int, memory: int, folder: Path) -> dict[str, Any]:
    """One size, in this process: stores, neighbours and pairs under a cap."""
    from interlingua.mining import job
    from interlingua.mining.neighbourhood import find

    sides = [_store(folder / str(seed), size, seed) for seed in (0, 1)]
    settings = job.Settings(source=Path(), target=Path(), model="", memory=memory)
    work = folder / "neighbours"
    work.mkdir()
    search, searched = clocked(lambda: find(work, *sides, settings.k + 1, memory - resident_memory()))
    choice, found = clocked(lambda: job._pairs(settings, (sides[0], sides[1]), searched[:2])[0])
    right = int(np.sum((found.source == found.target) & (found.source < size // 2)))
    disk = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) >> 20
    return {
        "size": size, "threads": threads(), "cap_mb": memory >> 20, "peak_mb": peak_memory() >> 20, "disk_mb": disk,
        "seconds": {"neighbours": rounded(search), "pairs": rounded(choice)}, "pairs": len(found), "right": right,
    }  # fmt: skip


def _store(folder: Path, size: int, seed: int) -> Any:
    """Vectors shard by shard, so that making them takes no memory: row i of side 1 is the translation of row i of
    side 0 or noise."""
    from interlingua.mining import store

    folder.mkdir()
    for shard, start in enumerate(range(0, size, store.SHARD)):
        count = min(store.SHARD, size - start)
        rows = np.random.default_rng((0, shard)).standard_normal((count, WIDTH), np.float32)
        if seed == 1:
            noise = np.random.default_rng((1, shard)).standard_normal((count, WIDTH), np.float32)
            rows = np.where(
                (np.arange(start, start + count) < size // 2)[:, None], rows + np.float32(0.75) * noise, noise
            )
        store.write_shard(folder / f"{shard:05d}.npy", rows)
    return store.Vectors(folder, size, WIDTH)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=["knn", "script", "curve", "worker", "point"])
    parser.add_argument("--real", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--queries", type=int, default=8000)
    parser.add_argument("--keys", type=int, default=40_000)
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 30_000, 100_000])
    parser.add_argument("--memory", default="1G")
    parser.add_argument("--out", type=Path, default=RESULTS / "mining_speed.json")
    parser.add_argument("--method")
    parser.add_argument("--files", nargs=2)
    arguments = parser.parse_args()
    if arguments.part == "worker":
        worker(arguments.method, *arguments.files)
        return
    if arguments.part == "point":
        with tempfile.TemporaryDirectory(dir=arguments.real) as folder:
            print(json.dumps(curve(arguments.size, size_of("--memory", arguments.memory), Path(folder))))
        return
    if arguments.part == "knn":
        write_part(arguments.out, "knn", knn(arguments.real, arguments.repeats, arguments.queries, arguments.keys))
    elif arguments.part == "script":
        part = "script" if arguments.real is None else "script, real"
        write_part(arguments.out, part, script(arguments.size, arguments.repeats, arguments.real))
    else:
        for size in arguments.sizes:
            command = [sys.executable, __file__, "point", "--size", str(size), "--memory", arguments.memory]
            found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
            print(found, file=sys.stderr, flush=True)
            points = known(arguments.out).get("curve", {})
            write_part(arguments.out, "curve", points | {f"{size} x {size}, cap {arguments.memory}": found})


def write_part(file: Path, part: str, figures: dict[str, Any]) -> None:
    import faiss

    facts = about("speed/mining_speed.py knn|script|curve (see its docstring)")
    facts["versions"] |= {"faiss": faiss.__version__, "numpy": np.__version__}
    write(file, known(file) | facts | {part: figures})


if __name__ == "__main__":
    main()
