"""A few megabytes of parallel text, NLI and test sets, for benchmarks on a machine that must be sent them.

    python benchmarks/gpu/cut.py DATA FOLDER

DATA is a folder with train/parallel (en-LANGUAGE.tsv.zst), train/nli_en, eval/tatoeba.
"""

import shutil
import sys
from pathlib import Path

from interlingua.formats import read_rows
from interlingua.outputs import create_text

LANGUAGES = {"de": "deu", "es": "spa", "fr": "fra", "ru": "rus", "tr": "tur"}
"""Those of the training text, and their names in the test sets."""
NEW = {"mk": "mkd"}
"""The language that a modular encoder learns."""
PAIRS, NEW_PAIRS, NLI = 40_000, 8_000, 40_000
SOURCES = {"tatoeba", "tatoeba-anki"}


def main(data: Path, folder: Path) -> None:
    for code, most in [*((code, PAIRS) for code in LANGUAGES), *((code, NEW_PAIRS) for code in NEW)]:
        found = [row.columns for row in read_rows(data / f"train/parallel/en-{code}.tsv.zst")]
        found = [row for row in found if row["source"] in SOURCES][:most]
        with create_text(folder / f"en-{code}.tsv.zst") as stream:
            stream.write("source_language\tsource\ttarget_language\ttarget\n")
            stream.writelines(f"en\t{row['src']}\t{code}\t{row['tgt']}\n" for row in found)
    lines = list(read_rows(data / "train/nli_en/ling_in_loop.train.tsv.zst"))[:NLI]
    with create_text(folder / "nli.tsv.zst") as stream:
        stream.write("\t".join(lines[0].columns) + "\n")
        stream.writelines("\t".join(row.columns.values()) + "\n" for row in lines)
    (folder / "tatoeba").mkdir(parents=True, exist_ok=True)
    for name in (LANGUAGES | NEW).values():
        shutil.copy(data / f"eval/tatoeba/{name}-eng.tsv", folder / "tatoeba")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
