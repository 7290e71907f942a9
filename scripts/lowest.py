"""The lowest versions that pyproject.toml allows, as constraints for pip: `python scripts/lowest.py > lowest.txt`.

A requirement given as an argument takes the place of its package's lowest version: `torch==2.13.0`, say, where a
machine has a build of that one alone.
"""

import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

LEFT_OUT = {"nano-laser", "pyright", "ruff", "sentence-transformers"}
"""Tools and peers, of which only the newest is used."""


def lowest(requirements: Iterable[str]) -> dict[str, Version]:
    """The lowest allowed version of each package; of a package with several lower bounds the highest of them."""
    bounds: dict[str, Version] = {}
    for requirement in map(Requirement, requirements):
        for clause in requirement.specifier:
            if clause.operator == ">=":
                version = Version(clause.version)
                bounds[requirement.name] = max(version, bounds.get(requirement.name, version))
    return bounds


def main() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    instead = {Requirement(argument).name: argument for argument in sys.argv[1:]}
    constraints = {name: f"{name}=={version}" for name, version in lowest(named).items() if name not in LEFT_OUT}
    sys.stdout.writelines(f"{constraint}\n" for constraint in (constraints | instead).values())


if __name__ == "__main__":
    main()
