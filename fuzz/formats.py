"""Every format, found as the package finds it; Moses pairs, lines of text, and what Parquet keeps of units as JSON."""

import gzip
import io
import json
import zlib
from functools import partial
from pathlib import Path
from typing import Any

import zstandard
from fuzz.harness import TARGETS, TWICE, Finding, Target, target, told, words
from fuzz.seeds import PO, TEXTS, TMX, TS, XLIFF_1, XLIFF_2, written

from interlingua import files
from interlingua.formats import Format, known, moses, parquet
from interlingua.memories.glossary import Glossary
from interlingua.units.unit import Memory

PACKED = {".gz": partial(gzip.compress, compresslevel=1, mtime=0), ".zst": zstandard.ZstdCompressor(1).compress}
WRAPPED = 16
"""One input of so many is read compressed, too, and one of so many is read, written and read again."""
WORDS = {
    ".tmx": ("xml", "tmx"), ".xlf": ("xml", "xlf"), ".ts": ("xml", "ts"), ".jsonl": ("json",), ".xlsx": ("lines",),
    ".html": ("xml", "html"),
}  # fmt: skip
"""Lists of words of the formats that have not just one, of their own name."""
TAGS, LINES = r"<[^>]*>|[^<]+", r"[^\n]*\n|[^\n]+$"
PIECES = {
    ".tmx": TAGS,
    ".xlf": TAGS,
    ".ts": TAGS,
    ".html": TAGS,
    ".po": LINES,
    ".mo": ".",
    ".parquet": ".",
    ".xlsx": ".",
}
FURTHER = {".tmx": (TMX,), ".xlf": (XLIFF_1, XLIFF_2), ".po": (PO,), ".ts": (TS,)}
"""Seeds beside what the format itself writes."""


class _Held(type(Path())):
    """A path whose file is in memory: a tenth of the time that a file takes."""

    data = b""

    def open(self, *_: Any, **__: Any) -> Any:
        return io.BytesIO(self.data)


def _format(one: Format) -> Target:
    """Reading rows and units of a format, plain and compressed; and writing what was read, twice the same."""
    suffix = one.suffixes[0]

    def run(data: bytes, folder: Path) -> object:
        path = _Held(folder / f"in{suffix}")
        path.data = data
        rows = told(lambda: list(one.read(path)))
        units = told(lambda: _units(one.memory(path, "", "")))
        told(lambda: one.keeps_units(path))
        chosen = zlib.crc32(data) // TWICE % WRAPPED
        if chosen in (0, 1):
            ending = tuple(PACKED)[chosen]
            file = folder / f"in{suffix}{ending}"
            file.write_bytes(PACKED[ending](data))
            packed = told(lambda: list(one.read(file)))
            if repr(packed).replace(ending, "") != repr(rows).replace(ending, ""):
                raise Finding(f"other rows where it is packed as {ending}: {rows!r:.200} and {packed!r:.200}")
        if chosen == 2 and not isinstance(units, str):
            file = folder / f"in{suffix}"
            file.write_bytes(data)
            _written_again(one, file)
        return rows, units

    return Target(
        name=suffix[1:],
        run=run,
        seeds=lambda: [*written(one), *(text.encode() for text in FURTHER.get(suffix, ())), b""],
        tokens=words(*WORDS.get(suffix, (suffix[1:],))),
        pieces=PIECES.get(suffix, Target.pieces),
    )


def _units(memory: Memory) -> object:
    return memory.about, list(memory)


def _written_again(one: Format, path: Path) -> None:
    """What is written of what was read can be read, and is written the same."""
    for number in range(2 if one.options else 1):
        more = {"version": ("1.2", "2.1")[number]} if one.options else {}
        first, second = (path.with_name(f"{name}{number}{path.suffix}") for name in ("first", "second"))
        refused = told(lambda first=first, more=more: one.write_memory(first, one.memory(path, "", ""), **more))
        if refused is not None or (one.is_table and not any(True for _ in one.memory(path, "", ""))):
            return
        again = told(
            lambda first=first, second=second, more=more: one.write_memory(second, one.memory(first, "", ""), **more)
        )
        if again is not None:
            raise Finding(f"what was written cannot be read and written: {again}")
        if first.read_bytes() != second.read_bytes():
            raise Finding(
                f"written otherwise the second time: {first.read_bytes()!r:.3000}\n{second.read_bytes()!r:.3000}"
            )
        if one.holds.header and _held(one, path) != _held(one, first):
            raise Finding("something was lost where everything can be held")


def _held(one: Format, path: Path) -> list[object]:
    """Units whole of a table that holds them; of TMX, which has properties where others have attributes, the texts; of
    XLIFF, whose versions have codes of their own, those without them.
    """
    units = list(one.memory(path, "", ""))
    if one.is_table:
        return [(unit.variants, unit.attributes, unit.remarks) for unit in units]
    with_codes = "version" not in one.options
    return [[(v.language, v.text, v.markup if with_codes else "") for v in unit.variants if v.text] for unit in units]


for _one in known():
    if _one.suffixes:
        TARGETS[_one.suffixes[0][1:]] = _format(_one)


@target(lambda: [b"a\nb\n\x1cc\nd\n", b"\xef\xbb\xbfa\r\n\x1cb"], tokens=words("moses"))
def _moses(data: bytes, folder: Path) -> object:
    one, _, other = data.partition(b"\x1c")
    (folder / "corpus.de").write_bytes(one)
    (folder / "corpus.en").write_bytes(other)
    return told(lambda: list(moses.read(folder / "corpus"))), told(lambda: _units(moses.memory(folder / "corpus")))


@target(lambda: [pack(text.encode()) for text in TEXTS for pack in (bytes, *PACKED.values())], tokens=words("lines"))
def _lines(data: bytes, folder: Path) -> object:
    """Lines, bytes and text, under each of three names."""
    found: list[object] = []
    for ending in ("", *PACKED):
        path = folder / f"text{ending}"
        path.write_bytes(data)
        found += [told(lambda path=path: list(files.read_lines(path))), told(lambda path=path: _whole(path))]
    return found


def _whole(path: Path) -> str:
    with files.open_text(path) as stream:
        return stream.read()


def _records() -> list[bytes]:
    return [
        json.dumps(json.loads(line)["unit"]).encode()
        for seed in TARGETS["jsonl"].seeds()
        for line in seed.splitlines()
        if b'"unit"' in line
    ]


@target(_records, tokens=words("json"))
def _parquet_units(data: bytes, folder: Path) -> object:
    """What stands as JSON in the column `unit` of a Parquet file that is whole."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    text = data.decode("utf-8", "replace")
    table = pa.table({"en": ["a"], "unit": pa.array([{"json": text}], pa.struct([("json", pa.string())]))})
    pq.write_table(table, folder / "units.parquet", compression="none")
    return told(lambda: _units(parquet.memory(folder / "units.parquet")))


GLOSSARIES = (b"""<tbx><text><body><conceptEntry id="1"><langSec xml:lang="en"><termSec><term>printer</term>
<administrativeStatus>deprecatedTerm-admn-sts</administrativeStatus></termSec></langSec><langSec xml:lang="de"><termSec>
<term>Drucker</term></termSec></langSec></conceptEntry></body></text></tbx>""", b"printer\tDrucker\tnote\n",
b"<martif><langSet xml:lang='en'><termEntry><tig><term>C++</term></tig></termEntry></langSet></martif>",
b"source,target,status\nprinter,Drucker,forbidden\n", b"en;de\nprinter;Drucker\n")  # fmt: skip


@target(lambda: GLOSSARIES, tokens=words("xml", "csv", "tbx"), pieces=r"<[^>]*>|[^<]+")
def _glossary(data: bytes, folder: Path) -> object:
    """A glossary of each kind, and what of it is found in its own terms."""
    return [told(lambda name=name: _found(data, folder / name)) for name in ("g.tbx", "g.csv", "g.txt")]


def _found(data: bytes, path: Path) -> object:
    path.write_bytes(data)
    known = Glossary.read(path)
    texts = {term: None for concept in known.concepts for term in concept.terms}
    for term in texts:
        found = known.found(f"({term.text})", term.language)
        letters = [place for place, sign in enumerate(term.text, 1) if sign.isalnum()] or [1]
        places = [place for one in found for place in one.places]  # of it, or of a wider one
        if not any(begin <= letters[0] and letters[-1] < end for begin, end in places):
            raise Finding(f"a term is not found in itself: {term.text!r:.200}")
    return list(texts)
