"""The ranges of an encoder's activations, seen on a few texts, for products in int8."""

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float32, Int64

from interlingua.encoders.architecture import Linear
from interlingua.export.build import SMALLEST, Range, Ranges

EVEN = 0.5
"""How much of the unevenness of channels moves from the activations to the weights ("SmoothQuant", section 4:
alpha)."""
SMOOTHED = ("attention", "inner")
"""Inputs whose channels are evened out: those behind a norm. For the others it was measured to change nothing, and
costs a pass."""
BY_TOKEN = ("outer",)
"""Inputs scaled token by token: behind the activation, the tokens at a text's edges hold values many times those of
the others."""


def calibrate(
    run: Callable[[Int64[np.ndarray, "_ _"], Sequence[str]], list[np.ndarray]],
    batches: Sequence[Int64[np.ndarray, "_ _"]],
    inputs: dict[str, tuple[str, list[Linear]]],
) -> Ranges:
    """The range of every input of a matrix product over `batches`; `run` computes values of the fp32 graph by name."""
    names = list(inputs)
    seen: dict[str, list[np.ndarray]] = {name: [] for name in names}
    for batch in batches:
        for name, value in zip(names, run(batch, [inputs[name][0] for name in names]), strict=True):
            seen[name].append(value.reshape(-1, value.shape[-1]))
    return {name: _range(name, np.concatenate(seen[name]), inputs[name][1]) for name in names}


def _range(name: str, rows: Float32[np.ndarray, "_ K"], linears: list[Linear]) -> Range:
    kind = name.rsplit(".", 1)[-1]
    smoothing = None
    if kind in SMOOTHED:
        weights = np.concatenate([linear.weight for linear in linears], axis=1)
        heights = np.maximum(np.abs(rows).max(axis=0), 1e-5), np.maximum(np.abs(weights).max(axis=1), 1e-5)
        smoothing = (heights[0] ** EVEN / heights[1] ** (1 - EVEN)).astype(np.float32)
        rows = rows / smoothing
    if kind in BY_TOKEN:
        rows = rows / np.maximum(rows.max(axis=1, keepdims=True), SMALLEST)
    return Range(float(rows.min()), float(rows.max()), smoothing, kind in BY_TOKEN)
