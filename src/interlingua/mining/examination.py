"""What only embeddings show of training data: pairs that other texts fit as well, and negatives nearer than
positives.
"""

import numpy as np

from interlingua.data.doctor import Finding, Severity
from interlingua.data.roles import Dataset, Kind
from interlingua.mining.clean import Thresholds
from interlingua.mining.scoring import Scores, score_pairs
from interlingua.types import Encode


def by_model(dataset: Dataset, encode: Encode, scores: Scores | None = None) -> list[Finding]:
    """What only vectors show; `scores` are those of the records of parallel text, where they are known."""
    pairs = (
        [(record.texts[0], record.texts[1]) for record in dataset.records] if len(dataset.records[0].texts) > 1 else []
    )
    lines: list[int] = []
    check, said = "misaligned", "rows are pairs that other texts of the file fit as well"
    if dataset.kind is Kind.parallel:
        chance = (scores or score_pairs(pairs, encode)).chance
        lines = [dataset.records[row].line for row in np.flatnonzero(chance > Thresholds().misaligned)]
    elif dataset.kind is Kind.triplets and len(dataset.records[0].texts) > 2:
        check, said = (
            "hard negatives",
            "rows have a negative that is nearer to the anchor than the positive: perhaps a false one",
        )
        cosines = [
            score_pairs([(r.texts[0], r.texts[place]) for r in dataset.records], encode).cosine
            for place in range(1, len(dataset.roles))
        ]
        lines = [dataset.records[row].line for row in np.flatnonzero(np.max(cosines[1:], axis=0) > cosines[0])]
    if not lines:
        return []
    share = len(lines) / len(dataset.records)
    return [
        Finding(
            Severity.warning if share >= 0.01 else Severity.note,
            check,
            f"{len(lines):,} ({share:.2%}) {said}",
            tuple(lines),
        )
    ]
