"""JSON lines: flat objects."""

import json
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from interlingua.errors import DataError
from interlingua.formats import by_suffix, jsonl, parquet
from interlingua.memories import conversion
from interlingua.units.unit import About, Memory, Unit, Variant


def test_scalars_become_text(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 1, "b": 2.5, "c": true, "d": null, "e": "\\u00e4 \\ud83d\\ude00"}\n\n{"a": "x"}\n')
    assert [(row.line, row.columns) for row in jsonl.read(path)] == [
        (1, {"a": "1", "b": "2.5", "c": "true", "d": "", "e": "ä 😀"}),
        (3, {"a": "x"}),
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"a": "b"', "not JSON"), ("plain text", "not JSON"), ('["a"]', "JSON list"), ('"a"', "JSON str"),
        ('{"a": "\\ud800"}', "surrogate"), ('{"\\ud800": "a"}', "surrogate"), ("[" * 100_000, "not JSON"),
        ('{"a": "\\u0000"}', "NUL"), ('{"a": "\\\\\\u0000"}', "NUL"), ('{"\\u0000": "a"}', "NUL"),
    ],
)  # fmt: skip
def test_bad_lines_are_named(tmp_path, line, problem):
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": "b"}\n' + line + "\n")
    with pytest.raises(DataError, match=problem) as caught:
        list(jsonl.read(path))
    assert caught.value.line == 2


def test_an_escaped_backslash_begins_no_nul(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"a": "\\\\u0000"}')
    assert [row.columns for row in jsonl.read(tmp_path / "a.jsonl")] == [{"a": "\\u0000"}]


def test_nested_values_are_left_out(tmp_path):
    (tmp_path / "snli.jsonl").write_text(
        '{"gold_label": "neutral", "annotator_labels": ["neutral"], "parse": {"tree": 1}}\n'
    )
    assert [row.columns for row in jsonl.read(tmp_path / "snli.jsonl")] == [{"gold_label": "neutral"}]


FOREIGN = [
    {"about": []}, {"about": {"remarks": [1]}}, {"about": {"attributes": [1]}}, {"about": {"root": {"a": 1}}},
    {"variants": [{"language": 5, "text": "a"}]}, {"variants": [{"language": "de", "text": [1]}]},
    {"variants": [{"language": "de", "text": "\ud800"}]}, {"variants": [], "attributes": {"a": 1}},
    {"variants": [], "attributes": {"\ud800": "a"}}, {"variants": [], "remarks": [["prop", "a", {"type": None}]]},
    {"variants": [], "remarks": [["a b", "a", {}]]}, {"variants": [], "remarks": [["xml", "<a", {"dialect": "tmx"}]]},
    {"variants": [{"language": "de", "text": "a", "markup": "</seg>", "dialect": "tmx"}]},
]  # fmt: skip


@pytest.mark.parametrize("suffix", ["jsonl", "parquet"])
@pytest.mark.parametrize("record", FOREIGN, ids=str)
def test_a_unit_of_another_making(tmp_path, suffix, record):
    """Each was a traceback, or an error of whoever wrote the memory elsewhere."""
    path = tmp_path / f"memory.{suffix}"
    if suffix == "jsonl":
        path.write_text(json.dumps({"en": "a", "unit": record}) + "\n")
    else:
        column = pa.array([{"json": json.dumps(record)}], pa.struct([("json", pa.string())]))
        pq.write_table(pa.table({"en": ["a"], "unit": column}), path)
    with pytest.raises(
        DataError, match="the column `unit` is not what this package writes there|half of a surrogate"
    ) as caught:
        list({"jsonl": jsonl, "parquet": parquet}[suffix].memory(path))
    assert caught.value.line == 1


def test_a_unit_that_nests_without_end_in_parquet(tmp_path):
    column = pa.array([{"json": "[" * 100_000}], pa.struct([("json", pa.string())]))
    pq.write_table(pa.table({"en": ["a"], "unit": column}), tmp_path / "a.parquet")
    with pytest.raises(DataError, match="nested too deep"):
        parquet.memory(tmp_path / "a.parquet")


def test_texts_by_language_under_a_key_of_their_own(tmp_path):
    (tmp_path / "t.jsonl").write_text(
        '{"id": 7, "translation": {"en": "a", "pt-BR": "b"}}\n{"en": "c", "translation": {"text": "d"}}\n'
        '{"en": "e", "translation": {"en": "f", "de": "g"}}\n{"translation": "h", "en": "i"}\n'
    )
    assert [row.columns for row in jsonl.read(tmp_path / "t.jsonl")] == [
        {"en": "a", "pt-BR": "b", "id": "7"},
        {"en": "c"},
        {"en": "e", "de": "g"},
        {"translation": "h", "en": "i"},
    ]


@pytest.mark.parametrize("name", ["<x", "a b", "", "tu id", 'a="" b', "1", "a:b<", "a\n", "&"])
@pytest.mark.parametrize("output", ["o.tmx", "o.xlf"])
@pytest.mark.parametrize(
    "unit",
    [
        lambda name: {"about": {"root": {name: "x"}, "attributes": {name: "x"}}},
        lambda name: {"remarks": [["note", "x", {name: "y"}], ["prop", "x", {"type": "a", name: "y"}]]},
        lambda name: {"variants": [{"language": "de", "text": "b", "attributes": {name: "y"}}]},
        lambda name: {"attributes": {f"xmlns{name}": "y"}, "remarks": [["prop", "y", {"type": f"x-xliff1-{name}"}]]},
    ],
)
def test_what_is_written_from_any_names_is_xml(tmp_path, name, output, unit):
    """It is refused by the name, or is a file that can be read."""
    (tmp_path / "a.jsonl").write_text(json.dumps({"en": "a", "unit": {"attributes": {"tuid": "1"}} | unit(name)}))
    said = ""
    try:
        conversion.convert(tmp_path / "a.jsonl", tmp_path / output)
    except DataError as error:
        said = str(error)
    if said:
        assert "which is no name in XML" in said
        assert not (tmp_path / output).exists()
    else:
        ElementTree.parse(tmp_path / output)


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_texts_keep_their_order(tmp_path, suffix):
    """Also where it is not that of the first unit."""
    one = Unit((Variant("en", "a"), Variant("de", "b")))
    other = Unit((Variant("de", "c"), Variant("en", "d")))
    path = tmp_path / f"a{suffix}"
    form = by_suffix()[suffix]
    form.write_memory(path, Memory(About(), lambda: iter([one, other])))
    assert [unit.variants for unit in form.memory(path, "", "")] == [one.variants, other.variants]
