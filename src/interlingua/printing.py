"""Results on standard output: text for people, JSON for programs."""

import json
import sys
from collections.abc import Mapping
from importlib.metadata import version
from platform import python_version
from typing import Any

from interlingua.progress import log, silenced


def show(result: Mapping[str, Any], text: str, as_json: bool) -> None:
    """Print a result that is what was asked for: `text`, or `result` as JSON."""
    sys.stdout.write(dumps(result) if as_json else text + "\n")
    sys.stdout.flush()


def tell(result: Mapping[str, Any], text: str, as_json: bool) -> None:
    """Say how a command ended whose result is in a file: `text` on standard error, or `result` as JSON."""
    if silenced():
        return
    if as_json:
        show(result, text, as_json=True)
    else:
        log(text)


def dumps(result: Mapping[str, Any]) -> str:
    """`result` as indented JSON that ends a line."""
    return json.dumps(result, ensure_ascii=False, indent=1) + "\n"


ENCODING = ("interlingua", "numpy", "onnxruntime", "tokenizers", "torch", "transformers")
"""Packages that embeddings depend on."""
MEASURING = {"scipy": "scipy", "sklearn": "scikit-learn", "faiss": "faiss-cpu", "ir_measures": "ir-measures"}
"""Packages that metrics depend on: module and distribution."""


def versions(measuring: bool = True) -> dict[str, str]:
    """The versions a number depends on, those of imported packages only; `measuring` includes what only metrics depend
    on.
    """
    names = {name: name for name in ENCODING} | (MEASURING if measuring else {})
    return {"python": python_version()} | {
        name: version(name) for module, name in names.items() if module in sys.modules
    }
