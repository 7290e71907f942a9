"""Sentence alignment of documents whose true links are known: parallel texts with sentences merged, split and dropped
on either side.

    python benchmarks/quality/alignment.py EVAL/tico19_test MODEL OUT.json --languages fr ru sw zh hi --sentences 240

Consecutive translation pairs make a document. On each side sentences are split at an inner comma or semicolon (or the
like), two or three neighbours are merged, and some are dropped, at rates from `RATES`. Strict: a link equals a true
one; lax: it shares a sentence with a true one on both sides (Thompson & Koehn 2019, section 5). Links with an empty
side count neither way. The baseline is Gale & Church 1993 in characters, with their priors and variance, and with the
ratio of lengths of the two documents instead of 1.
"""

import argparse
import math
import sys
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np

from interlingua import load
from interlingua.data.parallel import parallel
from interlingua.encoding.cache import remembering
from interlingua.mining import align as aligning
from interlingua.mining.documents import Document, embedded

sys.path.append(str(Path(__file__).parents[1]))
from measuring import about, clocked, write

RATES = {"light": (0.03, 0.03, 0.02), "heavy": (0.12, 0.1, 0.08)}
"""Of merging, splitting, dropping; for each side."""
INNER = ("; ", ", ", "；", "，", "، ", "। ", ": ")
PRIORS = {(1, 1): 0.89, (1, 0): 0.00495, (0, 1): 0.00495, (2, 1): 0.0445, (1, 2): 0.0445, (2, 2): 0.011}
VARIANCE = 6.8
Link = tuple[frozenset[int], frozenset[int]]


def side(
    texts: list[str], rates: tuple[float, float, float], language: str, random: np.random.Generator
) -> tuple[list[str], list[set[int]]]:
    """Sentences of a document, and for each the numbers of the pairs it belongs to."""
    merge, split, drop = rates
    found: list[tuple[str, set[int]]] = []
    k = 0
    while k < len(texts):
        draw = random.random()
        if draw < drop:
            k += 1
        elif draw < drop + merge:
            size = int(random.integers(2, 4))
            some = texts[k : k + size]
            found.append(
                (("" if language in ("zh", "ja", "km", "my") else " ").join(some), set(range(k, k + len(some))))
            )
            k += size
        else:
            places = [
                at + len(mark)
                for mark in INNER
                for at in [texts[k].find(mark, len(texts[k]) // 4, 3 * len(texts[k]) // 4)]
                if at > 0
            ]
            if draw < drop + merge + split and places:
                found += [(texts[k][: places[0]].strip(), {k}), (texts[k][places[0] :].strip(), {k})]
            else:
                found.append((texts[k], {k}))
            k += 1
    return [text for text, _ in found], [pairs for _, pairs in found]


def true_links(source: list[set[int]], target: list[set[int]]) -> list[Link]:
    """Connected sentences of both sides: those that share a pair, directly or by way of others."""
    links: list[tuple[set[int], set[int], set[int]]] = []
    for number, (of_source, pairs) in [(n, (True, p)) for n, p in enumerate(source)] + [
        (n, (False, p)) for n, p in enumerate(target)
    ]:
        touched = [link for link in links if link[2] & pairs]
        new = ({number} if of_source else set(), set() if of_source else {number}, set(pairs))
        for link in touched:
            links.remove(link)
            new = (new[0] | link[0], new[1] | link[1], new[2] | link[2])
        links.append(new)
    return [(frozenset(s), frozenset(t)) for s, t, _ in links if s and t]


def f1(found: list[Link], true: list[Link], lax: bool) -> float:
    def hits(these: list[Link], those: list[Link]) -> int:
        if not lax:
            return len(set(these) & set(those))
        return sum(any(s & a and t & b for a, b in those) for s, t in these)

    precision, recall = hits(found, true) / max(1, len(found)), hits(true, found) / max(1, len(true))
    return round(200 * precision * recall / max(1e-9, precision + recall), 2)


def judged(found: list[Link], true: list[Link], seconds: float) -> dict[str, float]:
    return {"strict_f1": f1(found, true, False), "lax_f1": f1(found, true, True), "seconds": round(seconds, 3)}


def gale_church(source: list[str], target: list[str]) -> list[Link]:
    """A Program for Aligning Sentences in Bilingual Corpora (Gale & Church 1993)."""
    ratio = sum(map(len, target)) / max(1, sum(map(len, source)))

    def cost(one: int, other: int, prior: float) -> float:
        mean = (one + other / ratio) / 2
        delta = (other - one * ratio) / math.sqrt(max(1e-9, mean * VARIANCE))
        return -math.log(prior) - math.log(max(1e-300, math.erfc(abs(delta) / math.sqrt(2))))

    ends = [np.cumsum([0, *map(len, texts)]) for texts in (source, target)]
    best = {(0, 0): (0.0, (0, 0))}
    for i, j in product(range(len(source) + 1), range(len(target) + 1)):
        options = [
            (
                best[i - a, j - b][0] + cost(int(ends[0][i] - ends[0][i - a]), int(ends[1][j] - ends[1][j - b]), prior),
                (a, b),
            )
            for (a, b), prior in PRIORS.items()
            if (i - a, j - b) in best
        ]
        if options:
            best[i, j] = min(options)
    i, j, found = len(source), len(target), []
    while i or j:
        a, b = best[i, j][1]
        found.append((frozenset(range(i - a, i)), frozenset(range(j - b, j))))
        i, j = i - a, j - b
    return [(s, t) for s, t in found if s and t]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="of en-LANGUAGE.tsv.zst")
    parser.add_argument("model")
    parser.add_argument("out", type=Path)
    parser.add_argument("--languages", nargs="+", default=["fr", "ru", "sw", "zh", "hi"])
    parser.add_argument("--sentences", type=int, default=240)
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--max-size", type=int, default=4)
    parser.add_argument(
        "--prices", nargs="*", type=float, default=[aligning.LEFT_OUT], help="several to choose between, on other data"
    )
    parser.add_argument("--cache", type=Path)
    arguments = parser.parse_args()
    encode = remembering(load(arguments.model).encode, arguments.cache)
    found: dict[str, dict[str, dict[str, object]]] = {}
    for language in arguments.languages:
        pairs = [example.texts for example in parallel(arguments.folder / f"en-{language}.tsv.zst")]
        pairs = pairs[arguments.skip : arguments.skip + arguments.sentences]
        for name, rates in RATES.items():
            random = np.random.default_rng(7)
            (source, of_source), (target, of_target) = (
                side([pair[k] for pair in pairs], rates, ("en", language)[k], random) for k in range(2)
            )
            true = true_links(of_source, of_target)
            documents = [
                Document(tuple(texts), (len(texts),), code) for texts, code in ((source, "en"), (target, language))
            ]
            embedding, sides = clocked(lambda texts=documents: [embedded(t, encode, arguments.max_size) for t in texts])
            row: dict[str, object] = {
                "source_sentences": len(source), "target_sentences": len(target), "true_links": len(true),
                "not_one_to_one": sum(len(s) != 1 or len(t) != 1 for s, t in true),
                "embedding_seconds": round(embedding["wall"], 2) if arguments.cache is None else None,
            }  # fmt: skip
            for price in arguments.prices:
                aligning.LEFT_OUT = price
                took, links = clocked(partial(aligning.align, *sides, arguments.max_size))
                ours = [(frozenset(range(*link.source)), frozenset(range(*link.target))) for link in links]
                ours = [(s, t) for s, t in ours if s and t]
                key = "ours" if len(arguments.prices) == 1 else f"ours_{price}"
                row[key] = judged(ours, true, took["wall"])
            took, baseline = clocked(partial(gale_church, source, target))
            row["gale_church"] = judged(baseline, true, took["wall"])
            found.setdefault(language, {})[name] = row
            print(language, name, row, flush=True)
    command = (
        f"quality/alignment.py {arguments.folder.name} MODEL OUT.json --languages {' '.join(arguments.languages)} "
        f"--sentences {arguments.sentences} --skip {arguments.skip} --max-size {arguments.max_size} "
        f"--prices {' '.join(map(str, arguments.prices))}"
    )
    result = about(command) | {
        "model": Path(arguments.model).name,
        "rates_of_merging_splitting_dropping": RATES,
        "f1": found,
    }
    write(arguments.out, result)


if __name__ == "__main__":
    main()
