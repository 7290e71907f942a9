"""Averaged word vectors as an encoder: weights and the common direction are folded into its table and projection.

Arora et al. 2017, "A Simple but Tough-to-Beat Baseline for Sentence Embeddings" (SIF), algorithm 1.
"""

import re
import unicodedata
from collections.abc import Sequence, Set
from enum import StrEnum
from pathlib import Path

import numpy as np
import tokenizers
import torch
from jaxtyping import Float32, Float64
from torch import nn

from interlingua.encoders.bodies import static
from interlingua.encoders.encoder import Encoder
from interlingua.errors import ConfigError, DataError
from interlingua.files import read_lines
from interlingua.progress import track
from interlingua.tokenization import Tokenizer

WORD = r"\d+(?:[.,]\d+)*|\w+|[^\w\s]"
"""A number, a word, or a single sign."""
UNKNOWN = "[unk]"
SMOOTHING = 1e-3
"""a in SIF's weight a / (a + p(word)), the paper's value."""


class Weights(StrEnum):
    """How much a word counts in the average."""

    plain = "plain"
    idf = "idf"
    """log(texts / texts with the word)."""
    sif = "sif"
    """Smooth inverse frequency, and the embeddings' common direction taken away."""


def read(path: Path, most: int, needed: Set[str] | None = None) -> tuple[list[str], Float32[np.ndarray, "V D"]]:
    """The first `most` words and vectors of a file in the layout of GloVe, word2vec and fastText: a word and its
    numbers a line.

    Of these, only `needed` words are kept where such are given.
    Raises DataError, with the line, for what is no number or of another width.
    """
    words: list[str] = []
    rows: list[Float32[np.ndarray, " _"]] = []
    seen = 0
    with track(most, "reading vectors", "words") as progress:
        for line, text in read_lines(path):
            word, *numbers = text.rstrip().split(" ")
            if line == 1 and len(numbers) == 1:  # word2vec begins with the size of the table
                continue
            try:
                with np.errstate(over="ignore"):  # what is too large becomes infinite, which is told below
                    row = np.array(numbers, np.float32)
            except ValueError as error:
                raise DataError(
                    f"a word and its numbers are expected, separated by spaces ({error})", path, line
                ) from error
            if not len(row) or (rows and len(row) != len(rows[0])) or not np.isfinite(row).all():
                raise DataError(f"{len(row)} finite numbers are expected as on the lines before", path, line)
            if needed is None or word in needed or not rows:
                words.append(word)
                rows.append(row)
            seen += 1
            progress.advance(1)
            if seen == most:
                break
    if not rows:
        raise DataError("there are no word vectors in this file", path)
    return words, np.stack(rows)


def words_of(text: str) -> set[str]:
    """The words of a text as a table may have them: as they stand, and lower-cased."""
    words = re.findall(WORD, unicodedata.normalize("NFKC", text))
    return {form for word in words for form in (word, word.lower())}


def tokenizer_of(words: Sequence[str], max_tokens: int) -> Tokenizer:
    """Words and punctuation as the table has them; lower-cased if the table has no upper case. Unknown words are
    dropped by their zeros.
    """
    vocabulary = {UNKNOWN: 0} | {word: number for number, word in enumerate(words, 1)}
    if len(vocabulary) != len(words) + 1:
        raise DataError("the table holds a word twice")
    rules = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, UNKNOWN))
    lower = all(word == word.lower() for word in words)
    rules.normalizer = tokenizers.normalizers.Sequence(
        [tokenizers.normalizers.NFKC(), *([tokenizers.normalizers.Lowercase()] if lower else [])]
    )
    rules.pre_tokenizer = tokenizers.pre_tokenizers.Sequence(
        [
            tokenizers.pre_tokenizers.WhitespaceSplit(),
            tokenizers.pre_tokenizers.Split(tokenizers.Regex(WORD), "isolated"),
        ]
    )
    return Tokenizer(rules, max_tokens, pad=0)


def averaged(
    words: Sequence[str], vectors: Float32[np.ndarray, "V D"], weights: Weights, texts: Sequence[str], max_tokens: int
) -> Encoder:
    """The mean of a text's word vectors, weighted by what `texts` say of each word's frequency.

    Raises ConfigError where weights are asked for without texts.
    """
    tokenizer = tokenizer_of(words, max_tokens)
    table = np.concatenate([np.zeros((1, vectors.shape[1]), np.float32), vectors])
    if weights != Weights.plain:
        if not texts:
            raise ConfigError(f"{weights} weights need --texts to count words in")
        table *= _word_weights(tokenizer, texts, weights)[:, None].astype(np.float32)
    body = static.Body(static.Config(width=table.shape[1]), len(table), tokenizer.pad)
    with torch.no_grad():
        body.word_embeddings.weight.copy_(torch.from_numpy(table))
    encoder = Encoder(tokenizer=tokenizer, body=body)
    if weights == Weights.sif:
        encoder.projection = _without_common_direction(encoder.encode(texts))
    return encoder


def _word_weights(tokenizer: Tokenizer, texts: Sequence[str], weights: Weights) -> Float64[np.ndarray, " V"]:
    """A factor for each id."""
    ids = tokenizer.ids(texts)
    counts = np.bincount(
        np.concatenate([np.unique(row) for row in ids] if weights == Weights.idf else ids),
        minlength=tokenizer.vocabulary_size,
    )
    if weights == Weights.idf:
        return np.log(len(texts) / np.maximum(counts, 1))  # a word that was never seen counts as one seen once
    return SMOOTHING / (SMOOTHING + counts / max(1, counts.sum()))


def _without_common_direction(embeddings: Float32[np.ndarray, "N D"]) -> nn.Linear:
    """The projection that takes the first right singular vector of `embeddings` away."""
    gram = embeddings.astype(np.float64).T @ embeddings.astype(np.float64)
    direction = np.linalg.eigh(gram)[1][:, -1]
    layer = nn.Linear(len(direction), len(direction), bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(np.eye(len(direction)) - np.outer(direction, direction)))
    return layer
