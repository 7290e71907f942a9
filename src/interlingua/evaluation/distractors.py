"""English sentences that are almost right: one number, name or negation differs. Rules of our own, after the idea of
xsim++.

Paper: Chen et al. 2023, xSIM++, arXiv:2306.12907, which alters entities, numbers and causality (negation, antonyms)
  with other tools.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

KINDS = ("number", "entity", "negation")
NUMBERS = "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fifteen|twenty|thirty|forty|fifty|sixty"
AUXILIARIES = "is|are|was|were|am|can|could|will|would|shall|should|must|may|might|has|have|had|does|do|did"
IRREGULAR = (
    (r"\bcan(?:['’]t|not)\b", "can"),
    (r"\bCan(?:['’]t|not)\b", "Can"),
    (r"\bwon['’]t\b", "will"),
    (r"\bWon['’]t\b", "Will"),
)
"""Negations whose verb is not there whole."""
NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]{2,}\b")
"""A capitalised word inside a sentence."""


@dataclass(frozen=True)
class Distractor:
    """A wrong sentence: which text it was made of (its place), what was changed, and how it reads now."""

    of: int
    kind: str
    text: str


def distractors(texts: Sequence[str], each: int = 1) -> list[Distractor]:
    """At most `each` distractors of every kind for every text; the same texts always give the same ones.

    Numbers become others of the same form, names become names of other texts, and a negation comes or goes. A text
    without any of these has none; what happens to read like one of the texts is left out.
    """
    names = sorted({name for text in texts for name in NAME.findall(text)})
    known, kept = set(texts), list[Distractor]()
    for place, text in enumerate(texts):
        random = Random(text)
        for kind in KINDS:
            made = {_changed(text, kind, names, random) for _ in range(each)} - known - {None}
            kept += [Distractor(place, kind, new) for new in sorted(new for new in made if new)]
            known |= made - {None}
    return kept


def _changed(text: str, kind: str, names: Sequence[str], random: Random) -> str | None:
    match kind:
        case "number":
            return _number(text, random)
        case "entity":
            return _entity(text, names, random)
        case _:
            return _negation(text)


def _number(text: str, random: Random) -> str | None:
    places = list(re.finditer(rf"\d+|\b(?:{NUMBERS})\b", text, re.IGNORECASE))
    if not places:
        return None
    chosen = random.choice(places)
    old = chosen[0]
    if old.isdigit():
        digits = [str(digit) for digit in range(10)]
        new = old
        while new == old:
            new = "".join(
                [
                    random.choice(digits[1:]) if len(old) > 1 or old != "0" else random.choice(digits),
                    *random.choices(digits, k=len(old) - 1),
                ]
            )
    else:
        new = random.choice([word for word in NUMBERS.split("|") if word != old.lower()])
        new = new.capitalize() if old[0].isupper() else new
    return text[: chosen.start()] + new + text[chosen.end() :]


def _entity(text: str, names: Sequence[str], random: Random) -> str | None:
    places = list(NAME.finditer(text))
    others = [name for name in names if name not in {place[0] for place in places}]
    if not places or not others:
        return None
    chosen = random.choice(places)
    return text[: chosen.start()] + random.choice(others) + text[chosen.end() :]


def _negation(text: str) -> str | None:
    for contracted, full in IRREGULAR:
        if re.search(contracted, text):
            return re.sub(contracted, full, text, count=1)
    without = re.sub(rf"\b({AUXILIARIES})(?:n['’]t| not)\b", r"\1", text, count=1, flags=re.IGNORECASE)
    if without != text:
        return without
    with_not = re.sub(rf"(?<!^)\b({AUXILIARIES})\b(?!['’])", r"\1 not", text, count=1, flags=re.IGNORECASE)
    return None if with_not == text else with_not
