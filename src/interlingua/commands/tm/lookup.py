"""Look up segments in translation memories: the same text first, then what is nearest in words and meaning."""

from collections import Counter
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from interlingua import printing
from interlingua.errors import ConfigError
from interlingua.machine import AUTO
from interlingua.memories import job, matches
from interlingua.memories.lookup import Kind
from interlingua.memories.named import Penalties, named, opened
from interlingua.outputs import check_writable
from interlingua.parameters import STDOUT, Device, Flag, Json, Model, OutputOrStdout, Srx
from interlingua.progress import log
from interlingua.units.unit import is_source


def lookup(
    segments: Path,
    /,
    *,
    memory: list[str],
    model: Model,
    device: Device = AUTO,
    output: OutputOrStdout = STDOUT,
    source_language: str = "",
    target_language: str = "",
    k: Annotated[int, Parameter(alias="-k")] = 3,
    threshold: float = 0.0,
    penalty: list[str] | None = None,
    why: Flag = False,
    fill: float | None = None,
    srx: Srx = None,
    cache: Path | None = None,
    json: Json = False,
) -> None:
    """Look up segments in translation memories: the same text first, then what is nearest in words and meaning.

    The score says how much of a proposal can stay, with every model alike: 1 for the same text and tags, at least 0.95
    where case and punctuation alone differ, at most 0.84 where a word stands for another, at most 0.74 where one text
    denies the other, below 0.40 for what has nothing to do with it. Numbers of the segment are put into the proposal
    where they have a place. A match is of the kind context (the neighbours, or the name of the text, are the same too),
    exact, fuzzy (most of its words) or meaning (other words). Fuzzy and obsolete units propose nothing.

    A memory is read and encoded once, and kept as an index; when it has changed, only new texts are encoded.

    Parameters
    ----------
    segments
        One text a line, a table with a column `text`, a document (its sentences or strings), an XLIFF, or a catalogue
        or memory (PO, MO, TS, TMX), which is looked up as the XLIFF that `tm convert` makes of it. Segments that are
        locked or finished get no proposal.
    memory
        Translation memories in any format that `tm convert` reads. FILE:POINTS takes points, of 100, off each match
        from it, as in old.tmx:5.
    output
        A table (.tsv, .csv, .xlsx, .html, .jsonl, .parquet); a .tmx of each segment with the translations proposed for
        it; a .xlf for CAT tools with the proposals as alt-trans (an XLIFF of segments comes back as it was, with
        proposals added); - prints the TSV.
    source_language
        Language of the segments; by default the source language in the memory's header, if there is one.
    target_language
        Language of the translations, if the memory has several.
    k
        The most matches for each segment.
    threshold
        Propose only matches that score at least this.
    penalty
        Points, of 100, off matches from some units: author=NAME:POINTS, tool=NAME:POINTS, PROPERTY=VALUE:POINTS, or
        before=YYYY-MM-DD:POINTS for what was last changed before that day.
    why
        Say in a further column what differs, and what was taken off for it. JSON always does.
    fill
        The segments without a translation get the best match as theirs, if it scores at least this (0.95), to be
        reviewed: in an XLIFF, or in a PO or TS that is the job. A text that is the same counts as translated in XLIFF,
        never as approved.
    cache
        The folder that keeps the indexes; by default the user's cache folder.

    """
    matches.writer(output) if fill is None else matches.filler(output, segments)
    if fill is not None and not 0 < fill <= 1:
        raise ConfigError(f"--fill must be more than 0 and at most 1, as scores are, not {fill:g}")
    if threshold > 1:
        raise ConfigError(f"--threshold must be at most 1, as scores are, not {threshold:g}; 85 % is 0.85")
    if k < 1:
        raise ConfigError(f"k must be at least 1, not {k}")
    wanted = [named(one) for one in memory]
    penalties = Penalties.of(penalty or [])
    check_writable(output)
    with job.opened(segments, source_language, target_language, srx) as found:
        source_language = source_language or found.language
        memories = opened(wanted, penalties, model, device, cache, source_language, target_language)
        wanted_language, language = found.target_language, memories.languages[1]
        if fill is not None and wanted_language and not is_source(wanted_language, language):
            raise ConfigError(
                f"{segments} is to be translated into {wanted_language}, the memory has {language}; choose with "
                "--target-language"
            )
        proposed = memories.lookup(found.asked, k, threshold)
        fillings = [] if fill is None else matches.filled(proposed, found.waits, fill)
        number = len(fillings) - fillings.count(None)
        if json:
            places = found.places or [""] * len(proposed)
            rows = [
                {"segment": text, **({"place": place} if place else {}), "matches": list(map(matches.as_row, some))}
                for text, place, some in zip(found.texts, places, proposed, strict=True)
            ]
            files = [str(one.path) for one in wanted]
            told = {
                "memory": files[0] if len(files) == 1 else files,
                "languages": list(memories.languages),
                "segments": rows,
            } | ({} if fill is None else {"filled": number})
            printing.show(told, "", as_json=True)
        if not json or output != STDOUT:
            matches.write(
                output, found.texts, proposed, memories.languages, found.document, why, fillings, found.places
            )
    counts = Counter(some[0].kind.value if some else "none" for some in proposed)
    done = found.is_open.count(False)
    log(
        f"{len(found.texts):,} segments, {memories.pairs:,} pairs in the memory: "
        + ", ".join(f"{counts[name]:,} {name}" for name in (*Kind, "none") if counts[name] or name == "none")
        + (f" ({done:,} locked or finished)" if done else "")
    )
    if fill is not None:
        log(f"{output}: filled {number:,} of {sum(found.waits):,} without a translation")
