"""Retrieval metrics against their textbook formulas, the layouts of collections, and what is refused."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from interlingua.errors import ConfigError, DataError
from interlingua.evaluation.collections import collections
from interlingua.evaluation.tasks import retrieval
from interlingua.types import Embeddings


def angles(texts: Sequence[str], language: str = "und") -> Embeddings:
    found = np.array([float(text.split()[-1]) for text in texts])
    return np.stack([np.cos(found), np.sin(found)], axis=1).astype(np.float32)


def beir(
    folder: Path, documents: dict[str, float], queries: dict[str, float], qrels: list[tuple[str, str, str]]
) -> Path:
    (folder / "qrels").mkdir(parents=True)
    corpus = [
        {"_id": key, "title": f"T {key}", "text": f"text {angle}", "metadata": {"a": 1}}
        for key, angle in documents.items()
    ]
    asked = [{"_id": key, "text": f"query {angle}"} for key, angle in queries.items()]
    for name, rows in (("corpus", corpus), ("queries", asked)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    lines = ["query-id\tcorpus-id\tscore", *("\t".join(row) for row in qrels)]
    (folder / "qrels" / "test.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_against_hand_computed_values(tmp_path: Path) -> None:
    documents = {"near": 0.1, "far": 1.5, "middle": 0.5, "q1": 0.0}  # q1 is also a query: it must not find itself
    queries = {"q1": 0.0, "q2": 1.4, "unjudged": 0.3}
    folder = beir(
        tmp_path / "tiny",
        documents,
        queries,
        [("q1", "middle", "2"), ("q1", "far", "1"), ("q2", "far", "1"), ("q2", "near", "0")],
    )
    (row,) = retrieval.evaluate(angles, folder, recall_at=(1, 2)).rows
    # q1 ranks near, middle, far; q2 ranks far first
    ndcg = (2 / np.log2(3) + 1 / np.log2(4)) / (2 / np.log2(2) + 1 / np.log2(3))
    assert row["ndcg@10"] == pytest.approx(100 * (ndcg + 1) / 2, abs=0.006)
    assert row["mrr@10"] == pytest.approx(100 * (1 / 2 + 1) / 2)
    assert row["recall@1"] == pytest.approx(100 * (0 + 1) / 2)
    assert row["recall@2"] == pytest.approx(100 * (1 / 2 + 1) / 2)
    assert (row["queries"], row["documents"]) == (2, 4)


def test_an_oracle_and_a_random_encoder(tmp_path: Path) -> None:
    n = 200
    documents, queries = {f"d{k}": k / n for k in range(n)}, {f"q{k}": k / n for k in range(n)}
    beir(tmp_path / "a", documents, queries, [(f"q{k}", f"d{k}", "1") for k in range(n)])
    report = retrieval.evaluate(angles, tmp_path)
    assert [report.rows[0][name] for name in ("ndcg@10", "mrr@10", "recall@1")] == [100, 100, 100]
    random = np.random.default_rng(0)
    noise = retrieval.evaluate(
        lambda texts, language="und": random.normal(size=(len(texts), 8)).astype(np.float32), tmp_path
    )
    assert noise.averages["recall@10, all 1"] < 15
    assert len(report.files) == 3


def test_titles_join_texts_and_absent_documents_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = beir(tmp_path / "x", {"a": 1}, {"q": 0}, [("q", "a", "1"), ("q", "gone", "1")])
    (collection,) = collections(folder)
    assert collection.documents == {"a": "T a text 1"}
    assert "1 judged documents are not in corpus.jsonl" in capsys.readouterr().err
    assert retrieval.evaluate(angles, folder).rows[0]["recall@10"] == 50


def test_lareqa_s_layout(tmp_path: Path) -> None:
    (tmp_path / "de.queries.tsv").write_text("question_id\tquestion\tgold_cand_id\nx\tWas 0.1\t1\ny\tWer 0.9\t0\n")
    (tmp_path / "de.candidates.tsv").write_text("cand_id\tparagraph_id\tsentence\n0\t0\tEr 0.9\n1\t0\tDas 0.1\n")
    (row,) = retrieval.evaluate(angles, tmp_path, recall_at=(1,)).rows
    assert (row["name"], row["recall@1"]) == ("de", 100)
    (tmp_path / "de.queries.tsv").write_text("question_id\tquestion\tgold_cand_id\nx\tWas 0.1\t7\n")
    with pytest.raises(DataError, match=r"de.queries.tsv:2: the candidate '7' is not in de.candidates.tsv"):
        retrieval.evaluate(angles, tmp_path)


def test_what_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"there is no corpus.jsonl here"):
        retrieval.evaluate(angles, tmp_path)
    with pytest.raises(ConfigError, match="--recall-at"):
        retrieval.evaluate(angles, tmp_path, recall_at=(0,))
    folder = beir(tmp_path / "x", {"a": 1}, {"q": 0}, [("q", "a", "1"), ("other", "a", "1")])
    with pytest.raises(DataError, match=r"test.tsv:3: the query 'other' is not in queries.jsonl"):
        retrieval.evaluate(angles, folder)
    with pytest.raises(DataError, match=r"dev.tsv: there is no such file"):
        retrieval.evaluate(angles, folder, split="dev")
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\ta\tgood\n")
    with pytest.raises(DataError, match=r"test.tsv:2: the score 'good' is no whole number"):
        retrieval.evaluate(angles, folder)
    with (folder / "corpus.jsonl").open("a") as stream:
        stream.write('{"_id": "a", "text": "again 2"}\n')
    with pytest.raises(DataError, match=r"corpus.jsonl:2: the identifier 'a' occurs twice"):
        retrieval.evaluate(angles, folder)
    (folder / "queries.jsonl").write_text('{"id": "a", "text": "again 2"}\n')
    (folder / "corpus.jsonl").write_text('{"_id": "a", "text": "again 2"}\n')
    with pytest.raises(DataError, match=r"queries.jsonl:1: there is no column '_id'"):
        retrieval.evaluate(angles, folder)


class Reader:
    """A cross-encoder that knows which document answers: that of the query's own angle."""

    labels = ("score",)

    def __init__(self) -> None:
        self.read = 0

    def outputs(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        self.read += len(pairs)
        return np.array([[-abs(float(a.split()[-1]) - float(b.split()[-1]))] for a, b in pairs], np.float32)


def test_a_cross_encoder_reranks_what_search_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    n, reader = 40, Reader()
    folder = beir(
        tmp_path / "a",
        {f"d{k}": k / n for k in range(n)},
        {f"q{k}": k / n for k in range(n)},
        [(f"q{k}", f"d{k}", "1") for k in range(n)],
    )
    monkeypatch.setattr(retrieval, "load_cross_encoder", lambda _: reader)

    def coarse(
        texts: Sequence[str], language: str = "und"
    ) -> Embeddings:  # right to a fifth: the document is near, not first
        return angles([f"{round(float(text.split()[-1]) * 5) / 5}" for text in texts])

    before = retrieval.evaluate(coarse, folder)
    after = retrieval.evaluate(coarse, folder, reranker="reader", rerank=20)
    assert before.rows[0]["mrr@10"] < 60
    assert after.rows[0]["mrr@10"] == 100
    assert after.rows[0]["recall@100"] == before.rows[0]["recall@100"] == 100  # what is not read keeps its place below
    assert reader.read == n * 20
    assert after.settings["reranker"] == "reader"
    reader.labels = ("no", "yes")
    with pytest.raises(ConfigError, match="needs a cross-encoder with one score"):
        retrieval.evaluate(coarse, folder, reranker="reader")
