"""Formal matters: end marks, brackets, spaces. Only what the source text does otherwise is found."""

import re
from collections.abc import Iterator

from interlingua.folding import WITHOUT_SPACES
from interlingua.memories.review.findings import CODE, Kind, PairFinding, Place, Segment, Text, about

STOP = "a full stop"
MARKS = {
    STOP: ".。．｡।॥۔։።။។༎།᙮᠃!！՜",
    "a question mark": "?？؟՞፧",
    "a colon": ":：፡៖",
    "dots": "…⋯",
}
"""End marks that stand for each other; languages differ in what they exclaim."""
QUESTIONS = {"el": ";\u037e", "grc": ";\u037e"}
ASKS = re.compile("(?<!どう)か[。.]*$")
"""The word that ends a question in Japanese, unless it is "whether"."""
WITHOUT_STOPS = ("th", "lo", "km", "my", "dz", "bo")
"""Languages whose sentences need no end mark."""
FEW = 4
"""Words below which a full stop may be that of an abbreviation."""
CLOSING = " \t\r\n\u00a0\u202f\u200e\u200f\u200b\"'’”»“«›‹」』》〉" + CODE
OPENING = tuple('“„«‹「『‘‚"')
"""Behind one of these, a mark is not the text's but what the text is about."""
BRACKETS = {")": "(", "]": "[", "}": "{", "）": "（", "］": "［", "】": "【", "」": "「", "』": "『"}
SAME = str.maketrans("（）［］", "()[]")
"""Brackets of both widths."""
QUOTES = "」』"
"""Behind what is said, Japanese has no full stop."""
WIDE = "：。，、！？；）」』"
"""Marks that have their space in themselves."""
SPACES = re.compile(r"(?<=\S)  +(?=\S)")


def punctuation(segment: Segment) -> Iterator[PairFinding]:
    """Another kind of end mark, whatever quotation marks and tags close behind it. Texts that end with a bracket say
    nothing, and a full stop says nothing in a text of few words, where it may be that of an abbreviation.
    """
    ends = [_end(text) for text in (segment.source, segment.target)]
    if ends[0] is None or ends[1] is None:
        return
    (one, first), (two, second) = ends[0], ends[1]
    if one == two or ({one, two} == {"", STOP} and not _needs_stop(segment)):
        return
    said = f"the source ends with {one or 'no end mark'}, the target with {two or 'no end mark'}"
    yield about(segment, Kind.punctuation, said, [first] if one else [], [second] if two else [])


def _needs_stop(segment: Segment) -> bool:
    for text in (segment.source, segment.target):
        if text.language.split("-")[0].lower() in WITHOUT_STOPS or text.shown.rstrip()[-1:] in QUOTES:
            return False
        if len(text.plain.split()) < FEW and len(WITHOUT_SPACES.findall(text.plain)) < 2 * FEW:
            return False
    return True


def _end(text: Text) -> tuple[str, Place] | None:
    """The kind of a text's end mark, "" for none, and where it stands; None where that cannot be said."""
    bare = text.bare
    for begin, end in text.placeholders:
        if text.shown[begin] != "<":  # what stands for a word
            bare = bare[:begin] + "x" * (end - begin) + bare[end:]
    kept, language = bare.rstrip(CLOSING), text.language.split("-")[0].lower()
    last, place = kept[-1:], (len(kept) - 1, len(kept))
    if not last or last in BRACKETS or kept[-2:-1] in OPENING:
        return None
    if last in QUESTIONS.get(language, "") or (language == "ja" and ASKS.search(kept)):
        return "a question mark", place
    if kept.endswith(("..", "。。")):
        return "dots", (len(kept.rstrip(".。")), len(kept))
    return next(((name, place) for name, marks in MARKS.items() if last in marks), ("", place))


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
        here = one[0] < one[1]
        if here != (two[0] < two[1]) and not (here and target.rstrip()[-1:] in WIDE):
            said = f"space {name} only in the {'source' if here else 'target'}"
            yield about(segment, Kind.spaces, said, [one] if here else [], [] if here else [two])
    doubled = [match.span() for match in SPACES.finditer(target)]
    if doubled and not SPACES.search(source):
        yield about(segment, Kind.spaces, "two spaces in a row", (), doubled)


def _begin(text: str) -> int:
    return len(text) - len(text.lstrip())


FORMAL = (punctuation, brackets, spaces)
