"""Translation retrieval: does every sentence find its translation among all of the other language's (Artetxe & Schwenk 2019)?"""

from interlingua.evaluation.geometry import unit
from interlingua.search.knn import neighbours
from interlingua.types import Embeddings
import numpy as np


def retrieval_accuracy(source: Embeddings, target: Embeddings) -> float:
    """Share of rows (0 to 100) whose nearest row on the other side, by cosine, is their own; mean of both directions."""
    source, target = unit(source), unit(target)
    own = np.arange(len(source))
    return float(50 * sum((neighbours(a, b, 1)[1][:, 0] == own).mean() for a, b in ((source, target), (target, source))))
