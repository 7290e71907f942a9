"""How much of the machine a run uses: floating-point operations of its layers against the fastest matrix product
measured here.
"""

import time
from collections.abc import Sequence

import torch
from torch import nn

from interlingua.encoders.encoder import Encoder
from interlingua.placement import CPU, Precision
from interlingua.training.loop import Step

SIZE, LARGE_SIZE = 768, 8192
"""Of the matrices, on a processor and on a GPU."""
REPEATS = 5


def operations_per_token(encoder: Encoder) -> int:
    """Of forward and backward pass through every linear layer of the body: 6 a weight (Kaplan et al. 2020, section
    2.1). Attention's own products, a few per cent for sentences, are not counted.
    """
    assert isinstance(encoder.body, nn.Module)
    layers = [module for module in encoder.body.modules() if isinstance(module, nn.Linear)]
    return 6 * sum(layer.weight.numel() for layer in layers)


def peak(precision: Precision, device: torch.device = CPU) -> float:
    """Operations a second of a square matrix product in `precision`: the best of a few, on a processor with the threads
    torch uses now.
    """
    kind = {Precision.bf16: torch.bfloat16, Precision.fp16: torch.float16}.get(precision, torch.float32)
    size = SIZE if device.type == "cpu" else LARGE_SIZE
    one = torch.ones(size, size, dtype=kind, device=device)
    best = float("inf")
    for _ in range(REPEATS):
        began = time.perf_counter()
        (one @ one)[0, 0].item()  # a GPU is waited for
        best = min(best, time.perf_counter() - began)
    return 2 * size**3 / best


def measured(window: Sequence[Step], seconds: float, operations: int, highest: float) -> dict[str, float]:
    """What a line of the log says of speed: tokens and texts of the batches a second, the share of computed tokens that
    were padding, the share of tokens not computed because their text was in the batch already, the share of the time in
    which batches were waited for, and the share of the machine's peak. A body without linear layers has no share.
    """
    seconds = max(seconds, 1e-9)
    computed = sum(step.work.computed for step in window)
    real = sum(step.real_tokens for step in window)
    figures = {
        "tokens_per_second": round(real / seconds, 1),
        "texts_per_second": round(sum(step.texts for step in window) / seconds, 1),
        "padding": round(1 - sum(step.work.read for step in window) / max(1, computed), 4),
        "repeated": round(sum(step.work.spared for step in window) / max(1, real), 4),
        "waiting": round(sum(step.waited for step in window) / seconds, 4),
    }
    return figures | ({"share_of_peak": round(computed * operations / seconds / highest, 4)} if operations else {})
