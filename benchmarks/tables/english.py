"""The tables of docs/recipes/english.md and the headers of its recipes."""

from typing import Any

from results import HERE, read

PAGE = HERE / "docs/recipes/english.md"
TASKS = ("STS-B", "SICK-R", "STS12-16", "NLI", "SICK-E")
SENTEVAL = ("mr", "cr", "subj", "mpqa", "sst2", "trec", "mrpc")
NLI = "sbert, nli (u, v, |u-v|)"
PAPERS = {
    "word vectors": "58.02 (GloVe 840B, 300 wide)",
    "masked-language": "46.35 (BERT-base, mean)",
    "masked-language, cls": "16.50 (BERT-base, CLS)",
    "infersent": "68.03 (SNLI, 4096 wide)",
    NLI: "77.03 (1M pairs) *",
    "sbert, sts alone": "84.67 ± .19 *",
    "sbert, nli then sts": "85.35 ± .17 *",
    "cross-encoder, sts": "84.30 ± .76 *",
    "simcse, unsupervised": "76.85 (1M sentences)",
    "simcse, supervised": "84.26 (inference pairs)",
}
"""STS-B test, Spearman, of BERT-base systems; * from memory of the paper, the others read in the projects' own
documentation."""
ORDERINGS = (
    ("averaging < trained", "word vectors, sif", NLI, "STS-B"),
    ("averaging < trained", "masked-language", NLI, "STS-B"),
    ("(u, v) < (u, v, |u-v|)", "sbert, nli (u, v)", NLI, "STS-B"),
    ("bi-encoder < cross-encoder on STS", "sbert, sts alone", "cross-encoder, sts", "STS-B"),
    (
        "bi-encoder < cross-encoder on STS, pretrained start",
        "MiniLM, sbert, sts",
        "MiniLM, cross-encoder, sts",
        "STS-B",
    ),
    ("start < SimCSE, unsupervised", "masked-language", "simcse, unsupervised", "STS-B"),
    ("start < SimCSE, supervised", "masked-language", "simcse, supervised", "STS-B"),
    ("STS alone < NLI then STS", "sbert, sts alone", "sbert, nli then sts", "STS-B"),
    (
        "STS alone < NLI then STS, cross-encoder",
        "MiniLM, cross-encoder, sts",
        "MiniLM, cross-encoder, nli then sts",
        "STS-B",
    ),
    ("labels alone < taught as well", "cross-encoder, sick", "cross-encoder, sick, taught", "SICK-E"),
)
"""What theory says, the lower and the higher line, and where it is measured."""
HEADERS = {
    "averaging": ("word vectors", "word vectors, sif"),
    "infersent": ("infersent",),
    "sbert": (NLI, "sbert, nli then sts"),
    "cross_encoder": ("MiniLM, cross-encoder, sts", "cross-encoder, sick"),
    "simcse": ("simcse, unsupervised", "simcse, supervised"),
    "masked_language": ("masked-language",),
    "compact": (),
    "english_nli_transfer": (),
}
"""Which lines of the table stand in a recipe's header."""


def cell(summary: dict[str, Any], task: str) -> str:
    found = summary.get(task)
    if found is None:
        return ""
    return f"{found['mean']:.1f}" + (f" ± {found['sd']:.1f}" if found["seeds"] > 1 else "")


def measured(known: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: entry for name, entry in known.get("recipes", {}).items() if entry.get("summary")}


def recipes() -> str:
    known = read("english-recipes.json")
    lines = [
        "| recipe | STS-B | SICK-R | STS12-16 | SentEval's seven | NLI | SICK-E | seeds | CPU s | paper, STS-B |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, entry in measured(known).items():
        summary = entry["summary"]
        transfer = [summary[task]["mean"] for task in SENTEVAL if task in summary]
        seven = f"{sum(transfer) / 7:.1f}" if len(transfer) == 7 else ""
        times = [run["cpu_seconds"] for run in entry["seeds"].values() if "cpu_seconds" in run]
        seconds = f"{sorted(times)[len(times) // 2]:.0f}" if times else ""
        seeds = max(found["seeds"] for found in summary.values())
        cells = [cell(summary, task) for task in TASKS]
        label = name.replace("|", "\\|")
        lines.append(
            f"| {label} | {' | '.join(cells[:3])} | {seven} | {cells[3]} | {cells[4]} | {seeds} | {seconds} | "
            f"{PAPERS.get(name, '')} |"
        )
    return "\n".join([*lines, "", f"`{known.get('command', '')}`"])


def orderings() -> str:
    entries = measured(read("english-recipes.json"))
    lines = ["| ordering | lower | higher | difference, seed by seed | holds here |", "|---|---|---|---|---|"]
    for claim, low, high, task in ORDERINGS:
        if not all(name in entries and task in entries[name]["summary"] for name in (low, high)):
            lines.append(f"| {claim.replace('|', chr(92) + '|')} | | | | not measured |")
            continue
        found = differences(entries[low], entries[high], task)
        verdict = "yes" if min(found) > 0 else "no" if max(found) < 0 else "undecided"
        if len(found) < 3:
            verdict += f" ({len(found)} seeds only)"
        names = (f"{cell(entries[name]['summary'], task)} ({name})" for name in (low, high))
        shown = [*names, ", ".join(f"{value:+.1f}" for value in found), verdict]
        lines.append("| " + " | ".join(text.replace("|", "\\|") for text in (claim, *shown)) + " |")
    return "\n".join(lines)


def differences(low: dict[str, Any], high: dict[str, Any], task: str) -> list[float]:
    """Higher minus lower of the same seed; a line without randomness stands for all seeds."""
    one, other = ({seed: run[task] for seed, run in entry["seeds"].items() if task in run} for entry in (low, high))
    every = {
        seed for seed in {*one, *other} if (not low["random"] or seed in one) and (not high["random"] or seed in other)
    }
    return [other.get(seed, other["0"]) - one.get(seed, one["0"]) for seed in sorted(every)]


def compact() -> str:
    known = read("compact.json")
    if not known:
        return "Not measured."
    lines = [
        "| encoder | width | parameters, million | in layers | texts a CPU second | STS-B | SICK-R |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, found in known["models"].items():
        size = f"{found['width']} | {found['parameters_million']:.1f} | {found['without_words_million']:.1f}"
        lines.append(
            f"| {name} | {size} | {found.get('texts_per_cpu_second', '')} | {found['STS-B']:.1f} | "
            f"{found['SICK-R']:.1f} |"
        )
    return "\n".join([*lines, "", f"One seed, {known['texts']:,} sentences. `{known['command']}`"])


def transfer() -> str:
    known = read("english-nli-transfer.json")
    if not known:
        return "Not measured."
    lines = ["| model | within languages | English against the others |", "|---|---|---|"]
    lines += [
        f"| {name} | {found['monolingual']:.1f} | {found['cross-lingual']:.1f} |"
        for name, found in known["models"].items()
    ]
    languages = ", ".join(known["languages"])
    return "\n".join(
        [
            *lines,
            "",
            f"Spearman x 100 on STS-B ({languages}; {known['pairs']} pairs each), one seed. `{known['command']}`",
        ]
    )


def header(recipe: str) -> str:
    """The `Measured:` line of a recipe."""
    if not HEADERS[recipe]:
        return special(recipe)
    entries = measured(read("english-recipes.json"))
    said: list[str] = []
    for name in HEADERS[recipe]:
        if name in entries:
            summary, runs = entries[name]["summary"], entries[name]["seeds"].values()
            task = next(task for task in ("STS-B", "NLI", "SICK-E") if task in summary)
            times = [run["cpu_seconds"] for run in runs if "cpu_seconds" in run]
            seconds = f" in {sorted(times)[len(times) // 2]:.0f} s" if times else ""
            said.append(f"{task} {cell(summary, task)}{seconds} ({name})")
    return ("; ".join(said) + "; docs/recipes/english.md") if said else "not yet measured"


def special(recipe: str) -> str:
    if recipe == "compact" and (known := read("compact.json").get("models")):
        return (
            "STS-B "
            + ", ".join(f"{found['STS-B']:.1f} ({name})" for name, found in known.items())
            + "; docs/recipes/english.md"
        )
    if recipe == "english_nli_transfer" and (known := read("english-nli-transfer.json").get("models")):
        said = ", ".join(
            f"{found['monolingual']:.1f}, {found['cross-lingual']:.1f} {name.split()[0]}"
            for name, found in known.items()
        )
        return f"STS-B within, across languages: {said}; docs/recipes/english.md"
    return "not yet measured"


TABLES = {PAGE: (recipes, orderings, compact, transfer)}
