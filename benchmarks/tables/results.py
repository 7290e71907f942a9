"""The results that tables are written from."""

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[2]


def read(name: str) -> dict[str, Any]:
    file = HERE / "benchmarks/results" / name
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
