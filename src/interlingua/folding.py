"""Texts without what makes no difference: case and punctuation, and the script and grouping of numbers."""

import re
import unicodedata

NUMBER = re.compile(r"\d+(?:[.,'\u00a0\u202f ]\d{3}(?!\d))*")


def plain(text: str) -> str:
    """The letters (with their vowel signs and accents) and digits of a text, case folded, Turkish i as i: what
    punctuation leaves.
    """
    folded = text.casefold().replace("ı", "i").replace("i\u0307", "i")
    return "".join(c for c in folded if c.isalnum() or unicodedata.category(c)[0] == "M") or text


def numbers(text: str) -> list[str]:
    """Numbers as their digits alone, whatever script and grouping they are written in."""
    digits = ("".join(str(unicodedata.digit(d)) for d in written if d.isdigit()) for written in NUMBER.findall(text))
    return [number.lstrip("0") or "0" for number in digits]
