"""Where words and phrases stand in a text, whatever its case, how its accents are encoded, and its script."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from interlingua.errors import ConfigError
from interlingua.folding import WITHOUT_SPACES

Place = tuple[int, int]
"""Where something stands in a text: begin and end."""
MARK = "\0"


class Phrase:
    """A word or phrase that is looked for, letter by letter."""

    def __init__(self, text: str, exact_case: bool = False, accents: bool = True, whole_words: bool = True) -> None:
        """Without `accents` these make no difference. Whole words end where letters do; scripts that put no spaces
        between words have none. Raises ConfigError for a text without anything to look for.
        """
        self._exact_case, self._accents, self._whole_words = exact_case, accents, whole_words
        self._wanted = self._folded(text.strip())
        if not self._wanted:
            raise ConfigError("the text to search for is empty")

    def _folded(self, text: str) -> str:
        if text.isascii():
            return text if self._exact_case else text.lower()
        text = unicodedata.normalize("NFD", text)
        text = text if self._exact_case else unicodedata.normalize("NFD", text.casefold())
        return text if self._accents else "".join(c for c in text if not unicodedata.combining(c))

    def occurs(self, texts: Sequence[str]) -> list[bool]:
        """In which of some texts it stands."""
        return [bool(self.places(text)) for text in texts]

    def places(self, text: str) -> list[Place]:
        """Where it stands in a text, from left to right."""
        folded = self._folded(text)
        if self._wanted not in folded:
            return []
        begins, pieces = _letters(text), list[str]()
        ends, at = dict[int, int](), 0
        starts = dict[int, int]()
        for begin, end in zip(begins, [*begins[1:], len(text)], strict=True):
            pieces.append(self._folded(text[begin:end]))
            starts.setdefault(at, begin)  # a mark at the beginning of a text may be nothing
            at += len(pieces[-1])
            ends[at] = end
        joined, found, place = "".join(pieces), list[Place](), 0
        while (place := joined.find(self._wanted, place)) >= 0:
            stop = place + len(self._wanted)
            if place in starts and stop in ends and self._stands_alone(text, starts[place], ends[stop]):
                found.append((starts[place], ends[stop]))
                place = stop
            else:
                place += 1
        return found

    def _stands_alone(self, text: str, begin: int, end: int) -> bool:
        return not self._whole_words or not (_joins(text, begin) or _joins(text, end))


class Pattern:
    """A regular expression of RE2: no expression takes more time than a text is long."""

    def __init__(self, pattern: str, exact_case: bool = False) -> None:
        """Raises ConfigError for what is no such expression."""
        import pyarrow as pa

        self._options: dict[str, Any] = {"pattern": pattern, "ignore_case": not exact_case}
        self._marking = f"{'' if exact_case else '(?i)'}({pattern})"
        try:
            self.occurs([""])
        except pa.ArrowInvalid as error:
            problem = f"the pattern {pattern!r} is no regular expression of RE2 ({error})"
            raise ConfigError(f"{problem}; it has no backreferences and looks neither ahead nor behind") from error

    def occurs(self, texts: Sequence[str]) -> list[bool]:
        """Which of some texts it fits: many at a time take less time."""
        import pyarrow as pa
        import pyarrow.compute as pc

        found = pc.match_substring_regex(pa.array(texts, pa.large_string()), **self._options)  # pyright: ignore[reportAttributeAccessIssue]
        return found.to_pylist()

    def places(self, text: str) -> list[Place]:
        """Where it fits a text, from left to right."""
        import pyarrow.compute as pc

        marked = pc.replace_substring_regex(  # pyright: ignore[reportAttributeAccessIssue]
            text.replace(MARK, "\ufffd"), pattern=self._marking, replacement=f"{MARK}\\1{MARK}"
        )
        places, at = list[Place](), 0
        for number, piece in enumerate(marked.as_py().split(MARK)):
            if number % 2 and piece:
                places.append((at, at + len(piece)))
            at += len(piece)
        return places


def _letters(text: str) -> list[int]:
    """Where the letters of a text begin, each with the marks that follow it."""
    return [place for place, sign in enumerate(text) if not place or not unicodedata.combining(sign)]


def _joins(text: str, place: int) -> bool:
    """Whether a word goes on over a place in a text."""
    before, behind = text[place - 1 : place], text[place : place + 1]
    if not before or not behind or WITHOUT_SPACES.match(before) or WITHOUT_SPACES.match(behind):
        return False
    return _of_word(before) and _of_word(behind)


def _of_word(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LMN"


@lru_cache(maxsize=1)
def _word() -> re.Pattern[str]:
    """Words: letters, digits and the marks on them. Those of scripts without spaces are none."""
    marks = "".join(chr(code) for code in range(0x300, 0x20000) if unicodedata.category(chr(code))[0] == "M")
    return re.compile(f"(?:[^\\W_]|[{marks}])+")


def words(text: str) -> Iterator[Place]:
    """Where the words of a text stand."""
    return (match.span() for match in _word().finditer(text))
