"""What rounding alone takes apart is a tie, in every figure that ranks cosines or holds them against a threshold."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import average_precision_score

from interlingua.errors import DataError
from interlingua.evaluation.tasks import bucc, language_bias, pairs, retrieval, sts, tatoeba, xsim
from interlingua.search.knn import nearest
from interlingua.types import Embeddings

NOISE = 1e-7
"""Of one coordinate in float32."""


def noisy(embed: Callable[[str], np.ndarray]) -> Callable[..., Embeddings]:
    """An encoder whose vectors differ in the last bits from text to text and from side to side."""
    random = np.random.default_rng(0)

    def encode(texts: Sequence[str], language: str = "und") -> Embeddings:
        rows = np.stack([embed(text) for text in texts])
        return (rows * (1 + random.uniform(-NOISE, NOISE, rows.shape))).astype(np.float32)

    return encode


CONSTANT = np.random.default_rng(1).normal(size=64)
alike = noisy(lambda text: CONSTANT)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 30), st.integers(1, 6))
def test_correlations_are_scipy_s_of_what_was_meant(seed: int, n: int, levels: int) -> None:
    random = np.random.default_rng(seed)
    meant, scores = random.integers(0, levels, n) / 10, random.integers(0, 5, n).astype(float)
    found = sts.rank_correlation((meant + random.uniform(-2e-7, 2e-7, n)).astype(np.float64), scores)
    if np.ptp(meant) == 0 or np.ptp(scores) == 0:
        assert found == (0.0, 0.0)
    else:
        expected = spearmanr(meant, scores).statistic, pearsonr(meant, scores).statistic
        np.testing.assert_allclose(found, [100 * each for each in expected], atol=1e-3)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 30), st.integers(1, 6))
def test_average_precision_is_scikit_learn_s_of_what_was_meant(seed: int, n: int, levels: int) -> None:
    random = np.random.default_rng(seed)
    meant, positive = random.integers(0, levels, n) / 10, random.integers(0, 2, n).astype(bool)
    measured = meant + random.uniform(-2e-7, 2e-7, n)
    if positive.any():
        assert pairs.average_precision(measured, positive) == pytest.approx(average_precision_score(positive, meant))
    for best, at in ((pairs.best_f1, pairs.f1_at), (pairs.best_accuracy, pairs.accuracy_at)):
        value, threshold = best(measured, positive)
        assert threshold == round(threshold, 7)  # as it is reported
        assert at(threshold, meant, positive) == pytest.approx(value)  # and somebody else meets it


def test_a_difference_of_a_ten_thousandth_counts() -> None:
    cosines = 0.7 + np.arange(20) * 1e-4
    assert sts.rank_correlation(cosines, np.arange(20.0))[0] == pytest.approx(100)
    assert pairs.average_precision(cosines, np.arange(20) >= 10) == 1.0


@pytest.mark.parametrize("bad", [[0.1, np.nan], [0.1, np.inf], []])
def test_a_correlation_of_what_is_no_number_is_an_error(bad: list[float]) -> None:
    with pytest.raises(DataError, match="finite numbers"):
        sts.rank_correlation(np.array(bad), np.arange(float(len(bad))))


def test_one_pair_and_a_constant_rank_nothing() -> None:
    assert sts.rank_correlation(np.array([0.3]), np.array([1.0])) == (0.0, 0.0)
    assert sts.correlations(alike([""] * 9), alike([""] * 9), np.arange(9.0)) == (0.0, 0.0)


def test_equal_texts_in_files(tmp_path: Path) -> None:
    scored = [f"{row % 5}\ttext {row}\tother {row}" for row in range(40)]
    for language in ("en", "de"):
        (tmp_path / f"{language}.test.tsv").write_text("\n".join(["score\tsentence1\tsentence2", *scored]) + "\n")
    assert all(row["spearman"] == row["pearson"] == 0 for row in sts.evaluate(alike, tmp_path).rows)
    assert language_bias.evaluate(alike, tmp_path).rows[0]["pooled"] == 0
    file = tmp_path / "all.tsv"
    labelled = [f"{row % 2}\ttext {row}\tother {row}" for row in range(40)]
    file.write_text("\n".join(["label\tsentence1\tsentence2", *labelled]) + "\n")
    (row,) = pairs.evaluate(alike, file).rows
    assert (row["average_precision"], row["accuracy"]) == (50, 50)


def test_the_first_of_equals_is_the_nearest() -> None:
    n = 40
    source, target = alike([""] * n), alike([""] * n)
    assert tatoeba.accuracies(source, target) == (100 / n, 100 / n)
    assert xsim.error(source, target, xsim.Margin.absolute, k=n) == pytest.approx(100 * (1 - 1 / n))
    bilingual, _, own = language_bias.retrieval_bias([source, target])
    assert bilingual == 100 / n
    assert own < 100


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 40), st.integers(1, 4), st.integers(1, 12))
def test_the_nearest_are_those_of_float64_on_the_grid(seed: int, n: int, different: int, k: int) -> None:
    """Many ties, more than are fetched at first, and rows of zeros, which are nobody's."""
    random = np.random.default_rng(seed)
    directions = np.concatenate([random.normal(size=(different, 6)), np.zeros((1, 6))])
    keys, queries = directions[random.integers(0, different + 1, n)], directions[random.integers(0, different + 1, 5)]
    measured = (keys * (1 + random.uniform(-NOISE, NOISE, keys.shape))).astype(np.float32)
    scores, rows = nearest(queries.astype(np.float32), measured, k)
    lengths = np.linalg.norm(queries, axis=1)[:, None] * np.linalg.norm(keys, axis=1)
    exact = np.divide(queries @ keys.T, lengths, out=np.full(lengths.shape, -np.inf), where=lengths > 0)
    order = np.lexsort((np.broadcast_to(np.arange(n), exact.shape), -np.round(exact, 4)), axis=1)[:, :k]
    expected = np.take_along_axis(exact, order, 1)
    np.testing.assert_allclose(scores, expected, atol=2e-6)
    assert (rows == np.where(np.isneginf(expected), -1, order)).mean() > 0.999 or _near_an_edge(exact)


def _near_an_edge(exact: np.ndarray) -> bool:
    """Whether a cosine lies so near the middle between two places of the grid that noise decides between them."""
    places = exact[np.isfinite(exact)] * 1e6
    return bool((np.abs(places - np.floor(places) - 0.5) < 0.4).any())


def test_zeros_are_found_by_nobody() -> None:
    zeros = noisy(lambda text: CONSTANT * 0)(["a", "b"])
    assert tatoeba.accuracies(zeros, zeros) == (0, 0)
    assert tatoeba.f1(zeros, zeros) == 0
    assert xsim.error(zeros, zeros, xsim.Margin.absolute) == 100
    assert language_bias.retrieval_bias([zeros, zeros]) == (0, 0, 0)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=30), st.integers(0, 99))
def test_bucc_s_threshold_is_met_by_others(drawn: list[tuple[int, bool]], seed: int) -> None:
    random = np.random.default_rng(seed)
    gold = max(1, sum(right for _, right in drawn))
    threshold, f1 = bucc.best_threshold([(1 + s / 10 + random.uniform(-2e-7, 2e-7), right) for s, right in drawn], gold)
    kept = [right for score, right in drawn if 1 + score / 10 > threshold]
    assert f1 == pytest.approx(2 * sum(kept) / (len(kept) + gold))


def collection(folder: Path, corpus: dict[str, str], queries: dict[str, str], relevant: dict[str, str]) -> Path:
    (folder / "qrels").mkdir(parents=True)
    for name, texts in (("corpus", corpus), ("queries", queries)):
        lines = [json.dumps({"_id": key, "text": text}) for key, text in texts.items()]
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
    rows = [f"{query}\t{document}\t1" for query, document in relevant.items()]
    (folder / "qrels/test.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *rows]) + "\n")
    return folder


def by_number(texts: Sequence[str], language: str = "und") -> Embeddings:
    angles = np.array([0.1 * float(text.split()[-1]) for text in texts])
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


@pytest.mark.parametrize("shift", [0, 3])
def test_a_document_that_is_judged_relevant_is_not_the_query(shift: int, tmp_path: Path) -> None:
    n = 8
    corpus = {str((k + shift) % n): f"answer {k}" for k in range(n)}
    queries, relevant = {str(k): f"question {k}" for k in range(n)}, {str(k): str((k + shift) % n) for k in range(n)}
    (row,) = retrieval.evaluate(by_number, collection(tmp_path / "x", corpus, queries, relevant)).rows
    assert (row["ndcg@10"], row["recall@1"], row["mrr@10"]) == (100, 100, 100)


@pytest.mark.parametrize("independent", [False, True])
def test_a_query_out_of_the_corpus_is_left_out(independent: bool, tmp_path: Path) -> None:
    corpus = {"a": "text 1", "b": "text 1.2", "c": "text 9"}
    queries, relevant = {"a": "text 1"}, {"a": "b"}
    if independent:  # one judgement says that numbers mean nothing; the query's own text still does
        queries["c"], relevant["c"] = "question 9", "c"
    (row,) = retrieval.evaluate(by_number, collection(tmp_path / "x", corpus, queries, relevant)).rows
    assert row["recall@1"] == 100


def test_of_two_documents_of_one_text_the_identifier_decides_whatever_the_rounding(tmp_path: Path) -> None:
    corpus = {f"d{k}": f"text {k}" for k in range(12)}
    for relevant, expected in (("d9", 100.0), ("d8", 50.0)):  # trec_eval's order of ties: the last identifier first
        folder = collection(tmp_path / relevant, corpus, {"q": "question"}, {"q": relevant})
        assert retrieval.evaluate(alike, folder).rows[0]["mrr@10"] == expected


def test_a_query_or_document_of_zeros_is_not_found(tmp_path: Path) -> None:
    folder = collection(tmp_path / "x", {"a": "0", "b": "1"}, {"p": "0", "q": "-1"}, {"p": "a", "q": "a"})
    (row,) = retrieval.evaluate(
        lambda texts, language="und": np.array([[float(t)] * 2 for t in texts], np.float32), folder
    ).rows
    assert row["recall@10"] == 0
