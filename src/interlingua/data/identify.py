"""Which language a text is in, offline: py3langid's naive Bayes over byte n-grams (Lui & Baldwin 2012, "langid.py"),
140 languages.
"""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float32

from interlingua.languages import UNKNOWN, standard

SURE = 0.5
"""Confidence from which a guess is given; docs/decisions/0017 has the precision at each."""
NO_LANGUAGE = "zxx"
"""The library's label for numbers, code and addresses."""
NAMES = {"no": "nb"}
"""What the library calls Norwegian is Bokmål; Nynorsk has a label of its own."""
KIN = (
    {"ar", "ary", "arz"}, {"bs", "hr", "sr", "sh"}, {"el", "grc"}, {"id", "ms"}, {"no", "nb", "nn"},
    {"zh", "yue", "wuu"},
    {"fa", "prs"}, {"kab", "ber"}, {"ku", "kmr"}, {"gug", "gn"},
)  # fmt: skip
"""Varieties so near each other that a sentence often fits both."""


class Guess(NamedTuple):
    """A language, and how probable it or one of its kin is, among the languages that can be recognised."""

    language: str
    confidence: float


def identify(texts: Sequence[str]) -> list[str]:
    """The BCP-47 language of each text, "und" where its confidence is below SURE."""
    return [guess.language if guess.confidence >= SURE else UNKNOWN for guess in guesses(texts)]


def guesses(texts: Sequence[str]) -> list[Guess]:
    """The most probable language of each text, however improbable; "und" with confidence 0 where there is nothing to
    tell by.
    """
    known, probable = recognised(), probabilities(texts)
    with_kin = probable @ _kin_of_each()
    # of the most probable family its most probable member
    best = np.where(with_kin >= with_kin.max(axis=1, keepdims=True) - 1e-6, probable, -1).argmax(axis=1)
    return [
        Guess(known[column], round(float(sums[column]), 4)) if sums[column] > 0 else Guess(UNKNOWN, 0.0)
        for sums, column in zip(with_kin, best.tolist(), strict=True)
    ]


def are_kin(one: str, other: str) -> bool:
    """Whether two BCP-47 codes name one language, region and script aside, or two of KIN."""
    one, other = one.split("-")[0], other.split("-")[0]
    return one == other or any({one, other} <= kin for kin in KIN)


def probabilities(texts: Sequence[str]) -> Float32[np.ndarray, "N L"]:
    """The probability of each language of `recognised()`, in its order. A row of zeros: no letters, or nothing known
    in them.
    """
    _, library_codes, identifier = _library()
    columns = {code: column for column, code in enumerate(library_codes)}
    matrix = np.zeros((len(texts), len(columns)), np.float32)
    for row, text in enumerate(texts):
        if not any(character.isalpha() for character in text):
            continue
        ranked = identifier.rank(text)
        if ranked[0][0] == NO_LANGUAGE or _uniform(ranked):
            continue
        for code, probability in ranked:
            if code != NO_LANGUAGE:
                matrix[row, columns[code]] = probability
    return matrix


def recognised() -> tuple[str, ...]:
    """The languages that can be recognised, as BCP-47."""
    return _library()[0]


def strangeness(texts: Sequence[str], language: str) -> Float32[np.ndarray, " N"]:
    """How much more probable the best other language is than `language` with its kin, 0 to 1.

    0 as well where nothing can be told: for texts without letters, and for a `language` that is not `recognised()`.
    """
    ours = np.array([are_kin(known, language) for known in recognised()])
    if not ours.any():
        return np.zeros(len(texts), np.float32)
    probable = probabilities(texts)
    with_kin = probable @ _kin_of_each()
    return np.clip(with_kin[:, ~ours].max(axis=1) - probable[:, ours].sum(axis=1), 0, 1)


def usual_language(texts: Sequence[str]) -> str:
    """The language of at least half of the texts whose language can be told (of 1,000 of them, spread evenly); else
    "und".
    """
    rows: list[int] = np.linspace(0, len(texts) - 1, min(len(texts), 1000)).astype(int).tolist()
    some = [texts[row] for row in rows]
    told = [language for language in identify(some) if language != UNKNOWN]
    first, count = Counter(told).most_common(1)[0] if told else (UNKNOWN, 0)
    return first if 2 * count >= len(told) else UNKNOWN


@cache
def _kin_of_each() -> Float32[np.ndarray, "L L"]:
    """1 where the languages of a row and a column are kin."""
    return np.array([[are_kin(one, other) for other in recognised()] for one in recognised()], np.float32)


def _uniform(ranked: list[tuple[str, float]]) -> bool:
    """Whether the library saw nothing it knows: all languages alike, but for those it holds in two scripts, which
    count twice.
    """
    return ranked[0][1] < 3 / len(ranked) and ranked[2][1] - ranked[-1][1] < 1e-6


@cache
def _library() -> tuple[tuple[str, ...], tuple[str, ...], Any]:
    """BCP-47 codes, the library's codes, and its model, read once: half a second."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    codes = tuple(code for code in identifier.labels if code != NO_LANGUAGE)
    return tuple(NAMES.get(code, standard(code)) for code in codes), codes, identifier
