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
from pathlib import Path

from interlingua import cli, printing
from interlingua.files import write_whole

HERE = Path(__file__).resolve().parents[2]
LANGUAGES = ("en", "de", "ru", "zh")
PAIRS = 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("start", type=Path)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--compare", nargs="*", default=[], metavar="NAME=FOLDER", help="other models for the table")
    parser.add_argument("--out", type=Path, default=HERE / "benchmarks/results/english-nli-transfer.json")
    asked = parser.parse_args()
    tests = asked.work / "transfer-tests"
    tests.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        lines = (
            (asked.data / f"eval/stsb_multi/{language}.test.tsv").read_text(encoding="utf-8").splitlines()[: PAIRS + 1]
        )
        (tests / f"{language}.test.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    output = asked.work / "english-nli-transfer"
    options = (
        f"--nli {asked.work}/nli.tsv --max-steps {asked.steps} --batch-size 16 --max-tokens 48 --dev-texts 200 "
        "--evaluate-every 1000"
    )
    names = {Path(path).name: name for name, path in (each.split("=", 1) for each in asked.compare)}
    compare = ["--compare", *(each.split("=", 1)[1] for each in asked.compare)] if asked.compare else []
    resume = ["--resume"] if (output / "config.json").exists() else []
    command = [
        "train",
        "english-nli-transfer",
        "--student",
        str(asked.start),
        *shlex.split(options),
        "--evaluate",
        str(tests),
    ]
    if cli.run([*command, *compare, "--output", str(output), *resume]):
        raise SystemExit(1)
    found = json.loads((output / "transfer.json").read_text(encoding="utf-8"))
    found |= {
        "models": {names.get(name, name): scores for name, scores in found["models"].items()},
        "command": "python benchmarks/quality/english_nli_transfer.py DATA WORK START --compare NAME=FOLDER",
        "options": options.replace(str(asked.work), "WORK"),
        "languages": LANGUAGES,
        "pairs": PAIRS,
        "versions": printing.versions(),
    }
    with write_whole(asked.out) as file:
        file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
