"""Pairs that no threshold catches: copies, lengths that do not go together, other numbers, other addresses."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from math import log

from interlingua.folding import canonical, numbers, plain

ADDRESS = re.compile(r"(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+\.[\w.-]+")
MOST = 2.5
"""Times the usual ratio of lengths, either way."""
SHORT = 20
"""Characters below which lengths say nothing."""


class Filter(StrEnum):
    """What is left out."""

    copy = "copy"
    """Both texts read the same, punctuation and case aside."""
    length = "length"
    """The ratio of lengths in characters is more than 2.5 times, or less than 1 / 2.5 of, what is usual among the
    pairs."""
    number = "number"
    """They hold different numbers in digits."""
    address = "address"
    """They hold different web or e-mail addresses."""


def usual_ratio(pairs: Iterable[tuple[str, str]]) -> float:
    """The median of log(length of the target / length of the source) over pairs; 0 where there are none."""
    lengths = ((len(canonical(source)), len(canonical(target))) for source, target in pairs)
    ratios = sorted(log(target / source) for source, target in lengths if source and target)
    return ratios[len(ratios) // 2] if ratios else 0.0


def reason(source: str, target: str, chosen: Sequence[Filter], usual: float) -> Filter | None:
    """The first of the `chosen` filters that leaves this pair out, None where it stays. `usual` is `usual_ratio`."""
    source, target = canonical(source), canonical(target)
    for name in chosen:
        match name:
            case Filter.copy:
                out = plain(source) == plain(target)
            case Filter.length:
                apart = abs(log(max(1, len(target)) / max(1, len(source))) - usual)
                out = max(len(source), len(target)) > SHORT and apart > log(MOST)
            case Filter.number:
                out = _different(source, target, numbers)
            case Filter.address:
                out = _different(source, target, ADDRESS.findall)
        if out:
            return name
    return None


def _different(source: str, target: str, find: Callable[[str], list[str]]) -> bool:
    return Counter(find(source)) != Counter(find(target))
