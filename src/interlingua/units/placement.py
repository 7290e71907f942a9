"""Whether two texts have the same inline codes, and the codes of a segment in a translation from a memory."""

import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from interlingua.units.code_types import WORDS
from interlingua.units.inline import Code, Parts, Tag, pairs_in, tags_of, text_of


def signature(parts: Parts) -> tuple[tuple[str, int], ...]:
    """Of each code, in order, its kind, and the number of the code that is its partner (-1 for none).

    What two texts must share to have the same codes in the same order. It has no identities, and no native content:
    one vocabulary holds that, another does not, and a text without it must still match one with it. `same_codes` and
    `same_places` compare it, too, where both texts have it.
    """
    codes = [place for place, part in enumerate(parts) if isinstance(part, Code) and not part.annotation]
    numbers, partners = {place: number for number, place in enumerate(codes)}, pairs_in(parts)
    kinds = [part.kind for part in parts if isinstance(part, Code) and not part.annotation]
    return tuple(
        (kind, numbers[partners[place]] if place in partners else -1) for place, kind in zip(codes, kinds, strict=True)
    )


def alike(one: Tag, other: Tag) -> bool:
    """Whether two tags may be the same: of one kind, with the same native content where both have it, otherwise of the
    same type where both have one that all vocabularies know.
    """
    if one.kind != other.kind:
        return False
    if any(one.natives) and any(other.natives):
        return one.natives == other.natives
    known = one.code.type in WORDS and other.code.type in WORDS
    return not known or one.code.type == other.code.type


def same_codes(first: Parts, second: Parts) -> bool:
    """Whether two texts have the same codes as often, wherever they stand."""
    tags, others = tags_of(first), tags_of(second)
    if Counter(tag.kind for tag in tags) != Counter(tag.kind for tag in others):
        return False

    def differ(said: Callable[[Tag], Hashable]) -> bool:
        """Whether what is said of the codes of one text, and of none of the other, is more than the other leaves
        open.
        """
        one, two = (Counter((tag.kind, said(tag)) for tag in some) for some in (tags, others))
        for more, less in ((one - two, two), (two - one, one)):
            for kind in {tag.kind for tag in tags}:
                said_more = sum(count for key, count in more.items() if key[0] == kind and key[1])
                if said_more > sum(count for key, count in less.items() if key[0] == kind and not key[1]):
                    return True
        return False

    known = not any(any(tag.natives) for tag in tags) or not any(any(tag.natives) for tag in others)
    of_type = known and differ(lambda tag: tag.code.type if tag.code.type in WORDS else "")
    return not of_type and not differ(lambda tag: tag.natives if any(tag.natives) else "")


def same_places(first: Parts, second: Parts) -> bool:
    """Whether two texts are the same, with the same codes at the same places."""
    return (
        text_of(first) == text_of(second)
        and signature(first) == signature(second)
        and [place for place, _ in _spots(first)] == [place for place, _ in _spots(second)]
        and all(alike(one, other) for one, other in zip(tags_of(first), tags_of(second), strict=True))
    )


def _spots(parts: Parts) -> list[tuple[int, Code]]:
    """Each code with the number of characters before it."""
    before = accumulate((len(part) if isinstance(part, str) else 0 for part in parts), initial=0)
    return [(k, part) for k, part in zip(before, parts, strict=False) if isinstance(part, Code) and not part.annotation]


def correspondence(first: Sequence[Tag], second: Sequence[Tag], by_id: bool = True) -> dict[int, int]:
    """Which tag of the second text is which of the first, by their numbers: those of the same identity and native
    content, then those of the same native content, the same identity, and last the k-th ones of a kind. Without
    `by_id` identities say nothing.
    """
    found, left = dict[int, int](), set(range(len(first)))

    def match(key: Callable[[Tag], Hashable], fits: Callable[[Tag, Tag], bool] = lambda *_: True) -> None:
        places = defaultdict[Hashable, deque[int]](deque)
        for k in sorted(left):
            places[key(first[k])].append(k)
        for k, tag in enumerate(second):
            if k not in found and key(tag) is not None and (some := places.get(key(tag))) and fits(first[some[0]], tag):
                found[k] = some.popleft()
                left.discard(found[k])

    def kind(tag: Tag) -> tuple[str, bool]:
        return tag.kind, tag.code.annotation

    if by_id:
        match(lambda tag: (kind(tag), tag.code.id, tag.natives, tag.code.type) if tag.code.id else None)
    match(lambda tag: (kind(tag), tag.natives) if any(tag.natives) else None)
    if by_id:
        match(lambda tag: (kind(tag), tag.code.id) if tag.code.id else None)
        match(kind, lambda one, other: not (one.code.id and other.code.id) and alike(one, other))
    else:
        match(kind)
    return found


@dataclass(frozen=True, slots=True)
class Placed:
    """A translation from a memory with the codes of the segment that it is proposed for."""

    parts: tuple[str | Code, ...]
    left_out: tuple[Code, ...] = ()
    """Codes of the segment that have no place in it."""
    dropped: tuple[Code, ...] = ()
    """Codes of the memory's translation that the segment has not."""


def placed(source: Parts, target: Parts, segment: Parts) -> Placed:
    """The `target` of a memory, whose `source` matches a segment, with the segment's codes.

    The k-th code of a kind in the source is the k-th of the segment, those of equal native content first. What the
    memory lacks goes to the beginning or end where it stands there in the segment, or around the same text (a name, a
    number), or in place of its native content, if these stand in the translation once. Annotations are left out.
    """
    own, memory, translation = tags_of(segment), tags_of(source), tags_of(target)
    in_memory, in_segment = correspondence(memory, translation), correspondence(own, memory, by_id=False)
    places, dropped, used = dict[int, int](), list[Code](), set[int]()
    for number, tag in enumerate(translation):
        known = in_segment.get(in_memory.get(number, -1))
        if known is None:
            dropped.append(tag.code)
        else:
            used.add(known)
            places |= {tag.start: own[known].start, tag.end: own[known].end}
    body = [part if isinstance(part, str) else places.get(k, -1) for k, part in enumerate(target)]
    missing = [tag for number, tag in enumerate(own) if number not in used]
    missing = [tag for tag in missing if not _replaces(tag, body)]
    text = "".join(part for part in body if isinstance(part, str))
    lettered = [k for k, part in enumerate(segment) if isinstance(part, str) and part.strip()]
    first, last = (lettered[0], lettered[-1]) if lettered else (len(segment), len(segment))

    def spot(offset: int, place: int, rank: tuple[int, int]) -> tuple[int, tuple[int, int], int]:
        """A place with its order among those at the same offset: codes at the edges as in the segment."""
        if offset == 0 and place < first:
            rank = -2, place
        elif offset == len(text) and place > last:
            rank = 2, place
        return offset, rank, place

    spots, offset, left_out = list[tuple[int, tuple[int, int], int]](), 0, list[Code]()
    for k, part in enumerate(body):
        if isinstance(part, str):
            offset += len(part)
        elif part >= 0:
            spots.append(spot(offset, part, (0, k)))
    for tag in missing:
        found = _around(tag, segment, text)
        if tag.start < first and (tag.end > last or tag.end < first):
            found = 0, len(text) if tag.end > last else 0
        elif tag.start > last:
            found = len(text), len(text)
        if found is None:
            left_out.append(tag.code)
            continue
        spots.append(spot(found[0], tag.start, (1, tag.start)))
        if tag.end != tag.start:
            spots.append(spot(found[1], tag.end, (-1, tag.end)))
    parts, before = list[str | Code](), 0
    for offset, _, place in sorted(spots):
        parts += [text[before:offset], segment[place]]
        before = offset
    parts.append(text[before:])
    return Placed(tuple(part for part in parts if part != ""), tuple(left_out), tuple(dropped))


def _replaces(tag: Tag, body: list[str | int]) -> bool:
    """Put a code in place of its native content, if that stands in the translation once."""
    native = tag.natives[0]
    having = [k for k, part in enumerate(body) if native and isinstance(part, str) and native in part]
    if tag.kind != "standalone" or len(having) != 1:
        return False
    part = str(body[having[0]])
    if part.count(native) != 1:
        return False
    before, _, after = part.partition(native)
    body[having[0] : having[0] + 1] = [before, tag.start, after]
    return True


LETTER = "[0-9A-Za-z\u00c0-\u052f]"
"""Of scripts that part words by spaces."""


def _around(tag: Tag, segment: Parts, text: str) -> tuple[int, int] | None:
    """Where what a pair encloses in the segment stands in a text, if it does so once, as whole words."""
    enclosed = text_of(segment[tag.start : tag.end]).strip()
    if not enclosed:
        return None
    found = [match.span() for match in re.finditer(f"(?<!{LETTER}){re.escape(enclosed)}(?!{LETTER})", text)]
    return found[0] if len(found) == 1 else None
