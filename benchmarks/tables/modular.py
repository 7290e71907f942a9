"""The tables of docs/recipes/modular.md and docs/new-language.md, from modular.json.

That file was put together by hand from the output of several runs of benchmarks/quality/modular.py; its `commands` are
those runs. The command for Kabyle measures no rows, so a run of it leaves a setting without figures, which is skipped.
"""

import statistics
from typing import Any

from results import HERE, read

HEADERS = ("modular_encoders",)
COLUMNS = {
    "sts, monolingual": "STS-B within languages",
    "sts, cross-lingual": "STS-B across",
    "tatoeba accuracy": "Tatoeba",
    "xsim error": "xsim error",
    "bias, judged pairs": "bias, STS-B",
    "bias, translations": "bias, translations",
    "rsim": "RSIM",
    "sentiment accuracy": "sentiment",
}
ORDERINGS = (
    ("modular > Full_m within languages", "full-m", "modular", "sts, monolingual"),
    ("modular > Full_mc within languages", "full-mc", "modular", "sts, monolingual"),
    ("modular > Full_m across languages", "full-m", "modular", "sts, cross-lingual"),
    ("modular > Full_mc across languages", "full-mc", "modular", "sts, cross-lingual"),
    ("modular errs less than Full_m in bitext retrieval", "modular", "full-m", "xsim error"),
    ("modular errs less than Full_mc in bitext retrieval", "modular", "full-mc", "xsim error"),
    ("modular > Full_mc in RSIM", "full-mc", "modular", "rsim"),
    ("alignment alone > Full_m within languages", "full-m", "modular, alignment alone", "sts, monolingual"),
    ("alignment alone > Full_mc within languages", "full-mc", "modular, alignment alone", "sts, monolingual"),
    ("alignment alone > Full_m across languages", "full-m", "modular, alignment alone", "sts, cross-lingual"),
    ("alignment alone > Full_mc across languages", "full-mc", "modular, alignment alone", "sts, cross-lingual"),
    ("alignment alone errs less than Full_mc in bitext retrieval", "modular, alignment alone", "full-mc", "xsim error"),
    ("Full_m > Full_mc within languages", "full-mc", "full-m", "sts, monolingual"),
    ("language adaptation helps across languages", "modular, no language adaptation", "modular", "sts, cross-lingual"),
    ("the alignment adapter helps across languages", "modular, no alignment", "modular", "sts, cross-lingual"),
    ("2025 > 2024 across languages", "modular-2024", "modular", "sts, cross-lingual"),
)
"""What the paper finds (tables 1 and 2), of all modules and of the aligning one alone: the row that should be lower,
the one that should be higher, and by which figure."""
Rows = dict[str, dict[str, dict[str, Any]]]


def rows() -> Rows:
    """Figures by row and seed, of the one setting that is published."""
    (found,) = (figures for figures in read("modular.json")["figures"].values() if figures)
    return found


def modular() -> str:
    lines = [f"| row | {' | '.join(COLUMNS.values())} | seeds |", "|---|" + "---|" * (len(COLUMNS) + 1)]
    for row, seeds in rows().items():
        lines.append(f"| {row} | {' | '.join(cell(seeds, column) for column in COLUMNS)} | {len(seeds)} |")
    return "\n".join([*lines, "", *(f"* `{command}`" for command in read("modular.json")["commands"])])


def cell(seeds: dict[str, dict[str, Any]], column: str) -> str:
    values = [figures[column] for figures in seeds.values() if column in figures]
    if not values:
        return ""
    return f"{statistics.fmean(values):.1f}" + (f" ± {statistics.stdev(values):.1f}" if len(values) > 1 else "")


def modular_orderings() -> str:
    found = rows()
    lines = ["| the paper | lower | higher | difference, seed by seed | holds here |", "|---|---|---|---|---|"]
    for claim, low, high, column in ORDERINGS:
        if low in found and high in found:
            seeds = sorted({*found[low]} & {*found[high]})
            differences = [found[high][seed][column] - found[low][seed][column] for seed in seeds]
            verdict = "yes" if min(differences) > 0 else "no" if max(differences) < 0 else "undecided"
            shown = (f"{cell(found[row], column)} ({row})" for row in (low, high))
            lines.append(
                f"| {claim} | {' | '.join(shown)} | {', '.join(f'{value:+.1f}' for value in differences)} | {verdict} |"
            )
    return "\n".join(lines)


def packs() -> str:
    found = {row: seeds["0"]["about"] for row, seeds in rows().items() if "megabytes" in seeds["0"]["about"]}
    lines = [
        "| row | a pack, MB | minutes of training a language | untouched languages bit-identical |",
        "|---|---|---|---|",
    ]
    for row, about in found.items():
        sizes = ", ".join(f"{language} {megabytes:.1f}" for language, megabytes in about["megabytes"].items())
        minutes = statistics.fmean(sum(stages.values()) / 60 for stages in about["seconds"].values())
        lines.append(f"| {row} | {sizes} | {minutes:.1f} | {'yes' if about['identical'] else 'no'} |")
    for row in ("full-m", "full-mc"):
        about = rows()[row]["0"]["about"]
        lines.append(
            f"| {row} | no packs | {about['seconds']['all'] / 60:.1f} for all languages ({about['steps']} steps) | |"
        )
    return "\n".join(lines)


def new_language() -> str:
    lines = [
        "| language | pairs | sentences | test (pairs) | xsim: before, after | accuracy: before, after | tokens a "
        "word | MB | minutes |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for found in read("modular.json")["new language"].values():
        resources, words = found["resources"], found["vocabulary"]
        tokens = f"{words['before']['tokens_per_word']:.2f}, {words['after']['tokens_per_word']:.2f}"
        minutes = sum(stage["seconds"] for stage in found["stages"]) / 60
        for name, test in found["quality"].items():
            before, after = test["before"], test["after"]
            data = f"{resources['pairs']:,} | {resources['texts']:,}"
            scores = " | ".join(f"{before[task]:.1f}, **{after[task]:.1f}**" for task in ("xsim", "accuracy"))
            rest = f"{tokens} | {found['pack']['megabytes']:.0f} | {minutes:.0f}"
            lines.append(f"| {found['language']} | {data} | {name} ({test['pairs']}) | {scores} | {rest} |")
    return "\n".join(lines)


def header(_recipe: str) -> str:
    """The `Measured:` line of the recipe."""
    found = rows()
    rows_said = ("base", "full-m", "full-mc", "modular", "modular, alignment alone")
    said = ", ".join(f"{cell(found[row], 'sts, cross-lingual').split()[0]} {row.split(', ')[-1]}" for row in rows_said)
    return f"STS-B across languages: {said}; docs/recipes/modular.md"


TABLES = {
    HERE / "docs/recipes/modular.md": (modular, modular_orderings, packs),
    HERE / "docs/new-language.md": (new_language,),
}
