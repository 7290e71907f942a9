"""Texts without what makes no difference: case and punctuation, and the script and grouping of numbers."""

import re
import unicodedata

NUMBER = re.compile(r"\d+(?:[.,'\u00a0\u202f ]\d{3}(?!\d))*")
PIECE = 4096
"""Characters looked at together: one by one, each takes eighty bytes."""


def plain(text: str) -> str:
    """The letters (with their vowel signs and accents) and digits of a text, case folded, Turkish i as i: what
    punctuation leaves.
    """
    folded = text.casefold().replace("ı", "i").replace("i\u0307", "i")
    pieces = (folded[start : start + PIECE] for start in range(0, len(folded), PIECE))
    return (
        "".join("".join(c for c in piece if c.isalnum() or unicodedata.category(c)[0] == "M") for piece in pieces)
        or text
    )


def numbers(text: str) -> list[str]:
    """Numbers as their digits alone, whatever script and grouping they are written in."""
    written = (match[0] for match in NUMBER.finditer(text))
    digits = ("".join(str(unicodedata.digit(d)) for d in number if d.isdigit()) for number in written)
    return [number.lstrip("0") or "0" for number in digits]
