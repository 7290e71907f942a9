"""Results on standard output: text for people, JSON for programs."""

import json
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Any

from interlingua.files import write_whole


def show(result: Mapping[str, Any], text: str, as_json: bool) -> None:
    """Print `text`, or `result` as JSON."""
    sys.stdout.write((json.dumps(result, ensure_ascii=False, indent=1) if as_json else text) + "\n")
    sys.stdout.flush()


def save(result: Mapping[str, Any], file: Path) -> None:
    """Write `result` as JSON, whole or not at all."""
    with write_whole(file) as temporary:
        temporary.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


ENCODING = ("interlingua", "numpy", "onnxruntime", "tokenizers", "torch", "transformers")
"""Packages that embeddings depend on."""
MEASURING = {"scipy": "scipy", "sklearn": "scikit-learn", "faiss": "faiss-cpu", "ir_measures": "ir-measures"}
"""Packages that metrics depend on: module and distribution."""


def versions(measuring: bool = True) -> dict[str, str]:
    """The versions a number depends on, those of imported packages only; `measuring` includes what only metrics depend on."""
    names = {name: name for name in ENCODING} | (MEASURING if measuring else {})
    return {"python": python_version()} | {name: version(name) for module, name in names.items() if module in sys.modules}
