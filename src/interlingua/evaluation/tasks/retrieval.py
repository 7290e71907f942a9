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
from interlingua.folding import plain
from interlingua.loading import load_cross_encoder
from interlingua.search.knn import nearest
from interlingua.types import Encode
from interlingua.vectors import on_grid, verified

DEFINITION = (
    "Documents (title and text) ranked by cosine with the query, fp32, exact search; cosines that are equal to six "
    "decimals are ties, which trec_eval orders by identifier. The query itself, a document with its identifier, is "
    "left out; where the judgements call such a document relevant, the two are numbered independently, and the query "
    "itself is a document that also has its text. nDCG@10, recall@k and MRR@10 x 100 as trec_eval computes them "
    "(through ir-measures), means over the judged queries; grades are linear gains, any grade above 0 is relevant. "
    "With a reranker: the best documents by cosine, sorted by its score. Averages are plain means over collections."
)


def metrics(
    run: dict[str, dict[str, float]], judgements: dict[str, dict[str, int]], recall_at: tuple[int, ...]
) -> dict[str, float]:
    """nDCG@10, MRR@10 and recall at each depth, 0 to 100, of scores by query and document. Documents of equal scores
    stand in the order of trec_eval, the last identifier first. MissingDependency without ir-measures.
    """
    try:
        from ir_measures import RR, R, calc_aggregate, nDCG
    except ImportError as error:
        raise MissingDependency("retrieval metrics", "eval") from error
    measures = {"ndcg@10": nDCG @ 10, "mrr@10": RR @ 10} | {f"recall@{depth}": R @ depth for depth in recall_at}
    places = {query: _places(scores) for query, scores in run.items()}  # each of its libraries has an order of its own
    values = calc_aggregate(list(measures.values()), judgements, places)
    return {name: 100 * float(values[measure]) for name, measure in measures.items()}


def _places(scores: dict[str, float]) -> dict[str, float]:
    """Scores of the same order, no two of them equal."""
    ordered = sorted(sorted(scores, reverse=True), key=lambda key: -scores[key])
    return {key: float(-place) for place, key in enumerate(ordered)}


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
    """The `depth` best documents of every query, with their cosines; the query itself and what has an embedding of
    zeros left out.
    """
    encode = verified(encode)
    keys, asked = list(collection.documents), list(collection.queries)
    documents = encode(list(collection.documents.values()), collection.language)
    queries = encode(list(collection.queries.values()), collection.language)
    scores, rows = nearest(queries, documents, depth + 1)  # one more, for the query itself may be among them
    ranked: dict[str, dict[str, float]] = {}
    independent = any(relevant.get(query, 0) > 0 for query, relevant in collection.judgements.items())
    for query, places, cosines in zip(asked, rows.tolist(), scores.tolist(), strict=True):
        itself = query if _is_the_query(query, collection, independent) else None
        found = [(keys[row], score) for row, score in zip(places, cosines, strict=True) if row >= 0]
        ranked[query] = dict([(key, score) for key, score in found if key != itself][:depth])
    return ranked


def _is_the_query(identifier: str, collection: Collection, independent: bool) -> bool:
    """Whether the document with a query's identifier is that query, and not one that happens to have its number: what
    is judged relevant is not, and where numbers are `independent`, nor is another text (behind a title, perhaps).
    """
    document = collection.documents.get(identifier)
    if document is None or collection.judgements[identifier].get(identifier, 0) > 0:
        return False
    return not independent or plain(document).endswith(plain(collection.queries[identifier]))


def reranked(
    judge: Judge, collection: Collection, ranked: dict[str, dict[str, float]], depth: int
) -> dict[str, dict[str, float]]:
    """The `depth` best documents of every query by the score of `judge`; those behind them keep their order below."""
    scored: dict[str, dict[str, float]] = {}
    for query, cosines in ranked.items():
        best, rest = list(cosines)[:depth], list(cosines)[depth:]
        pairs = [(collection.queries[query], collection.documents[key]) for key in best]
        scores = on_grid(judge.outputs(pairs)[:, 0].astype(float)) if pairs else np.zeros(0)
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
