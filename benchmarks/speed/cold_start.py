"""From the shell prompt to the first vector: `interlingua encode` of one sentence with an engine, and three lines of
sentence-transformers.

    python benchmarks/speed/cold_start.py SENTENCE_TRANSFORMERS_FOLDER ENGINE --out benchmarks/results/cold-start.json

New processes in turns, files in the cache, medians. wall by the clock, cpu in processor seconds, peak memory of the
process in MB.
"""

import argparse
import json
import os
import sys
import tempfile
from functools import partial
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))
from measuring import about, in_turns, medians, process, ratios, rounded, write

SCRIPT = """
from sentence_transformers import SentenceTransformer
model = SentenceTransformer({folder!r}, device="cpu")
print(model.encode(["The cat sleeps on the mat."])[0, :3])
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("engine")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        text = Path(scratch) / "one.txt"
        text.write_text("The cat sleeps on the mat.\n", encoding="utf-8")
        command = str(Path(sys.executable).with_name("interlingua"))
        commands = {
            "interlingua encode": [command, "encode", str(text), "--model", arguments.engine],
            "sentence-transformers": [sys.executable, "-c", SCRIPT.format(folder=arguments.folder)],
        }
        ways = {name: partial(process, line) for name, line in commands.items()}
        found = in_turns(ways, arguments.rounds, warm_up=1)  # the first round fills the file cache
    table = {name: rounded(medians(runs)) for name, runs in found.items()}
    ours, theirs = table.values()
    result = about("speed/cold_start.py SENTENCE_TRANSFORMERS_FOLDER ENGINE --out OUT.json") | {
        "model": Path(arguments.folder).name,
        "rounds": arguments.rounds,
        "load": os.getloadavg(),
        "systems": table,
        "ratio": ratios(theirs, ours),
    }
    write(arguments.out, result)
    print(json.dumps(table | result["ratio"], indent=1))


if __name__ == "__main__":
    main()
