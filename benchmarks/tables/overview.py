"""The tables of README.md and of the pages on engines and mining."""

from typing import Any

from results import HERE, read

RESULTS = HERE / "benchmarks" / "results"


def quickstart() -> str:
    found = read("quickstart.json")
    after, f1 = found["after"], found["mining_f1"]
    seconds = [run["seconds"] for run in found["runs"]]
    middle = {
        stage: sorted(times[stage] for times in seconds)[len(seconds) // 2] for stage in ("training", "evaluation")
    }
    lines = [
        "| held-out sentences, 16 languages | English teacher | student |",
        "|---|---|---|",
        f"| translation found at the first try | {found['before']:.1f} % | **{after['mean']:.1f} %** (± "
        f"{after['sd']:.1f}) |",
        f"| F1 of the mined corpus (200 distractors a pile) | | {f1['mean']:.1f} % (± {f1['sd']:.1f}) |",
        "",
        f"{len(found['runs'])} seeds from a clean clone on two cores: installation {found['install_seconds']:.0f} s, "
        "data "
        f"{seconds[0]['data']:.0f} s, training {middle['training']:.0f} s, evaluation {middle['evaluation']:.0f} s "
        "(medians). "
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
        lines.append(
            f"| {name} | {scores['sts_monolingual_10']:.1f} | {scores['sts_cross_lingual_9']:.1f} | "
            f"{scores['tatoeba_32']:.1f} |"
        )
    lines += [
        "",
        f"Spearman x 100 and mean accuracy of both directions. `{found['command']}`; per language in "
        "`benchmarks/results`.",
    ]
    return "\n".join(lines)


def engines() -> str:
    lines: list[str] = []
    for file in sorted(RESULTS.glob("encoding-speed-*.json")):
        found = read(file.name)
        work = found["bulk"]
        lines += [
            f"**{found['model']}**, threads: {found['machine']['threads']}. Speed relative to sentence-transformers in "
            "fp32, by the clock "
            "(by processor seconds).",
            "",
            *([found["caution"], ""] if "caution" in found else []),
            f"| system | {' | '.join(f'{name}, {len_(each)} tokens' for name, each in work.items())} | one text, p50 / "
            "p95 ms | MB | "
            "STS-B | Tatoeba, 10 languages |",
            "|---|" + "---|" * (len(work) + 4),
        ]
        for system in next(iter(work.values()))["systems"]:
            speeds = [
                f"{each['systems'][system]['ratio_wall']:.1f} ({each['systems'][system]['ratio_cpu']:.1f})"
                for each in work.values()
            ]
            late = found.get("one_at_a_time", {}).get(system)
            latency = (
                " / ".join(f"{late.get(f'p{q}_wall_ms', late.get(f'p{q}_ms')):.1f}" for q in (50, 95)) if late else ""
            )
            scores = found.get("quality", {}).get(system, {})
            lines.append(
                f"| {system} | {' | '.join(speeds)} | {latency} "
                f"| {found['megabytes'].get(system, '')} | {scores.get('sts_b_spearman', '')} | "
                f"{scores.get('tatoeba_accuracy', '')} |"
            )
        peak = found["peak_gflop_per_cpu_second"]
        shares = [
            f"{system} {100 * value:.0f} % of the {key.split('_')[2]} peak"
            for system, row in work["sts-b"]["systems"].items()
            for key, value in row.items()
            if key.startswith("share")
            and (system.startswith("interlingua") or system.endswith("s fp32"))
            and "bf16" not in system
        ]
        lines += [
            "",
            f"On sts-b, per processor second: {'; '.join(shares)} ({peak['fp32']:.0f} and {peak['int8']:.0f} GFLOP).",
            "",
        ]
        lines += [found["note"], ""] if "note" in found else []
        loads = (
            ", ".join(f"{each['load'][0]:.0f}" for each in work.values() if "load" in each)
            or f"{found['machine']['load'][0]:.0f}"
        )
        lines += [f"Load of the machine meanwhile: {loads}. `{found['command']}`", ""]
    start = read("cold-start.json")
    ours, theirs = start["systems"].values()
    each = [
        f"{one['wall_seconds']:.2f} s by the clock, {one['cpu_seconds']:.2f} processor seconds, "
        f"{one['peak_megabytes']:.0f} MB"
        for one in (ours, theirs)
    ]
    ratio = start["ratio"]
    lines.append(
        f"From the shell prompt to the first vector ({start['model']}, int8): {each[0]}; three lines of "
        f"sentence-transformers: {each[1]}. "
        f"{ratio['wall_seconds']:.1f} and {ratio['cpu_seconds']:.1f} times (load {start['load'][0]:.0f}). "
        f"`{start['command']}`"
    )
    if (RESULTS / "encoding-stream.json").exists():
        stream = read("encoding-stream.json")
        rates = [step["per_cpu_second"] for step in stream["tenths"]]
        memory = [step["megabytes"] for step in stream["tenths"]]
        lines += [
            "",
            f"{stream['texts']:,} short texts to a file ({stream['model']}): {stream['seconds']:.0f} s, {min(rates):,} "
            f"to {max(rates):,} "
            f"texts a processor second from tenth to tenth, {min(memory)} to {max(memory)} MB resident. "
            f"`{stream['command']}`",
        ]
    return "\n".join(lines)


def mining() -> str:
    speed, bucc = read("mining_speed.json"), read("mining_bucc.json")
    lines = [
        "Exact neighbours (k = 4, width 384) against FAISS IndexFlatIP, interleaved, medians:",
        "",
        "| vectors | queries x keys | FAISS / ours, clock (CPU) | 2 FAISS / ours, both ways |",
        "|---|---|---|---|",
    ]
    for name, found in speed["knn"].items():
        one, both = found["faiss / ours"], found["2 faiss / ours both ways"]
        size = f"{found['queries']:,} x {found['keys']:,}"
        lines.append(f"| {name} | {size} | {one['wall']} ({one['cpu']}) | {both['wall']} ({both['cpu']}) |")
    lines += [
        "",
        "End to end after encoding, against flat FAISS both ways and a Python loop over candidates, each a process of "
        "its own:",
        "",
        "| vectors | size | script / ours, clock (CPU) | peak MB, ours and the script's | of which vectors |",
        "|---|---|---|---|---|",
    ]
    for name, part in (("synthetic", "script"), ("English sentences by MiniLM", "script, real")):
        found = speed[part]
        gain, ours, size = found["script / ours"], found["medians"]["ours"], f"{found['size']:,}"
        peaks = f"{ours['peak_mb']:.0f}, {found['medians']['script']['peak_mb']:.0f} | {ours['vectors_mb']:.0f}"
        lines.append(f"| {name} | {size} x {size} | {gain['wall']} ({gain['cpu']}) | {peaks} |")
    lines += [
        "",
        "Out of core, synthetic vectors:",
        "",
        "| size | threads | cap, MB | neighbours both ways, s (CPU s) | pairs, s | peak MB | disk MB |",
        "|---|---|---|---|---|---|---|",
    ]
    for found in speed["curve"].values():
        near, pairs, size = found["seconds"]["neighbours"], found["seconds"]["pairs"], f"{found['size']:,}"
        times = f"{near['wall']:.1f} ({near['cpu']:.1f}) | {pairs['wall']:.2f}"
        workers = found.get("threads", speed["machine"]["threads"])
        lines.append(
            f"| {size} x {size} | {workers} | {found['cap_mb']} | {times} | {found['peak_mb']} | {found['disk_mb']} |"
        )
    lines += [
        "",
        "BUCC-style task (500 translations among distractors on each side, me5-small), threshold tuned on another half "
        "against "
        "`--precision 0.9` without labels:",
        "",
        "| | F1 tuned | F1 calibrated | its true precision | calibration error, points |",
        "|---|---|---|---|---|",
    ]
    for language, found in bucc["languages"].items():
        tuned, calibrated = found["tuned on the other half"], found["calibrated, --precision 0.9"]
        error = found["calibration error (points)"]
        lines.append(f"| en-{language} | {tuned['f1']} | {calibrated['f1']} | {calibrated['precision']} | {error} |")
    lines += [
        "",
        f"`{speed['command']}`, `{bucc['command']}`; {speed['machine']['threads']} threads where nothing else is said.",
    ]
    return "\n".join(lines)


def len_(work: dict[str, Any]) -> int:
    """Mean tokens of a text."""
    return round(work["tokens"] / work["texts"])


TABLES = {
    HERE / "README.md": (quickstart, models),
    HERE / "docs/engines.md": (engines,),
    HERE / "docs/mining.md": (mining,),
    HERE / "docs/recipes/multilingual-distillation.md": (models,),
}
