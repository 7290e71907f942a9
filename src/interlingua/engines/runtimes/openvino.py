"""Engines on OpenVINO: bf16, where the processor has it."""

import os
import threading
from pathlib import Path
from typing import Any

import numpy as np

from interlingua.encoding.batches import Embed
from interlingua.errors import ConfigError, MissingDependency

BF16 = {"avx512_bf16", "amx_bf16", "bf16"}


def start(folder: Path, card: dict[str, Any]) -> Embed:
    """What computes the embeddings of a batch: one stream a thread. It raises ConfigError in a forked process, where
    OpenVINO would wait for threads that are not there.
    """
    from interlingua.machine import threads
    from interlingua.telemetry import openvino

    options = {"INFERENCE_PRECISION_HINT": card["precision"].replace("fp", "f"), "INFERENCE_NUM_THREADS": threads()}
    options |= {"NUM_STREAMS": threads(), "PERFORMANCE_HINT": "THROUGHPUT", "ENABLE_CPU_PINNING": False}
    model = openvino().Core().compile_model(folder / "model.xml", "CPU", options)
    own, process = threading.local(), os.getpid()

    def embed(ids: np.ndarray, mask: np.ndarray) -> np.ndarray:
        if os.getpid() != process:
            raise ConfigError(
                "an engine on OpenVINO (bf16) cannot be used in a process forked from one that has loaded it; start "
                "processes by spawn, or export in fp32 or int8"
            )
        if not hasattr(own, "request"):
            own.request = model.create_infer_request()
        return own.request.infer({0: ids}, share_inputs=True)[0]

    return embed


def require(precision: str) -> None:
    """Raises MissingDependency without OpenVINO, ConfigError on a processor that would compute in another precision
    than asked.
    """
    from importlib.util import find_spec

    from interlingua.machine import instructions

    if find_spec("openvino") is None:
        raise MissingDependency("an engine in bf16", "openvino")
    if precision == "bf16" and not BF16 & instructions():
        raise ConfigError(
            "this processor has no bf16 instructions (avx512_bf16, amx_bf16); remedy: --precision int8 or fp32"
        )
