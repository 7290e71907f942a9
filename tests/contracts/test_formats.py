"""What every format promises: rows in order and none lost, compressed or not, and one clear error for whatever is
damaged."""

import gzip
import json
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from xml.sax.saxutils import escape

import polib
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua import discovery
from interlingua.data.parallel import parallel
from interlingua.errors import DataError
from interlingua.formats import (
    Format,
    by_suffix,
    digest_of,
    files_of,
    html,
    is_input,
    moses,
    open_memory,
    read_rows,
    tsv,
    xliff,
    xlsx,
)
from interlingua.units.unit import About, Memory, Remark, Unit, Variant, prop

Pairs = list[tuple[str, str]]


def write_csv(path: Path, pairs: Pairs) -> None:
    fields = [("en", "de"), *pairs]
    path.write_text(
        "".join(",".join('"' + field.replace('"', '""') + '"' for field in row) + "\r\n" for row in fields),
        "utf-8",
        newline="",
    )


def write_jsonl(path: Path, pairs: Pairs) -> None:
    path.write_text("".join(json.dumps({"en": en, "de": de}) + "\n" for en, de in pairs), "utf-8")


def write_parquet(path: Path, pairs: Pairs) -> None:
    pq.write_table(pa.table({"en": [en for en, _ in pairs], "de": [de for _, de in pairs]}), path, row_group_size=2)


def catalogue(pairs: Pairs) -> polib.POFile:
    file = polib.POFile()
    file.metadata = {"Language": "de", "Content-Type": "text/plain; charset=UTF-8"}
    for number, (en, de) in enumerate(pairs):
        file.append(polib.POEntry(msgid=en, msgstr=de, msgctxt=f"{number:06}"))
    return file


def write_tmx(path: Path, pairs: Pairs) -> None:
    units = "".join(
        f'<tu>\n<tuv xml:lang="en"><seg>{escape(en)}</seg></tuv><tuv xml:lang="de"><seg>{escape(de)}</seg></tuv>\n</tu>\n'
        for en, de in pairs
    )
    path.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<tmx version="1.4"><header/><body>\n{units}</body></tmx>\n', "utf-8"
    )


def write_xliff(path: Path, pairs: Pairs) -> None:
    units = "".join(
        f'<trans-unit id="{n}">\n<source>{escape(en)}</source>\n<target>{escape(de)}</target></trans-unit>\n'
        for n, (en, de) in enumerate(pairs)
    )
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">'
        f'<file original="a" source-language="en" target-language="de" datatype="plaintext"><body>\n{units}</body></file></xliff>\n',
        "utf-8",
    )


def write_ts(path: Path, pairs: Pairs) -> None:
    messages = "".join(
        f"<message>\n<source>{escape(en)}</source>\n<translation>{escape(de)}</translation>\n</message>\n"
        for en, de in pairs
    )
    context = f"<context><name>c</name>\n{messages}</context>"
    path.write_text(f'<!DOCTYPE TS>\n<TS version="2.1" language="de" sourcelanguage="en">{context}</TS>\n', "utf-8")


WRITERS: dict[str, Callable[[Path, Pairs], None]] = {
    ".tsv": lambda path, pairs: tsv.write(path, ("en", "de"), pairs),
    ".csv": write_csv,
    ".jsonl": write_jsonl,
    ".ndjson": write_jsonl,
    ".parquet": write_parquet,
    ".po": lambda path, pairs: catalogue(pairs).save(str(path)),
    ".pot": lambda path, pairs: catalogue(pairs).save(str(path)),
    ".mo": lambda path, pairs: catalogue(pairs).save_as_mofile(str(path)),
    ".tmx": write_tmx,
    ".xlsx": lambda path, pairs: xlsx.write(path, ("en", "de"), pairs),
    ".ts": write_ts,
    **dict.fromkeys(html.FORMAT.suffixes, lambda path, pairs: html.write(path, ("en", "de"), pairs)),
    **dict.fromkeys(xliff.FORMAT.suffixes, write_xliff),
}
ONE_NAME_EACH = [
    suffix for suffix in WRITERS if suffix not in (".ndjson", ".pot", ".htm", ".xhtml", *xliff.FORMAT.suffixes[1:])
]
COMPRESS = {".gz": gzip.compress, ".zst": zstandard.compress}
# What every format can hold: no controls (XML has none), no spaces at the ends (readers of pairs strip them).
TEXT = (
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1, max_size=12).map(str.strip).filter(bool)
)
ANY = st.text(min_size=1, max_size=20)
"""Half characters and controls among them: what a format cannot hold must not break it."""
PAIRS = st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=8)


def test_every_format_is_tested_here():
    assert set(by_suffix()) == set(WRITERS)
    for name in discovery.choices("formats"):
        assert isinstance(discovery.find("formats", name, "format").FORMAT, Format)


def as_rows(suffix, pairs):
    """Rows of XML may have one space for many; units keep them."""
    is_xml = suffix in (".tmx", ".ts", *xliff.FORMAT.suffixes)
    return [tuple(re.sub(" +", " ", text) for text in pair) for pair in pairs] if is_xml else list(pairs)


@pytest.mark.parametrize("suffix", ONE_NAME_EACH)
@settings(deadline=None, max_examples=40)
@given(pairs=PAIRS)
def test_pairs_come_back_in_order(tmp_path_factory, suffix, pairs):
    path = tmp_path_factory.mktemp("pairs") / f"pairs{suffix}"
    WRITERS[suffix](path, pairs)
    examples = list(parallel(path))
    assert as_rows(suffix, [example.texts for example in examples]) == as_rows(suffix, pairs)
    assert {example.languages for example in examples} == {("en", "de")}


@pytest.mark.parametrize("compression", COMPRESS)
@pytest.mark.parametrize("suffix", ONE_NAME_EACH)
def test_compressed_files_are_the_same_rows(tmp_path, suffix, compression):
    plain = tmp_path / f"pairs{suffix}"
    WRITERS[suffix](plain, [(f"text {number}", f"Text {number}") for number in range(400)])
    packed = tmp_path / f"pairs{suffix}{compression}"
    packed.write_bytes(COMPRESS[compression](plain.read_bytes()))
    rows = list(read_rows(packed))
    assert len(rows) == 400
    assert rows == list(read_rows(plain))
    packed.write_bytes(packed.read_bytes()[:-20])
    with pytest.raises(DataError):
        list(read_rows(packed))


@pytest.mark.parametrize("suffix", ONE_NAME_EACH)
@settings(deadline=None, max_examples=40)
@given(damage=st.data())
def test_damage_is_a_data_error_or_harmless(tmp_path_factory, suffix, damage):
    """Whatever bytes change, a user sees rows or a DataError, never a traceback."""
    path = tmp_path_factory.mktemp("damaged") / f"pairs{suffix}"
    WRITERS[suffix](path, [("one text", "ein Text"), ("two texts", "zwei Texte")])
    content = bytearray(path.read_bytes())
    for _ in range(damage.draw(st.integers(1, 4))):
        content[damage.draw(st.integers(0, len(content) - 1))] = damage.draw(st.integers(0, 255))
    path.write_bytes(content[: damage.draw(st.integers(0, len(content)))])
    with suppress(DataError):
        list(parallel(path))


@pytest.mark.parametrize("suffix", ONE_NAME_EACH)
def test_empty_and_missing_files_and_folders(tmp_path, suffix):
    path = tmp_path / f"pairs{suffix}"
    with pytest.raises(DataError, match="no such file"):
        list(parallel(path))
    path.touch()
    with pytest.raises(DataError):
        list(parallel(path))
    path.unlink()
    path.mkdir()
    with pytest.raises(DataError, match="folder"):
        list(parallel(path))


def memory_of(pairs: Pairs) -> Memory:
    units = [
        Unit((Variant("en", en), Variant("de", de)), remarks=(prop("x-po-context", f"{number:06}"),))
        for number, (en, de) in enumerate(pairs)
    ]
    return Memory(About({"srclang": "en"}), lambda: iter(units))


@pytest.mark.parametrize("compression", ["", ".gz", ".zst"])
@pytest.mark.parametrize(
    "suffix", ["", ".tsv", ".csv", ".jsonl", ".parquet", ".xlsx", ".html", ".po", ".mo", ".ts", ".tmx", ".xlf"]
)
@settings(deadline=None, max_examples=5)
@given(pairs=PAIRS)
def test_what_is_written_is_read(tmp_path_factory, suffix, compression, pairs):
    """In every format and compression; what can hold the context holds it."""
    path = tmp_path_factory.mktemp("written") / f"pairs{suffix}{compression}"
    module = by_suffix().get(suffix, moses.FORMAT)
    module.write_memory(path, memory_of(pairs))
    written = path if suffix else path.with_name("pairs")
    assert as_rows(suffix, [example.texts for example in parallel(written)]) == as_rows(suffix, pairs)
    found = list(module.memory(written, "en", "de"))
    assert [
        tuple(variant.text for variant in sorted(unit.variants, key=lambda v: v.language != "en")) for unit in found
    ] == pairs
    if module.holds.properties:
        assert [unit.remarks for unit in found] == [unit.remarks for unit in memory_of(pairs)]
    assert [file.name for file in path.parent.iterdir() if ".part" in file.name] == []


# Everything a unit can hold, in what XML can hold: as plain values, since the checks of shapes draw random numbers of
# their own.
VALUE = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"], include_characters="\n\t\r"), max_size=12)
REMARK = st.one_of(
    st.tuples(st.just("note"), VALUE, st.sampled_from([{}, {"xml:lang": "fr"}])),
    st.tuples(st.just("prop"), VALUE, st.sampled_from([{"type": "x-a"}, {"type": "b", "o-encoding": "c"}])),
)
REMARKS = st.lists(REMARK, max_size=3)
VARIANT = st.tuples(
    st.sampled_from(["en", "de", "fr"]),
    VALUE,
    st.booleans(),
    st.dictionaries(st.sampled_from(["creationid", "changedate"]), VALUE),
    REMARKS,
)
UNIT = st.tuples(
    st.lists(VARIANT, min_size=1, max_size=4), st.dictionaries(st.sampled_from(["tuid", "changeid"]), VALUE), REMARKS
)


def unit_of(drawn: tuple) -> Unit:
    variants, attributes, remarks = drawn
    found = []
    for language, text, codes, named, more in variants:
        markup = (f'{escape(text, {chr(13): "&#13;"})}<ph x="1"/>', "tmx") if codes else ("", "")
        found.append(Variant(language, text, *markup, named, tuple(Remark(*remark) for remark in more)))
    return Unit(tuple(found), attributes, tuple(Remark(*remark) for remark in remarks))


def parts_of(memory: Memory) -> list[tuple[object, ...]]:
    return [(unit.variants, unit.attributes, unit.remarks) for unit in memory]


@pytest.mark.parametrize("suffix", [".tmx", ".jsonl", ".parquet"])
@settings(deadline=None, max_examples=40)
@given(drawn=st.lists(UNIT, min_size=1, max_size=3), header=REMARKS)
def test_formats_that_hold_everything_do(tmp_path_factory, suffix, drawn, header):
    units, remarks = [unit_of(one) for one in drawn], tuple(Remark(*remark) for remark in header)
    path = tmp_path_factory.mktemp("whole") / f"memory{suffix}"
    module = by_suffix()[suffix]
    memory = Memory(About({"srclang": "en", "adminlang": "de"}, remarks, {"version": "1.4"}), lambda: iter(units))
    module.write_memory(path, memory)
    found = module.memory(path, "", "")
    assert parts_of(found) == parts_of(memory)
    assert (found.about.remarks, found.about.root) == (remarks, {"version": "1.4"})
    assert found.about.attributes.items() >= memory.about.attributes.items()
    for unit in units:
        assert module.holds.lost(unit) == []


@pytest.mark.parametrize("suffix", [".tsv", ".csv", ".jsonl", ".parquet", ".po", ".mo", ".ts", ".tmx", ".xlf"])
@settings(deadline=None, max_examples=25)
@given(en=ANY, de=ANY)
def test_no_text_breaks_a_writer(tmp_path_factory, suffix, en, de):
    path = tmp_path_factory.mktemp("any") / f"pairs{suffix}"
    with suppress(DataError):
        by_suffix()[suffix].write_memory(path, memory_of([(en, de), ("one", "eins")]))
        assert len(list(by_suffix()[suffix].memory(path, "", ""))) == 2


@pytest.mark.parametrize("suffix", [".tsv", ".csv", ".jsonl", ".parquet", ".po", ".mo", ".ts", ".tmx"])
@pytest.mark.parametrize(("empty", "others"), [(1, 0), (2, 0), (2, 1)])
def test_units_without_any_text_leave_a_file_that_can_be_read(tmp_path, suffix, empty, others):
    """As the fuzzer found it: a table without columns, or a record that says nothing."""
    units = [Unit(()), Unit((Variant("en", ""),))][:empty] + [Unit((Variant("en", "a"), Variant("de", "b")))] * others
    path, module = tmp_path / f"memory{suffix}", by_suffix()[suffix]
    module.write_memory(path, Memory(About(), lambda: iter(units)))
    found = list(module.memory(path, "en", "de"))
    assert [text.text for unit in found for text in unit.variants if text.text] == ["a", "b"] * others
    if module.holds.header:
        assert [unit.variants for unit in found] == [unit.variants for unit in units]


@pytest.mark.parametrize(
    "name", ["a" * 5000, "a" * 300, "a" * 300 + ".tsv", "a" * 300 + ".po.gz", "a\0b", "a\0b.tsv", "\ud800.tmx"]
)
def test_a_name_that_no_file_can_have(name):
    """As a caller in Python gives it; the command line has its own test."""
    for act in (open_memory, lambda path: list(read_rows(path)), is_input, files_of, digest_of):
        with pytest.raises(DataError) as caught:
            act(Path(name))
        assert caught.value.path == Path(name)
