"""Find hard negatives for pairs of texts: what contrastive recipes learn most from."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from interlingua import printing
from interlingua.data.examples import texts as read_texts
from interlingua.data.labelled import anchors_and_positives
from interlingua.errors import ConfigError, DataError
from interlingua.formats import writer_of
from interlingua.loading import load, load_cross_encoder
from interlingua.machine import AUTO
from interlingua.mining.negatives import Hardness, hard_negatives
from interlingua.parameters import Device, Json, Model, Output


def negatives(
    pairs: Path,
    /,
    *,
    model: Model,
    device: Device = AUTO,
    output: Output,
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
    json: Json = False,
) -> None:
    """Find hard negatives for pairs of texts, for `train labse --triplets` and other contrastive recipes.

    Parameters
    ----------
    pairs
        Rows of anchor and positive, or parallel text.
    output
        A .tsv, .csv, .jsonl or .parquet file of anchor, positive, negative, negative_2, ...
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
        By how much the negative's score must be below the positive's.
    lists
        Search approximately, in this many cells; 0 searches exactly.
    probe
        How many cells are searched; searching all of them gives the exact result.
    source_language
        The language of the anchors, if the pairs are parallel text.
    target_language
        The other language, for files that do not name it.

    """
    hardness = Hardness(count=count, first=ranks[0], last=ranks[1], margin=margin, lists=lists, probe=probe)
    writer = writer_of(output, lambda one: one.is_table, "triplets", or_stdout=False)
    assert writer.write_rows is not None
    examples = anchors_and_positives(pairs, source_language, target_language)
    pool = [text for text in read_texts(candidates) if text.strip()] if candidates else []
    if count > len(pool or examples):
        raise ConfigError(f"--count {count}: there are only {len(pool or examples):,} texts to choose from")
    judge = load_cross_encoder(cross_encoder, device).scores if cross_encoder else None
    header = ("anchor", "positive", "negative", *(f"negative_{number}" for number in range(2, count + 1)))
    kept = 0

    def rows() -> Iterator[tuple[str, ...]]:
        nonlocal kept
        for row in hard_negatives(
            examples, load(model, device).encode, hardness, candidates=pool, judge=judge, judge_margin=cross_margin
        ):
            kept += 1
            yield row
        if not kept:
            raise DataError(
                "no pair has a negative within these ranks and this margin; widen --ranks or lower --margin", pairs
            )

    writer.write_rows(output, header, rows())
    summary: dict[str, Any] = {
        "pairs": len(examples),
        "triplets": kept,
        "left_out": len(examples) - kept,
        "output": str(output),
    }
    text = (
        f"{kept:,} triplets of {len(examples):,} pairs, {len(examples) - kept:,} left out because they have too few "
        f"negatives: {output}"
    )
    printing.tell(summary, text, json)
