"""Engines on ONNX Runtime.

One thread a session call: several calls at once use the processors better than one call on several, and wait for
nobody.
"""

from pathlib import Path
from typing import Any

import numpy as np

from interlingua.encoding.batches import Embed

EXACT_PRODUCTS = {"avx512_vnni", "avx_vnni", "asimd"}
"""With one of these, products of unsigned and signed bytes are added up in 32 bits; other processors' 16 bits can
overflow."""


def start(folder: Path, card: dict[str, Any]) -> Embed:
    """What computes the embeddings of a batch."""
    inference = session(folder, card["padded"] or (card["precision"] == "int8" and not _exact()))

    def embed(ids: np.ndarray, mask: np.ndarray) -> np.ndarray:
        return inference.run(["embeddings"], {"ids": ids, "mask": mask} if card["padded"] else {"ids": ids})[0]

    return embed


def session(folder: Path, optimise: bool = False) -> Any:
    """The graph of a folder. Our own graphs are written as they should run; `optimise` lets the runtime rewrite one."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    levels = onnxruntime.GraphOptimizationLevel
    options.graph_optimization_level = levels.ORT_ENABLE_ALL if optimise else levels.ORT_DISABLE_ALL
    options.add_session_config_entry(
        "session.x64quantprecision", "1"
    )  # where bytes overflow: as unsigned bytes, slower, the same numbers
    return onnxruntime.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])


def _exact() -> bool:
    from interlingua.machine import instructions

    return bool(EXACT_PRODUCTS & instructions())


def require(precision: str) -> None:
    """Raises where this machine cannot compute in a precision: never. ONNX Runtime is always installed, and computes
    fp32 and int8.
    """
