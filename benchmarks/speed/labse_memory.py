"""Peak memory of one LaBSE step at batch 4,096: plain, and recomputed chunk by chunk. Each in a process of its own.

    python benchmarks/speed/labse_memory.py [--batch 4096] [--chunks 0 64 256] [--out
        benchmarks/results/labse-memory.json]

A small transformer (2 layers of 128) reads 4,096 made-up pairs of 16 tokens. 0 is the plain step. Peak is the process's
highest resident memory; what it held before the step stands beside it.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[2]


def step(batch_size: int, chunk: int, layers: int, width: int) -> dict[str, Any]:
    import torch

    from interlingua import tokenization
    from interlingua.encoders.bodies import transformer
    from interlingua.encoders.encoder import Encoder
    from interlingua.objectives.contrastive import Contrastive, Duplicates
    from interlingua.tensors import Batch, Tokens

    torch.set_num_threads(1)
    torch.manual_seed(0)
    tokenizer = tokenization.train(["a few words to make a vocabulary of"] * 3, 400)
    body = transformer.Body(
        transformer.Config(layers=layers, width=width, heads=4, feedforward=4 * width), 4000, tokenizer.pad
    )
    encoder = Encoder(tokenizer=tokenizer, body=body, normalize=True).train()
    encoder.computation.chunk = chunk
    objective = Contrastive(0.05, symmetric=True, margin=0.3, duplicates=Duplicates.negatives)
    mask = torch.ones(batch_size, 16, dtype=torch.bool)
    columns = tuple(Tokens(torch.randint(10, 4000, (batch_size, 16)), mask, ("und",) * batch_size) for _ in range(2))
    before, began = peak(), time.process_time()
    torch.manual_seed(1)
    loss = objective(encoder, Batch(columns))
    loss.backward()
    return {
        "chunk": chunk,
        "before_mb": before,
        "peak_mb": peak(),
        "cpu_seconds": round(time.process_time() - began, 1),
        "loss": loss.item(),
    }


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=4096)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--chunks", type=int, nargs="+", default=[0, 64, 256])
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, default=HERE / "benchmarks/results/labse-memory.json")
    arguments = parser.parse_args()
    if arguments.one is not None:
        print(json.dumps(step(arguments.batch, arguments.one, arguments.layers, arguments.width)))
        return
    sizes = ["--batch", str(arguments.batch), "--layers", str(arguments.layers), "--width", str(arguments.width)]
    found: list[dict[str, Any]] = []
    for chunk in arguments.chunks:
        command = [sys.executable, __file__, *sizes, "--one", str(chunk)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        found.append(json.loads(done.stdout))
        print(found[-1], file=sys.stderr, flush=True)
    import torch  # noqa: F401  # its version is part of the result

    from interlingua import printing
    from interlingua.files import write_whole

    plain = next(entry for entry in found if not entry["chunk"])
    for entry in found:
        entry["share_of_plain_step"] = round(
            (entry["peak_mb"] - entry["before_mb"]) / (plain["peak_mb"] - plain["before_mb"]), 3
        )
    result = {
        "command": "python benchmarks/speed/labse_memory.py",
        "versions": printing.versions(measuring=False),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, one thread",
        "batch": arguments.batch,
        "body": f"{arguments.layers} layers of {arguments.width}, 16 tokens a text",
        "steps": found,
    }
    with write_whole(arguments.out) as temporary:
        temporary.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
