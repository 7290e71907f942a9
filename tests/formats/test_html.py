"""Tables of web pages."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from interlingua.errors import ConfigError, DataError
from interlingua.formats import format_of, html, open_memory

PAGE = """<html><body><table><tr><td>a logo</td></tr></table>
<p>About it</p>
<table><thead><tr><th>source<th>target<th>Context</tr>
<tr><td colspan=3>Chapter 1</td></tr>
<tr><td>Open the <b>door</b>.</td><td>Öffne die
   <b>Tür</b>.</td><td rowspan="2">UI</td></tr>
<tr><td>Close &amp; go<br>Now<script>x()</script><td><p>Schließen</p><p>Jetzt</p>
<tr><td colspan="2">Only this<td>x
</table><table><tr><td>a<td>b<tr><td>c<td>d</table>
"""


def rows(path: Path) -> list[tuple[int, list[str]]]:
    return [(row.line, list(row.columns.values())) for row in html.read(path)]


def test_the_first_table_as_people_see_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.html"
    path.write_text(PAGE, "utf-8")
    assert rows(path) == [
        (5, ["Open the door.", "Öffne die Tür.", "UI"]),
        (7, ["Close & go\nNow", "Schließen\nJetzt", "UI"]),
        (8, ["Only this", "", "x"]),
    ]
    assert "left out 1 more" in capsys.readouterr().err
    assert [variant.text for variant in next(iter(open_memory(path, "en", "de"))).variants] == [
        "Open the door.",
        "Öffne die Tür.",
    ]


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        ("<table><tr><td>a<tr><td>b</table>", "no table with a header"),
        ("<table>", "no table with a header"),
        ("<table><tr><td>a<td>a<tr><td>b<td>c</table>", r"a.html:1\b.* name each column once"),
        ("<table><tr><td>a<td>b\n<tr><td>b<td>c<td>d</table>", r"a.html:2\b.* 3 fields, the header names 2"),
        ("<table>\n<tr>" + "<td colspan=999>a" * 2 + "<tr><td>b</table>", r"a.html:2\b.* more than 1,000 columns"),
        ("<p>Hello", "align SOURCE TARGET"),
    ],
)
def test_what_is_no_table_of_pairs(tmp_path: Path, page: str, problem: str) -> None:
    path = tmp_path / "a.html"
    path.write_text(page, "utf-8")
    with pytest.raises(DataError, match=re.compile(problem)):
        list(format_of(path).read(path))


def test_columns_that_are_over_each_other_and_tables_in_tables(tmp_path: Path) -> None:
    path = tmp_path / "a.xhtml"
    inner = "<table><tr><td>x</td><td>y</td></tr></table>"
    path.write_text(
        "<table><tr><th>a</th><th>b</th></tr><tr><td rowspan='3' colspan='2'>over</td></tr><tr/><tr></tr>"
        f"<tr><td>c{inner}</td><td>d<script/></td></tr></table>",
        "utf-8",
    )
    assert [texts for _, texts in rows(path)] == [["over", ""], ["over", ""], ["c", "d"]]


def test_what_is_written_is_html_and_comes_back(tmp_path: Path) -> None:
    texts = ["a <b> & &amp; c", "", " two  spaces\t", "one\n\ntwo", "\r\n", "'\"", "<pre>x</pre>", "soft\u00adhyphen"]
    path = tmp_path / "a.html"
    html.write(path, ("source", "target"), [(text, f"{text}!") for text in texts])
    assert [found for _, found in rows(path)] == [[text, f"{text}!"] for text in texts]
    tags, parser = list[str](), HTMLParser()
    parser.handle_starttag = lambda tag, attrs: tags.append(tag)
    parser.feed(path.read_text("utf-8"))
    assert tags.count("td") == 2 * len(texts)
    assert not {"script", "link", "img", "b"} & set(tags)


def test_tables_without_rows_and_of_one_column(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    html.write(path, ("source", "target"), [])
    assert rows(path) == []
    with pytest.raises(ConfigError, match="one column"):
        html.write(path, ("source",), [["a"]])
