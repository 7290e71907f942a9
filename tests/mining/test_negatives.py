import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua.cli import run as cli
from interlingua.data.labelled import positives
from interlingua.errors import ConfigError
from interlingua.mining import negatives as module
from interlingua.mining.negatives import Hardness, hard_negatives
from interlingua.types import Embeddings, Example


def embedder(seed: int, width: int = 6):
    """A made-up encoder: every text has its own random vector, the same in every call."""

    def encode(texts: Sequence[str], language: str = "und") -> Embeddings:
        rows = [np.random.default_rng([seed, *text.encode()]).normal(size=width) for text in texts]
        return np.asarray(rows, np.float32).reshape(len(texts), width)

    return encode


def made(seed: int, size: int) -> list[Example]:
    random = np.random.default_rng(seed)
    return [Example((f"a{random.integers(size)}", f"p{random.integers(size)}"), ("und",) * 2) for _ in range(size)]


def oracle(pairs: list[Example], encode, h: Hardness, judge=None, judge_margin: float = 0.0) -> list[tuple[str, ...]]:
    """The definition, with a whole matrix of scores and loops."""
    texts = list(dict.fromkeys(pair.texts[1] for pair in pairs))

    def vector(text: str) -> np.ndarray:
        (found,) = encode([text]).astype(np.float64)
        return found / np.linalg.norm(found)

    rows = []
    for anchor, positive in (pair.texts for pair in pairs):
        right = {p.texts[1] for p in pairs if p.texts[0] == anchor} | {anchor}
        others = sorted(
            (text for text in texts if text not in right), key=lambda text: -(vector(anchor) @ vector(text))
        )
        window = others[h.first - 1 : h.last]
        kept = [text for text in window if vector(anchor) @ vector(text) < vector(anchor) @ vector(positive) - h.margin]
        if judge is not None:
            own = judge([(anchor, positive)])[0]
            kept = [text for text in kept if judge([(anchor, text)])[0] < own - judge_margin]
        if len(kept) >= h.count:
            rows.append((anchor, positive, *kept[: h.count]))
    return rows


@given(
    st.integers(0, 10**6),
    st.integers(2, 40),
    st.integers(1, 3),
    st.integers(1, 4),
    st.integers(0, 20),
    st.sampled_from([-2.0, 0.0, 0.2]),
)
@settings(max_examples=25, deadline=None)
def test_negatives_are_what_their_definition_says(
    seed: int, size: int, count: int, first: int, more: int, margin: float
) -> None:
    pairs, encode = made(seed, size), embedder(seed)
    hardness = Hardness(count=count, first=first, last=first + count - 1 + more, margin=margin)
    assert list(hard_negatives(pairs, encode, hardness)) == oracle(pairs, encode, hardness)


@given(st.integers(0, 10**6), st.integers(5, 60), st.integers(2, 7))
@settings(max_examples=15, deadline=None)
def test_approximate_search_of_all_cells_is_exact(seed: int, size: int, lists: int) -> None:
    pairs, encode = made(seed, size), embedder(seed)
    exact = list(hard_negatives(pairs, encode, Hardness(count=2, margin=-2.0)))
    assert list(hard_negatives(pairs, encode, Hardness(count=2, margin=-2.0, lists=lists, probe=lists))) == exact
    few = list(hard_negatives(pairs, encode, Hardness(count=1, margin=-2.0, lists=lists, probe=1)))
    assert len(few) <= len(pairs)


def test_blocks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs, encode = made(3, 50), embedder(3)
    whole = list(hard_negatives(pairs, encode, Hardness(count=2)))
    monkeypatch.setattr(module, "BLOCK", 7)
    assert list(hard_negatives(pairs, encode, Hardness(count=2))) == whole


def test_a_cross_encoder_has_the_last_word() -> None:
    def judge(pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        return np.array([np.random.default_rng([*a.encode(), *b.encode()]).random() for a, b in pairs], np.float32)

    pairs, encode, hardness = made(5, 40), embedder(5), Hardness(count=2, margin=-2.0, last=10)
    found = list(hard_negatives(pairs, encode, hardness, judge=judge, judge_margin=0.1))
    assert found == oracle(pairs, encode, hardness, judge, 0.1)
    assert found != list(hard_negatives(pairs, encode, hardness))


def test_the_command_writes_what_recipes_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from types import SimpleNamespace

    monkeypatch.setattr("interlingua.commands.negatives.load", lambda *_: SimpleNamespace(encode=embedder(1)))
    monkeypatch.chdir(tmp_path)
    rows = [f"a{k}\tp{k}" for k in range(20)]
    Path("pairs.tsv").write_text("\n".join(["anchor\tpositive", *rows]) + "\n", encoding="utf-8")
    Path("parallel.tsv").write_text("\n".join(["en\tde", *rows]) + "\n", encoding="utf-8")
    assert not cli(
        ["negatives", "pairs.tsv", "--model", "m", "--output", "out.tsv", "--count", "2", "--margin", "-2", "--json"]
    )
    summary = json.loads(capsys.readouterr().out)
    assert summary["triplets"] + summary["left_out"] == 20
    assert not cli(
        ["negatives", "parallel.tsv", "--model", "m", "--output", "out.jsonl", "--count", "2", "--margin", "-2"]
    )
    assert [e.texts for e in positives(Path("out.tsv"))] == [e.texts for e in positives(Path("out.jsonl"))]
    assert all(len(e.texts) == 4 for e in positives(Path("out.tsv")))
    Path("pool.txt").write_text("x\n\ny\n", encoding="utf-8")
    assert not cli(
        ["negatives", "pairs.tsv", "--model", "m", "--output", "pool.tsv", "--candidates", "pool.txt", "--margin", "-2"]
    )
    assert {e.texts[2] for e in positives(Path("pool.tsv"))} == {"x", "y"}
    capsys.readouterr()
    for arguments, problem in (
        (["pairs.tsv", "--output", "out.txt"], "written as .csv, .htm, .html, .jsonl, .ndjson, .parquet, .tsv"),
        (["pairs.tsv", "--output", "none.tsv", "--margin", "3"], "no pair has a negative"),
        (["pairs.tsv", "--output", "none.tsv", "--ranks", "5", "4"], "have no room"),
    ):
        assert cli(["negatives", *arguments, "--model", "m"]) == 2
        assert problem in capsys.readouterr().err
    assert not Path("none.tsv").exists()
    with pytest.raises(ConfigError, match="no room for 3 negatives"):
        Hardness(count=3, first=1, last=2)
