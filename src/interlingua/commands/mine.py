"""Find the translations in two piles of texts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from interlingua import printing
from interlingua.data.examples import texts as read_texts
from interlingua.data.formats import tsv
from interlingua.loading import load
from interlingua.mining.margin import Margin
from interlingua.mining.mine import mine_texts
from interlingua.mining.selection import Retrieval
from interlingua.progress import log

HEADER = ("score", "source", "target")


def mine(
    source: Path,
    target: Path,
    /,
    *,
    model: Annotated[str, Parameter(alias="-m")],
    output: Annotated[Path, Parameter(alias="-o", allow_leading_hyphen=True)] = Path("-"),
    margin: Margin = Margin.ratio,
    retrieval: Retrieval = Retrieval.max,
    k: int = 4,
    threshold: float | None = None,
    source_language: str = "und",
    target_language: str = "und",
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Find the translations in two piles of texts, by exact nearest neighbours and margin scores (Artetxe & Schwenk 2019).

    Parameters
    ----------
    source
        One text a line, or a table with a column `text`; plain, .gz or .zst.
    target
        The same in the other language.
    model
        A folder, package:NAME[/SUBFOLDER], a Hugging Face name, or an embeddings server: http://HOST/v1[#MODEL].
    output
        A TSV of score, source, target, best first; - prints it.
    margin
        How a pair's cosine is held against its neighbours': absolute, distance or ratio.
    retrieval
        forward, backward, intersection, or max: best first, each text once.
    k
        Neighbours on each side.
    threshold
        Keep only scores above this; 1.04 to 1.1 is usual for ratio.
    source_language
        Language of the source texts, where the model wants to know.
    target_language
        Language of the target texts.
    json
        Print a summary as JSON instead of a line of text (with --output FILE), or the pairs as JSON (without).

    """
    piles = read_texts(source), read_texts(target)
    encode = load(model).encode
    summary: dict[str, Any] = {"source_texts": len(piles[0]), "target_texts": len(piles[1])}

    def found() -> Iterator[tuple[str, str, str]]:
        pairs = mine_texts(
            *piles, encode, source_language=source_language, target_language=target_language,
            margin=margin, retrieval=retrieval, k=k, threshold=threshold,
        )  # fmt: skip
        summary.update(pairs=len(pairs), output=str(output))
        yield from ((f"{pair.score:.4f}", piles[0][pair.source], piles[1][pair.target]) for pair in pairs)

    if str(output) == "-":
        rows = list(found())
        table = "\n".join("\t".join(row) for row in (HEADER, *rows))
        printing.show({**summary, "mined": [dict(zip(HEADER, row, strict=True)) for row in rows]}, table, json)
        return
    tsv.write(output, HEADER, found())  # opens the file first: a folder that cannot be written to is found before the work
    text = f"{summary['pairs']:,} pairs from {len(piles[0]):,} and {len(piles[1]):,} texts: {output}"
    if json:
        printing.show(summary, text, as_json=True)
    else:
        log(text)
