"""A static encoder as the files that its engine reads: rows of a table, and what follows them."""

from pathlib import Path
from typing import Any

import numpy as np

from interlingua.encoders.architecture import Head, Static
from interlingua.outputs import save_array


def write(folder: Path, model: Static, head: Head, precision: str) -> None:
    """Write table.npy and head.npz. In int8 every word has a scale of its own."""
    table = model.words
    rest: dict[str, Any] = {"pooling": head.pooling, "normalize": head.normalize}
    if precision == "int8":
        rest["scales"] = np.maximum(np.abs(table).max(axis=1), 1e-12).astype(np.float32) / 127
        table = np.rint(table / rest["scales"][:, None]).astype(np.int8)
    if head.projection is not None:
        rest["weight"] = head.projection.weight
        if head.projection.bias is not None:
            rest["bias"] = head.projection.bias
    save_array(folder / "table.npy", table)
    np.savez(folder / "head.npz", **rest)
