"""The page stands alone, shows every script as it is read, and never runs what a text says."""

import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from interlingua.journeys.quickstart import report

ROW = {
    "score": 1.2,
    "language": "he",
    "source": "שלום עולם <script>alert(1)</script>",
    "target": "Hello & welcome",
    "truth": "Hello & welcome",
}
RESULT: dict[str, Any] = {
    "settings": {"distractors": 5},
    "seed": 3,
    "steps": 40,
    "training_seconds": 90.0,
    "seconds": {"data": 1.0, "training": 90.0, "evaluation": 9.5},
    "data": {"text": "some-text==1.0", "teacher": "some-teacher==2.0", "held_out_pairs": 1234},
    "before": {
        "accuracy": {"de": 40.0, "he": 5.0},
        "mean_accuracy": 22.5,
        "similarity_of_translations": 0.2,
        "similarity_of_others": 0.1,
        "mean_cosine": 0.1,
    },
    "after": {
        "accuracy": {"de": 80.0, "he": 91.0},
        "mean_accuracy": 85.5,
        "similarity_of_translations": 0.8,
        "similarity_of_others": 0.1,
        "mean_cosine": 0.1,
    },
    "mining": {
        "margin": "ratio",
        "threshold": 1.06,
        "texts": 3000,
        "true_pairs": 1000,
        "mined": 900,
        "precision": 90.0,
        "recall": 81.0,
        "f1": 85.3,
        "samples": {"right": [ROW], "wrong": [{**ROW, "target": "Goodbye", "truth": None}]},
    },
    "similarity": {"texts": ["one", "two"], "languages": 2, "cosines": [[0.9, -0.1], [0.2, 0.8]]},
    "curve": {"train": [[1, 1.5], [4, 0.9], [20, 0.7], [40, 0.4]], "dev": [[0, 1.8], [40, 0.5]]},
    "model": {"kind": "transformer", "width": 8, "pooling": "mean", "dtype": "float32"},
    "versions": {"python": "3.11"},
}


@pytest.fixture
def page(tmp_path: Path) -> str:
    report.write(RESULT, tmp_path / "report.html")
    return (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_page_loads_nothing(page: str) -> None:
    assert not re.search(r"https?://|<link|<script|<img|<iframe|@import|url\(|\bsrc=|\bhref=", page)


def test_texts_are_shown_not_run(page: str) -> None:
    assert "שלום עולם &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "Hello &amp; welcome" in page


def test_texts_run_in_their_own_direction(page: str) -> None:
    assert re.search(r'<td dir="auto">שלום', page)


def test_it_is_readable_in_the_dark(page: str) -> None:
    assert "prefers-color-scheme: dark" in page


def test_the_figures_are_there(page: str) -> None:
    for figure in (
        "85.5",
        "91.0",
        "0.90",
        "-0.10",
        "85.3",
        "1,234",
        "1,000",
        "some-text==1.0",
        "seed 3",
        "training 90.0",
        "python 3.11",
    ):
        assert figure in page
    assert page.index("Hebrew") < page.index("German")  # best first


def test_the_curve_stays_on_the_paper(page: str) -> None:
    _, _, width, height = map(float, re.search(r'viewBox="([^"]+)"', page)[1].split())  # type: ignore[index]
    lines = re.findall(r'<polyline[^>]*points="([^"]*)"', page)
    points = [tuple(map(float, point.split(","))) for line in lines for point in line.split()]
    assert len(points) >= 4
    assert all(0 <= x <= width and 0 <= y <= height for x, y in points)
    train = [float(point.split(",")[1]) for point in lines[0].split()]
    assert train == sorted(train)  # a falling loss: SVG counts from the top


@pytest.mark.parametrize(
    "change",
    [
        lambda result: result["mining"].update(
            mined=0, precision=0.0, recall=0.0, f1=0.0, samples={"right": [], "wrong": []}
        ),
        lambda result: result["similarity"].update(texts=[], languages=0, cosines=[]),
        lambda result: result["curve"].update(train=[], dev=[[0, 1.8]]),
    ],
)
def test_little_to_show_is_no_reason_to_fail(change, tmp_path: Path) -> None:
    result = deepcopy(RESULT)
    change(result)
    report.write(result, tmp_path / "report.html")
    assert (tmp_path / "report.html").stat().st_size > 2000
    assert "mean" in report.table(result)


def test_the_table_says_what_was_gained() -> None:
    table = report.table(RESULT)
    assert re.search(r"Hebrew +he +5\.0% +91\.0%", table)
    assert re.search(r"mean +22\.5% +85\.5%", table)
    assert "precision 90.0%, recall 81.0%, F1 85.3%" in table
    assert "  - 1.20  שלום" in table
    assert max(map(len, table.splitlines()[:6])) <= 80
