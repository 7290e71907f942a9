"""Pairs that no threshold catches: copies, lengths that do not go together, other numbers, other addresses."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from math import log

NUMBER = re.compile(r"\d+(?:[.,'\u00a0\u202f ]\d{3}(?!\d))*")
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
    """The ratio of lengths in characters is more than 2.5 times, or less than 1 / 2.5 of, what is usual among the pairs."""
    number = "number"
    """They hold different numbers in digits."""
    address = "address"
    """They hold different web or e-mail addresses."""


def usual_ratio(pairs: Iterable[tuple[str, str]]) -> float:
    """The median of log(length of the target / length of the source) over pairs; 0 where there are none."""
    ratios = sorted(log(len(target) / len(source)) for source, target in pairs if source and target)
    return ratios[len(ratios) // 2] if ratios else 0.0


def reason(source: str, target: str, chosen: Sequence[Filter], usual: float) -> Filter | None:
    """The first of the `chosen` filters that leaves this pair out, None where it stays. `usual` is `usual_ratio`."""
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


def numbers(text: str) -> list[str]:
    """Numbers as their digits alone, whatever script and grouping they are written in."""
    digits = ("".join(str(unicodedata.digit(d)) for d in found if d.isdigit()) for found in NUMBER.findall(text))
    return [number.lstrip("0") or "0" for number in digits]


def plain(text: str) -> str:
    """The letters (with their vowel signs and accents) and digits of a text, case folded, Turkish i as i: what punctuation leaves."""
    folded = text.casefold().replace("ı", "i").replace("i\u0307", "i")
    return "".join(c for c in folded if c.isalnum() or unicodedata.category(c)[0] == "M") or text
