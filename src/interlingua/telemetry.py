"""No library reports to its maker from here: what some send and write by themselves is switched off before they are
imported. What the user has set stays as it is (docs/decisions/0049-no-telemetry.md).
"""

import os
import sys
from typing import Any

from interlingua.network import is_offline

SWITCHES = {
    "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime 1.32: a device id and a database in HOME, later a connection
    "HF_HUB_DISABLE_TELEMETRY": "1",  # huggingface_hub, transformers, datasets
    "GRADIO_ANALYTICS_ENABLED": "False",  # trackio's
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "WANDB_ERROR_REPORTING": "false",
}
"""Variables that libraries, and processes that are started from here, heed."""


def switch_off() -> None:
    """Set every switch that the user has not set; in offline mode, every one."""
    for name, value in SWITCHES.items():
        os.environ[name] = value if is_offline() else os.environ.get(name, value)


def openvino() -> Any:
    """The library openvino. It has no switch: unless the user has agreed, it finds no telemetry package to send with.

    Raises ImportError where openvino is not installed.
    """
    if "openvino" not in sys.modules and (is_offline() or not _agreed()):
        for name in [name for name in sys.modules if name.partition(".")[0] == "openvino_telemetry"]:
            del sys.modules[name]
        sys.modules["openvino_telemetry"] = None  # pyright: ignore[reportArgumentType]
    import openvino  # pyright: ignore[reportMissingImports]

    return openvino


def _agreed() -> bool:
    """Whether the user has told openvino, by its opt_in_out, that it may send."""
    try:
        from openvino_telemetry.utils.opt_in_checker import (  # pyright: ignore[reportMissingImports]
            ConsentCheckResult,
            OptInChecker,
        )
    except ImportError:
        return False
    return OptInChecker().check(False, disable_in_ci=True) == ConsentCheckResult.ACCEPTED
