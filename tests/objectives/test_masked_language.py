import pytest
import torch

from interlingua.encoders.encoder import Encoder
from interlingua.objectives.masked_language import MaskedLanguage, hide
from interlingua.tensors import Batch
from tests.conftest import TEXTS


def test_hidden_tokens_are_bert_s_mixture() -> None:
    torch.manual_seed(0)
    ids = torch.randint(10, 1000, (200, 100))
    maskable = torch.rand(ids.shape) < 0.9
    hidden, chosen = hide(ids, maskable, 0.15, 4, 1000)
    assert not (chosen & ~maskable).any()
    assert torch.equal(hidden[~chosen], ids[~chosen])
    assert chosen.sum() / maskable.sum() == pytest.approx(0.15, abs=0.01)
    masked, same = (hidden[chosen] == 4).double().mean(), (hidden[chosen] == ids[chosen]).double().mean()
    assert masked == pytest.approx(0.8, abs=0.03)
    assert same == pytest.approx(0.1, abs=0.03)


def test_special_tokens_and_padding_are_never_hidden(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(
        "interlingua.objectives.masked_language.hide",
        lambda ids, maskable, *rest: (seen.append((ids, maskable)), hide(ids, maskable, *rest))[1],
    )
    MaskedLanguage(encoder, share=0.9)(encoder, Batch((encoder.tokens(TEXTS, ["en"] * 8),)))
    ((ids, maskable),) = seen
    assert encoder.tokenizer.special >= {encoder.tokenizer.pad, encoder.tokenizer.mask}
    assert not torch.isin(ids[maskable], torch.tensor(sorted(encoder.tokenizer.special))).any()
    assert maskable.any()


def test_a_batch_in_which_nothing_is_hidden_costs_nothing(encoder: Encoder) -> None:
    loss = MaskedLanguage(encoder, share=1e-9)(encoder, Batch((encoder.tokens(TEXTS, ["en"] * 8),)))
    assert loss.item() == 0
    loss.backward()


def test_guesses_begin_at_the_frequencies(encoder: Encoder) -> None:
    counts = torch.arange(len(encoder.words_of("en").weight))
    objective = MaskedLanguage(encoder, counts=counts)
    torch.testing.assert_close(objective.bias.exp(), (counts + 1.0) / (counts + 1.0).sum())
