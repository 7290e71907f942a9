"""Align the sentences of two documents that are translations of each other."""

from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from interlingua import printing
from interlingua.files import bare_suffix, create_text
from interlingua.formats import tmx, tsv
from interlingua.loading import load
from interlingua.mining.align import Link
from interlingua.mining.documents import Document, align_documents, document
from interlingua.progress import log

HEADER = ("score", "source", "target")


class Format(StrEnum):
    """How links are written."""

    pairs = "pairs"
    """TSV of score, source, target; TMX where the output's name ends in .tmx."""
    ladder = "ladder"
    """hunalign's rungs: sentences done on both sides, and the score of the link that begins there."""


def align(
    source: Path,
    target: Path,
    /,
    *,
    model: Annotated[str, Parameter(alias="-m")],
    output: Annotated[Path, Parameter(alias="-o", allow_leading_hyphen=True)] = Path("-"),
    format: Format = Format.pairs,
    source_language: str = "und",
    target_language: str = "und",
    max_size: int = 4,
    paragraphs: Annotated[bool, Parameter(negative=())] = False,
    split: Annotated[bool, Parameter(negative=())] = False,
    threshold: float | None = None,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Align the sentences of two documents that are translations of each other, m to n (Thompson & Koehn 2019).

    Parameters
    ----------
    source
        A text file: one sentence a line, blank lines between paragraphs (or see --split); plain, .gz or .zst.
    target
        Its translation.
    model
        A folder, package:NAME[/SUBFOLDER], a Hugging Face name, or an embeddings server: http://HOST/v1[#MODEL].
    output
        A TSV of score, source, target in the order of the documents, or a .tmx; - prints the TSV. Sentences without a
        counterpart are counted, not written.
    format
        pairs, or ladder: hunalign's format, which also tells what was left out.
    source_language
        Language of the source, for TMX, for --split, and where the model wants to know.
    target_language
        Language of the target.
    max_size
        The most sentences that a link joins, both sides together: 4 is 1-3, 2-2, 3-1 and less.
    paragraphs
        Align paragraphs first; no link then crosses from one to another.
    split
        Lines are paragraphs, to be split into sentences by the rules of their language.
    threshold
        Write only links whose cosine is above this.
    json
        Print a summary as JSON instead of a line of text (with --output FILE), or the links as JSON (without).

    """
    splitting = _splitter() if split else None
    texts = document(source, source_language, splitting), document(target, target_language, splitting)
    encode = load(model).encode
    summary: dict[str, Any] = {"source_sentences": len(texts[0].sentences), "target_sentences": len(texts[1].sentences)}

    def found() -> Iterator[Link]:
        links = align_documents(*texts, encode, max_size, paragraphs)
        joined = [link for link in links if _joins(link)]
        kept = [link for link in joined if threshold is None or link.score > threshold]
        summary["source_unaligned"] = sum(link.source[1] - link.source[0] for link in links if not _joins(link))
        summary["target_unaligned"] = sum(link.target[1] - link.target[0] for link in links if not _joins(link))
        summary.update(links=len(kept), below_threshold=len(joined) - len(kept), output=str(output))
        yield from links if format is Format.ladder else kept

    def pairs() -> Iterator[tuple[float, str, str]]:
        for link in found():
            yield link.score, texts[0].joined(*link.source), texts[1].joined(*link.target)

    if json and str(output) == "-":
        printing.show({"alignment": [_as_json(link, *texts) for link in found()]} | summary, "", as_json=True)
        return
    if format is Format.ladder:
        _write_ladder(output, found(), *texts)
    elif bare_suffix(output) == ".tmx":
        tmx.write(output, pairs(), source_language, target_language, properties={"model": model})
    else:
        tsv.write(output, HEADER, ((f"{score:.4f}", *pair) for score, *pair in pairs()))
    text = "{links:,} links of {source_sentences:,} and {target_sentences:,} sentences; without a counterpart: {source_unaligned:,} and "
    text = (text + "{target_unaligned:,}").format(**summary) + f": {output}"
    if json:
        printing.show(summary, text, as_json=True)
    else:
        log(text)


def _joins(link: Link) -> bool:
    return link.source[0] < link.source[1] and link.target[0] < link.target[1]


def _splitter() -> Callable[[str, str], list[str]]:
    from interlingua.data.sentences import split

    return split


def _as_json(link: Link, source: Document, target: Document) -> dict[str, Any]:
    return {
        "source": [*range(*link.source)], "target": [*range(*link.target)], "score": round(link.score, 4),
        "source_text": source.joined(*link.source), "target_text": target.joined(*link.target),
    }  # fmt: skip


def _write_ladder(output: Path, links: Iterator[Link], source: Document, target: Document) -> None:
    with create_text(output) as stream:
        for link in links:
            stream.write(f"{link.source[0]}\t{link.target[0]}\t{link.score:.4f}\n")
        stream.write(f"{len(source.sentences)}\t{len(target.sentences)}\t0\n")
