"""JSON lines: flat objects."""

import pytest

from interlingua.errors import DataError
from interlingua.formats import jsonl


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
        ('{"a": "\\ud800"}', "surrogate"), ("[" * 100_000, "not JSON"),
    ],
)  # fmt: skip
def test_bad_lines_are_named(tmp_path, line, problem):
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": "b"}\n' + line + "\n")
    with pytest.raises(DataError, match=problem) as caught:
        list(jsonl.read(path))
    assert caught.value.line == 2


def test_nested_values_are_left_out(tmp_path):
    (tmp_path / "snli.jsonl").write_text(
        '{"gold_label": "neutral", "annotator_labels": ["neutral"], "parse": {"tree": 1}}\n'
    )
    assert [row.columns for row in jsonl.read(tmp_path / "snli.jsonl")] == [{"gold_label": "neutral"}]
