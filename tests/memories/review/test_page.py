"""The page of a review: whole, harmless, and loading nothing."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from interlingua.data import bitext
from interlingua.memories.review import page
from interlingua.memories.review.findings import PairFinding
from interlingua.memories.review.review import Review

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\u2028 &amp; 30"


class Elements(HTMLParser):
    """The elements of a page, and what its scripts hold."""

    def __init__(self) -> None:
        super().__init__()
        self.names, self.scripts, self.attributes = list[str](), list[str](), list[tuple[str, str | None]]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        if self.names and self.names[-1] == "script" and data.strip():
            self.scripts.append(data)


def written(folder: Path, *pairs: tuple[str, str]) -> tuple[str, Elements, list[list[Any]]]:
    file, out = folder / 'a<b>"&.tsv', folder / "review.html"
    rows = (f"{source}\t{target}\ten\tar" for source, target in pairs)
    file.write_text("\n".join(["source\ttarget\tsource_language\ttarget_language", *rows]) + "\n", encoding="utf-8")
    with Review() as review:
        review.add(bitext.read(file))
        review.finish()
        page.write(out, review, [file])
    text, elements = out.read_text(encoding="utf-8"), Elements()
    elements.feed(text)
    return text, elements, json.loads(elements.scripts[0])


def test_texts_are_data_and_nothing_else(tmp_path: Path) -> None:
    text, elements, rows = written(tmp_path, (EVIL, EVIL.replace("30", "35") + " مرحبا"))
    assert elements.names.count("script") == 2
    assert "img" not in elements.names
    assert "\u2028" not in text
    assert "<b>" not in text.split("<select")[1].split("</select>")[0]
    (numbers,) = [row for row in rows if row[0] == "numbers"]
    assert "".join(numbers[5][0]) == EVIL
    assert numbers[5][0][1::2] == ["30"]
    assert (numbers[5][1:], numbers[6][1:]) == (["en", "ltr"], ["ar", "rtl"])


def test_nothing_is_loaded(tmp_path: Path) -> None:
    text, elements, _ = written(tmp_path, ("Only 30 here", "35"))
    assert not {name for name, _ in elements.attributes} & {"src", "href", "srcset", "action"}
    assert not re.search(r"https?:|//\w|@import|url\(|fetch\(|innerHTML", text)
    assert "default-src 'none'" in text


def test_of_many_findings_the_first_are_shown_and_the_rest_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "MOST", 3)
    text, _, rows = written(tmp_path, *((f"Number {n} of all", f"رقم {n + 300} فقط") for n in range(100, 110)))
    assert len([row for row in rows if row[0] == "numbers"]) == 3
    assert "Of numbers this page has the first 3 of 10" in text


def test_marks_and_long_texts() -> None:
    marked = page._marked  # pyright: ignore[reportPrivateUsage]
    assert marked("one 2 three 4", [(12, 13), (4, 5)]) == ["one ", "2", " three ", "4", ""]
    assert marked("ab", [(0, 1), (0, 2)]) == ["", "a", "b"]
    assert "".join(marked("x" * 5000, [(4000, 4001)])) == "x" * page.LONGEST + "…"


@pytest.mark.parametrize(
    ("language", "text", "direction"),
    [("ar", "مرحبا", "rtl"), ("he", "Settings.", "auto"), ("de", "Tür", "ltr"), ("und", "x", "auto"), ("ur-PK", "ہے", "rtl"), ("source", "x", "auto")],
)  # fmt: skip
def test_direction(language: str, text: str, direction: str) -> None:
    assert page.direction(language, text) == direction


def test_findings_are_rows() -> None:
    finding = PairFinding("numbers", "a", 3, "u", "why", "s", "t", "en", "de", [(0, 1)], [])
    assert finding.cells() == ["numbers", "a", "3", "u", "why", "s", "t", "en", "de"]
