"""The instructive failure, measured: a multilingual encoder tuned on English inference, within and across languages,
beside its start.

    python benchmarks/quality/english_nli_transfer.py DATA WORK START [--steps 300] [--out
    benchmarks/results/english-nli-transfer.json]

DATA holds eval/stsb_multi; WORK/nli.tsv (english_recipes.py writes it) is learned from; START is the folder of a
multilingual encoder (multilingual-e5-small here). Four languages and the first 500 pairs of their STS-B tests.
"""

import argparse
import json
import shlex
import sys
from pathlib import Path

from interlingua import cli

sys.path.append(str(Path(__file__).parents[1]))
from measuring import RESULTS, about, write

LANGUAGES = ("en", "de", "ru", "zh")
PAIRS = 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("start", type=Path)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--compare", nargs="*", default=[], metavar="NAME=FOLDER", help="other models for the table")
    parser.add_argument("--out", type=Path, default=RESULTS / "english-nli-transfer.json")
    asked = parser.parse_args()
    tests = asked.work / "transfer-tests"
    tests.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        lines = (asked.data / f"eval/stsb_multi/{language}.test.tsv").read_text(encoding="utf-8").splitlines()
        (tests / f"{language}.test.tsv").write_text("\n".join(lines[: PAIRS + 1]) + "\n", encoding="utf-8")
    output = asked.work / "english-nli-transfer"
    options = (
        f"--nli {asked.work}/nli.tsv --max-steps {asked.steps} --batch-size 16 --max-tokens 48 --dev-texts 200 "
        "--evaluate-every 1000"
    )
    names = {Path(path).name: name for name, path in (each.split("=", 1) for each in asked.compare)}
    compare = ["--compare", *(each.split("=", 1)[1] for each in asked.compare)] if asked.compare else []
    resume = ["--resume"] if (output / "config.json").exists() else []
    command = ["train", "english-nli-transfer", "--student", str(asked.start), *shlex.split(options), *compare]
    if cli.run([*command, "--evaluate", str(tests), "--output", str(output), *resume]):
        raise SystemExit(1)
    found = json.loads((output / "transfer.json").read_text(encoding="utf-8"))
    found |= about("quality/english_nli_transfer.py DATA WORK START --compare NAME=FOLDER") | {
        "models": {names.get(name, name): scores for name, scores in found["models"].items()},
        "options": options.replace(str(asked.work), "WORK"),
        "languages": LANGUAGES,
        "pairs": PAIRS,
    }
    write(asked.out, found)


if __name__ == "__main__":
    main()
