"""Write the tables of README.md from benchmarks/results: every figure there has a JSON file and a command behind it.

python benchmarks/tables.py            # rewrites README.md
python benchmarks/tables.py --check    # exit code 1 where README.md is not what the results say
"""

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent.parent
RESULTS = HERE / "benchmarks" / "results"


def quickstart() -> str:
    found = read("quickstart.json")
    after, f1 = found["after"], found["mining_f1"]
    seconds = [run["seconds"] for run in found["runs"]]
    middle = {stage: sorted(times[stage] for times in seconds)[len(seconds) // 2] for stage in ("training", "evaluation")}
    lines = [
        "| held-out sentences, 16 languages | English teacher | student |",
        "|---|---|---|",
        f"| translation found at the first try | {found['before']:.1f} % | **{after['mean']:.1f} %** (± {after['sd']:.1f}) |",
        f"| F1 of the mined corpus (200 distractors a pile) | | {f1['mean']:.1f} % (± {f1['sd']:.1f}) |",
        "",
        f"{len(found['runs'])} seeds from a clean clone on two cores: installation {found['install_seconds']:.0f} s, data "
        f"{seconds[0]['data']:.0f} s, training {middle['training']:.0f} s, evaluation {middle['evaluation']:.0f} s (medians). "
        f"`{found['command']}`",
    ]
    return "\n".join(lines)


def models() -> str:
    found = read("multilingual-distillation.json")
    lines = [
        "| model | STS-B, 10 languages | STS-B, English against 9 | Tatoeba, 32 languages |",
        "|---|---|---|---|",
    ]
    for name, scores in found["models"].items():
        lines.append(f"| {name} | {scores['sts_monolingual_10']:.1f} | {scores['sts_cross_lingual_9']:.1f} | {scores['tatoeba_32']:.1f} |")
    lines += ["", f"Spearman x 100 and mean accuracy of both directions. `{found['command']}`; per language in `benchmarks/results`."]
    return "\n".join(lines)


def read(name: str) -> dict[str, Any]:
    return json.loads((RESULTS / name).read_text(encoding="utf-8"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    readme = HERE / "README.md"
    text = old = readme.read_text(encoding="utf-8")
    for name, table in (("quickstart", quickstart), ("models", models)):
        block = f"<!-- {name} -->\n{table()}\n<!-- /{name} -->"
        text = re.sub(rf"<!-- {name} -->.*?<!-- /{name} -->", lambda _, block=block: block, text, flags=re.DOTALL)
    if check:
        return int(text != old)
    readme.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
