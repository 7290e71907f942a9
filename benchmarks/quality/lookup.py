"""Look-ups after one edit: whether the right unit is found, and what the score says of what is left to edit.

    python benchmarks/quality/lookup.py MODEL [MODEL ...] [--queries FILE --memory FILE]
        [--interface en-de.tsv.zst ... --size 100000 --each 50] [--result benchmarks/results/lookup.json]

FILE of queries: columns kind, query, right_source, use (as is, small edit, opposite, none); of the memory: source,
target. --interface makes a memory of real texts (columns src, tgt, source) and edits of some of them by rule. Beside
this package stand the cosine of the same model alone, held against the mean of the memory, and Levenshtein by
characters and by words, as `rapidfuzz` has them.
"""

import argparse
import csv
import random
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from interlingua import load
from interlingua.encoding.cache import remembering
from interlingua.formats import read_rows
from interlingua.memories.entries import Entry
from interlingua.memories.index import Index, index_of
from interlingua.memories.lookup import Segment, lookup
from interlingua.search.knn import neighbours
from interlingua.types import Encode
from interlingua.units.unit import Variant
from interlingua.vectors import unit

sys.path.append(str(Path(__file__).parents[1]))
from measuring import RESULTS, about, known, write

INTERFACE = ("homeassistant", "libreoffice", "pretix", "indico", "weblate", "wagtail", "kolibri", "django", "gramps")
"""Parts of the names of sources whose texts are of programs."""
ANTONYMS = """open/closed enable/disable enabled/disabled on/off left/right first/last before/after add/remove
    show/hide start/stop increase/decrease minimum/maximum old/new high/low long/short above/below upper/lower
    always/never allow/deny accept/reject import/export upload/download lock/unlock more/less""".split()  # noqa: SIM905
EXTRA = "also new main second always small"
LIMITS = (0.75, 0.85, 0.95)


class Query(NamedTuple):
    """A text that differs from one of the memory by one edit."""

    kind: str
    text: str
    source: str
    """The text that it was; "" for none."""
    use: str


def swapped(text: str, dice: random.Random) -> str:
    for pair in dice.sample(ANTONYMS, len(ANTONYMS)):
        for one, other in (pair.split("/"), pair.split("/")[::-1]):
            if found := re.search(rf"\b{one}\b", text):
                return text[: found.start()] + other + text[found.end() :]
    return text


def denied(text: str, dice: random.Random) -> str:
    if found := re.search(r" (not|never)\b|n't\b", text):
        return text[: found.start()] + text[found.end() :]
    found = re.search(r"\b(is|are|was|can|will|should|must|does|has)\b", text)
    return text if found is None else f"{text[: found.end()]} not{text[found.end() :]}"


def numbered(text: str, dice: random.Random) -> str:
    places = list(re.finditer(r"\d+", text))
    if not places:
        return text
    place = dice.choice(places)
    return f"{text[: place.start()]}{int(place[0]) + dice.randint(1, 9)}{text[place.end() :]}"


def worded(text: str, dice: random.Random) -> str:
    words = text.split()
    place = dice.randrange(1, len(words) - 1)
    if dice.random() < 0.5:
        words.insert(place, dice.choice(EXTRA.split()))
    elif words[place].isalpha() and words[place].lower() not in ("not", "no", "never"):
        del words[place]
    return " ".join(words)


def tagged(text: str, dice: random.Random) -> str:
    words = text.split()
    place = dice.randrange(len(words))
    words[place] = f"<b>{words[place]}</b>"
    return " ".join(words)


def recased(text: str, dice: random.Random) -> str:
    ways = [text.upper(), text.lower(), text.rstrip(".") + "!", text + "." if text[-1].isalnum() else text[:-1]]
    return dice.choice(ways)


EDITS = {
    "case or punctuation": (recased, "as is"), "tag or placeholder": (tagged, "small edit"),
    "number": (numbered, "small edit"), "word in or out": (worded, "small edit"), "antonym": (swapped, "opposite"),
    "negation": (denied, "opposite"),
}  # fmt: skip


def interface(files: Iterable[Path], size: int) -> list[tuple[str, str]]:
    """Texts of programs of 4 to 28 words with a translation, each once."""
    found = dict[str, str]()
    for file in files:
        for row in (row.columns for row in read_rows(file)):
            if any(name in row["source"] for name in INTERFACE) and 4 <= len(row["src"].split()) <= 28:
                found.setdefault(row["src"], row["tgt"])
    pairs = sorted(found.items())
    random.Random(1).shuffle(pairs)
    return pairs[:size]


def edited(pairs: list[tuple[str, str]], each: int) -> list[Query]:
    """So many edits of each kind, of texts of the memory; none is a text of it."""
    dice, known, queries = random.Random(2), {source for source, _ in pairs}, list[Query]()
    for kind, (edit, use) in EDITS.items():
        of_kind = list[Query]()
        for source, _ in dice.sample(pairs, len(pairs)):
            text = edit(source, dice)
            if text not in known and len(of_kind) < each:
                of_kind.append(Query(kind, text, source, use))
        queries += of_kind
    return queries


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


Best = list[tuple[str, float]]
"""Of each query the text proposed first, and its score."""


def ours(queries: list[Query], index: Index, encode: Encode) -> Best:
    found = lookup([Segment(Variant("en", query.text)) for query in queries], index, encode, 1, 0.0, "en")
    return [(some[0].entry.source.text, some[0].score) if some else ("", 0.0) for some in found]


def cosine(queries: list[Query], index: Index, encode: Encode) -> Best:
    """The nearest text, its cosine held against the mean of the memory."""
    scores, rows = neighbours(unit(encode([query.text for query in queries], "en")), index.vectors, 1)
    count, total = len(index.vectors), np.asarray(index.vectors, np.float64).sum(axis=0)
    mean = (total @ total - count) / (count * (count - 1))
    return [
        (index.text(int(row)), float((s - mean) / (1 - mean))) for s, row in zip(scores[:, 0], rows[:, 0], strict=True)
    ]


def characters(queries: list[Query], sources: list[str]) -> Best:
    measure = Levenshtein.normalized_similarity
    return [process.extractOne(query.text, sources, scorer=measure)[:2] for query in queries]


def words(queries: list[Query], sources: list[str]) -> Best:
    split, measure = [source.split() for source in sources], Levenshtein.normalized_similarity
    found = [process.extractOne(query.text.split(), split, scorer=measure) for query in queries]
    return [(sources[place], score) for _, score, place in found]


def figures(queries: list[Query], best: Best) -> dict[str, Any]:
    """What the table shows of a system."""
    right = [bool(q.source) and q.source.split() == text.split() for q, (text, _) in zip(queries, best, strict=True)]
    scores = [score for _, score in best]
    found: dict[str, Any] = {"kinds": {}, "from": {}}
    for kind in dict.fromkeys(query.kind for query in queries):
        rows = [row for row, query in enumerate(queries) if query.kind == kind]
        some = [100 * scores[row] for row in rows]
        found["kinds"][kind] = {
            "queries": len(rows), "right": sum(right[row] for row in rows), "mean": round(fmean(some), 1),
            "lowest": round(min(some), 1), "highest": round(max(some), 1),
        }  # fmt: skip
    for limit in LIMITS:
        rows = [row for row, score in enumerate(scores) if score >= limit]
        found["from"][str(limit)] = {
            "proposals": len(rows), "right": sum(right[row] for row in rows),
            "usable": sum(right[row] and queries[row].use == "as is" for row in rows),
            "opposite": sum(queries[row].use == "opposite" for row in rows),
        }  # fmt: skip
    plain = [s for q, s in zip(queries, scores, strict=True) if q.kind == "case or punctuation"]
    changed = [s for q, s in zip(queries, scores, strict=True) if q.kind in ("number", "antonym", "negation")]
    if plain and changed:
        above = fmean((x > y) + 0.5 * (x == y) for x in plain for y in changed)
        found["case or marks above number, antonym, negation"] = round(above, 4)
    return found


def in_five(queries: list[Query], pairs: list[tuple[str, str]], encode: Encode) -> dict[str, float]:
    """The highest score of texts that have nothing to do with a memory, in ten memories of five of its units."""
    unrelated, dice, scores = [query for query in queries if not query.source], random.Random(3), list[float]()
    for _ in range(10 if unrelated else 0):
        some = [Entry(Variant("en", s), Variant("de", t)) for s, t in dice.sample(pairs, 5)]
        scores += [100 * score for _, score in ours(unrelated, index_of(some, encode, "en"), encode)]
    return {"look-ups": len(scores), "highest": round(max(scores, default=0.0), 1)}


def measured(queries: list[Query], pairs: list[tuple[str, str]], models: list[str]) -> dict[str, Any]:
    sources = [source for source, _ in pairs]
    found: dict[str, Any] = {"units": len(pairs), "queries": len(queries), "systems": {}}
    found["systems"]["Levenshtein, characters"] = figures(queries, characters(queries, sources))
    found["systems"]["Levenshtein, words"] = figures(queries, words(queries, sources))
    for model in models:
        encode, name = remembering(load(model, "cpu").encode), Path(model).name
        index = index_of((Entry(Variant("en", s), Variant("de", t)) for s, t in pairs), encode, "en")
        found["systems"][f"{name}, cosine alone"] = figures(queries, cosine(queries, index, encode))
        found["systems"][name] = figures(queries, ours(queries, index, encode))
        found["systems"][name]["unrelated in five units"] = in_five(queries, pairs, encode)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--result", type=Path, default=RESULTS / "lookup.json")
    parser.add_argument("--queries", type=Path)
    parser.add_argument("--memory", type=Path)
    parser.add_argument("--interface", nargs="+", type=Path)
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--each", type=int, default=50)
    asked = parser.parse_args()
    result, models = known(asked.result, runs={}), " ".join(Path(model).name for model in asked.models)
    if asked.queries:
        queries = [Query(r["kind"], r["query"], r["right_source"], r["use"]) for r in table(asked.queries)]
        pairs = [(row["source"], row["target"]) for row in table(asked.memory)]
        named = f"{models} --queries {asked.queries.name} --memory {asked.memory.name}"
        keep(result, "read through by hand", named, measured(queries, pairs, asked.models))
    if asked.interface:
        pairs = interface(asked.interface, asked.size)
        named = f"{models} --interface en-*.tsv.zst --size {asked.size} --each {asked.each}"
        found = measured(edited(pairs, asked.each), pairs, asked.models)
        keep(result, "interface strings, edited by rule", named, found)
    write(asked.result, result)


def keep(result: dict[str, Any], name: str, command: str, found: dict[str, Any]) -> None:
    """Put a run beside the others; systems of earlier runs on the same queries stay."""
    earlier = result["runs"].get(name, {"systems": {}})
    if (earlier.get("units"), earlier.get("queries")) == (found["units"], found["queries"]):
        found["systems"] = earlier["systems"] | found["systems"]
    result["runs"][name] = about(f"quality/lookup.py {command}") | found


if __name__ == "__main__":
    main()
