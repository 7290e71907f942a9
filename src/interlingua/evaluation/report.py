"""What an evaluation says: its numbers, and the exact definition of each."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from interlingua.printing import aligned


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
            *aligned(self.rows),
            "",
            *(f"{name}: {value:.2f}" for name, value in self.averages.items()),
            "",
            self.definition,
        ]
        return "\n".join(lines)
