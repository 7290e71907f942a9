"""What is left to edit where a text of a memory stands in for another: words, numbers, placeholders, marks, case."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from itertools import islice

from rapidfuzz.distance import Levenshtein

from interlingua.folding import WITHOUT_SPACES, canonical
from interlingua.languages import UNKNOWN
from interlingua.memories.negation import CHARACTERS, words
from interlingua.units.placeholders import spans

UNIT = 3
"""Letters of a word behind a number that may be its unit: case counts there."""
COMPARED = 1000
"""Pieces of a text that are compared; the time for it grows with their square."""


class What(StrEnum):
    """Kinds of edits, the gravest first."""

    negation = "negation"
    word = "word"
    """A word exchanged, added or left out."""
    number = "number"
    code = "code"
    """A placeholder or a tag."""
    mark = "mark"
    """Punctuation."""
    case = "case"


@dataclass(frozen=True, slots=True)
class Edit:
    """One place where two texts differ."""

    what: What
    segment: str
    """What stands in the text to be translated; "" where it has nothing."""
    known: str
    """What stands in the memory's."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two texts, piece by piece."""

    edits: tuple[Edit, ...]
    words: float
    """The share of words (of characters, in scripts without spaces) that need no edit, 0 to 1. Numbers, placeholders,
    marks and case make no difference here."""
    exchanged: bool
    """Whether a word stands in the place of another: what such a text means may be the opposite."""
    denied: bool = False
    """Whether one of the texts has more words that deny."""


class Piece(StrEnum):
    """Of what kind a piece of a text is."""

    code = "code"
    number = "number"
    word = "word"
    mark = "mark"


@cache
def _pieces() -> re.Pattern[str]:
    kinds = {chr(c): unicodedata.category(chr(c)) for c in range(0x20000)}
    signs = "".join(c for c, kind in kinds.items() if kind[0] == "M")
    symbols = re.escape("".join(c for c, kind in kinds.items() if kind in ("Sm", "Sc", "So") and c not in "|~") + "%#§")
    single = WITHOUT_SPACES.pattern[1:-1]
    return re.compile(
        r"(?P<number>(?:(?<![\w.])[-+\u2212](?=\d))?\d+(?:[.,:]\d+)*)"
        rf"|(?P<word>[{single}][{signs}]*|!=|[{symbols}]|(?<=\d)['\"′″]"
        rf"|(?:(?![{single}])[^\W\d_])(?:(?![{single}])(?:[^\W\d_]|[{signs}]))*"
        rf"(?:['\u2019](?:[^\W\d_]|[{signs}])+)*)"
        r"|(?P<mark>\S)"
    )


@lru_cache(maxsize=4096)
def pieces(text: str) -> tuple[tuple[Piece, str], ...]:
    """The first pieces of a text, in order and in one encoding of accents, white space left out."""
    return tuple((kind, piece) for kind, piece, _ in islice(places(canonical(text[: 20 * COMPARED])), COMPARED))


def places(text: str) -> Iterator[tuple[Piece, str, int]]:
    """All pieces of a text, each with where it begins."""
    end = 0
    for first, last in (*spans(text), (len(text), len(text))):
        whole = "{" not in text[first + 2 : last]  # the texts in a message with plural forms are texts
        for one in _pieces().finditer(text, end, first if whole else last):
            yield Piece(str(one.lastgroup)), one[0], one.start()
        if first < last and whole:
            yield Piece.code, text[first:last], first
        end = last


def compare(segment: str, known: str, language: str = UNKNOWN) -> Comparison:
    """What a translation of `known` needs before it can be one of `segment`; both are in `language`."""
    here, there = pieces(segment), pieces(known)
    edits, share, exchanged = _content(here, there, language)
    same_words = all(edit.what in (What.number, What.case) for edit in edits)
    edits += [Edit(What.code, one, other) for one, other in _changed(here, there, Piece.code)]
    edits += [Edit(What.mark, one, other) for one, other in _changed(here, there, Piece.mark)]
    counts = {_negations([text for _, text in side], language) for side in (() if same_words else (here, there))}
    return Comparison(tuple(edits), share, exchanged, len(counts) > 1)


def _content(
    here: Sequence[tuple[Piece, str]], there: Sequence[tuple[Piece, str]], language: str
) -> tuple[list[Edit], float, bool]:
    """Edits of words and numbers, in the order of the segment, the share of words that need none, and whether one
    stands for another.
    """
    mine, theirs = ([one for one in side if one[0] in (Piece.word, Piece.number)] for side in (here, there))
    keys = [["0" if kind is Piece.number else _folded(text) for kind, text in side] for side in (mine, theirs)]
    edits, cost, exchanged = list[Edit](), 0.0, False
    for step in Levenshtein.opcodes(*keys):
        one = [text for _, text in mine[step.src_start : step.src_end]]
        other = [text for _, text in theirs[step.dest_start : step.dest_end]]
        if step.tag == "equal":
            before = Piece.mark
            for (kind, text), known in zip(mine[step.src_start : step.src_end], other, strict=True):
                if text != known:
                    unit = before is Piece.number and len(text) <= UNIT
                    what = What.number if kind is Piece.number else What.word if unit else What.case
                    exchanged = exchanged or unit
                    edits.append(Edit(what, text, known))
                before = kind
            continue
        exchanged = exchanged or step.tag == "replace"
        cost += max(len(one), len(other))
        if len(one) == len(other):  # of a word in another form half is kept
            cost -= sum(Levenshtein.normalized_similarity(*pair) for pair in zip(one, other, strict=True)) / 2
        negated = _negations(one, language) != _negations(other, language)
        edits.append(Edit(What.negation if negated else What.word, " ".join(one), " ".join(other)))
    longest = max(len(mine), len(theirs))
    if not longest:  # texts of marks alone
        marks = [[text for kind, text in side if kind is Piece.mark] for side in (here, there)]
        return edits, Levenshtein.normalized_similarity(*marks), exchanged
    return edits, 1 - cost / longest, exchanged


def _negations(texts: Sequence[str], language: str) -> int:
    """How many of these words deny what is said."""
    folded, known = [_folded(word) for word in texts], words(language)
    joined = "".join(word for word in folded if not word.isascii())
    return sum(word in known or word.endswith("n't") for word in folded) + sum(map(joined.count, CHARACTERS))


def _folded(word: str) -> str:
    return word.casefold().replace("\u2019", "'")


def _changed(
    here: Sequence[tuple[Piece, str]], there: Sequence[tuple[Piece, str]], kind: Piece
) -> list[tuple[str, str]]:
    mine, theirs = ([text for one, text in side if one is kind] for side in (here, there))
    return [
        (" ".join(mine[step.src_start : step.src_end]), " ".join(theirs[step.dest_start : step.dest_end]))
        for step in Levenshtein.opcodes(mine, theirs)
        if step.tag != "equal"
    ]
