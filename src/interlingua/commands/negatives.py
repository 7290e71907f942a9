"""Find hard negatives for pairs of texts: what contrastive recipes learn most from."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from interlingua import printing
from interlingua.data.examples import parallel, read_rows
from interlingua.data.examples import texts as read_texts
from interlingua.data.labelled import POSITIVES, positives
from interlingua.errors import ConfigError, DataError
from interlingua.files import bare_suffix
from interlingua.formats import jsonl, tsv
from interlingua.loading import load, load_cross_encoder
from interlingua.mining.negatives import Hardness, hard_negatives
from interlingua.progress import log
from interlingua.types import Example


def negatives(
    pairs: Path,
    /,
    *,
    model: Annotated[str, Parameter(alias="-m")],
    output: Annotated[Path, Parameter(alias="-o")],
    candidates: Path | None = None,
    count: int = 1,
    ranks: tuple[int, int] = (1, 100),
    margin: float = 0.05,
    cross_encoder: str | None = None,
    cross_margin: float = 0.0,
    lists: int = 0,
    probe: int = 1,
    source_language: str = "en",
    target_language: str | None = None,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Find hard negatives for pairs of texts, for `train labse --triplets` and other contrastive recipes.

    Parameters
    ----------
    pairs
        Rows of anchor and positive, or parallel text.
    model
        What says how near texts are: a folder, package:NAME[/SUBFOLDER] or a Hugging Face name.
    output
        A .tsv or .jsonl file of anchor, positive, negative, negative_2, ...
    candidates
        Texts to take negatives from, one a line; by default all positives.
    count
        Negatives of each anchor; anchors with fewer are left out.
    ranks
        The nearest and the furthest rank among the candidates that may be a negative.
    margin
        Guard against false negatives: a negative's cosine must lie below the positive's by this much.
    cross_encoder
        A model of `train cross-encoder` that must find the negative worse than the positive, too.
    cross_margin
        By how much of its score.
    lists
        Search approximately, in this many cells; 0 searches exactly.
    probe
        Cells that are searched; all of them find what the exact search finds.
    source_language
        The language of the anchors, where the pairs are parallel text.
    target_language
        The other language, for files that do not name it.
    json
        Print a summary as JSON.

    """
    hardness = Hardness(count=count, first=ranks[0], last=ranks[1], margin=margin, lists=lists, probe=probe)
    suffix = bare_suffix(output)
    if suffix not in (".tsv", ".jsonl") or output.suffix != suffix:
        raise ConfigError(f"{output}: triplets are written as .tsv or .jsonl")
    examples = _pairs(pairs, source_language, target_language)
    pool = [text for text in read_texts(candidates) if text.strip()] if candidates else []
    judge = load_cross_encoder(cross_encoder).scores if cross_encoder else None
    header = ("anchor", "positive", "negative", *(f"negative_{number}" for number in range(2, count + 1)))
    kept = 0

    def found() -> Iterator[tuple[str, ...]]:
        nonlocal kept
        for row in hard_negatives(
            examples, load(model).encode, hardness, candidates=pool, judge=judge, judge_margin=cross_margin
        ):
            kept += 1
            yield row
        if not kept:
            raise DataError(
                "no pair has a negative within these ranks and this margin; widen --ranks or lower --margin", pairs
            )

    if suffix == ".tsv":
        tsv.write(output, header, found())
    else:
        jsonl.write(output, header, found())
    summary: dict[str, Any] = {
        "pairs": len(examples),
        "triplets": kept,
        "left_out": len(examples) - kept,
        "output": str(output),
    }
    text = f"{kept:,} triplets of {len(examples):,} pairs, {len(examples) - kept:,} left out for want of negatives: {output}"
    if json:
        printing.show(summary, text, as_json=True)
    else:
        log(text)


def _pairs(path: Path, source_language: str, target_language: str | None) -> list[Example]:
    """Rows of anchor and positive by their names, everything else as parallel text."""
    rows = read_rows(path)
    first = next(iter(rows), None)
    if first is not None and any(set(names) <= set(first.columns) for names in POSITIVES):
        return list(positives(path))
    return list(parallel(path, source_language, target_language=target_language))
