"""Static encoders without any runtime: rows of a table, pooled, projected."""

from pathlib import Path
from typing import Any

import numpy as np

from interlingua.encoding.batches import Embed


def start(folder: Path, card: dict[str, Any]) -> Embed:
    """What computes the embeddings of a batch; the table is mapped, so that only rows in use are read."""
    table = np.load(folder / "table.npy", mmap_mode="r")
    with np.load(folder / "head.npz") as archive:
        rest = dict(archive)
    pooling, scales = str(rest["pooling"]), rest.get("scales")

    def embed(ids: np.ndarray, mask: np.ndarray) -> np.ndarray:
        if pooling in ("cls", "last"):
            ids = ids[:, :1] if pooling == "cls" else ids[:, -1:]
        rows = table[ids]
        states = rows if scales is None else rows * scales[ids][..., None]
        vectors = states.max(axis=1) if pooling == "max" else states.mean(axis=1, dtype=np.float32)
        if "weight" in rest:
            vectors = vectors @ rest["weight"]
        if "bias" in rest:
            vectors = vectors + rest["bias"]
        if rest["normalize"]:
            vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors

    return embed


def require(precision: str) -> None:
    """Raises where this machine cannot compute in a precision: never. A table needs no runtime."""
