"""Search translation memories for a word or phrase, in either language: a concordance."""

import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from interlingua import printing
from interlingua.encoding.cache import file_of, remembering
from interlingua.errors import ConfigError
from interlingua.files import user_cache
from interlingua.formats import open_memory, writer_of
from interlingua.languages import UNKNOWN
from interlingua.loading import about, load
from interlingua.machine import AUTO
from interlingua.memories.concordance import Hit, by_form, by_meaning
from interlingua.memories.selection import Side
from interlingua.memories.words import Pattern, Phrase
from interlingua.outputs import check_writable
from interlingua.parameters import STDOUT, Device, Flag, Json, OptionalModel, OutputOrStdout
from interlingua.progress import log

HEADER = ("kind", "cosine", "source", "target", "source_language", "target_language", "memory", "line", "unit",
          "context", "date", "author", "tool", "properties")  # fmt: skip


def search(
    text: str,
    /,
    *,
    memory: tuple[Path, ...],
    output: OutputOrStdout = STDOUT,
    side: Annotated[Side, Parameter(name="--in")] = Side.both,
    regex: Flag = False,
    exact_case: Flag = False,
    fold_accents: Flag = False,
    parts_of_words: Flag = False,
    limit: int = 100,
    model: OptionalModel = None,
    device: Device = AUTO,
    k: Annotated[int, Parameter(alias="-k")] = 5,
    cache: Path | None = None,
    source_language: str = "",
    target_language: str = "",
    json: Json = False,
) -> None:
    """Search translation memories for a word or phrase, in either language: a concordance.

    Whole words are found, in any case; where a script has no spaces between words (Han, kana, Thai), any part of a
    text. With a model, texts that mean the same follow. A terminal shows the hits marked; a pipe gets TSV.

    Parameters
    ----------
    text
        What to look for.
    memory
        Files in any format that `tm convert` reads.
    output
        A table (.tsv, .csv, .xlsx, .html, .jsonl, .parquet); - prints the hits.
    side
        Where to look: source, target, both.
    regex
        TEXT is a regular expression (RE2), which may fit parts of words.
    exact_case
        Upper and lower case differ.
    fold_accents
        Accents make no difference: resume finds résumé.
    parts_of_words
        Find parts of words, too.
    limit
        The most hits by form; 0 for all.
    k
        The most hits by meaning.
    cache
        The folder that keeps the embeddings of memories, by model and text; by default the user's cache folder.
    source_language
        The language to read pairs from; by default each file's source language. Also names the texts of a table that
        does not say their language, and the language of TEXT for the model.
    target_language
        Names the texts of the other side in the same way.

    """
    table = writer_of(output, lambda one: one.is_table, "hits")
    form = Pattern(text, exact_case) if regex else Phrase(text, exact_case, not fold_accents, not parts_of_words)
    if not memory:
        raise ConfigError("name the memories to search with --memory")
    if k < 1:
        raise ConfigError(f"k must be at least 1, not {k}")
    opened = [(path, open_memory(path, source_language, target_language)) for path in memory]
    sources = [(path, one, source_language or one.about.attributes.get("srclang", "")) for path, one in opened]
    check_writable(output)
    hits = list(islice(by_form(sources, form, side), limit + 1 if limit else None))
    is_cut = 0 < limit < len(hits)
    hits = hits[:limit] if limit else hits
    near: list[Hit] = []
    if model is not None:
        encoder = load(model, device)
        encode = remembering(encoder.encode, file_of(cache or user_cache(), about(model, encoder)))
        seen = {(hit.source, hit.target) for hit in hits}
        near = by_meaning(sources, text, encode, k + len(seen), side, source_language or UNKNOWN)
        near = [hit for hit in near if (hit.source, hit.target) not in seen][:k]
    found = [*hits, *near]
    if json:
        rows = [hit.as_row() for hit in found]
        result = {"text": text, "memories": [str(path) for path in memory], "limited": is_cut, "hits": rows}
        printing.show(result, "", as_json=True)
    if output == STDOUT and not json and sys.stdout.isatty():
        _print(found)
    elif output != STDOUT or not json:
        assert table.write_rows is not None
        table.write_rows(output, HEADER, (_cells(hit.as_row()) for hit in found))
    more = f" (the first {limit:,}; --limit 0 shows all)" if is_cut else ""
    log(f"{len(hits):,} hits{more}" + ("" if model is None else f", {len(near):,} by meaning"))


def _cells(row: dict[str, Any]) -> list[str]:
    properties = "; ".join(f"{name}={value}" for name, value in row["properties"].items())
    row = row | {"properties": properties, "cosine": "" if row["cosine"] is None else f"{row['cosine']:.4f}"}
    return [str(row[name]) for name in HEADER]


def _print(hits: Sequence[Hit]) -> None:
    """For a person at a terminal: what was found is marked, and where it comes from stands under it."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for hit in hits:
        row = hit.as_row()
        for language, text, places in zip(hit.languages, (hit.source, hit.target), hit.places, strict=True):
            shown = Text(_harmless(text))
            for begin, end in places:
                shown.stylize("bold reverse", begin, end)
            console.print(Text.assemble((f"{_harmless(language):<8}", "dim"), shown))
        facts = [f"{hit.path.name}:{hit.unit.line}", *(row[name] for name in ("unit", "context", "date", "author"))]
        facts += [] if hit.cosine is None else [f"cosine {hit.cosine:.2f}"]
        console.print(Text(_harmless("        " + "  ".join(filter(None, facts))), "dim"), end="\n\n")


def _harmless(text: str) -> str:
    """A text that cannot command a terminal, of the same length."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
