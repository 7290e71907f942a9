"""Texts that say the same in one language or across two: read from files, or found in parallel text by way of shared
translations.

Bannard & Callison-Burch 2005, "Paraphrasing with Bilingual Parallel Corpora", for the pivot; Huang et al. 2025 for what
they serve.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from interlingua.data.labelled import POSITIVES
from interlingua.data.parallel import PAIR_NAMES
from interlingua.errors import DataError
from interlingua.folding import canonical
from interlingua.formats import read_rows

Texts = tuple[str, str]


def paraphrases(path: Path) -> Iterator[Texts]:
    """Rows of two texts in one language that say the same.

    Columns: sentence1 and sentence2 (or text1 and text2, source and target, anchor and positive). Rows with an empty
    side or the same text twice are left out. Raises DataError, with the line, for other columns, and for a file without
    any row.
    """
    kept = False
    for row in read_rows(path):
        names = [pair for pair in (*PAIR_NAMES, *POSITIVES) if set(pair) <= set(row.columns)]
        if len(names) != 1:
            raise DataError(
                f"which columns are paraphrases? There are {', '.join(row.columns)}; name two sentence1 and sentence2",
                path,
                row.line,
            )
        one, other = (row.columns[name].strip() for name in names[0])
        if one and other and canonical(one) != canonical(other):
            kept = True
            yield one, other
    if not kept:
        raise DataError("no paraphrases in this file", path)


def sharing_a_translation(pairs: Iterable[Texts]) -> tuple[list[Texts], list[Texts]]:
    """Of pairs (source text, its translation): source texts that share a translation, and translations that share a
    source text.

    Of n texts that share one, each is paired with the next: n - 1 pairs. Sorted, so that the order of `pairs` does not
    matter.
    """
    pairs = sorted(set(pairs))
    return _neighbouring((target, source) for source, target in pairs), _neighbouring(pairs)


def across(pairs: Iterable[Texts], sources: Iterable[Texts], targets: Iterable[Texts]) -> list[Texts]:
    """Cross-lingual paraphrases (source text, target text): a translation with either of its sides replaced by a
    paraphrase.

    `sources` and `targets` are paraphrases in either language. What is itself a translation in `pairs` is left out.
    Sorted.
    """
    known = set(pairs)
    of_source: dict[str, list[str]] = {}
    of_target: dict[str, list[str]] = {}
    for source, target in sorted(known):
        of_source.setdefault(source, []).append(target)
        of_target.setdefault(target, []).append(source)
    both = [turned for one, other in sources for turned in ((one, other), (other, one))]
    reached = {(other, target) for one, other in both for target in of_source.get(one, ())}
    both = [turned for one, other in targets for turned in ((one, other), (other, one))]
    reached |= {(source, other) for one, other in both for source in of_target.get(one, ())}
    return sorted(reached - known)


def _neighbouring(pairs: Iterable[Texts]) -> list[Texts]:
    groups: dict[str, dict[str, str]] = {}
    for key, text in pairs:
        groups.setdefault(canonical(key), {}).setdefault(canonical(text), text)
    return sorted({couple for texts in groups.values() for couple in pairwise(sorted(texts.values()))})
