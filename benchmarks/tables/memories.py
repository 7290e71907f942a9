"""Tables of docs/memories.md: what look-ups find and what their scores say, and what an index costs."""

from typing import Any

from results import HERE, read

KINDS = (
    "case or punctuation", "tag or placeholder", "number", "word in or out", "antonym", "negation", "paraphrase",
    "unrelated",
)  # fmt: skip


def lookup_scores() -> str:
    """Of each run and edit the mean score with its range, and the texts found, by system; what is above thresholds."""
    return "\n\n".join(_run(name, run) for name, run in read("lookup.json").get("runs", {}).items())


def _run(name: str, run: dict[str, Any]) -> str:
    systems = run["systems"]
    rows = [
        f"{run['queries']} look-ups in {run['units']:,} units ({name}); 100 x the score, mean (lowest to highest), and "
        f"how often the right unit came first (`{run['command']}`):",
        "",
        f"| edit | {' | '.join(systems)} |",
        "|---" * (len(systems) + 1) + "|",
    ]
    for kind in KINDS:
        found = [one["kinds"].get(kind) for one in systems.values()]
        if all(found):
            cells = [
                f"{k['mean']:.0f} ({k['lowest']:.0f} to {k['highest']:.0f}), {k['right']} of {k['queries']}"
                for k in found
            ]
            rows.append(f"| {kind} | {' | '.join(cells)} |")
    for limit in ("0.75", "0.85", "0.95"):
        above = [one["from"][limit] for one in systems.values()]
        cells = [f"{k['proposals']}, {k['usable']}, {k['opposite']}" for k in above]
        rows.append(f"| from {limit}: proposals, usable as they are, opposite | {' | '.join(cells)} |")
    shares = [f"{one['case or marks above number, antonym, negation']:.2f}" for one in systems.values()]
    rows.append(f"| case or marks above number, antonym, negation | {' | '.join(shares)} |")
    five = {name: one.get("unrelated in five units") for name, one in systems.items()}
    if told := [f"{found['highest']:.0f} ({name})" for name, found in five.items() if found and found["look-ups"]]:
        rows += ["", f"Unrelated texts in memories of five units score at most {', '.join(told)}."]
    return "\n".join(rows)


def index_costs() -> str:
    """Seconds and memory of the steps, by the size of the memory."""
    runs = read("memories.json")["runs"]
    last = list(runs.values())[-1]
    rows = [
        f"With a static model of 50 dimensions, on {last['machine']['cores']} cores (`{last['command']}`):",
        "",
        "| memory | build | open | 1,000 units more | 100 segments | on disk | peak memory, building, looking up |",
        "|---|---|---|---|---|---|---|",
    ]
    for size, run in runs.items():
        build, look, update = run["build"], run["look up"], run["update"]
        rows.append(
            f"| {size} | {build['build']:.0f} s | {look['open']:.2f} s | {update['update']:.0f} s "
            f"| {look['look up 100, again']:.1f} s | {run['index_megabytes']:.0f} MB "
            f"| {build['peak_megabytes']:.0f}, {look['peak_megabytes']:.0f} MB |"
        )
    return "\n".join(rows)


TABLES = {HERE / "docs/memories.md": (lookup_scores, index_costs)}
