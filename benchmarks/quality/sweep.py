"""Real files of other projects: are they read, do they come back, and is what is made of them valid?

    python benchmarks/quality/sweep.py FOLDER [FOLDER ...] [--result benchmarks/results/sweep.json]

FOLDER holds files of any kind, such as the test files of other tools. Each with a suffix of a format is read,
converted to its own format, and to the others of XLIFF 1.2, TMX, PO and JSONL; each with a suffix of a document is
read. Valid: XML is well-formed, and PO is accepted by msgfmt, where that is installed. What is refused is counted by
its message. Languages are given where a file names none.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from xml.parsers import expat

sys.path.append(str(Path(__file__).parents[1]))
from measuring import RESULTS, about, known, write

from interlingua import documents
from interlingua.data.passages import passages
from interlingua.errors import ConfigError, InterlinguaError
from interlingua.files import bare_suffix
from interlingua.formats import by_suffix, open_memory
from interlingua.memories.conversion import convert

LANGUAGES = "en", "fr"
NAMELESS = ("und", "does not name")
"""In the message where a file names no languages: they are given then."""
INTO = (".xlf", ".tmx", ".po", ".jsonl")


def valid(path: Path) -> str:
    """What is wrong with a file that we wrote; "" where nothing is."""
    if path.suffix in (".xlf", ".tmx"):
        try:
            expat.ParserCreate().Parse(path.read_bytes(), True)
        except expat.ExpatError as error:
            return f"not XML: {error}"
    if path.suffix == ".po" and shutil.which("msgfmt"):
        found = subprocess.run(
            ["msgfmt", "--output-file", "/dev/null", str(path)], capture_output=True, text=True, timeout=60, check=False
        )
        return found.stderr.splitlines()[0] if found.returncode else ""
    return ""


def told(error: Exception, path: Path) -> str:
    """An error without what differs from file to file."""
    return re.sub(r"\d+", "N", re.sub(r"\S*/(tmp\w+/)?", "", str(error).replace(str(path), "FILE")))[:120]


def into(path: Path, output: Path) -> None:
    try:
        convert(path, output)
    except ConfigError as error:
        if not any(said in str(error) for said in NAMELESS):
            raise
        convert(path, output, *LANGUAGES)


def converted(path: Path, folder: Path) -> Counter[str]:
    """What became of a file of a format."""
    found: Counter[str] = Counter(files=1)
    try:
        count = sum(1 for _ in open_memory(path, *LANGUAGES))
    except InterlinguaError as error:
        return found + Counter({"refused": 1, f"refused: {told(error, path)}": 1})
    found += Counter(read=1, units=count, empty=not count)
    copy = folder / f"copy{path.suffix}"
    convert(path, copy)
    found["identical to themselves"] += copy.read_bytes() == path.read_bytes()
    for suffix in INTO if count else ():
        if suffix == path.suffix:
            continue
        output = folder / f"out{suffix}"
        name = f"to {suffix}"
        try:
            into(path, output)
        except InterlinguaError as error:
            found += Counter({f"{name} refused": 1, f"{name} refused: {told(error, path)}": 1})
            continue
        problem = valid(output)
        found += Counter({name: 1, f"{name} valid": not problem})
        if problem:
            found[f"{name}: {re.sub(r'^.*?out', 'out', problem)}"] += 1
    return found


def read(path: Path) -> Counter[str]:
    """What became of a document."""
    try:
        texts = list(passages(path))
    except InterlinguaError as error:
        return Counter({"files": 1, "refused": 1, f"refused: {told(error, path)}": 1})
    return Counter(files=1, read=1, passages=len(texts), empty=not texts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--result", type=Path, default=RESULTS / "sweep.json")
    asked = parser.parse_args()
    result = known(asked.result, projects={})
    for folder in asked.folders:
        kinds: dict[str, Counter[str]] = {}
        for path in sorted(folder.rglob("*")):
            suffix = bare_suffix(path)
            if not path.is_file() or suffix not in {*by_suffix(), *documents.by_suffix()}:
                continue
            try:
                with tempfile.TemporaryDirectory() as place:
                    one = converted(path, Path(place)) if suffix in by_suffix() else read(path)
            except Exception as error:  # a defect of ours
                one = Counter({"files": 1, "failed": 1, f"failed: {type(error).__name__}: {told(error, path)}": 1})
                print(path, type(error).__name__, error, file=sys.stderr)
            kinds[suffix] = kinds.get(suffix, Counter()) + one
        result["projects"][folder.name] = about(f"quality/sweep.py {folder.name}") | {
            "kinds": {suffix: dict(sorted(counts.items())) for suffix, counts in sorted(kinds.items())}
        }
        write(asked.result, result)


if __name__ == "__main__":
    main()
