import numpy as np
import pytest
import torch

from interlingua.encoders.encoder import Encoder
from interlingua.encoders.pooling import Pooling, pool
from interlingua.errors import DataError
from tests.conftest import TEXTS


def test_vectors_do_not_depend_on_batch_mates_or_order(encoder: Encoder) -> None:
    together = encoder.encode(TEXTS)
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    assert together.shape == (len(TEXTS), 12)
    assert np.abs(together - alone).max() < 1e-6
    assert np.array_equal(encoder.encode(TEXTS[::-1])[::-1], together)


def test_repeated_texts_and_no_texts(encoder: Encoder) -> None:
    first, _, again = encoder.encode([TEXTS[0], TEXTS[1], TEXTS[0]])
    assert np.array_equal(first, again)
    assert encoder.encode([]).shape == (0, 12)


def test_normalisation_is_an_option_of_the_call(encoder: Encoder) -> None:
    raw, unit = encoder.encode(TEXTS, normalize=False), encoder.encode(TEXTS)
    assert np.allclose(np.linalg.norm(unit, axis=1), 1, atol=1e-6)
    assert np.allclose(raw / np.linalg.norm(raw, axis=1, keepdims=True), unit, atol=1e-6)


def test_encoding_leaves_the_mode_as_it_was(encoder: Encoder) -> None:
    encoder.train()
    first = encoder.encode(TEXTS)
    assert encoder.training
    assert np.array_equal(first, encoder.encode(TEXTS))  # dropout was off


def test_half_a_character_is_named(encoder: Encoder) -> None:
    with pytest.raises(DataError, match="text 2 holds a lone surrogate"):
        encoder.encode(["fine", "broken \ud83d"])


def test_a_very_long_text_is_cut(encoder: Encoder) -> None:
    assert np.array_equal(encoder.encode(["word " * 20_000]), encoder.encode(["word " * 200]))


@pytest.mark.parametrize("pooling", list(Pooling))
def test_pooling_ignores_padding(pooling: Pooling) -> None:
    torch.manual_seed(0)
    states, mask = torch.randn(3, 5, 4), torch.tensor([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0], [1, 0, 0, 0, 0]]).bool()
    pooled = pool(states, mask, pooling)
    padded = pool(
        torch.cat([states, torch.full((3, 2, 4), 99.0)], 1), torch.cat([mask, torch.zeros(3, 2).bool()], 1), pooling
    )
    assert torch.equal(pooled, padded)
    expected = {"mean": states[1, :2].mean(0), "max": states[1, :2].amax(0), "cls": states[1, 0], "last": states[1, 1]}[
        pooling
    ]
    assert torch.allclose(pooled[1], expected)


def test_word_order_is_seen_by_the_transformer_alone(encoder: Encoder) -> None:
    one, other = encoder.encode(["the dog bit the man", "the man bit the dog"])
    assert np.allclose(one, other, atol=1e-6) == (encoder.body.kind == "static")
