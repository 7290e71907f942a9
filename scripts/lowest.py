"""The lowest versions that pyproject.toml allows, as constraints for pip: `python scripts/lowest.py > lowest.txt`.

torch is left out: which of its builds serves a machine is the machine's affair. Name it beside the constraints.
"""

import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

LEFT_OUT = {"torch", "sentence-transformers", "pyright", "ruff"}
"""Beside torch: tools and peers, of which only the newest is used."""


def main() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    for requirement in map(Requirement, named):
        lowest = [clause.version for clause in requirement.specifier if clause.operator == ">="]
        if requirement.name not in LEFT_OUT and lowest:
            sys.stdout.write(f"{requirement.name}=={lowest[0]}\n")


if __name__ == "__main__":
    main()
