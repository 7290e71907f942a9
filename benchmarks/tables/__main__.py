"""Write the tables of README.md and docs/, and the `Measured:` headers of recipes, from benchmarks/results: every
figure there has a JSON file and a command behind it.

python benchmarks/tables            # rewrites them
python benchmarks/tables --check    # exit code 1 where a page is not what the results say, or names what is not there
"""

import argparse
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import english
import memories
import modular
import multilingual
import overview
from results import HERE

PARTS = (overview, english, multilingual, modular, memories)
"""Each has TABLES: the functions whose text stands between marks of their name on a page; and perhaps HEADERS, the
recipes whose figure `header` gives."""
WIDTH = 120
NAMES = (
    r"\bpython\s(benchmarks/[\w/.-]+)",
    r"`((?:src|tests|docs|benchmarks)/[\w/.-]+\.\w+)`",
    r"`([a-z_]+(?:/[a-z_]+)+\.py)`",
)
"""How documentation names a file, and the folders that it may name it from."""
ROOTS = (HERE, HERE / "src/interlingua", HERE / "benchmarks")


def fill(line: str, indent: str = "") -> str:
    """A line of prose in lines of at most 120 columns; those after the first are indented."""
    indent = indent or ("  " if line.startswith("* ") else "")
    return textwrap.fill(line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def pages() -> dict[Path, str]:
    """Every page with its tables as the results say."""
    written: dict[Path, str] = {}
    for part in PARTS:
        for page, tables in part.TABLES.items():
            text = written.get(page) or page.read_text(encoding="utf-8")
            for table in tables:
                name = table.__name__
                lines = (line if line.startswith("|") else fill(line) for line in table().splitlines())
                block = "\n".join((f"<!-- {name} -->", *lines, f"<!-- /{name} -->"))
                text, count = re.subn(
                    rf"<!-- {name} -->.*?<!-- /{name} -->", lambda _, block=block: block, text, flags=re.DOTALL
                )
                if not count:
                    raise SystemExit(f"{page}: there are no marks <!-- {name} --> for this table")
            written[page] = text
    return written


def headers() -> dict[Path, str]:
    """Every recipe with its measured figure as the results say."""
    written: dict[Path, str] = {}
    for part in PARTS:
        for recipe in getattr(part, "HEADERS", ()):
            folder = HERE / "src/interlingua/recipes"
            file = next(path for path in (folder / f"{recipe}.py", folder / recipe / "__init__.py") if path.exists())
            line = fill(f"Measured: {part.header(recipe)}", indent="  ")
            text = file.read_text(encoding="utf-8")
            written[file] = re.sub(
                r"^Measured: .*(?:\n +.*)*$", lambda _, line=line: line, text, count=1, flags=re.MULTILINE
            )
    return written


def missing() -> Iterator[str]:
    """Files that the documentation names and that are not there."""
    pages = [HERE / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "benchmarks/README.md")]
    pages += sorted((HERE / "docs").rglob("*.md")) + sorted((HERE / "src/interlingua/recipes").rglob("*.py"))
    for page in pages:
        text = page.read_text(encoding="utf-8")
        named = {name.rstrip(".") for pattern in NAMES for name in re.findall(pattern, text)}
        for name in sorted(named):
            if not any((root / name).exists() for root in ROOTS) and "my_" not in name:
                yield f"{page.relative_to(HERE)} names {name}, which is not there"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    written = pages() | headers()
    stale = [file for file, text in written.items() if file.read_text(encoding="utf-8") != text]
    if not check:
        multilingual.draw()
        for file in stale:
            file.write_text(written[file], encoding="utf-8")
        return 0
    problems = [f"{file.relative_to(HERE)}: a table is not what benchmarks/results says" for file in stale]
    problems += missing()
    for problem in problems:
        print(problem)
    if stale:
        print("remedy: python benchmarks/tables")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
