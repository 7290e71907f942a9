"""Is this enough text, in the right script, and can the model read it at all? Asked before hours are spent."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from interlingua.errors import DataError
from interlingua.languages import name, script
from interlingua.tokenization import Tokenizer

LITTLE_TEXT, LITTLE_PARALLEL = 5_000, 2_000
"""Fewer sentences, fewer pairs than this are worth a warning."""
PAIRS = "pairs of parallel text"
SMALLEST = 100
"""Fewer than this are refused."""
UNREADABLE = 5.0
"""Share (%) of unknown tokens from which on a vocabulary cannot serve."""
WRITTEN_WITH = {
    "Hans": ("CJK",), "Hant": ("CJK",), "Hani": ("CJK",), "Jpan": ("CJK", "HIRAGANA", "KATAKANA"),
    "Kore": ("HANGUL", "CJK"),
    "Cans": ("CANADIAN",), "Olck": ("OL",), "Mtei": ("MEETEI",), "Tfng": ("TIFINAGH",), "Nkoo": ("NKO",),
    "Orya": ("ORIYA",),
}  # fmt: skip
"""What Unicode calls the letters of a script, where that is not the first word of the script's English name."""


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What there is of a language."""

    texts: int
    """Different sentences."""
    words: int
    """Between spaces."""
    pairs: int
    """Different translation pairs."""
    scripts: dict[str, float]
    """Share of the letters (%), the most frequent first."""
    warnings: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a vocabulary reads the language."""

    pieces: int
    """Of the vocabulary."""
    tokens_per_word: float
    unknown: float
    """Share (%) of the tokens that stand for text the vocabulary does not have."""


def check(language: str, texts: Sequence[str], pairs: Sequence[tuple[str, str]], any_script: bool = False) -> Resources:
    """Look at the text of a language and at its parallel text (pivot side first).

    Raises DataError where there is too little to begin, or where most letters are of another script than the language
    is written in.
    """
    require(len(texts), "sentences of plain text", language)
    require(len(pairs), PAIRS, language)
    scripts = script_shares([*texts, *(target for _, target in pairs)])
    warnings = _script_warnings(language, scripts, any_script)
    if len(texts) < LITTLE_TEXT:
        warnings.append(
            f"{len(texts):,} sentences of plain text are few: more would help, up to {LITTLE_TEXT:,} surely"
        )
    if len(pairs) < LITTLE_PARALLEL:
        warnings.append(f"{len(pairs):,} pairs are few: the report says what more would likely bring")
    same = sum(source.strip() == target.strip() for source, target in pairs) / len(pairs)
    if same > 0.05:
        warnings.append(f"{100 * same:.0f} % of the pairs have the same text on both sides: they are not translated")
    words = sum(len(text.split()) for text in texts)
    return Resources(texts=len(texts), words=words, pairs=len(pairs), scripts=scripts, warnings=warnings)


def require(count: int, what: str, language: str) -> None:
    """Raise DataError for so few texts or pairs that nothing can be learned from them."""
    if count < SMALLEST:
        raise DataError(f"{count} {what} are too few: no model learns {name(language)} from less than {SMALLEST}")


def script_shares(texts: Sequence[str]) -> dict[str, float]:
    """Share (%) of the letters by Unicode's name of their script, the most frequent first."""
    letters = Counter(character for text in texts for character in text if character.isalpha())
    counts: Counter[str] = Counter()
    for letter, times in letters.items():
        counts[_script_of(letter)] += times
    return {each: round(100 * times / counts.total(), 2) for each, times in counts.most_common()}


@lru_cache(maxsize=65_536)
def _script_of(letter: str) -> str:
    return unicodedata.name(letter, "UNKNOWN").split()[0].split("-")[0]


def reading(tokenizer: Tokenizer, texts: Sequence[str]) -> Reading:
    """How a vocabulary cuts these texts: tokens per word without the special ones, and the share it does not know."""
    pieces = tokenizer.pieces()
    unknown, special = {number for number, piece in enumerate(pieces) if piece == "<unk>"}, tokenizer.special
    counts: Counter[int] = Counter(int(number) for row in tokenizer.ids(texts) for number in row)
    tokens = sum(times for number, times in counts.items() if number not in special or number in unknown)
    words = max(1, sum(len(text.split()) for text in texts))
    lost = sum(counts[number] for number in unknown)
    return Reading(
        pieces=len(pieces), tokens_per_word=round(tokens / words, 3), unknown=round(100 * lost / max(1, tokens), 3)
    )


def readable(tokenizer: Tokenizer, texts: Sequence[str]) -> bool:
    """Whether a vocabulary can read these texts: it knows nearly all of them, and not byte by byte."""
    read, words = reading(tokenizer, texts), [word for text in texts for word in text.split()]
    return read.unknown < UNREADABLE and read.tokens_per_word < sum(map(len, words)) / max(1, len(words))


def _script_warnings(language: str, scripts: dict[str, float], any_script: bool) -> list[str]:
    code = script(language)
    if not code:
        return [f"which script {name(language)} is written in is not known here, so it was not checked"]
    wanted = WRITTEN_WITH.get(code) or (_english(code),)
    right = sum(scripts.get(each, 0.0) for each in wanted)
    if right >= 90:
        return []
    most = ", ".join(f"{share:.0f} % {each.title()}" for each, share in list(scripts.items())[:3])
    problem = (
        f"{name(language)} is mostly written in {_english(code).title()}, this text in {most or 'no letters at all'}"
    )
    if right < 50 and not any_script:
        raise DataError(f"{problem}. Is it the right file and the right --language? If so: --any-script")
    return [problem]


def _english(code: str) -> str:
    import langcodes

    return langcodes.Language.make(script=code).script_name().split()[0].upper()
