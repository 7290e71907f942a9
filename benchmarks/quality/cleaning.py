"""Defects planted in real pairs: how well `clean` and `doctor` tell them from the untouched ones.

    python benchmarks/quality/cleaning.py PARALLEL MODEL benchmarks/results/cleaning.json

PARALLEL holds en-LANGUAGE.tsv.zst files (columns src_lang, src, tgt_lang, tgt, source). Of each language 300 pairs of
natural sentences stay as they are, and of other pairs 60 get each defect: the target of another pair (swap), its first
half (truncation), the source (untranslated), a sentence of another language (wrong language), a changed number (in
pairs whose numbers agree). A defect's AUC is that of the measure named for it against the untouched pairs; recall is
the share rejected for any reason at the default thresholds.
"""

import argparse
import random
import re
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from interlingua import load, printing
from interlingua.data.doctor import examine
from interlingua.data.roles import Dataset, Kind, Record
from interlingua.folding import numbers, plain
from interlingua.formats import read_rows
from interlingua.languages import same
from interlingua.mining.clean import Reason, Thresholds, measure, reasons
from interlingua.mining.scoring import score_pairs

sys.path.append(str(Path(__file__).parents[1]))
from measuring import about, clocked, write

LANGUAGES = "de fr ru ja tr hi".split()  # noqa: SIM905
OTHER = {"de": "fr", "fr": "de", "ru": "tr", "ja": "ru", "tr": "de", "hi": "ru"}
NATURAL = {"wmt", "tatoeba", "tico19-dev", "tatoeba-anki", "tanaka-enja", "indian-parallel"}
CLEAN, PLANTED = 300, 60
MEASURE = {
    "swap": "misaligned",
    "truncation": "truncated",
    "untranslated": "untranslated",
    "wrong language": "language",
    "number": "number",
}
Pairs = list[tuple[str, str]]


def natural(folder: Path, language: str) -> Pairs:
    found: dict[str, tuple[str, str]] = {}
    for row in (row.columns for row in read_rows(folder / f"en-{language}.tsv.zst")):
        if row["source"] in NATURAL and len(row["src"]) >= 25:
            found.setdefault(plain(row["src"]), (row["src"], row["tgt"]))
    pairs = list(found.values())
    random.Random(language).shuffle(pairs)
    return pairs


def other_number(text: str, dice: random.Random) -> str:
    places = list(re.finditer(r"[0-9]+", text))
    place = dice.choice(places)
    number = str(int(place[0]) + dice.randint(1, 9))
    return text[: place.start()] + number + text[place.end() :]


def half(text: str) -> str:
    words = text.split()
    if len(words) > 3:
        return " ".join(words[: len(words) // 2])
    return text[: len(text) // 2]


def plant(pairs: Pairs, others: Pairs, dice: random.Random) -> dict[str, Pairs]:
    rest = iter(pairs[CLEAN:])
    take = lambda: [next(rest) for _ in range(PLANTED)]  # noqa: E731
    planted = {"untranslated": [(source, source) for source, _ in take()]}
    swapped = take()
    planted["swap"] = [(source, swapped[i - 1][1]) for i, (source, _) in enumerate(swapped)]
    planted["truncation"] = [(source, half(target)) for source, target in take()]
    planted["wrong language"] = [(source, others[row][1]) for row, (source, _) in enumerate(take())]
    numbered = (
        (s, t) for s, t in rest if numbers(s) and Counter(numbers(s)) == Counter(numbers(t)) and re.search("[0-9]", t)
    )
    planted["number"] = [
        (source, other_number(target, dice)) for source, target in (next(numbered) for _ in range(PLANTED))
    ]
    return planted


def cleaning(language: str, pairs: Pairs, others: Pairs, encode) -> dict:
    planted = plant(pairs, others, random.Random(language))
    kinds = ["clean"] * CLEAN + [kind for kind, found in planted.items() for _ in found]
    everything = pairs[:CLEAN] + [pair for found in planted.values() for pair in found]
    encoding, scores = clocked(lambda: score_pairs(everything, encode, ("en", language)))
    took, measures = clocked(lambda: measure(everything, ("en", language), scores))
    why = reasons(measures, Thresholds())
    rules = reasons(replace(measures, misaligned=None), Thresholds())
    clean = np.array([kind == "clean" for kind in kinds])
    by_defect = {}
    for defect, name in MEASURE.items():
        chosen = clean | np.array([kind == defect for kind in kinds])
        rows = [row for row, kind in enumerate(kinds) if kind == defect]
        by_defect[defect] = {
            "auc": round(float(roc_auc_score(~clean[chosen], getattr(measures, name)[chosen])), 4),
            "recall": round(float(np.mean([bool(why[row]) for row in rows])), 4),
            "recall_without_model": round(float(np.mean([bool(rules[row]) for row in rows])), 4),
        }
        if defect in ("swap", "wrong language"):
            by_defect[defect]["auc_of_margin"] = round(float(roc_auc_score(~clean[chosen], -scores.margin[chosen])), 4)
    alone = reasons(
        measure(pairs[:CLEAN], ("en", language)), Thresholds()
    )  # where nothing is planted, lengths spread less
    flagged = Counter(reason.value for row in range(CLEAN) for reason in why[row])
    return {
        "clean_pairs": CLEAN, "planted_of_each": PLANTED, "defects": by_defect,
        "false_alarms": round(sum(bool(why[row]) for row in range(CLEAN)) / CLEAN, 4),
        "false_alarms_without_model": round(sum(bool(rules[row]) for row in range(CLEAN)) / CLEAN, 4),
        "false_alarms_without_model_nothing_planted": round(sum(map(bool, alone)) / CLEAN, 4),
        "false_alarms_by_reason": {
            reason.value: round(flagged[reason.value] / CLEAN, 4) for reason in Reason if flagged[reason.value]
        },
        "encoding_s": round(encoding["wall"], 1), "pairs_per_cpu_s_of_measures": round(len(everything) / took["cpu"]),
    }  # fmt: skip


def doctoring(language: str, pairs: Pairs, others: Pairs) -> dict:
    """Defects of rows that the doctor names, planted one kind a file of 300 clean rows and 60 with the defect."""
    clean, spare = pairs[:CLEAN], pairs[CLEAN:]
    dice = random.Random(language)
    tests = {"test": {plain(target) for _, target in spare[:PLANTED]}}
    inverted = [(target, source) for source, target in spare[:PLANTED]]
    planted: dict[str, tuple[str, list[Record]]] = {
        "duplicates": ("duplicates", [Record((s.upper(), t + " !"), 0) for s, t in dice.sample(clean, PLANTED)]),
        "near duplicates": (
            "near duplicates",
            [Record((f"{s} 7", f"7 {t}"), 0) for s, t in dice.sample(clean, PLANTED)],
        ),
        "contamination": ("contamination", [Record((f"{s}", t.lower()), 0) for s, t in spare[:PLANTED]]),
        "wrong language": ("languages", [Record((s, others[row][1]), 0) for row, (s, _) in enumerate(spare[:PLANTED])]),
        "swapped columns": ("swapped", [Record(pair, 0) for pair in inverted]),
        "copies": ("copies", [Record((s, s), 0) for s, _ in spare[:PLANTED]]),
        "shared texts": ("shared texts", [Record((s, clean[row][1]), 0) for row, (s, _) in enumerate(spare[:PLANTED])]),
        "false negatives": ("false negatives", [Record((s, t, t.upper()), 0) for s, t in spare[:PLANTED]]),
    }
    result: dict[str, dict] = {}
    for defect, (check, records) in planted.items():
        kind = Kind.triplets if defect == "false negatives" else Kind.parallel
        rows = [Record((*pair, "") if kind is Kind.triplets else pair, 0, ("en", language)) for pair in clean]
        rows = [replace(record, line=line) for line, record in enumerate([*rows, *records], 1)]
        if kind is Kind.parallel:
            rows = [replace(record, languages=("en", language)) for record in rows]
        else:
            rows = [replace(record, languages=()) for record in rows]
        findings = examine(Dataset(Path(defect), kind, {}, rows, []), tests if defect == "contamination" else {})
        named = {line for finding in findings if finding.check == check for line in finding.lines}
        alarms = named & set(range(1, CLEAN + 1))
        if defect == "shared texts":  # the clean rows whose targets were used again do share them
            alarms -= set(range(1, PLANTED + 1))
        result[defect] = {
            "recall": len(named & set(range(CLEAN + 1, len(rows) + 1))) / PLANTED,
            "false_alarms": len(alarms) / CLEAN,
        }
    untouched = [Record(pair, line, ("en", language)) for line, pair in enumerate(clean, 1)]
    findings = examine(Dataset(Path("clean"), Kind.parallel, {}, untouched, []), {"test": tests["test"]})
    by_check = {finding.check: round(len(finding.lines) / CLEAN, 4) for finding in findings}
    result["clean"] = {
        "false_alarms_by_check": by_check,
        "any": round(len({x for f in findings for x in f.lines}) / CLEAN, 4),
    }
    return result


def over(results: dict[str, dict], *path: str) -> dict[str, float]:
    values = []
    for found in results.values():
        for name in path:
            found = found[name]
        values.append(found)
    return {
        "least": round(float(min(values)), 4),
        "mean": round(float(np.mean(values)), 4),
        "most": round(float(max(values)), 4),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("model")
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    pairs = {language: natural(arguments.folder, language) for language in LANGUAGES}
    assert not any(same(language, OTHER[language]) for language in LANGUAGES)
    doctored = {language: doctoring(language, pairs[language], pairs[OTHER[language]]) for language in LANGUAGES}
    encode = load(arguments.model).encode
    cleaned = {language: cleaning(language, pairs[language], pairs[OTHER[language]], encode) for language in LANGUAGES}
    result = about("quality/cleaning.py PARALLEL MODEL benchmarks/results/cleaning.json") | {
        "model": Path(arguments.model).name,
        "clean": {
            "defects": {d: {m: over(cleaned, "defects", d, m) for m in cleaned["de"]["defects"][d]} for d in MEASURE},
            "false_alarms": over(cleaned, "false_alarms"),
            "false_alarms_without_model": over(cleaned, "false_alarms_without_model"),
            "false_alarms_without_model_nothing_planted": over(cleaned, "false_alarms_without_model_nothing_planted"),
            "by_language": cleaned,
        },
        "doctor": {
            "defects": {
                d: {m: over(doctored, d, m) for m in ("recall", "false_alarms")} for d in doctored["de"] if d != "clean"
            },
            "clean_rows_flagged_by_any_check": over(doctored, "clean", "any"), "by_language": doctored,
        },
    }  # fmt: skip
    write(arguments.out, result)
    print(
        printing.dumps({**result["clean"], "by_language": "..."}),
        printing.dumps({**result["doctor"], "by_language": "..."}),
    )
