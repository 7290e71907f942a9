"""What there is to translate in a job: segments, words and characters by how much of a translation is known."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from interlingua.errors import ConfigError
from interlingua.folding import canonical, spaced
from interlingua.memories.edits import Piece, places
from interlingua.memories.job import Job
from interlingua.memories.lookup import Kind, Match, Segment, best_of

CONTEXT, REPETITIONS, EXACT, NEW, LOCKED = "context", "repetitions", "exact", "new", "locked"
SCORES = {"95-99": 0.95, "85-94": 0.85, "75-84": 0.75, "50-74": 0.50}
"""The least score of each band."""
BANDS = (CONTEXT, REPETITIONS, EXACT, *SCORES, NEW, LOCKED)
MATCHES = 3
"""Looked up for each segment, as `tm lookup` does: the first in the order may not have the best score."""

Look = Callable[[Sequence[Segment], int], list[list[Match]]]
"""The best matches of segments, at most so many for each."""


class Volume(NamedTuple):
    """How much text there is."""

    segments: int = 0
    words: int = 0
    characters: int = 0

    def plus(self, other: "Volume") -> "Volume":
        """Both together."""
        return Volume(*(one + two for one, two in zip(self, other, strict=True)))


def volume(text: str) -> Volume:
    """That of a segment: words and numbers, and all characters but white space; placeholders are neither. Where a
    script puts no spaces between words, each character is a word.
    """
    pieces = [(kind, piece) for kind, piece, _ in places(canonical(text)) if kind is not Piece.code]
    words = sum(kind in (Piece.word, Piece.number) for kind, _ in pieces)
    return Volume(1, words, sum(len(piece) for _, piece in pieces))


Analysis = Mapping[str, Volume]
"""By band."""


def analysed(jobs: Sequence[Job], look: Look | None = None) -> list[Analysis]:
    """Of each file of a job its segments by band; without `look` no memory is known. Empty segments count nowhere.

    A segment equal to an earlier one of any file is looked up with it, once; it is a repetition unless the memory has
    the same text.
    """
    wanted = [one for job in jobs for one in _with_text(job, is_open=True)]
    first = _first(wanted)
    best = _best(wanted, first, look) if look is not None else {}
    bands = iter([_band(best.get(row, best.get(first[row])), first[row] != row) for row in range(len(wanted))])
    found = list[Analysis]()
    for job in jobs:
        counts = dict.fromkeys(BANDS, Volume())
        for segment in _with_text(job, is_open=True):
            band = next(bands)
            counts[band] = counts[band].plus(volume(segment.text.text))
        for segment in _with_text(job, is_open=False):
            counts[LOCKED] = counts[LOCKED].plus(volume(segment.text.text))
        found.append(counts)
    return found


def together(analyses: Sequence[Analysis]) -> Analysis:
    """All files as one."""
    return {band: total([one[band] for one in analyses]) for band in BANDS}


def total(volumes: Sequence[Volume]) -> Volume:
    """Their sum."""
    whole = Volume()
    for one in volumes:
        whole = whole.plus(one)
    return whole


def weights(written: Sequence[str]) -> dict[str, float]:
    """BAND=NUMBER, each; of bands that are not named, 1, and 0 of what is locked. Raises ConfigError for others."""
    found = dict.fromkeys(BANDS, 1.0) | {LOCKED: 0.0}
    for one in written:
        band, _, number = one.partition("=")
        if band not in BANDS or not re.fullmatch(r"[0-9]+(\.[0-9]+)?", number):
            raise ConfigError(f"--weights {one}: write BAND=NUMBER, as in 95-99=0.3; bands are {', '.join(BANDS)}")
        found[band] = float(number)
    return found


def _with_text(job: Job, is_open: bool) -> list[Segment]:
    return [
        one
        for one, wanted in zip(job.segments, job.is_open, strict=True)
        if wanted is is_open and one.text.text.strip()
    ]


def _first(segments: Sequence[Segment]) -> list[int]:
    """For each segment the number of the first that is equal to it."""
    seen = dict[str, int]()
    return [seen.setdefault(_text(segment), row) for row, segment in enumerate(segments)]


def _text(segment: Segment) -> str:
    """A text with its codes, the same for all that a memory would call equal."""
    codes = [part for part in segment.codes if isinstance(part, str) or not part.annotation]
    shown = [one if isinstance(one, str) else f"\0{one.kind} {one.type} {one.native}\0" for one in codes]
    return spaced("".join(shown))


def _best(segments: Sequence[Segment], first: Sequence[int], look: Look) -> dict[int, Match | None]:
    """The best match of each segment that is no repetition, and of the repetitions whose text the memory has: their
    place may be another.
    """
    own = [row for row, earlier in enumerate(first) if earlier == row]
    best = dict(zip(own, map(best_of, look([segments[row] for row in own], MATCHES)), strict=True))
    again = [row for row, earlier in enumerate(first) if earlier != row and _is_same(best[earlier])]
    return best | dict(zip(again, map(best_of, look([segments[row] for row in again], 1)), strict=True))


def _is_same(match: Match | None) -> bool:
    return match is not None and match.score == 1 and match.kind in (Kind.context, Kind.exact)


def _band(match: Match | None, is_repeated: bool) -> str:
    if match is not None and _is_same(match):
        return CONTEXT if match.kind is Kind.context else EXACT
    if is_repeated:
        return REPETITIONS
    score = 0.0 if match is None else match.score
    return next((band for band, least in SCORES.items() if score >= least), NEW)
