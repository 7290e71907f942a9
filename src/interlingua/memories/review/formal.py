"""Formal matters: end marks, brackets, spaces. Only what the source text does otherwise is found."""

import re
from collections.abc import Iterator

from interlingua.languages import UNKNOWN
from interlingua.memories.review.findings import CODE, Kind, PairFinding, Segment, about

MARKS = {
    "a full stop": ".。．｡।॥۔։።။។༎།᙮᠃!！՜",
    "a question mark": "?？؟՞፧",
    "a colon": ":：፡៖",
    "dots": "…⋯",
}
"""End marks that stand for each other; languages differ in what they exclaim."""
QUESTIONS = {"el": ";\u037e", "grc": ";\u037e"}
WITHOUT_STOPS = ("th", "lo", "km", "my", "dz", "bo")
"""Languages whose sentences need no end mark."""
CLOSING = " \u00a0\u202f\u200e\u200f\u200b\"'’”»“«›‹)]）］」』】》〉" + CODE
BRACKETS = {")": "(", "]": "[", "}": "{", "）": "（", "］": "［", "】": "【", "」": "「", "』": "『"}
SAME = str.maketrans("（）［］", "()[]")
"""Brackets of both widths."""
QUOTES = "」』"
"""Behind what is said, Japanese has no full stop."""
SPACES = re.compile(r"(?<=\S)  +(?=\S)")


def punctuation(segment: Segment) -> Iterator[PairFinding]:
    """Another kind of end mark, whatever closes behind it."""
    languages = [text.language.split("-")[0].lower() for text in (segment.source, segment.target)]
    ends = [_end(text.bare, of) for text, of in zip((segment.source, segment.target), languages, strict=True)]
    (one, first), (two, second) = ends
    if one == two or not segment.target.bare.strip(CLOSING) or not segment.source.bare.strip(CLOSING):
        return
    if any(of in WITHOUT_STOPS for of in languages) and {one, two} <= {"", "a full stop"}:
        return
    said = f"the source ends with {one or 'no end mark'}, the target with {two or 'no end mark'}"
    if {one, two} == {"", "a full stop"} and any(text.shown.rstrip()[-1:] in QUOTES for text in (segment.source, segment.target)):
        return
    places = [[place] if place else [] for place in (first, second)]
    yield about(segment, Kind.punctuation, said, *places)


def _end(text: str, language: str) -> tuple[str, tuple[int, int] | None]:
    """The kind of a text's end mark, and where it stands."""
    kept = text.rstrip(CLOSING)
    last = kept[-1:]
    if last in QUESTIONS.get(language, "") and last:
        return "a question mark", (len(kept) - 1, len(kept))
    if language == "ja" and kept.rstrip("。.").endswith("か"):
        return "a question mark", (len(kept) - 1, len(kept))
    if kept.endswith("..") or kept.endswith("。。"):
        stripped = kept.rstrip(".。")
        return "dots", (len(stripped), len(kept))
    for name, marks in MARKS.items():
        if last and last in marks:
            return name, (len(kept) - 1, len(kept))
    return "", None


def brackets(segment: Segment) -> Iterator[PairFinding]:
    """Brackets without a partner in the target, where those of the source have theirs."""
    source = segment.source.bare
    left = [] if _unpaired(source) else _unpaired(segment.target.bare)
    if left and not (source.count('"') % 2 or source.count("“") != source.count("”")):
        signs = " ".join(dict.fromkeys(segment.target.shown[place] for place in left))
        yield about(segment, Kind.brackets, f"without a partner: {signs}", (), [(place, place + 1) for place in left])


def _unpaired(text: str) -> list[int]:
    is_open, left = list[tuple[str, int]](), list[int]()
    for place, sign in enumerate(text.translate(SAME)):
        if sign in BRACKETS.values():
            is_open.append((sign, place))
        elif sign in BRACKETS:
            if is_open and is_open[-1][0] == BRACKETS[sign]:
                is_open.pop()
            else:
                left.append(place)
    return sorted(left + [place for _, place in is_open])


def spaces(segment: Segment) -> Iterator[PairFinding]:
    """Space at the beginning or the end that only one text has, and two spaces within the target."""
    source, target = segment.source.bare, segment.target.bare
    if not source.strip() or not target.strip():
        return
    for name, one, two in (
        ("at the beginning", (0, _begin(source)), (0, _begin(target))),
        ("at the end", (len(source.rstrip()), len(source)), (len(target.rstrip()), len(target))),
    ):
        if (one[0] < one[1]) != (two[0] < two[1]):
            here = one[0] < one[1]
            said = f"space {name} only in the {'source' if here else 'target'}"
            yield about(segment, Kind.spaces, said, [one] if here else [], [] if here else [two])
    doubled = [match.span() for match in SPACES.finditer(target)]
    if doubled and not SPACES.search(source):
        yield about(segment, Kind.spaces, "two spaces in a row", (), doubled)


def _begin(text: str) -> int:
    return len(text) - len(text.lstrip())


FORMAL = (punctuation, brackets, spaces)
