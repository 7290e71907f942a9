"""Terms and their translations, found in texts.

A term is found as whole words in a row, in any case; what stands between its words makes no difference. So that other
forms of a word are found without rules for any language, a word of five letters or more may go on for up to ENDING
letters, or have its last letter or two replaced by so many, where five letters stay the same ("policy" finds
"policies", and "contract" finds "contrast"); one of three or four letters may have one letter more ("job" finds
"jobs"). Where a script has no spaces between words, and for terms with other signs than letters (C++), the term is
found letter by letter.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import takewhile
from pathlib import Path

from interlingua.errors import ConfigError, DataError
from interlingua.folding import WITHOUT_SPACES
from interlingua.languages import UNKNOWN
from interlingua.memories import termbases
from interlingua.memories.termbases import Concept, Term
from interlingua.memories.words import Phrase, Place, words
from interlingua.progress import log
from interlingua.units.facts import pairs
from interlingua.units.tables import SIDES
from interlingua.units.unit import ALL, Memory, is_source

STEM, ENDING, DROPPED, SHORTEST = 5, 3, 2, 3
"""Letters that stay the same, that an ending has at most, that it replaces at most, and of the shortest word with
one."""
CAPITALS = 3
"""A term of at most so many letters, all capitals, is found in capitals alone: IT is not it."""
PLAIN = re.compile(r"[\w\s'’\-.,]*")


@dataclass(frozen=True)
class Found:
    """A term in a text."""

    term: Term
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Missing:
    """A term of a source text of whose translations none stands in the target."""

    term: Term
    expected: tuple[str, ...]


class Glossary:
    """Concepts with their terms."""

    def __init__(self, concepts: Sequence[Concept]) -> None:
        self.concepts = [
            Concept(tuple(term for term in concept.terms if term.text), concept.comment, concept.line)
            for concept in concepts
        ]
        self.empty = sum(not term.text for concept in concepts for term in concept.terms)
        """How many terms of the file had no text."""
        self._of_language = lru_cache(maxsize=64)(self._index)
        self._expected = lru_cache(maxsize=65_536)(self._translations)

    @classmethod
    def read(cls, path: Path, source_language: str = "", target_language: str = "") -> "Glossary":
        """The glossary of a file; the languages are those of terms for which it names none. Empty terms are counted on
        stderr. Raises DataError, with the line, for what cannot be read, and where there is no term.
        """
        glossary = cls(list(termbases.read(path, source_language, target_language)))
        if glossary.empty:
            log(f"{path}: left out {glossary.empty:,} empty terms")
        if not any(concept.terms for concept in glossary.concepts):
            raise DataError("no terms in this file", path)
        return glossary

    def require(self, languages: Sequence[str], name: str, remedy: str) -> None:
        """Raise ConfigError, with the `name` of the glossary and a `remedy`, where it has no term in one of these."""
        for language in languages:
            if not any(is_source(one, language or one) for one in self.languages):
                raise ConfigError(f"{name} has terms in {', '.join(self.languages)}, and none in {language}; {remedy}")

    @cached_property
    def languages(self) -> list[str]:
        """Of the terms."""
        return list(dict.fromkeys(term.language for concept in self.concepts for term in concept.terms))

    def found(self, text: str, language: str) -> list[Found]:
        """The terms of a language in a text, with their places. A term that only stands within a longer one that was
        found is left out.
        """
        every = self._within(text, language)
        widest = sorted({place for found in every for place in found.places}, key=lambda place: place[0] - place[1])
        outer = list[Place]()
        for place in widest:
            if not any(one[0] <= place[0] and place[1] <= one[1] for one in outer):
                outer.append(place)
        left = [Found(one.term, tuple(place for place in one.places if place in outer)) for one in every]
        return [one for one in left if one.places]

    def missing(self, source: str, target: str, source_language: str, target_language: str) -> list[Missing]:
        """The terms of the source of whose translations none occurs in the target. Of terms that stand for several
        concepts, a translation of one is enough; those without any are not missed.
        """
        used = {found.term.text for found in self._within(target, target_language)}
        missing: dict[str, Missing] = {}
        for found in self.found(source, source_language):
            expected = self._expected(found.term.text, source_language, target_language)
            if expected and used.isdisjoint(expected):
                missing.setdefault(found.term.text, Missing(found.term, expected))
        return list(missing.values())

    def forbidden(self, source: str, target: str, source_language: str, target_language: str) -> list[Found]:
        """The terms of the target that are not to be used, but for what is also a good translation of a term in the
        source.
        """
        good = {
            text
            for found in self.found(source, source_language)
            for text in self._expected(found.term.text, source_language, target_language)
        }
        return [
            one for one in self.found(target, target_language) if one.term.is_forbidden and one.term.text not in good
        ]

    def _translations(self, text: str, source_language: str, target_language: str) -> tuple[str, ...]:
        """The terms to use for a term."""
        wanted = {
            term.text: None
            for concept in self._with_term(text, source_language)
            for term in concept.terms
            if not term.is_forbidden and is_source(term.language, target_language)
        }
        return tuple(wanted)

    def _with_term(self, text: str, language: str) -> Iterator[Concept]:
        for place in self._places.get(text, []):
            concept = self.concepts[place]
            if any(term.text == text and is_source(term.language, language) for term in concept.terms):
                yield concept

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for number, concept in enumerate(self.concepts):
            for term in dict.fromkeys(term.text for term in concept.terms):
                places.setdefault(term, []).append(number)
        return places

    def _within(self, text: str, language: str) -> list[Found]:
        return self._of_language(language).found(text)

    def _index(self, language: str) -> "_Index":
        return _Index({
            term: None
            for concept in self.concepts
            for term in concept.terms
            if is_source(term.language, language)
        })  # fmt: skip


def languages_between(memory: Memory, source_language: str = "", target_language: str = "") -> tuple[str, str]:
    """Those of a memory's first pair, unless others are asked for; "source" and "target" where it names none."""
    source_language = source_language or memory.about.attributes.get("srclang", "")
    first = next((pair for unit in memory for pair in pairs(unit, source_language, target_language)), None)
    if first is None:
        return source_language, target_language
    named = [source_language or first.source.language, target_language or first.target.language]
    return tuple(side if of in (UNKNOWN, ALL) else of for side, of in zip(SIDES, named, strict=True))  # pyright: ignore[reportReturnType]


class _Index:
    """The terms of a language, by how they begin."""

    def __init__(self, terms: dict[Term, None]) -> None:
        self._by_word: dict[str, list[tuple[list[str], str, Term]]] = {}
        """The folded words of each term, and the term without marks around it."""
        self._by_sign: dict[str, list[tuple[Phrase, Term]]] = {}
        for term in terms:
            places = list(words(term.text))
            parts = [_folded(term.text[begin:end]) for begin, end in places]
            if parts and PLAIN.fullmatch(term.text) and not WITHOUT_SPACES.search(term.text):
                bare = term.text[places[0][0] : places[-1][1]]
                self._by_word.setdefault(parts[0][:STEM], []).append((parts, bare, term))
            else:
                self._by_sign.setdefault(_folded(term.text[0])[0], []).append((Phrase(term.text), term))

    def found(self, text: str) -> list[Found]:
        """All terms in a text, also one within another."""
        places = list(words(text))
        folded = [_folded(text[begin:end]) for begin, end in places]
        found: dict[Term, list[Place]] = {}
        for first, word in enumerate(folded):
            for parts, bare, term in (one for key in _keys(word) for one in self._by_word.get(key, ())):
                rest = folded[first : first + len(parts)]
                if len(rest) == len(parts) and all(map(_alike, parts, rest)):
                    place = places[first][0], places[first + len(parts) - 1][1]
                    if _same_capitals(bare, text[slice(*place)]):
                        found.setdefault(term, []).append(place)
        for sign in dict.fromkeys(_folded(text)) if self._by_sign else ():
            for phrase, term in self._by_sign.get(sign, ()):
                if stands := phrase.places(text):
                    found[term] = stands
        return [Found(term, tuple(stands)) for term, stands in found.items()]


def _folded(text: str) -> str:
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text).casefold()


def _keys(word: str) -> set[str]:
    """How the terms begin of which this may be a form."""
    return {word[:STEM], word[:-1]} if len(word) <= STEM else {word[:STEM]}


def _alike(word: str, other: str) -> bool:
    """Whether `other` may be a form of a term's `word`."""
    same = sum(1 for _ in takewhile(lambda letters: letters[0] == letters[1], zip(word, other, strict=False)))
    dropped, added = len(word) - same, len(other) - same
    if not dropped and not added:
        return True
    if len(word) < STEM:
        return not dropped and added == 1 and len(word) >= SHORTEST
    return same >= STEM and dropped <= (DROPPED if added else 1) and added <= ENDING


def _same_capitals(term: str, text: str) -> bool:
    return not (term.isupper() and 1 < len(term) <= CAPITALS) or term == text
