"""Two texts read as one: slower than comparing embeddings, and better at judging a pair. Reimers & Gurevych 2019,
section 2.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from jaxtyping import Float, Float32, Int
from torch import nn

from interlingua.encoders.encoder import Encoder
from interlingua.encoders.pooling import Pooling
from interlingua.encoding.batches import by_length
from interlingua.progress import track
from interlingua.texts import pairs_of, texts_of
from interlingua.vectors import require_finite

SCORE = "score"
"""The label of a cross-encoder with a single output: how alike, or how relevant."""


def with_head(encoder: Encoder, labels: Sequence[str], pooling: Pooling = Pooling.cls) -> Encoder:
    """The encoder's body with an output for each label, to be trained on pairs. Weights are drawn from torch's random
    state.

    A cross-encoder of the same labels keeps its outputs.
    """
    known = encoder.labels == tuple(labels)
    encoder.change(pooling=pooling, normalize=False, prompt="", labels=tuple(labels))
    if known:
        return encoder
    encoder.projection = nn.Linear(encoder.body.width, len(labels))
    nn.init.trunc_normal_(encoder.projection.weight, std=0.02)
    nn.init.zeros_(encoder.projection.bias)
    return encoder


class CrossEncoder:
    """An encoder with labels, put to use on pairs of texts."""

    def __init__(self, encoder: Encoder) -> None:
        if not encoder.labels:
            raise ValueError("an encoder of single texts is no cross-encoder")
        self.encoder, self.labels = encoder, encoder.labels

    def outputs(self, pairs: Iterable[tuple[str, str]], max_tokens: int = 4096) -> Float32[np.ndarray, "N C"]:
        """The raw output for each label; alike-long pairs share a batch of at most `max_tokens` tokens, the order is
        kept. Raises what `Encoder.encode` does.
        """
        pairs = pairs_of(pairs)
        logits = np.empty((len(pairs), len(self.labels)), np.float32)
        inference = self.encoder.inference.of(self.encoder, self.encoder.device)
        with inference, torch.inference_mode(), track(len(pairs), "judging", "pairs") as progress:
            for group in by_length(
                [len(a) + len(b) for a, b in pairs], max_tokens * 3
            ):  # about three characters a token
                tokens = self.encoder.joint_tokens([pairs[row] for row in group], ["und"] * len(group))
                logits[group] = self.encoder(tokens).float().cpu().numpy()
                progress.advance(len(group))
        require_finite(logits, [f"{one} / {other}" for one, other in pairs])
        return logits

    def probabilities(self, pairs: Iterable[tuple[str, str]]) -> Float32[np.ndarray, "N C"]:
        """The probability of each label; of a single one, between 0 and 1 on its own."""
        outputs = torch.from_numpy(self.outputs(pairs))
        return (outputs.sigmoid() if len(self.labels) == 1 else outputs.softmax(-1)).numpy()

    def scores(self, pairs: Iterable[tuple[str, str]]) -> Float32[np.ndarray, " N"]:
        """The single score of each pair, before the sigmoid: it ranks the same and never saturates."""
        return self.outputs(pairs)[:, 0]

    def rerank(self, query: str, texts: Iterable[str]) -> tuple[Int[np.ndarray, " N"], Float[np.ndarray, " N"]]:
        """The positions of `texts`, best first, and their scores in that order."""
        (query,), texts = texts_of([query], "query"), texts_of(texts)
        scores = self.scores([(query, text) for text in texts])
        order = np.argsort(-scores, kind="stable")
        return order, scores[order]
