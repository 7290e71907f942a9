"""The tables and the plot of docs/recipes/multilingual.md and the headers of its recipes."""

import statistics
from typing import Any

from results import HERE, read

from interlingua.evaluation import plots

PAGE = HERE / "docs/recipes/multilingual.md"
HEADERS = ("laser", "muse", "labse", "laser3")


def from_parallel_text() -> str:
    known = read("multilingual-recipes.json")
    lines = [
        "| encoder | CPU minutes | Tatoeba, 9 languages | xsim error | pairs of languages never seen together |",
        "|---|---|---|---|---|",
    ]
    for name, found in known["recipes"].items():
        if "unseen pairs" in found:
            unseen = ", ".join(f"{pair} {value:.0f}" for pair, value in found["unseen pairs"].items())
            minutes = f"{found['cpu_minutes']:.0f}" if found["arguments"] else ""
            lines.append(f"| {name} | {minutes} | {found['tatoeba']:.1f} | {found['xsim']:.1f} | {unseen} |")
    return "\n".join([*lines, "", f"`{known['command']}`"])


def lower_resource() -> str:
    lines = [
        "| language | pairs | CPU minutes | xsim error: teacher, student | Tatoeba: teacher, student |",
        "|---|---|---|---|---|",
    ]
    for name, found in students().items():
        teacher, student = found["zero-shot teacher"], found["student"]
        scores = " | ".join(f"{teacher[task]:.1f}, **{student[task]:.1f}**" for task in ("xsim", "tatoeba"))
        lines.append(f"| {name.split()[1]} | {found['pairs']:,} | {found['cpu_minutes']:.0f} | {scores} |")
    between = [found["between students"] for found in students().values() if "between students" in found]
    met = (
        f"Between the two students: {between[-1]['accuracy']:.1f} % of {between[-1]['pairs']} pairs (those with a "
        "common English original, "
        "most of them from the training text)."
        if between
        else ""
    )
    return "\n".join([*lines, "", met]).strip()


def students() -> dict[str, Any]:
    return {
        name: found for name, found in read("multilingual-recipes.json")["recipes"].items() if name.startswith("laser3")
    }


def sweep() -> dict[float, list[float]]:
    """By margin that all three seeds have: Tatoeba of each."""
    found: dict[float, list[float]] = {}
    for name, entry in read("multilingual-recipes.json")["recipes"].items():
        if name.startswith("labse, margin"):
            found.setdefault(float(name.split()[2].rstrip(",")), []).append(entry["tatoeba"])
    return {margin: scores for margin, scores in found.items() if len(scores) == 3}


def margins() -> str:
    found = sweep()
    cells = (f"{statistics.fmean(values):.1f} ± {statistics.stdev(values):.1f}" for values in found.values())
    heads = (f"{margin:g}" for margin in found)
    return "\n".join(
        [
            f"| margin | {' | '.join(heads)} |",
            "|---|" + "---|" * len(found),
            f"| Tatoeba, 9 languages | {' | '.join(cells)} |",
        ]
    )


def draw() -> None:
    """The sweep of margins as a plot beside the page."""
    found = sweep()
    lines = [
        plots.Line(f"seed {seed}", list(found), scores, [])
        for seed, scores in enumerate(zip(*found.values(), strict=True))
    ]
    lines.insert(0, plots.Line("mean", list(found), [statistics.fmean(values) for values in found.values()], []))
    plots.lines(PAGE.parent / "labse-margins.svg", "LaBSE's margin", lines, "margin", "Tatoeba, 9 languages (%)")


def header(recipe: str) -> str:
    """The `Measured:` line of a recipe."""
    if recipe == "laser3":
        said = (
            f"{name.split()[1]}: {f['zero-shot teacher']['xsim']:.1f} to {f['student']['xsim']:.1f}"
            for name, f in students().items()
        )
        return f"xsim error, teacher to student: {', '.join(said)}; docs/recipes/multilingual.md"
    found = {
        name: f
        for name, f in read("multilingual-recipes.json")["recipes"].items()
        if name.split(",")[0] == recipe and "margin" not in name
    }
    said = (f"{f['tatoeba']:.1f} in {f['cpu_minutes']:.0f} min ({name})" for name, f in found.items())
    return f"Tatoeba, 9 languages: {', '.join(said)}; docs/recipes/multilingual.md"


TABLES = {PAGE: (from_parallel_text, lower_resource, margins)}
