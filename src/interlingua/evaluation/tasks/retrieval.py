"""Retrieval: are the documents that answer a query near to it? Collections in BEIR's layout (Thakur et al. 2021,
arXiv:2104.08663).
"""

from pathlib import Path
from typing import Any

import numpy as np

from interlingua.encoding.cache import remembering
from interlingua.errors import ConfigError, MissingDependency
from interlingua.evaluation.collections import Collection, collections
from interlingua.evaluation.report import Report
from interlingua.evaluation.tasks.cross_encoder import Judge
from interlingua.loading import load_cross_encoder
from interlingua.search.knn import neighbours
from interlingua.types import Encode
from interlingua.vectors import unit, verified

DEFINITION = (
    "Documents (title and text) ranked by cosine with the query, fp32, exact search; a document with the query's own "
    "identifier is left out. nDCG@10, recall@k and MRR@10 x 100 as trec_eval computes them (through ir-measures), "
    "means over the judged queries; grades are linear gains, any grade above 0 is relevant. With a reranker: the best "
    "documents by cosine, sorted by its score. Averages are plain means over collections."
)


def metrics(
    run: dict[str, dict[str, float]], judgements: dict[str, dict[str, int]], recall_at: tuple[int, ...]
) -> dict[str, float]:
    """nDCG@10, MRR@10 and recall at each depth, 0 to 100, of scores by query and document. MissingDependency without
    ir-measures.
    """
    try:
        from ir_measures import RR, R, calc_aggregate, nDCG
    except ImportError as error:
        raise MissingDependency("retrieval metrics", "eval") from error
    measures = {"ndcg@10": nDCG @ 10, "mrr@10": RR @ 10} | {f"recall@{depth}": R @ depth for depth in recall_at}
    values = calc_aggregate(list(measures.values()), judgements, run)
    return {name: 100 * float(values[measure]) for name, measure in measures.items()}


def evaluate(
    encode: Encode,
    *paths: Path,
    split: str = "test",
    recall_at: tuple[int, ...] = (1, 10, 100),
    reranker: str | None = None,
    rerank: int = 100,
) -> Report:
    """Search and score. Raises DataError for files that cannot be used.

    Parameters
    ----------
    paths
        Folders with corpus.jsonl, queries.jsonl and qrels/test.tsv (BEIR), folders of such folders, or folders of
        LANGUAGE.queries.tsv with LANGUAGE.candidates.tsv (LAReQA).
    split
        Which file of qrels/ to use.
    recall_at
        Depths of recall.
    reranker
        A cross-encoder with one score (see the recipe cross-encoder) that sorts the best documents of each query again.
    rerank
        How many documents of a query it reads.

    """
    if not paths or not recall_at or min(recall_at) < 1:
        raise ConfigError("give at least one folder, and depths --recall-at of at least 1")
    if rerank < 1:
        raise ConfigError("--rerank must be at least 1")
    judge = None if reranker is None else _judge(reranker)
    encode = remembering(encode)
    rows: list[dict[str, Any]] = []
    files: list[Path] = []
    for each in (each for path in paths for each in collections(path, split)):
        ranked = search(encode, each, max(10, rerank if judge else 0, *recall_at))
        if judge is not None:
            ranked = reranked(judge, each, ranked, rerank)
        figures = metrics(ranked, each.judgements, recall_at)
        counts = {"queries": len(each.queries), "documents": len(each.documents)}
        rows.append({"name": each.name, **{name: round(value, 2) for name, value in figures.items()}, **counts})
        files += each.files
    names = [name for name in rows[0] if "@" in name]
    averages = {f"{name}, all {len(rows)}": round(float(np.mean([row[name] for row in rows])), 2) for name in names}
    settings = {"split": split} | ({"reranker": reranker, "rerank": rerank} if reranker else {})
    return Report(
        task="retrieval",
        definition=DEFINITION,
        rows=tuple(rows),
        averages=averages,
        settings=settings,
        files=tuple(files),
    )


def search(encode: Encode, collection: Collection, depth: int) -> dict[str, dict[str, float]]:
    """The `depth` best documents of every query, with their cosines."""
    encode = verified(encode)
    keys, asked = list(collection.documents), list(collection.queries)
    documents = unit(encode(list(collection.documents.values()), collection.language))
    queries = unit(encode(list(collection.queries.values()), collection.language))
    scores, rows = neighbours(queries, documents, depth + 1)  # one more, for the query itself may be among them
    return {
        query: dict(
            [(keys[row], score) for row, score in zip(places, cosines, strict=True) if keys[row] != query][:depth]
        )
        for query, places, cosines in zip(asked, rows.tolist(), scores.tolist(), strict=True)
    }


def reranked(
    judge: Judge, collection: Collection, ranked: dict[str, dict[str, float]], depth: int
) -> dict[str, dict[str, float]]:
    """The `depth` best documents of every query by the score of `judge`; those behind them keep their order below."""
    scored: dict[str, dict[str, float]] = {}
    for query, cosines in ranked.items():
        best, rest = list(cosines)[:depth], list(cosines)[depth:]
        pairs = [(collection.queries[query], collection.documents[key]) for key in best]
        scores = judge.outputs(pairs)[:, 0].astype(float) if pairs else np.zeros(0)
        lowest = float(scores.min()) if pairs else 0.0
        scored[query] = dict(zip(best, scores.tolist(), strict=True)) | {
            key: lowest - place for place, key in enumerate(rest, 1)
        }
    return scored


def _judge(reranker: str) -> Judge:
    judge = load_cross_encoder(reranker)
    if len(judge.labels) != 1:
        raise ConfigError(
            f"{reranker} tells classes apart ({', '.join(judge.labels)}); re-ranking needs a cross-encoder with one "
            "score"
        )
    return judge
