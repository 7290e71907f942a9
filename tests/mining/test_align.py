"""Alignment against every path there is, and on texts whose parts are known."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua.errors import ConfigError, DataError
from interlingua.mining import align as module
from interlingua.mining.align import LEFT_OUT, Link, _Costs, _types, align, spans
from interlingua.mining.documents import Document, align_documents, document


def random_spans(random: np.random.Generator, n: int, sizes: int = 3):
    singles = random.normal(size=(n, 6)).astype(np.float32)
    longer = [
        np.stack([singles[k : k + size].mean(0) for k in range(n - size + 1)]) if n >= size else singles[:0]
        for size in range(2, sizes + 1)
    ]
    return spans(singles, longer)


def cost_of(links: list[Link], costs: _Costs) -> float:
    total = 0.0
    for (a, b), (c, d), _ in links:
        total += LEFT_OUT * max(b - a, d - c) if a == b or c == d else float(costs.row(b - a, a, d - c, c, c + 1)[0])
    return total


def brute_force(costs: _Costs, n: int, m: int, max_size: int) -> float:
    steps = [*_types(max_size), (0, 1)]

    @cache
    def best(i: int, j: int) -> float:
        if i == j == 0:
            return 0.0
        found = [np.inf]
        for a, b in steps:
            if a <= i and b <= j:
                step = LEFT_OUT if not (a and b) else float(costs.row(a, i - a, b, j - b, j - b + 1)[0])
                found.append(best(i - a, j - b) + step)
        return min(found)

    return best(n, m)


def covers(links: list[Link], n: int, m: int) -> bool:
    ends = [((0, 0), (0, 0)), *((link.source, link.target) for link in links)]
    steps = all(one[0][1] == two[0][0] and one[1][1] == two[1][0] for one, two in pairwise(ends))
    return steps and (ends[-1][0][1], ends[-1][1][1]) == (n, m)


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(0, 7), m=st.integers(0, 7), max_size=st.integers(2, 4))
def test_no_path_is_cheaper(seed, n, m, max_size):
    random = np.random.default_rng(seed)
    source, target = random_spans(random, n), random_spans(random, m)
    links = align(source, target, max_size)
    assert covers(links, n, m)
    assert all(b - a + d - c <= max_size for (a, b), (c, d), _ in links)
    costs = _Costs(source, target)
    assert cost_of(links, costs) == pytest.approx(brute_force(costs, n, m, max_size), rel=1e-4, abs=1e-4)


def translated(random: np.random.Generator, n: int, noise: float = 0.3):
    """Two texts of n sentences of which some are dropped, and pairs of the target joined: vectors and the true
    links."""
    meaning = random.normal(size=(n, 32))
    source, target, links = [], [], []
    k = 0
    while k < n:
        kind, take = random.choice(["both", "source", "target", "joined"], p=[0.8, 0.05, 0.05, 0.1]), 1
        i, j = len(source), len(target)
        if kind == "joined" and k + 1 < n:
            source += [meaning[k], meaning[k + 1]]
            target.append(meaning[k] + meaning[k + 1])
            take = 2
        else:
            source += [meaning[k]] if kind != "target" else []
            target += [meaning[k]] if kind != "source" else []
        if len(source) > i and len(target) > j:
            links.append(((i, len(source)), (j, len(target))))
        k += take
    texts = [np.array(side) + noise * random.normal(size=(len(side), 32)) for side in (source, target)]
    return [spans(text, [text[:-1] + text[1:], text[:-2] + text[1:-1] + text[2:]]) for text in texts], links


@pytest.mark.parametrize("n", [60, 1500])
def test_known_links_are_found(n):
    """Also where a coarser look comes first."""
    (source, target), links = translated(np.random.default_rng(3), n)
    found = align(source, target)
    assert covers(found, len(source), len(target))
    kept = [link[:2] for link in found if link.score]
    assert len(set(kept) & set(links)) > 0.94 * max(len(kept), len(links))


def test_a_long_gap_is_bridged():
    random = np.random.default_rng(5)
    meaning = random.normal(size=(1200, 32))
    source = spans(meaning, [meaning[:-1] + meaning[1:], meaning[:-2] + meaning[1:-1] + meaning[2:]])
    kept = np.r_[meaning[:300], meaning[800:]] + 0.2 * random.normal(size=(700, 32))
    target = spans(kept, [kept[:-1] + kept[1:], kept[:-2] + kept[1:-1] + kept[2:]])
    pairs = {link.source[0]: link.target[0] for link in align(source, target) if link.score > 0.9}
    assert sum(pairs.get(k) == (k if k < 300 else k - 500) for k in [*range(300), *range(800, 1200)]) > 680


def test_groups_are_not_crossed():
    random = np.random.default_rng(1)
    source, target = random_spans(random, 9), random_spans(random, 8)
    groups = [((0, 4), (0, 2)), ((4, 9), (2, 8))]
    links = align(source, target, groups=groups)
    assert covers(links, 9, 8)
    assert any(link.source[1] == 4 and link.target[1] == 2 for link in links)


def test_one_side_may_be_empty():
    some, none = random_spans(np.random.default_rng(0), 3), random_spans(np.random.default_rng(0), 0)
    assert [link.source for link in align(some, none)] == [(0, 1), (1, 2), (2, 3)]
    assert align(none, none) == []


def test_sizes_that_do_not_fit():
    some = random_spans(np.random.default_rng(0), 3, sizes=2)
    with pytest.raises(ConfigError, match="spans of up to 3"):
        align(some, some, 4)
    with pytest.raises(DataError, match="not finite"):
        spans(np.full((2, 3), np.nan))


def bag_of_words(texts, language="und"):
    """Texts of numbers, the same in any language."""
    found = np.zeros((len(texts), 300), np.float32)
    for row, text in enumerate(texts):
        for word in text.replace("。", " ").split():
            found[row, int(word)] += 1
    return found


def test_documents_with_paragraphs(tmp_path):
    (tmp_path / "en.txt").write_text("1 2\n3 4\n\n5 6\n7 8\n\n\n9 10\n")
    (tmp_path / "zh.txt").write_text("2 1。4 3。\n\n6 5。\n8 7。\n\n10 9。\n")
    source, target = document(tmp_path / "en.txt", "en"), document(tmp_path / "zh.txt", "zh")
    assert (source.ends, target.ends) == ((2, 4, 5), (1, 3, 4))
    links = align_documents(source, target, bag_of_words, paragraphs=True)
    assert [(source.joined(*link.source), target.joined(*link.target)) for link in links] == [
        ("1 2 3 4", "2 1。4 3。"), ("5 6", "6 5。"), ("7 8", "8 7。"), ("9 10", "10 9。"),
    ]  # fmt: skip
    assert target.joined(1, 3) == "6 5。8 7。"
    with pytest.raises(ConfigError, match="single paragraph"):
        align_documents(Document(("1",), (1,)), target, bag_of_words, paragraphs=True)


def test_links_larger_than_the_documents_or_than_any_link_is() -> None:
    few, many = (Document(tuple(map(str, range(count))), (count,)) for count in (6, 60))
    assert align_documents(few, few, bag_of_words, 10**12) == align_documents(few, few, bag_of_words, 12)
    with pytest.raises(ConfigError, match="--max-size 120: links of more than 40"):
        align_documents(many, many, bag_of_words, 10**12)


def test_documents_that_are_none(tmp_path):
    (tmp_path / "empty.txt").write_text("\n\n")
    with pytest.raises(DataError, match="no sentences"):
        document(tmp_path / "empty.txt")
    (tmp_path / "long.txt").write_text("short\n" + "x" * 10_000_000 + "\n")
    with pytest.raises(DataError, match=r"long.txt:2: a sentence of 10,000,000 characters"):
        document(tmp_path / "long.txt")


def test_splitting(tmp_path):
    (tmp_path / "a.txt").write_text("One is here. Two is there. So is three.\n\nHere is four.\n")
    found = document(tmp_path / "a.txt", "en", split=True)
    assert found == Document(("One is here.", "Two is there.", "So is three.", "Here is four."), (3, 4), "en")


def test_the_coarse_look_is_used(monkeypatch):
    """The band, not the whole matrix: cost grows with the length."""
    looked = []
    row = module._Costs.row

    def counted(self, a, n, b, start, stop):
        looked.append(stop - start)
        return row(self, a, n, b, start, stop)

    monkeypatch.setattr(module._Costs, "row", counted)
    (source, target), _ = translated(np.random.default_rng(3), 2000)
    align(source, target)
    assert sum(looked) < 0.2 * 6 * len(source) * len(target)


def test_strings_are_aligned_by_their_keys(capsys):
    source = Document(("1", "3", "2"), (3,), "en", ("a", "b", "b"))
    target = Document(("2", "1", "4"), (3,), "de", ("b", "a", "c"))
    links = align_documents(source, target, bag_of_words)
    assert [(link.source, link.target) for link in links] == [
        ((0, 1), (1, 2)),
        ((2, 3), (0, 1)),
        ((1, 2), (0, 0)),
        ((0, 0), (2, 3)),
    ]
    assert "1 strings have the key of a later one" in capsys.readouterr().err
