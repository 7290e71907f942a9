"""Texts without what makes no difference: how accents are encoded, case and punctuation, and the script and grouping
of numbers.
"""

import re
import unicodedata
from collections.abc import Iterator

DOTTED = re.compile("i\u0307+")
NUMBER = re.compile(r"\d+(?:[.,'\u00a0\u202f ]\d{3}(?!\d))*")
WITHOUT_SPACES = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff66-\uff9f\U00020000-\U0003ffff]"
)
"""Characters of scripts without spaces between words: Thai, Lao, Tibetan, Burmese, Khmer, kana, Han."""
PIECE = 4096
"""Characters looked at together: one by one, each takes eighty bytes."""


def canonical(text: str) -> str:
    """The one form (NFC) of all texts that differ only in how characters are encoded: accents, Korean syllables and
    vowel signs as one character or as several.

    Whether two texts are the same is asked of this form, everywhere; what is written stays as it was read.
    """
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def spaced(text: str) -> str:
    """A text without what makes no difference to a translation memory: white space, and how accents are encoded."""
    return " ".join(canonical(text).split())


def plain(text: str) -> str:
    """The letters (with their vowel signs and accents) and digits of a text, case folded, Turkish i as i: what
    punctuation leaves. The same for all texts of one `canonical` form.
    """
    if text.isascii():
        return "".join(c for c in text.lower() if c.isalnum()) or text
    folded = unicodedata.normalize("NFD", text).casefold().replace("ı", "i")  # the order of Unicode 3.13, D145
    pieces = (folded[start : start + PIECE] for start in range(0, len(folded), PIECE))
    letters = "".join("".join(c for c in piece if c.isalnum() or unicodedata.category(c)[0] == "M") for piece in pieces)
    return unicodedata.normalize("NFC", DOTTED.sub("i", letters)) or canonical(text)


def numbers(text: str) -> list[str]:
    """Numbers as their digits alone, whatever script and grouping they are written in."""
    return [digits for digits, _ in number_places(text)]


def number_places(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """The same, each with where it begins and ends."""
    for match in NUMBER.finditer(text):
        digits = "".join(str(unicodedata.digit(d)) for d in match[0] if d.isdigit())
        yield digits.lstrip("0") or "0", match.span()
