"""Write the tables of docs and the `Measured:` headers of recipes from benchmarks/results.

python benchmarks/recipe_tables.py            # rewrites them
python benchmarks/recipe_tables.py --check    # exit code 1 where they are not what the results say
"""

import argparse
import re
import sys

import english_tables
import modular_tables
import multilingual_tables
from results_files import HERE


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    written = {}
    for part in (english_tables, multilingual_tables, modular_tables):
        for page, tables in part.TABLES.items():
            written[page] = page.read_text(encoding="utf-8")
            for table in tables:
                block = f"<!-- {table.__name__} -->\n{table()}\n<!-- /{table.__name__} -->"
                pattern = rf"<!-- {table.__name__} -->.*?<!-- /{table.__name__} -->"
                written[page] = re.sub(pattern, lambda _, block=block: block, written[page], flags=re.DOTALL)
        for recipe in part.HEADERS:
            file = HERE / f"src/interlingua/recipes/{recipe}.py"
            line = f"Measured: {part.header(recipe)}"
            before = file.read_text(encoding="utf-8")
            written[file] = re.sub(r"^Measured: .*$", lambda _, line=line: line, before, count=1, flags=re.MULTILINE)
    stale = [file for file, text in written.items() if file.read_text(encoding="utf-8") != text]
    if not check:
        multilingual_tables.draw()
        for file in stale:
            file.write_text(written[file], encoding="utf-8")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
