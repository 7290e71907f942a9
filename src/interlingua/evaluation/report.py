"""What an evaluation says: its numbers, and the exact definition of each."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Report:
    """Rows, and their averages."""

    task: str
    definition: str
    """The metric in words that leave no choice open."""
    rows: tuple[dict[str, Any], ...]
    """One dict a data set: `name`, then metrics and counts."""
    averages: dict[str, float]
    """Named means over rows."""
    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    """What was chosen: split, folds, seeds."""
    files: tuple[Path, ...] = ()
    """The files that were read; results name them by their content."""

    def json(self) -> dict[str, Any]:
        """As JSON holds it."""
        fields = {"task": self.task, "definition": self.definition, "settings": self.settings}
        return fields | {"averages": self.averages, "rows": list(self.rows)}

    def table(self) -> str:
        """Aligned text for a terminal."""
        lines = [
            *_aligned(self.rows),
            "",
            *(f"{name}: {value:.2f}" for name, value in self.averages.items()),
            "",
            self.definition,
        ]
        return "\n".join(lines)


def _aligned(rows: Sequence[dict[str, Any]]) -> list[str]:
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
        return f"{value:.2f}" if round(value, 2) == value else f"{value:.4f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
