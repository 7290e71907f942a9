"""What two texts alone show: numbers, codes and placeholders, terms, and translations that are none."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from interlingua.folding import WITHOUT_SPACES, canonical, number_places, plain
from interlingua.languages import UNKNOWN
from interlingua.memories.adapting import code_edits
from interlingua.memories.glossary import Glossary
from interlingua.memories.review.findings import Kind, PairFinding, Place, Segment, Text, about
from interlingua.memories.review.messages import parts_of
from interlingua.memories.review.numerals import in_other_ways
from interlingua.memories.words import words
from interlingua.mining.clean import Thresholds, overlap
from interlingua.mining.filters import ADDRESS
from interlingua.units.states import State
from interlingua.units.tables import SIDES
from interlingua.units.unit import is_source

IN_WORDS = 20
"""The largest number that texts often have as a word."""
NAMED = re.compile(r"<(/?)([A-Za-z][\w:.\-]*)(.*?)(/?)>", re.DOTALL)
HTML = frozenset((
    "a", "b", "br", "code", "del", "em", "i", "img", "ins", "kbd", "li", "ol", "p", "pre", "s", "small", "span",
    "strong", "sub", "sup", "tt", "u", "ul",
))  # fmt: skip
"""Elements within a text."""
POSITION = re.compile(r"(?<=%)\d+\$")
DATE = re.compile("%[-_0^#EO]?[A-Za-z]")
"""What strftime fills in."""
BRACED_SPACE = re.compile(r"(?<=\{)\s+|\s+(?=\})")
ENTITY = re.compile(r"&[#\w]+;")


def numbers(segment: Segment) -> Iterator[PairFinding]:
    """Numbers in digits that one text has and the other has not, however they are grouped and in whatever script, and
    where the other has them in no other way either (`in_other_ways`). A small one that only one text has may be a word
    in the other: a month, an hour, "two".
    """
    sides = [
        [one for one in number_places(text.bare) if not _is_in_word(text.bare, one[1])]
        for text in (segment.source, segment.target)
    ]
    here, there = (Counter(digits for digits, _ in side) for side in sides)
    more, less = in_other_ways(here - there, there - here, segment.source.bare, segment.target.bare)
    if not (more and less):
        more, less = (Counter({one: n for one, n in side.items() if int(one) > IN_WORDS}) for side in (more, less))
    if more or less:
        marks = [
            [place for digits, place in side if digits in left] for side, left in zip(sides, (more, less), strict=True)
        ]
        yield about(segment, Kind.numbers, _only(*_written(segment, marks)), *marks)


def _is_in_word(text: str, place: Place) -> bool:
    """Whether letters stand on both sides, as in i18n."""
    return text[: place[0]][-1:].isalpha() and text[place[1] :][:1].isalpha() and text[place[0] - 1].isascii()


def _written(segment: Segment, marks: Sequence[Sequence[Place]]) -> Iterator[list[str]]:
    for text, places in zip((segment.source, segment.target), marks, strict=True):
        yield [text.shown[begin:end] for begin, end in places]


def _only(here: Sequence[str], there: Sequence[str]) -> str:
    said = [
        f"only in the {side}: {', '.join(dict.fromkeys(some))}"
        for side, some in zip(SIDES, (here, there), strict=True)
        if some
    ]
    return "; ".join(said)


def tags(segment: Segment, other: Text | None = None) -> Iterator[PairFinding]:
    """Inline codes of the file, and placeholders and tags in the text, that one text has and the other has not,
    wherever they stand. Of plural forms, each may have those of the text in the singular or of the `other` one, and may
    say its number as a word. Texts of printf's placeholders alone are formats of dates, which each language has its
    own.
    """
    edits = code_edits(segment.source.parts, segment.target.parts)
    sides = [_placeholders(text) for text in (segment.source, segment.target)]
    more, less = _differ(*sides)
    if other is not None:
        others = _differ(_placeholders(other), sides[1])
        if any(not added and lacking.total() <= 1 for lacking, added in ((more, less), others)):
            more, less = Counter(), Counter()
    for edit in edits:
        said = f"other inline codes: {edit.segment or 'none'} in the source, {edit.known or 'none'} in the target"
        yield about(segment, Kind.tags, said)
    if (more or less) and any(map(str.isalpha, DATE.sub("", segment.source.shown))):
        marks = [
            [place for key, place in side if key in left or POSITION.sub("", key) in left]
            for side, left in zip(sides, (more, less), strict=True)
        ]
        yield about(segment, Kind.tags, _only(*_written(segment, marks)), *marks)


def _differ(here: Sequence[tuple[str, Place]], there: Sequence[tuple[str, Place]]) -> tuple[Counter[str], Counter[str]]:
    one, two = (Counter(key for key, _ in side) for side in (here, there))
    if one != two and any(POSITION.search(key) for key in one) != any(POSITION.search(key) for key in two):
        one, two = (Counter(POSITION.sub("", key) for key, _ in side) for side in (here, there))
    return one - two, two - one


def _placeholders(text: Text) -> list[tuple[str, Place]]:
    """What must be in both texts, and where it stands. An entity is a character like others; what is in angle brackets
    is a tag if it is closed, has attributes, or is one of HTML: <file> may be a word of the text.
    """
    known = [(text.shown[begin:end], (begin, end)) for begin, end in text.placeholders]
    closed = {match[2] for one, _ in known if (match := NAMED.fullmatch(one)) and match[1]}
    return [(key, place) for one, place in known for key in parts_of(one) or [_key(one, closed)] if key]


def _key(written: str, closed: set[str]) -> str:
    if ENTITY.fullmatch(written):
        return ""
    if match := NAMED.fullmatch(written):
        is_tag = match[2] in closed or match[3].strip() or match[4] or match[2].lower() in HTML
        return f"<{match[1]}{match[2].lower()}>" if is_tag else ""
    if "," in written and written.startswith("{"):  # the forms of a message are texts
        return ",".join(part.strip() for part in written.split(",")[:2])
    return BRACED_SPACE.sub("", written)


def terms(segment: Segment, glossary: Glossary, languages: tuple[str, str]) -> Iterator[PairFinding]:
    """Terms of the source without their translation, and forbidden ones of the target, as `tm terms` finds them."""
    texts = [text_without_codes(text) for text in (segment.source, segment.target)]
    spoken = [
        of if text.language == UNKNOWN else text.language
        for of, text in zip(languages, (segment.source, segment.target), strict=True)
    ]
    for one in glossary.missing(*texts, *spoken):
        marks = _marks(glossary, segment.source, spoken[0], one.term.text)
        yield about(segment, Kind.terms, f"{one.term.text}: expected {' or '.join(one.expected)}", marks)
    for one in glossary.forbidden(*texts, *spoken):
        marks = _marks(glossary, segment.target, spoken[1], one.term.text)
        yield about(segment, Kind.terms, f"{one.term.text}: not to be used", (), marks)


def text_without_codes(text: Text) -> str:
    """A text as the file has it, without inline codes."""
    return "".join(part for part in text.parts if isinstance(part, str))


def _marks(glossary: Glossary, text: Text, language: str, term: str) -> list[Place]:
    return [place for one in glossary.found(text.bare, language) if one.term.text == term for place in one.places]


def untranslated(segment: Segment, state: State | None, fuzzy: bool) -> Iterator[PairFinding]:
    """No translation; one that the file itself says is none; or the source text, where it has words."""
    source, target = segment.source, segment.target
    if not target.shown.strip():
        if any(character.isalnum() for character in source.bare):
            yield about(segment, Kind.untranslated, "no translation")
        return
    if fuzzy:
        yield about(segment, Kind.untranslated, "marked as fuzzy: programs do not show it")
    elif state is State.initial:
        yield about(segment, Kind.untranslated, "the file says that it is not translated yet")
    elif not is_source(source.language, target.language) or source.language == UNKNOWN:
        one, other = (plain(canonical(ADDRESS.sub(" ", text.plain))) for text in (source, target))
        if one == other and has_words(source):
            yield about(segment, Kind.untranslated, "the same as the source")
        elif overlap(one, other) > Thresholds().untranslated and has_words(source, 5):
            yield about(segment, Kind.untranslated, "nearly the same as the source")


def has_words(text: Text, least: int = 2) -> bool:
    """Whether a text has words to translate, and not only names, numbers, addresses and codes: so many, one of them
    in small letters; or letters of a script that puts no spaces between words, or has no small ones.
    """
    bare = ADDRESS.sub(" ", text.plain)
    found = [bare[begin:end] for begin, end in words(bare)]
    lettered = [word for word in found if sum(map(str.isalpha, word)) > 1]
    if len(WITHOUT_SPACES.findall(bare)) >= least * 2:
        return True
    return (
        len(bare.split()) > 1
        and len(lettered) >= least
        and any(word == word.lower() and word.isalpha() for word in lettered)
    )
