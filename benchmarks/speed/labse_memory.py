"""Peak memory of one LaBSE step at batch 4,096: plain, and recomputed chunk by chunk. Each in a process of its own.

    python benchmarks/speed/labse_memory.py [--batch 4096] [--chunks 0 64 256] [--out
        benchmarks/results/labse-memory.json]

A small transformer (2 layers of 128) reads 4,096 made-up pairs of 16 tokens. 0 is the plain step. Peak is the process's
highest resident memory; what it held before the step stands beside it.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from interlingua.machine import peak_memory

sys.path.append(str(Path(__file__).parents[1]))
from measuring import RESULTS, about, write


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
    before, began = peak_memory() >> 20, time.process_time()
    torch.manual_seed(1)
    loss = objective(encoder, Batch(columns))
    loss.backward()
    return {
        "chunk": chunk,
        "before_mb": before,
        "peak_mb": peak_memory() >> 20,
        "cpu_seconds": round(time.process_time() - began, 1),
        "loss": loss.item(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=4096)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--chunks", type=int, nargs="+", default=[0, 64, 256])
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, default=RESULTS / "labse-memory.json")
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

    plain = next(entry for entry in found if not entry["chunk"])
    for entry in found:
        entry["share_of_plain_step"] = round(
            (entry["peak_mb"] - entry["before_mb"]) / (plain["peak_mb"] - plain["before_mb"]), 3
        )
    result = about("speed/labse_memory.py", threads=1) | {
        "batch": arguments.batch,
        "body": f"{arguments.layers} layers of {arguments.width}, 16 tokens a text",
        "steps": found,
    }
    write(arguments.out, result)


if __name__ == "__main__":
    main()
