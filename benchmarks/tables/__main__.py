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
import modular
import multilingual
import overview
from results import HERE

PARTS = (overview, english, multilingual, modular)
"""Each has TABLES: the functions whose text stands between marks of their name on a page; and perhaps HEADERS, the
recipes whose figure `header` gives."""
WIDTH = 120


def pages() -> dict[Path, str]:
    """Every page with its tables as the results say."""
    written: dict[Path, str] = {}
    for part in PARTS:
        for page, tables in part.TABLES.items():
            text = written.get(page) or page.read_text(encoding="utf-8")
            for table in tables:
                name = table.__name__
                block = f"<!-- {name} -->\n{table()}\n<!-- /{name} -->"
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
            line = textwrap.fill(
                f"Measured: {part.header(recipe)}", WIDTH, subsequent_indent="  ", break_long_words=False,
                break_on_hyphens=False,
            )  # fmt: skip
            text = file.read_text(encoding="utf-8")
            written[file] = re.sub(
                r"^Measured: .*(?:\n +.*)*$", lambda _, line=line: line, text, count=1, flags=re.MULTILINE
            )
    return written


def missing() -> Iterator[str]:
    """Files that the documentation names and that are not there."""
    documents = [HERE / "README.md", HERE / "CONTRIBUTING.md", *sorted((HERE / "docs").rglob("*.md"))]
    for page in [*documents, *sorted((HERE / "src/interlingua/recipes").rglob("*.py"))]:
        text = page.read_text(encoding="utf-8")
        named = re.findall(r"python (benchmarks/[\w/.-]+)", text) if page.suffix == ".py" else []
        named += re.findall(r"\bpython (benchmarks/[\w/.-]+)|`((?:src|tests|docs|benchmarks)/[\w/.-]+\.\w+)`", text)
        for name in {part for parts in named for part in ([parts] if isinstance(parts, str) else parts) if part}:
            if not (HERE / name.rstrip(".")).exists():
                yield f"{page.relative_to(HERE)} names {name}, which is not there"
        inner = re.findall(r"`([a-z_]+(?:/[a-z_]+)+\.py)`", text) if page.suffix == ".md" else []
        for name in set(inner):
            places = (HERE / name, HERE / "src/interlingua" / name)
            if not any(place.exists() for place in places) and "my_" not in name:
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
