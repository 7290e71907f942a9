"""Documents as sentences, paragraphs and embedded spans: what alignment looks at."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from interlingua.data.passages import is_split
from interlingua.data.passages import sentences as sentences_of
from interlingua.errors import ConfigError, DataError
from interlingua.languages import UNKNOWN, script, standard
from interlingua.mining.align import Link, Spans, align, spans
from interlingua.outputs import create_text
from interlingua.progress import log
from interlingua.types import Encode
from interlingua.vectors import cosines, verified

LONGEST = 20_000
"""Characters of a sentence; a longer line is a document that was not split."""
LARGEST = 40
"""Sentences of a link. What joins more is text that the other side lacks; a link of so many takes minutes to find."""
WITHOUT_SPACES = ("Hani", "Hans", "Hant", "Jpan", "Thai", "Khmr", "Laoo", "Mymr", "Tibt")
"""Scripts that put no space between sentences."""


@dataclass(frozen=True)
class Document:
    """The sentences of a text, and where its paragraphs end."""

    sentences: tuple[str, ...]
    ends: tuple[int, ...]
    """How many sentences there are up to the end of each paragraph."""
    language: str = UNKNOWN
    keys: tuple[str, ...] = ()
    """Of a file of interface strings: the key of each."""

    def joined(self, start: int, stop: int) -> str:
        """Sentences as one text, in the manner of the language."""
        between = "" if script(self.language) in WITHOUT_SPACES else " "
        return between.join(self.sentences[start:stop])

    def paragraphs(self) -> list[tuple[int, int]]:
        """Ranges of sentences."""
        return list(zip((0, *self.ends[:-1]), self.ends, strict=True))


def document(path: Path, language: str = UNKNOWN, split: bool = False, srx: Path | None = None) -> Document:
    """Read a text file: one sentence a line, blank lines between paragraphs; with `split`, a line is a piece of text to
    split (by the rules of `srx` if given), as the passages of prose always are. Strings with keys stay as they are.

    Raises DataError, with the line, for a sentence too long to be one, for a file without any, and for what is no
    language.
    """
    standard(language)
    split = is_split(path, split, srx)
    sentences, ends, keys = list[str](), list[int](), list[str]()
    for number, passage in enumerate(sentences_of(path, language, split, srx), 1):
        parts = [one.text.strip() for one in passage if one.text.strip()]
        if any(len(sentence) > LONGEST for sentence in parts):
            longest = max(map(len, parts))
            raise DataError(
                f"a sentence of {longest:,} characters; put one sentence on a line, or use --split", path, number
            )
        sentences += parts
        keys += [one.key for one in passage if one.text.strip()]
        if sentences and (split or not parts) and (not ends or ends[-1] < len(sentences)):
            ends.append(len(sentences))
    if not sentences:
        raise DataError("no sentences in this file", path)
    if not ends or ends[-1] < len(sentences):
        ends.append(len(sentences))
    return Document(tuple(sentences), tuple(ends), language, tuple(keys) if all(keys) else ())


def embedded(text: Document, encode: Encode, max_size: int) -> Spans:
    """The spans of up to `max_size` - 1 sentences, embedded as the texts they are."""
    encode = verified(encode)
    singles = encode(text.sentences, text.language)
    n = len(text.sentences)
    longer = [
        encode([text.joined(k, k + size) for k in range(n - size + 1)], text.language)
        for size in range(2, max_size)
        if size <= n
    ]
    empty = [np.zeros((0, singles.shape[1]), np.float32)] * (max_size - 2 - len(longer))
    return spans(singles, [*longer, *empty])


def align_documents(
    source: Document, target: Document, encode: Encode, max_size: int = 4, paragraphs: bool = False
) -> list[Link]:
    """Align the sentences of two documents; with `paragraphs`, first their paragraphs, and no link leaves its group of
    paragraphs. Strings of equal keys are translations, whatever their order.

    Raises ConfigError for links of more than LARGEST sentences, for paragraphs where a document has only one, and as
    `align` does.
    """
    if source.keys and target.keys:
        return _by_key(source, target, verified(encode))
    if paragraphs and min(len(source.ends), len(target.ends)) < 2:
        raise ConfigError(
            "a document has a single paragraph; anchors need blank lines between paragraphs in both (or leave out "
            "--paragraphs)"
        )
    max_size = size_of_links(max_size, source, target)
    sides = embedded(source, encode, max_size), embedded(target, encode, max_size)
    if not paragraphs:
        return align(*sides, max_size)
    return align(*sides, max_size, _groups((source.paragraphs(), target.paragraphs()), sides, max_size))


def size_of_links(max_size: int, source: Document, target: Document) -> int:
    """The most sentences that a link can join: no more than there are. Raises ConfigError for more than LARGEST, and
    for fewer than two.
    """
    size = min(max_size, len(source.sentences) + len(target.sentences))
    if size > LARGEST:
        raise ConfigError(f"--max-size {size}: links of more than {LARGEST} sentences would take too long to find")
    if size < 2:
        raise ConfigError(f"--max-size {size}: a link joins at least 2 sentences, one of either side")
    return size


def _by_key(source: Document, target: Document, encode: Encode) -> list[Link]:
    """A link for each key: of a key that a side has twice, its last string counts, as it does in programs."""
    places = [{key: place for place, key in enumerate(side.keys)} for side in (source, target)]
    if twice := sum(len(side.keys) - len(known) for side, known in zip((source, target), places, strict=True)):
        log(f"{twice:,} strings have the key of a later one, and stay without a counterpart")
    pairs = [(i, places[1][key]) for key, i in places[0].items() if key in places[1]]
    scores: Sequence[float] = ()
    if pairs:
        one = encode([source.sentences[i] for i, _ in pairs], source.language)
        other = encode([target.sentences[j] for _, j in pairs], target.language)
        scores = cosines(one, other).tolist()
    links = [Link((i, i + 1), (j, j + 1), score) for (i, j), score in zip(pairs, scores, strict=True)]
    alone = sorted({*range(len(source.sentences))} - {i for i, _ in pairs})
    rest = sorted({*range(len(target.sentences))} - {j for _, j in pairs})
    return [*links, *(Link((i, i + 1), (0, 0), 0.0) for i in alone), *(Link((0, 0), (j, j + 1), 0.0) for j in rest)]


def _groups(
    paragraphs: tuple[list[tuple[int, int]], list[tuple[int, int]]], sides: tuple[Spans, Spans], max_size: int
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Paragraphs that correspond: aligned like sentences, a span of them embedded as the mean of its sentences."""
    means = [_means(some, side, max_size) for some, side in zip(paragraphs, sides, strict=True)]
    links = align(means[0], means[1], max_size)
    return [(_range(paragraphs[0], link.source), _range(paragraphs[1], link.target)) for link in links]


def _means(paragraphs: list[tuple[int, int]], side: Spans, max_size: int) -> Spans:
    sums = np.concatenate([np.zeros((1, side.vectors.shape[2])), np.cumsum(side.vectors[0], axis=0, dtype=np.float64)])
    starts, stops = (np.array(ends) for ends in zip(*paragraphs, strict=True))
    n = len(paragraphs)
    by_size = [
        (sums[stops[size - 1 :]] - sums[starts[: max(0, n - size + 1)]]).astype(np.float32)
        for size in range(1, max_size)
    ]
    return spans(by_size[0], by_size[1:])


def _range(paragraphs: Sequence[tuple[int, int]], chosen: tuple[int, int]) -> tuple[int, int]:
    """The sentences of some paragraphs; of none, where the next would begin."""
    start, stop = chosen
    if start == stop:
        place = paragraphs[start][0] if start < len(paragraphs) else paragraphs[-1][1]
        return place, place
    return paragraphs[start][0], paragraphs[stop - 1][1]


@dataclass(frozen=True)
class Alignment:
    """Two documents and the links between their sentences, in order."""

    source: Document
    target: Document
    links: list[Link]

    def kept(self, threshold: float | None = None) -> list[Link]:
        """The links with sentences on both sides, of a cosine above `threshold`."""
        return [link for link in self.links if link.joins and (threshold is None or link.score > threshold)]

    def texts(self, link: Link) -> tuple[str, str]:
        """The text of both sides of a link."""
        return self.source.joined(*link.source), self.target.joined(*link.target)

    def summary(self, threshold: float | None = None) -> dict[str, int]:
        """What was aligned and what was not, counted."""
        alone = [link for link in self.links if not link.joins]
        kept = len(self.kept(threshold))
        return {
            "source_sentences": len(self.source.sentences),
            "target_sentences": len(self.target.sentences),
            "source_unaligned": sum(link.source[1] - link.source[0] for link in alone),
            "target_unaligned": sum(link.target[1] - link.target[0] for link in alone),
            "links": kept,
            "below_threshold": len(self.links) - len(alone) - kept,
        }

    def write_ladder(self, output: Path) -> None:
        """Write hunalign's rungs: sentences done on both sides, and the score of the link that begins there."""
        with create_text(output) as stream:
            for link in self.links:
                stream.write(f"{link.source[0]}\t{link.target[0]}\t{link.score:.4f}\n")
            stream.write(f"{len(self.source.sentences)}\t{len(self.target.sentences)}\t0\n")
