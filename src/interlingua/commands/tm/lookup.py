"""Look up segments in a translation memory: first the same text, then texts that mean the same."""

from collections import Counter
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from interlingua import printing
from interlingua.encoding.cache import file_of, remembering
from interlingua.errors import ConfigError
from interlingua.files import user_cache
from interlingua.formats import open_memory
from interlingua.languages import UNKNOWN
from interlingua.loading import about, load
from interlingua.machine import AUTO
from interlingua.memories import job, matches
from interlingua.memories import lookup as memories
from interlingua.outputs import check_writable
from interlingua.parameters import STDOUT, Device, Json, Model, OutputOrStdout
from interlingua.progress import log
from interlingua.types import Encode


def lookup(
    segments: Path,
    /,
    *,
    memory: Path,
    model: Model,
    device: Device = AUTO,
    output: OutputOrStdout = STDOUT,
    source_language: str = "",
    target_language: str = "",
    k: Annotated[int, Parameter(alias="-k")] = 3,
    threshold: float = 0.0,
    cache: Path | None = None,
    json: Json = False,
) -> None:
    """Look up segments in a translation memory: first the same text, then texts that mean the same.

    A match has its score (1: the same text; 0: no nearer than any two texts of the memory), the cosine behind it, the
    share of words in common, and its provenance: the unit's id, tool, author, date and properties. Fuzzy and obsolete
    units propose nothing.

    Parameters
    ----------
    segments
        One text a line, a table with a column `text`, an XLIFF, or a catalogue or memory (PO, MO, TMX), which is
        looked up as the XLIFF that `tm convert` makes of it. Segments that are locked or finished get no proposal.
    memory
        A translation memory in any format that `tm convert` reads.
    output
        A table (.tsv, .csv, .jsonl, .parquet); a .tmx of each segment with the translations proposed for it; a .xlf for
        CAT tools with the proposals as alt-trans (an XLIFF of segments comes back as it was, with proposals added); -
        prints the TSV.
    source_language
        Language of the segments; by default the source language in the memory's header, if there is one.
    target_language
        Language of the translations, if the memory has several.
    k
        The most matches for each segment.
    threshold
        Propose only matches that score at least this.
    cache
        The folder that keeps the embeddings of memories, by model and text; by default the user's cache folder.

    """
    matches.writer(output)
    if k < 1:
        raise ConfigError(f"k must be at least 1, not {k}")
    with job.opened(segments, source_language, target_language) as found:
        source_language = source_language or found.language
        opened = open_memory(memory, source_language, target_language)
        pairs = memories.entries(opened, source_language, target_language)
        languages = matches.languages_of(pairs[0], source_language, target_language)
        asked = languages[0] if source_language else UNKNOWN
        check_writable(output)
        proposed = memories.lookup(found.asked, pairs, _remembered(model, cache, device), k, threshold, asked)
        if json:
            rows = [
                {"segment": text, "matches": [matches.as_row(match, memory) for match in some]}
                for text, some in zip(found.texts, proposed, strict=True)
            ]
            printing.show({"memory": str(memory), "languages": list(languages), "segments": rows}, "", as_json=True)
        if not json or output != STDOUT:
            matches.write(output, found.texts, proposed, memory, languages, found.document)
    counts = Counter(some[0].kind.value if some else "none" for some in proposed)
    done = found.is_open.count(False)
    log(
        f"{len(found.texts):,} segments, {len(pairs):,} pairs in the memory: "
        + ", ".join(f"{counts[name]:,} {name}" for name in ("exact", "fuzzy", "none"))
        + (f" ({done:,} locked or finished)" if done else "")
    )


def _remembered(model: str, cache: Path | None, device: str) -> Encode:
    """The model, with all it embeds kept in a file of its own."""
    encoder = load(model, device)
    return remembering(encoder.encode, file_of(cache or user_cache(), about(model, encoder)))
