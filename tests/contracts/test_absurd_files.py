"""Absurd files of every format: bombs, giant records, random bytes, files cut short. Each ends in one DataError (or is
read), soon and in bounded memory: those of a format are read in a process of its own, whose peak is measured.
"""

import gzip
import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from interlingua.formats import by_suffix, known, moses
from interlingua.units.unit import About, Memory, Unit, Variant

MEGABYTES = 700
SECONDS = 240
"""On the slowest of machines: it takes some."""
READ = """
import json, sys
from pathlib import Path
import numpy, pyarrow.parquet
from interlingua import formats
from interlingua.data.examples import each_text
from interlingua.errors import DataError

told = []
for path in map(Path, sys.argv[1:]):
    said = []
    ways = [lambda: formats.read_rows(path), lambda: iter(formats.reader_of(path).memory(path, "", ""))]
    for way in [lambda: each_text(path)] if ".txt" in path.name else ways:
        try:
            said.append(sum(1 for _ in way()))
        except DataError as error:
            said.append(str(error))
    told.append(said)
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))  # of this program alone
print(json.dumps([told, int(peak) // 1024]))
"""
GIANT = 1 << 30
"""Characters."""


def read(paths: list[Path]) -> dict[str, list[int | str]]:
    """What each way of reading says of each file: the number of rows, or the problem."""
    command = [sys.executable, "-W", "ignore", "-c", READ, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    told, megabytes = json.loads(done.stdout)
    assert megabytes < MEGABYTES
    assert all(len(one) < 3000 and "\n" not in one for said in told for one in said if isinstance(one, str))
    return {path.name: said for path, said in zip(paths, told, strict=True)}


def write(path: Path, size: int = 0) -> None:
    """Two pairs, and with a `size` one more of so many characters."""
    one = path.name.partition(".")[2]
    units = [Unit((Variant("en", f"text {n}"), Variant("de", f"Text {n}"))) for n in range(2)]
    units += [Unit((Variant("en", "x" * size), Variant("de", "y")))] if size else []
    format_of = by_suffix().get(f".{one.removesuffix('.gz').removesuffix('.zst')}", moses.FORMAT)
    format_of.write_memory(path, Memory(About({"srclang": "en"}), lambda: iter(units)))


def giant(path: Path) -> None:
    """One text of gigabytes in the place of "text 1" of a small file, written block by block, compressed."""
    plain = path.with_name(path.name.removesuffix(path.suffix))
    write(plain)
    before, _, after = plain.read_bytes().partition(b"text 1")
    assert after, "a format that does not hold its texts as they are needs a bomb of its own: add it to OWN"
    pack = gzip.compress if path.suffix == ".gz" else zstandard.compress
    block = pack(b"x" * (1 << 20))
    with path.open("wb") as stream:
        stream.write(pack(before))
        for _ in range(GIANT >> 20):
            stream.write(block)
        stream.write(pack(after))
    plain.unlink()


def pages(path: Path) -> None:
    """Pages that unpack to more than memory should hold."""
    schema = pa.schema([("en", pa.string()), ("de", pa.string())])
    with pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=False) as writer:
        for k in range(GIANT >> 25):
            texts = [chr(97 + k) + "x" * (1 << 20) for _ in range(16)]
            writer.write_table(pa.table({"en": texts, "de": texts}, schema))


def one_value(path: Path) -> None:
    """A value that stands once and is meant a thousand times."""
    dictionary = pa.DictionaryArray.from_arrays(pa.array([0] * 1000, pa.int32()), pa.array(["x" * 8_000_000]))
    pq.write_table(pa.table({"en": dictionary, "de": ["y"] * 1000}), path, compression="zstd")


def overlapping(path: Path) -> None:
    """A catalogue whose strings all stand in the same place."""
    count, text = 50_000, b"x" * 1_000_000
    place = 28 + 16 * count
    table = np.tile(np.array([len(text), place], "<u4"), count)
    head = np.array([0x950412DE, 0, count, 28, 28 + 8 * count, 0, 0], "<u4")
    path.write_bytes(head.tobytes() + table.tobytes() + table.tobytes() + text)


def xml(path: Path, inside: str, doctype: str = "") -> None:
    """`inside` the first source text."""
    write(path)
    root = {".tmx": "tmx", ".ts": "TS"}.get(path.suffix, "xliff")
    text = path.read_text("utf-8").replace("text 0", inside, 1).replace("<!DOCTYPE TS>", "", 1)
    path.write_text(text.replace(f"<{root}", f"{doctype}<{root}", 1), "utf-8")


def tags(path: Path) -> None:
    xml(path, "<ph/>" * 3_000_000)


def comments(path: Path) -> None:
    xml(path, "<!---->" * 2_000_000)


def attributes(path: Path) -> None:
    xml(path, "<ph " + " ".join(f'a{k}=""' for k in range(500_000)) + "/>")


def defaults(path: Path) -> None:
    xml(path, "<ph/>" * 20_000, f'<!DOCTYPE a [<!ATTLIST ph x CDATA "{"y" * 100_000}">]>')


def declarations(path: Path) -> None:
    xml(path, "a", f"<!DOCTYPE a [{'<!ATTLIST ph x CDATA #IMPLIED>' * 1_000_000}]>")


def undefined(path: Path) -> None:
    xml(path, "before &nbsp; behind", '<!DOCTYPE a SYSTEM "a.dtd">')


def undefined_in_an_attribute(path: Path) -> None:
    xml(path, '<ph x="&nbsp;"/>', '<!DOCTYPE a SYSTEM "a.dtd">')


def quote(path: Path) -> None:
    """A row that never ends, of short lines."""
    path.write_bytes(b'en,de\n"' + (b"a" * 100 + b'\n","') * 300_000)


def names(path: Path) -> None:
    path.write_text(
        path.suffix.replace(".csv", ",").replace(".tsv", "\t").join(f"name{k}" for k in range(200_000)) + "\na\n",
        encoding="utf-8",
    )


JSON = {
    "digits": '{"en": ' + "1" * 1_000_000 + ', "de": "a"}',
    "deep": '{"en": ' + "[" * 500_000 + "]" * 500_000 + "}",
    "deep-objects": '{"a":' * 500_000 + "1" + "}" * 500_000,
    "many-values": '{"en": [' + "{}," * 4_000_000 + "{}]}",
    "half": '{"en": "\\ud800", "de": "a"}',
    "half-a-name": '{"\\udc00": "a", "de": "a"}',
    "half-in-a-unit": '{"en": "a", "unit": {"remarks": [["note", "\\ud800", {}]]}}',
    "about": '{"en": "a", "unit": {"about": [1]}}',
    "types": '{"en": "a", "unit": {"variants": [{"language": 1, "text": [[]]}]}}',
}


def archive(path: Path, parts: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in parts.items():
            written.writestr(name, content)


def bomb(path: Path) -> None:
    archive(path, {"xl/worksheets/sheet1.xml": bytes(1 << 29)})


def many_parts(path: Path) -> None:
    archive(path, {f"{n}.xml": b"<a/>" for n in range(30_000)})


def locked(path: Path) -> None:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096))


def jsons(line: str) -> Callable[[Path], None]:
    return lambda path: path.write_text(line + "\n" + line + "\n", "utf-8") and None


XML = [tags, comments, attributes, defaults, declarations, undefined, undefined_in_an_attribute]


def cells(tags: str) -> Callable[[Path], None]:
    return lambda path: path.write_text("<table><tr><td>a<td>b" + tags * (4_000_000 // len(tags))) and None


OWN: dict[str, list[tuple[str, Callable[[Path], None]]]] = {
    ".parquet": [("pages", pages), ("one-value", one_value)],
    ".mo": [("overlapping", overlapping)],
    ".xlsx": [("bomb", bomb), ("many-parts", many_parts), ("locked", locked)],
    ".html": [
        ("cells", cells("<td>")),
        ("rows", cells("<tr><td>")),
        ("tables", cells("<table>")),
        ("wide", cells("<tr><td colspan=900 rowspan=60000>")),
    ],
    ".tmx": [(each.__name__, each) for each in XML],
    ".xlf": [(each.__name__, each) for each in XML],
    ".ts": [(each.__name__, each) for each in XML],
    ".csv": [("quote", quote), ("names", names)],
    ".tsv": [("names", names)],
    ".jsonl": [(name, jsons(line)) for name, line in JSON.items()],
}
"""What is absurd in one way of one format alone."""
NO_TEXT_AS_IT_IS = {".parquet", ".xlsx"}
READABLE: set[str] = set()
"""What is no problem."""
SUFFIXES = [one.suffixes[0] for one in known() if one.suffixes]
"""One of each format; another of the menu stands among them."""


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".txt", *(one for one in SUFFIXES if one not in NO_TEXT_AS_IT_IS)])
def test_a_text_of_a_gigabyte(tmp_path: Path, suffix: str) -> None:
    paths = [tmp_path / f"a{suffix}{compression}" for compression in (".gz", ".zst")]
    for path in paths:
        if suffix == ".txt":
            giant(path.with_name(f"a.tsv{path.suffix}"))
            path.with_name(f"a.tsv{path.suffix}").rename(path)
        else:
            giant(path)
    for name, said in read(paths).items():
        assert all("refused" in str(one) and name in str(one) for one in said)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", OWN)
def test_absurd_in_its_own_way(tmp_path: Path, suffix: str) -> None:
    paths = [tmp_path / f"{name}{suffix}" for name, _ in OWN[suffix]]
    for path, (_, make) in zip(paths, OWN[suffix], strict=True):
        make(path)
    for name, said in read(paths).items():
        assert any(isinstance(one, str) for one in said) != (name.removesuffix(suffix) in READABLE), (name, said)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_random_bytes_and_files_cut_short(tmp_path: Path, suffix: str) -> None:
    paths = [tmp_path / f"random{seed}{suffix}" for seed in range(3)]
    for seed, path in enumerate(paths):
        path.write_bytes(random.Random(seed).randbytes(100_000))
    for compression in (".gz", ".zst"):
        paths.append(tmp_path / f"cut{suffix}{compression}")
        write(paths[-1])
        paths[-1].write_bytes(paths[-1].read_bytes()[:-8])
    assert all(isinstance(one, str) for said in read(paths).values() for one in said)
