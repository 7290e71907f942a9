"""Translation memories: convert them, and look up segments in them."""

import hashlib
import os
from collections import Counter
from collections.abc import Iterator
from json import dumps
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from interlingua import printing
from interlingua.data.examples import texts as read_texts
from interlingua.encoding.cache import remembering
from interlingua.errors import ConfigError
from interlingua.files import bare_suffix, check_writable
from interlingua.formats import tsv, xliff
from interlingua.languages import UNKNOWN
from interlingua.loading import fingerprint, is_url, load
from interlingua.memories.conversion import convert as converted
from interlingua.memories.conversion import open_memory
from interlingua.memories.lookup import Entry, Match, entries
from interlingua.memories.lookup import lookup as look_up
from interlingua.memories.proposals import Proposal, add_to_xliff, new_tmx, new_xliff
from interlingua.progress import log
from interlingua.types import Encode

tm = App(
    name="tm",
    help="Translation memories: convert them, and look up segments in them.",
    help_format="plaintext",
    default_parameter=Parameter(negative_iterable=(), consume_multiple=True),
)


@tm.command
def convert(
    path: Path,
    output: Path,
    /,
    *,
    source_language: str = "",
    target_language: str = "",
    strip_inline: Annotated[bool, Parameter(negative=())] = False,
    xliff_version: xliff.Version = "1.2",
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Convert a file of translations to another format: TMX, XLIFF, PO, MO, TSV, CSV, JSONL, Parquet, Moses.

    What the format of OUTPUT cannot hold (a TSV has no notes, say) is named and counted on standard error. JSONL and
    Parquet hold everything; a format converted to itself is the same file.

    Parameters
    ----------
    path
        A file, plain, .gz or .zst; its suffix names its format. A name without suffix stands for Moses files
        NAME.LANGUAGE.
    output
        The file to write, whole or not at all; its suffix names its format and compression.
    source_language
        Keep texts in this language (en also keeps en-US), under this code; also the language of texts for which the
        file names none.
    target_language
        The same for the other side.
    strip_inline
        Leave out inline tags; otherwise formats of their kind keep them.
    xliff_version
        Which XLIFF to write.
    json
        Print the outcome as JSON.

    """
    units, lost = converted(path, output, source_language, target_language, not strip_inline, xliff_version)
    text = f"{units:,} units: {output}"
    if lost:
        text += "\nnot kept, of so many units: " + ", ".join(
            f"{what} {count:,}" for what, count in sorted(lost.items())
        )
    if json:
        printing.show({"units": units, "output": str(output), "not_kept": dict(lost)}, text, as_json=True)
    else:
        log(text)


@tm.command
def lookup(
    segments: Path,
    /,
    *,
    memory: Path,
    model: Annotated[str, Parameter(alias="-m")],
    output: Annotated[Path, Parameter(alias="-o", allow_leading_hyphen=True)] = Path("-"),
    source_language: str = "",
    target_language: str = "",
    k: Annotated[int, Parameter(alias="-k")] = 3,
    threshold: float = 0.0,
    cache: Path | None = None,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Look up segments in a translation memory: the same text first, then what means the same.

    A match has its score (1: the same text; 0: no nearer than any two texts of the memory), the cosine behind it, the
    share of words in common, and its provenance: the unit's id, tool, author, date and properties. Fuzzy and obsolete
    units propose nothing.

    Parameters
    ----------
    segments
        One text a line, a table with a column `text`, or an XLIFF file.
    memory
        A translation memory in any format that `tm convert` reads.
    model
        A folder, package:NAME[/SUBFOLDER], a Hugging Face name, or an embeddings server: http://HOST/v1[#MODEL].
    output
        A .tsv; a .tmx of each segment with the translations proposed for it; a .xlf for CAT tools with the proposals as
        alt-trans (an XLIFF of segments comes back as it was, with proposals added); - prints the TSV.
    source_language
        Language of the segments; the memory's own where its header says.
    target_language
        Language of the translations, where the memory has several.
    k
        Matches a segment.
    threshold
        Propose only matches that score at least this.
    cache
        The folder that keeps the embeddings of memories, by model and text; a user's cache folder where it is not
        given.
    json
        Print JSON.

    """
    kind = bare_suffix(output) if str(output) != "-" else ".tsv"
    if kind not in (".tsv", ".tmx", *xliff.SUFFIXES):
        raise ConfigError(f"matches are written as .tsv, .tmx or .xlf, not {kind!r}; --json prints JSON")
    if k < 1:
        raise ConfigError(f"k must be at least 1, not {k}")
    units = list(xliff.units(segments)) if bare_suffix(segments) in xliff.SUFFIXES else None
    texts = (
        read_texts(segments) if units is None else [unit.variants[0].text if unit.variants else "" for unit in units]
    )
    if units and not source_language:
        source_language = next((unit.variants[0].language for unit in units if unit.variants), "")
    known = entries(open_memory(memory, source_language, target_language), source_language, target_language)
    languages = _languages(known[0], source_language, target_language)
    asked = languages[0] if source_language else UNKNOWN
    check_writable(output)
    found = look_up(texts, known, _remembered(model, cache), k, threshold, asked)
    _write(segments if units else None, output, texts, found, memory, languages, json)
    counts = Counter(matches[0].kind.value if matches else "none" for matches in found)
    log(
        f"{len(texts):,} segments, {len(known):,} pairs in the memory: "
        + ", ".join(f"{counts[name]:,} {name}" for name in ("exact", "fuzzy", "none"))
    )


def _languages(entry: Entry, source_language: str, target_language: str) -> tuple[str, str]:
    """The languages of segments and translations: those asked for, else those of the memory."""
    source = next((v.language for v in entry.unit.variants if v.text == entry.source), UNKNOWN)
    target = next((v.language for v in entry.unit.variants if v.text == entry.target and v.language != source), UNKNOWN)
    return source_language or source, target_language or target


def _remembered(model: str, cache: Path | None) -> Encode:
    """The model, with all it embeds kept in a file of its own: other weights, settings or versions are another file."""
    encoder = load(model)
    about = (
        encoder.describe()
        | {"sha256": fingerprint(model)}
        | printing.versions(measuring=False)
        | ({"name": model} if is_url(model) else {})
    )
    name = hashlib.sha256(dumps(about, sort_keys=True, default=str).encode()).hexdigest()[:24]
    folder = cache or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "interlingua"
    return remembering(encoder.encode, folder / f"{name}.sqlite")


def _write(
    xliff_of_segments: Path | None,
    output: Path,
    texts: list[str],
    found: list[list[Match]],
    memory: Path,
    languages: tuple[str, str],
    json: bool,
) -> None:
    rows = [[_row(match, memory) for match in matches] for matches in found]
    if json:
        result = [{"segment": text, "matches": some} for text, some in zip(texts, rows, strict=True)]
        printing.show({"memory": str(memory), "languages": list(languages), "segments": result}, "", as_json=True)
        if str(output) == "-":
            return
    proposals = [
        [Proposal(match.score, match.entry.source, match.entry.target, memory.name, _flat(match)) for match in matches]
        for matches in found
    ]
    if bare_suffix(output) == ".tmx":
        new_tmx(output, texts, proposals, languages)
    elif bare_suffix(output) in xliff.SUFFIXES and xliff_of_segments is not None:
        add_to_xliff(xliff_of_segments, output, proposals, languages)
    elif bare_suffix(output) in xliff.SUFFIXES:
        new_xliff(output, texts, proposals, languages)
    else:
        tsv.write(output, HEADER, _table(texts, rows))


HEADER = (
    "number",
    "segment",
    "score",
    "cosine",
    "kind",
    "surface",
    "source",
    "target",
    "unit",
    "tool",
    "author",
    "date",
    "properties",
    "line",
)


def _row(match: Match, memory: Path) -> dict[str, Any]:
    entry = match.entry
    return {
        "score": match.score, "cosine": match.cosine, "kind": match.kind.value, "surface": match.surface,
        "source": entry.source, "target": entry.target,
        "memory": memory.name, "line": entry.unit.line, **entry.provenance(),
    }  # fmt: skip


def _flat(match: Match) -> dict[str, str]:
    """What a CAT tool is told of a match."""
    told: dict[str, Any] = match.entry.provenance()
    properties = told.pop("properties", {})
    return (
        {"kind": match.kind.value, "cosine": f"{match.cosine:.4f}", "surface": f"{match.surface:.2f}"}
        | told
        | properties
    )


def _table(texts: list[str], rows: list[list[dict[str, Any]]]) -> Iterator[list[str]]:
    for number, (text, some) in enumerate(zip(texts, rows, strict=True), 1):
        for row in some or [{}]:
            properties = "; ".join(f"{name}={value}" for name, value in row.get("properties", {}).items())
            named = row | {
                "number": number,
                "segment": text,
                "unit": row.get("tuid", ""),
                "tool": row.get("creationtool", ""),
            }
            named |= {"author": row.get("changeid", row.get("creationid", "")), "properties": properties}
            yield [str(named.get(column, "")) for column in HEADER]
