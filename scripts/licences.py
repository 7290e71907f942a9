"""The licences of all that pip installs with this package, its extras apart, as docs/licences.md.

    python scripts/licences.py            asks pip what it would install (needs the package index), writes the page
    python scripts/licences.py --check    needs no network: every requirement of pyproject.toml is on the page

The page is of Linux on x86-64; pip's own platform and Python decide.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HERE = Path(__file__).parents[1]
PAGE = HERE / "docs" / "licences.md"
BASE = "base"
UNDECLARED = "none declared"
HEAD = """# Licences

What pip installs with interlingua and with each of its extras (`dev` is for work on the package itself), as the
packages declare it; made by `make licences` on {platform}.
Nothing of it is part of our wheel, which is Apache-2.0 and holds our own files alone: pip fetches each package under
the licence of its authors. Whoever passes on an environment or an image passes on all of it, and looks at:

{marked}

PyPI's torch for Linux also installs NVIDIA's libraries (`nvidia-*`), which are proprietary, under NVIDIA's terms; the
table was made with torch for processors. A licence that leaves a choice (`OR`) is taken at its freer side. What a wheel
bundles of others stands in its own licence files.

| package | licence | with |
|---|---|---|
"""
MARKS = {
    "GPL": "copyleft", "MPL": "weak copyleft, of its own files", "EPL": "weak copyleft, of its own files",
    "CDDL": "weak copyleft, of its own files", "NVIDIA": "proprietary", "Proprietary": "proprietary",
}  # fmt: skip
"""What one who passes packages on has to look at."""


def project() -> dict[str, Any]:
    return tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def wanted() -> dict[str, list[Requirement]]:
    """The requirements of the base install and of every extra."""
    declared = {BASE: project()["dependencies"], **project()["optional-dependencies"]}
    return {name: [Requirement(text) for text in texts] for name, texts in declared.items()}


def resolved() -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """What pip would install for all extras together: the metadata of each package by its name; and of what machine."""
    extras = ",".join(name for name in wanted() if name != BASE)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet"]
        subprocess.run([*command, "--report", str(report), f"{HERE}[{extras}]"], check=True)
        answer = json.loads(report.read_text(encoding="utf-8"))
    found = {canonicalize_name(each["metadata"]["name"]): each["metadata"] for each in answer["install"]}
    return found, answer["environment"]


def closure(
    start: Iterable[Requirement], found: dict[str, dict[str, Any]], environment: dict[str, str]
) -> dict[str, set[str]]:
    """The packages that requirements lead to, with the extras of theirs that are asked for."""
    reached: dict[str, set[str]] = {}
    ahead = [(requirement, "") for requirement in start]
    while ahead:
        requirement, extra = ahead.pop()
        if requirement.marker and not requirement.marker.evaluate({**environment, "extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        for asked in {"", *requirement.extras} - reached.get(name, set()):
            reached.setdefault(name, set()).add(asked)
            ahead += [(Requirement(text), asked) for text in found[name].get("requires_dist", ())]
    return reached


def licence(metadata: dict[str, Any]) -> str:
    """As a package declares it: an SPDX expression, else the line of its field, else its classifiers."""
    if expression := metadata.get("license_expression"):
        return expression
    ends = [text.rpartition(" :: ")[2] for text in metadata.get("classifier", ()) if text.startswith("License ::")]
    field = (metadata.get("license") or "").strip()
    if field and len(field) < 60 and "\n" not in field:
        return field
    named = [end for end in ends if end != "OSI Approved"]
    if named:
        return ", ".join(named)
    return " ".join(field.split())[:60] or UNDECLARED


def marks(text: str) -> set[str]:
    """What is to be looked at in a licence. Of one that leaves a choice, the freer side is taken."""
    if text == UNDECLARED:
        return {UNDECLARED}
    bound = [part for part in re.split(r"\bAND\b", text) if " OR " not in part]
    words = {word for word in MARKS for part in bound if word.lower() in part.lower()}
    return {MARKS[word] for word in words}


def page() -> str:
    found, environment = resolved()
    groups = {name: closure(requirements, found, environment) for name, requirements in wanted().items()}
    rows: list[str] = []
    marked: dict[str, list[str]] = {kind: [] for kind in [*MARKS.values(), UNDECLARED]}
    for name in sorted(found.keys() - {canonicalize_name(project()["name"])}):
        with_ = [BASE] if name in groups[BASE] else [group for group, reached in groups.items() if name in reached]
        text = licence(found[name])
        rows.append(f"| {name} | {text} | {', '.join(with_)} |")
        for kind in marks(text):
            marked[kind].append(f"{name} ({', '.join(with_)})")
    platform = (
        f"{environment['sys_platform']}, {environment['platform_machine']}, Python {environment['python_version']}"
    )
    lines = "\n".join(f"* {kind}: {', '.join(names) or 'none'}" for kind, names in marked.items())
    return HEAD.format(platform=platform, marked=lines) + "\n".join(rows) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="no network: only that every requirement is on the page")
    if not parser.parse_args().check:
        PAGE.write_text(page(), encoding="utf-8")
        return
    listed = set(re.findall(r"^\| (\S+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    needed = {canonicalize_name(one.name) for requirements in wanted().values() for one in requirements}
    if missing := sorted(needed - listed):
        raise SystemExit(f"docs/licences.md does not name {', '.join(missing)}; make licences writes it anew")


if __name__ == "__main__":
    main()
