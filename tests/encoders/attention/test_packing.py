"""A packed batch has the states and the gradients of the padded one, whatever the lengths."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoConfig, AutoModel

from interlingua import tokenization
from interlingua.encoders.attention import packing, post_norm
from interlingua.encoders.attention.packing import as_is, pack
from interlingua.encoders.bodies import pretrained, transformer
from interlingua.encoders.computation import Computation
from interlingua.encoders.encoder import Encoder
from interlingua.tensors import Tokens, distinct, join

SIZES = {
    "vocab_size": 99, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "pad_token_id": 1,
    "max_position_embeddings": 300, "dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 32, "embedding_size": 8,
}  # fmt: skip
LENGTHS = st.lists(st.one_of(st.integers(0, 20), st.integers(0, 140)), min_size=1, max_size=20)


def tokens_of(lengths: list[int]) -> Tokens:
    width = max([1, *lengths])
    mask = torch.arange(width) < torch.tensor(lengths)[:, None]
    ids = torch.randint(5, 99, mask.shape, generator=torch.Generator().manual_seed(sum(lengths)))
    return Tokens(torch.where(mask, ids, 1), mask, ("en",) * len(lengths))


def published(kind: str) -> pretrained.Body:
    torch.manual_seed(3)
    settings = AutoConfig.for_model(kind, **SIZES)
    model = AutoModel.from_config(settings, attn_implementation="eager")
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return pretrained.Body(pretrained.Config(settings=settings.to_dict(), layers=(-1, 1)), model=model).eval()


def outcome(states: torch.Tensor, tokens: Tokens, body: torch.nn.Module) -> list[torch.Tensor]:
    """The states of real tokens and the gradients of a loss that weighs each of them differently."""
    body.zero_grad()
    weights = torch.randn(states.shape, generator=torch.Generator().manual_seed(1), dtype=states.dtype)
    ((states * weights) * tokens.mask.unsqueeze(-1)).sum().backward()
    return [states[tokens.mask].detach(), *(p.grad.clone() for p in body.parameters() if p.grad is not None)]


def close(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Within 1e-5 of the largest number, or of 1."""
    return (
        bool(((one - other).abs().max() <= 1e-5 * other.abs().max().clamp(min=1)).item())
        if one.numel()
        else one.shape == other.shape
    )


@given(lengths=LENGTHS)
@settings(max_examples=60, deadline=None)
def test_every_token_has_one_slot_and_sees_its_text(lengths: list[int]) -> None:
    tokens = tokens_of(lengths)
    packed = pack(tokens)
    back = as_is(tokens.mask).source.view(tokens.mask.shape) if packed.back is None else packed.back
    slots = back[tokens.mask]
    assert len(slots.unique()) == len(slots) == sum(lengths)
    assert torch.equal(packed.pack(tokens.ids)[slots], tokens.ids[tokens.mask])
    assert torch.equal(packed.columns[slots], torch.arange(tokens.mask.shape[1]).expand(tokens.mask.shape)[tokens.mask])
    assert sum(grid.rows * grid.width for grid in packed.grids) == len(packed.source)
    owner = torch.full((len(packed.source),), -1)
    owner[slots] = tokens.mask.nonzero()[:, 0]
    for grid in packed.grids:
        some = owner[grid.start : grid.start + grid.rows * grid.width].view(grid.rows, grid.width)
        visible = grid.hidden.expand(-1, 1, grid.width, grid.width)[:, 0] == 0
        real = some >= 0
        assert torch.equal(visible[real], (some[:, :, None] == some[:, None, :])[real])


def test_little_is_left_over_for_sentences() -> None:
    lengths = np.random.default_rng(0).gamma(3, 4, 128).astype(int).clip(3, 60)
    packed = pack(tokens_of(lengths.tolist()))
    assert len(packed.source) < 1.06 * lengths.sum()


@pytest.mark.parametrize("kind", sorted(post_norm.NAMES))
def test_published_models_give_the_librarys_states(kind: str) -> None:
    body = published(kind)

    @given(lengths=LENGTHS.filter(any))
    @settings(max_examples=12, deadline=None)
    def check(lengths: list[int]) -> None:
        lengths = [max(1, length) for length in lengths]
        tokens = tokens_of(lengths)
        assert post_norm.supports(body.model)
        packed, padded = body(tokens), body._padded(tokens)[0]
        for one, other in zip(outcome(packed, tokens, body), outcome(padded, tokens, body), strict=True):
            assert close(one, other)

    check()


def test_token_types_and_pooler_are_kept() -> None:
    torch.manual_seed(3)
    settings = AutoConfig.for_model("bert", **SIZES)
    body = pretrained.Body(pretrained.Config(settings=settings.to_dict(), pooler=True)).eval()
    tokens = tokens_of([9, 3, 4, 30])
    tokens = Tokens(tokens.ids, tokens.mask, tokens.languages, (tokens.mask & (tokens.ids > 50)).long())
    found = body.model(input_ids=tokens.ids, attention_mask=tokens.mask.long(), token_type_ids=tokens.types)
    states = body(tokens)
    assert torch.allclose(states[:, 0], found.pooler_output, atol=1e-5)
    assert torch.allclose(states[tokens.mask][1:9], found.last_hidden_state[tokens.mask][1:9], atol=1e-5)


@given(lengths=LENGTHS)
@settings(max_examples=25, deadline=None)
def test_our_own_transformer(lengths: list[int]) -> None:
    torch.manual_seed(3)
    config = transformer.Config(layers=2, width=16, heads=2, feedforward=32, max_positions=300)
    body = transformer.Body(config, 99, 1).eval()
    tokens = tokens_of(lengths)
    packed = outcome(body(tokens), tokens, body)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transformer, "pack", lambda tokens: as_is(tokens.mask))
        padded = outcome(body(tokens), tokens, body)
    for one, other in zip(packed, padded, strict=True):
        assert close(one, other)


def test_dropout_falls_on_all_tokens_alike() -> None:
    """The share of zeros and the mean of the states are those of the padded computation."""
    torch.manual_seed(0)
    body = transformer.Body(transformer.Config(layers=1, width=16, heads=2, feedforward=32, dropout=0.5), 99, 1)
    tokens = tokens_of([3, 60, 12, 12, 40] * 6)
    body.eval()
    still = body(tokens)[tokens.mask]
    body.train()
    packed = torch.stack([body(tokens)[tokens.mask] for _ in range(150)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transformer, "pack", lambda tokens: as_is(tokens.mask))
        padded = torch.stack([body(tokens)[tokens.mask] for _ in range(150)])
    assert not torch.equal(packed[0], packed[1])
    assert packed.std(0).mean().item() == pytest.approx(padded.std(0).mean().item(), rel=0.02)
    assert (packed.mean(0) - padded.mean(0)).abs().mean() < 0.15 * padded.std(0).mean()
    assert (packed.mean(0) - still).abs().mean() < 2 * (padded.mean(0) - still).abs().mean()


TEXTS = ["a", "b c d", "a", "e f", "b c d", "a"]


@pytest.mark.parametrize("chunk", [0, 2])
def test_repeated_texts_are_computed_once_with_the_same_gradients(encoder: Encoder, chunk: int) -> None:
    columns = (
        encoder.tokens(TEXTS, ["en"] * 6),
        encoder.tokens(["a much longer text than those", *TEXTS[:5]], ["en"] * 6),
    )
    weights = torch.randn(2, 6, encoder.width, generator=torch.Generator().manual_seed(0))
    found = []
    for together in (True, False):
        encoder.zero_grad()
        encoder.computation = Computation(chunk=chunk if together else 0)
        if together:
            vectors = torch.stack(encoder.each(columns))
        else:
            vectors = torch.stack(
                [
                    torch.cat([encoder._forward(tokens.rows(slice(n, n + 1)), None) for n in range(6)])
                    for tokens in columns
                ]
            )
        (vectors * weights).sum().backward()
        found.append((vectors.detach(), [p.grad for p in encoder.parameters()], encoder.computation.work))
    (one, ones, few), (other, others, many) = found
    assert torch.allclose(one, other, atol=1e-5)
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(ones, others, strict=True) if a is not None)
    assert chunk or few.computed < many.computed
    assert (few.spared, many.spared) == (few.spared, 0)
    assert chunk or few.read + few.spared == many.read
    assert len(distinct(join(columns))[0].ids) == 4


def test_texts_are_the_same_only_with_the_same_types_and_language() -> None:
    ids, mask = torch.tensor([[5, 6], [5, 6], [5, 6], [5, 1]]), torch.tensor([[True, True]] * 3 + [[True, False]])
    types = torch.tensor([[0, 0], [0, 1], [0, 0], [0, 0]])
    assert distinct(Tokens(ids, mask, ("en",) * 4))[1].tolist() == [0, 0, 0, 1]
    assert distinct(Tokens(ids, mask, ("en",) * 4, types))[1].tolist() == [0, 1, 0, 2]
    assert distinct(Tokens(ids, mask, ("en", "en", "de", "en"), types))[1].tolist() == [0, 1, 2, 3]


def test_with_dropout_the_same_text_twice_is_two_samples(tokenizer: tokenization.Tokenizer) -> None:
    body = transformer.Body(
        transformer.Config(layers=1, width=16, heads=2, feedforward=32, dropout=0.5), tokenizer.vocabulary_size, 0
    )
    encoder = Encoder(tokenizer=tokenizer, body=body).train()
    one, other = encoder(encoder.tokens(["a b", "a b"], ["en", "en"]))
    assert not torch.allclose(one, other)


@pytest.mark.parametrize("lengths", [[9, 3, 4, 30], [5, 0, 5], [64] * 3, [0, 0]])
@pytest.mark.parametrize("kind", ["mpnet", "bert"])
def test_the_fused_attention_of_a_gpu_gives_the_same_states_and_gradients(kind: str, lengths: list[int]) -> None:
    body, tokens = published(kind), tokens_of(lengths)
    plain = outcome(body(tokens), tokens, body)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packing, "FUSED", ("cpu",))
        fused = outcome(body(tokens), tokens, body)
    for one, other in zip(plain, fused, strict=True):
        assert close(one, other)


@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float16])
def test_fused_attention_in_half_precision(kind: torch.dtype) -> None:
    body, tokens = published("bert"), tokens_of([9, 0, 4, 30])
    exact = body(tokens)[tokens.mask]
    with pytest.MonkeyPatch.context() as patch, torch.autocast("cpu", kind):
        patch.setattr(packing, "FUSED", ("cpu",))
        states = body(tokens)
    assert states.isfinite().all()
    assert (states[tokens.mask].float() - exact).abs().max() < 0.1
