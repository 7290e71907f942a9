"""Documents to sentences, in any language, offline: Wikimedia's rules, and what they lack for Khmer, Tibetan, Thai
and Lao.
"""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from interlingua.languages import UNKNOWN, standard

AFTER_MARK = re.compile(r"(?<=[\u17d4\u17d5\u0f0d\u0f0e])(?![\u17d4\u17d5\u0f0d\u0f0e])")
"""Khmer and Tibetan end sentences with marks the library does not know."""
THAI_OR_LAO = r"[\u0e01-\u0e5b\u0e81-\u0edf]"
GAP = re.compile(rf"(?<={THAI_OR_LAO}) +(?={THAI_OR_LAO})")
"""Thai and Lao put a space where others put a full stop, and at some commas."""
SHORTEST_THAI = 5
"""Characters. What is shorter on either side of a space is no sentence; docs/decisions/0017 has the measurement."""


def split(text: str, language: str = UNKNOWN) -> list[str]:
    """The sentences of `text`, in order, without the space around them; only white space is lost.

    A line end always ends a sentence. `language` chooses the abbreviations ("z. B." is no end in German); the marks of
    every script are known without it. Raises DataError for what is no language code.
    """
    from sentencex import segment  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]

    base = standard(language).split("-")[0]
    sentences: list[str] = []
    for line in text.splitlines():
        pieces = [
            piece for part in AFTER_MARK.split(line) for piece in segment("en" if base == UNKNOWN else base, part)
        ]
        lettered: list[str] = []
        for piece in pieces:
            if lettered and not re.search(r"[^\W_]", piece):  # a closing quote, a second mark
                lettered[-1] += piece
            else:
                lettered.append(piece)
        sentences += [sentence for piece in lettered for sentence in _by_gaps(piece.strip()) if sentence]
    return sentences


def splitter(language: str = UNKNOWN, srx: Path | None = None) -> Callable[[str], list[str]]:
    """What gives the sentences of a text: by the rules of an SRX file where there is one, else as `split` does. Raises
    DataError for what is no SRX file with rules of the language.
    """
    if srx is None:
        return partial(split, language=language)
    from interlingua.data.srx import splitter

    return splitter(srx, language)


def _by_gaps(text: str) -> list[str]:
    sentences: list[str] = []
    for piece in GAP.split(text):
        if sentences and min(len(sentences[-1]), len(piece)) < SHORTEST_THAI:
            sentences[-1] += " " + piece
        else:
            sentences.append(piece)
    return sentences
