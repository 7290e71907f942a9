"""Subtitles (.srt, .vtt): what is said, whole sentences over the cues that they are spread over.

A passage ends where a sentence or a line of dialogue does, before a pause of more than PAUSE, and where it grows long,
for captions that machines made have no punctuation. Formatting is no text, nor are notes, styles and regions.
"""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import NamedTuple

from interlingua.documents import Passage, Reader
from interlingua.documents._text import joined, tidy
from interlingua.errors import DataError
from interlingua.files import bare_suffix, whole_text

PAUSE = 3000
"""Milliseconds."""
LONG = 500
"""Characters of a passage behind which the next cue begins another."""
TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
TIMING = re.compile(rf"\s*{TIME}\s*-->\s*{TIME}(?:\s.*)?", re.ASCII)
DAMAGED = re.compile(r"\s*-?\d+:\d+[:.,]\d+.*\d+:\d+[:.,]\d|.*-->", re.ASCII)
"""A line that cannot but be a timing, whole or not."""
TAG = re.compile(
    r"<rt>[^<]*</rt>|</?(?:[bisu]|font|c|v|lang|ruby|rt)(?:[.\s][^<>]*)?>|<\d[\d:.]*>|\{\\[^{}]*\}", re.IGNORECASE
)
ENTITY = re.compile(r"&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]\w{1,30});", re.IGNORECASE)
DASH = re.compile(r"[-\u2010-\u2015]\s*(?=[^\s\d-])")
"""What begins a line of dialogue."""
SENTENCE = re.compile(
    r"[.!?\u2026\u203c\u2047-\u2049\u3002\uff01\uff0e\uff1f\uff61\u0589\u061f\u06d4\u0700\u0964\u0965\u104a\u104b\u1362"
    r"\u1367\u17d4\u17d5\u0f0d\u0f0e\u266a\u266b][\"'\u2018-\u201f\u00bb\u00ab\u203a\u2039)\]\u300d\u300f\uff09\s]*$"
)
"""The end of a sentence in any script, or of a line of song, with what closes behind it."""
BLOCKS = ("NOTE", "STYLE", "REGION")


class Cue(NamedTuple):
    """A text and when it is shown, in milliseconds from the beginning."""

    begin: int
    end: int
    lines: list[str]


def passages(path: Path) -> Iterator[Passage]:
    """What is said, in order, and when its first cue begins. Raises DataError, with the line, for a timing that cannot
    be read, and for text before the first one.
    """
    text, begin, end, before = "", 0, 0, ""
    for cue in _cues(path):
        lines = [tidy(ENTITY.sub(lambda found: unescape(found[0]), TAG.sub("", line))) for line in cue.lines]
        for number, said in enumerate(filter(None, lines)):
            if not number and said == before and cue.begin <= end:
                continue  # captions that roll: the line is still there, one higher
            before = said
            dialogue = DASH.match(said)
            pause = not number and cue.begin - end > PAUSE
            if text and (dialogue or pause or len(text) > LONG or SENTENCE.search(text[-9:])):
                yield Passage(text, _clock(begin))
                text = ""
            said = said[dialogue.end() :] if dialogue else said
            begin = begin if text else cue.begin
            text = joined((text, said))
        end = cue.end if cue.lines else end
    if text:
        yield Passage(text, _clock(begin))


def _cues(path: Path) -> Iterator[Cue]:
    """The cues of a file. Lines behind an empty one belong to the cue before them, where no timing follows."""
    lines = [*whole_text(path).replace("\r\n", "\n").replace("\r", "\n").split("\n"), ""]
    is_vtt = bare_suffix(path) == ".vtt"
    if is_vtt and not re.match(r"WEBVTT(?:\s|$)", lines[0]):
        raise DataError("not WebVTT: the first line is WEBVTT in such a file", path, 1)
    cue: Cue | None = None
    skipped, begins = is_vtt, True
    for number, line in enumerate(lines, 1):
        if timing := TIMING.fullmatch(line):
            if cue is not None:
                yield cue
            cue, skipped = Cue(*_times(timing), []), False
        elif not line.strip():
            skipped = False
        elif skipped or (is_vtt and begins and line.split()[0] in BLOCKS):
            skipped = True
        elif DAMAGED.match(line):
            raise DataError(f"not a timing: {line[:80]!r}; 00:01:02,500 --> 00:01:04,000 is expected", path, number)
        elif not _is_number(line, lines[number : number + 2]) and not (is_vtt and begins and "-->" in lines[number]):
            if cue is None:
                raise DataError("text before the first timing (00:01:02,500 --> 00:01:04,000)", path, number)
            cue.lines.append(line)
        begins = not line.strip()
    if cue is not None:
        yield cue


def _is_number(line: str, following: list[str]) -> bool:
    """Whether a line is the number of the cue whose timing follows; some files have an empty line between any two."""
    timing = next(filter(str.strip, following), "")
    return line.strip().isdecimal() and DAMAGED.match(timing) is not None


def _times(timing: re.Match[str]) -> tuple[int, int]:
    """Begin and end, in milliseconds."""
    hours, minutes, seconds, rest, *end = timing.groups()
    return _milliseconds(hours, minutes, seconds, rest), _milliseconds(*end)


def _milliseconds(hours: str | None, minutes: str, seconds: str, rest: str) -> int:
    return ((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(rest.ljust(3, "0"))


def _clock(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"


READER = Reader(suffixes=(".srt", ".vtt"), passages=passages, prose=True)
