"""Results on standard output: text for people, JSON for programs."""

import json
import math
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from platform import python_version
from typing import Any

from interlingua.progress import log, silenced
from interlingua.version import __version__


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
    return json.dumps(_strict(result), ensure_ascii=False, indent=1) + "\n"


def _strict(value: Any) -> Any:
    """What JSON can hold: null where a number is none, or infinite."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {name: _strict(inner) for name, inner in value.items()}
    return [_strict(inner) for inner in value] if isinstance(value, list | tuple) else value


def aligned(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Rows as the lines of a table: the first column to the left, the others to the right, under their names."""
    if not rows:
        return []
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [names, *([_cell(row.get(name, "")) for name in names] for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(names))]
    return [
        "  ".join(
            text.ljust(w) if c == 0 else text.rjust(w) for c, (text, w) in enumerate(zip(line, widths, strict=True))
        )
        for line in cells
    ]


def _cell(value: Any) -> str:
    if isinstance(value, float):
        small = 0 < abs(value) < 0.01  # a learning rate
        return f"{value:.3g}" if small else f"{value:.2f}" if round(value, 2) == value else f"{value:.4f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


ENCODING = ("numpy", "onnxruntime", "tokenizers", "torch", "transformers")
"""Packages that embeddings depend on."""
MEASURING = {"scipy": "scipy", "sklearn": "scikit-learn", "faiss": "faiss-cpu", "ir_measures": "ir-measures"}
"""Packages that metrics depend on: module and distribution."""


def versions(measuring: bool = True) -> dict[str, str]:
    """The versions a number depends on, those of imported packages only; `measuring` includes what only metrics depend
    on.
    """
    names = {name: name for name in ENCODING} | (MEASURING if measuring else {})
    ours = {"python": python_version(), "interlingua": __version__}  # it may run from its sources, not installed
    return ours | {name: version(name) for module, name in names.items() if module in sys.modules}
