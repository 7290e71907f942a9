"""Modular encoders: routing, adapters, packs. What is promised above all: a language's vectors do not depend on the
other packs."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from interlingua import load, tokenization
from interlingua.encoders import storage
from interlingua.encoders.bodies import pretrained, static, transformer
from interlingua.encoders.encoder import Encoder
from interlingua.encoders.modular import adapters, packs, routing
from interlingua.encoders.modular import body as modular
from interlingua.encoders.shrink import keep_layers
from interlingua.errors import ConfigError, DataError, ModelFormatError
from interlingua.model_files import write_card

ENGLISH = ["The cat sleeps on the mat.", "Numbers such as 3.14 and 2,718 stand here; they are as good as words."]
RUSSIAN = ["Кошка спит на коврике.", "Где вокзал?", "Поезд отправляется в восемь часов утра."]
GREEK = ["Η γάτα κοιμάται στο χαλί.", "Πού είναι ο σταθμός;"]
BERT = {
    "model_type": "bert", "vocab_size": 600, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
    "intermediate_size": 32, "max_position_embeddings": 64, "type_vocab_size": 2,
}  # fmt: skip


def plain(tokenizer: tokenization.Tokenizer, kind: str = "transformer") -> Encoder:
    torch.manual_seed(3)
    if kind != "transformer":
        settings = {
            **BERT,
            "model_type": kind,
            "vocab_size": tokenizer.vocabulary_size,
            "embedding_size": 16,
            "pad_token_id": 0,
        }
        body = pretrained.Body(pretrained.Config(settings=settings))
    else:
        config = transformer.Config(layers=2, width=16, heads=2, feedforward=32)
        body = transformer.Body(config, tokenizer.vocabulary_size, tokenizer.pad)
    return Encoder(tokenizer=tokenizer, body=body, projection=nn.Linear(16, 12), normalize=True).eval()


def make_pack(encoder: Encoder, language: str, texts: list[str], own_vocabulary: bool = True) -> modular.Pack:
    """A pack that changes things: its adapters do not begin as nothing."""
    torch.manual_seed(sum(map(ord, language)))
    body: nn.Module = packs.shared(encoder).body  # type: ignore[assignment]
    tokenizer = words = None
    if own_vocabulary:
        tokenizer = tokenization.train(texts * 3, 500, max_tokens=32, pad=encoder.tokenizer.pad)
        words = nn.Embedding(tokenizer.vocabulary_size, 16)
    pack = modular.Pack(language, tokenizer=tokenizer, words=words)
    pack.adapters["language"] = adapters.low_rank(body, 4)
    pack.adapters["sentence"] = adapters.low_rank(body, 2)
    pack.adapters["alignment"] = adapters.parallel(body, 16, 8)
    for parameter in pack.parameters():
        nn.init.normal_(parameter, std=0.2)
    return pack


@pytest.fixture(params=["transformer", "bert", "albert"])  # ours, one packed here, one left to the library
def encoder(request: pytest.FixtureRequest, tokenizer: tokenization.Tokenizer) -> Encoder:
    return packs.modular_from(plain(tokenizer, request.param))


@pytest.fixture
def model(tmp_path: Path, tokenizer: tokenization.Tokenizer) -> Path:
    """A saved encoder, and packs for it beside."""
    base = plain(tokenizer)
    storage.save(base, tmp_path / "model")
    for language, texts in (("ru", RUSSIAN), ("el", GREEK)):
        packs.save(make_pack(base, language, texts), tmp_path / f"{language}-pack", packs.fingerprint(base))
    return tmp_path / "model"


def body_of(encoder: Encoder) -> modular.Body:
    assert isinstance(encoder.body, modular.Body)
    return encoder.body


def test_adapters_are_the_formulas_of_the_papers(encoder: Encoder) -> None:
    """Against merged weights (LoRA) and a hand-written feed-forward part (parallel adapter), computed in float64."""
    pack = make_pack(encoder, "ru", RUSSIAN, own_vocabulary=False)
    alone = packs.shared(encoder)
    before = alone.encode(RUSSIAN, "ru")
    body_of(encoder).add(pack)
    aligned = encoder.double().encode(RUSSIAN, "ru")
    merged: Encoder = packs.shared(encoder)
    body: nn.Module = merged.body  # type: ignore[assignment]
    kept = {name: tensor.clone() for name, tensor in body.state_dict().items()}
    with torch.no_grad():
        for name, map in adapters.linear_maps(body).items():
            for stage in ("language", "sentence"):
                part = pack.adapters[stage][adapters.key(name)]  # type: ignore[index]
                map.weight += 2.0 * part.up.weight @ part.down.weight
    entered: dict[str, torch.Tensor] = {}
    handles = []
    for last, first in adapters.feed_forward_parts(body, 16).items():
        maps = dict(body.named_modules())
        handles.append(
            maps[first].register_forward_pre_hook(lambda _m, inputs, first=first: entered.update({first: inputs[0]}))
        )
        part = pack.adapters["alignment"][adapters.key(last)]  # type: ignore[index]

        def beside(
            _module: nn.Module,
            _inputs: tuple,
            output: torch.Tensor,
            first: str = first,
            part: adapters.Bottleneck = part,
        ):
            hidden = torch.relu(entered[first] @ part.down.weight.T + part.down.bias)
            return output + 4.0 * (hidden @ part.up.weight.T + part.up.bias)

        handles.append(maps[last].register_forward_hook(beside))
    expected = merged.encode(RUSSIAN, "und")
    for handle in handles:
        handle.remove()
    body.load_state_dict(kept)
    np.testing.assert_allclose(aligned, expected, atol=1e-6)
    assert np.abs(aligned - before).max() > 0.01


def test_adapters_begin_as_nothing(encoder: Encoder) -> None:
    pack = modular.Pack("ru")
    body = body_of(encoder).shared
    pack.adapters["language"], pack.adapters["alignment"] = adapters.low_rank(body, 4), adapters.parallel(body, 16, 8)
    body_of(encoder).add(pack)
    np.testing.assert_array_equal(encoder.encode(RUSSIAN, "ru"), packs.shared(encoder).encode(RUSSIAN))


@pytest.fixture(scope="module")
def three() -> Encoder:
    """English by the shared body, Russian and Greek by packs."""
    tokenizer = tokenization.train((ENGLISH + RUSSIAN) * 3, 500, max_tokens=32)
    encoder = packs.modular_from(plain(tokenizer))
    for language, texts in (("ru", RUSSIAN), ("el", GREEK)):
        body_of(encoder).add(make_pack(encoder, language, texts))
    return encoder


@settings(deadline=None, max_examples=25)
@given(st.lists(st.sampled_from([("en", text) for text in ENGLISH] + [("ru", text) for text in RUSSIAN] + [("el", text) for text in GREEK]), min_size=1, max_size=9))  # fmt: skip
def test_mixed_batches_are_the_languages_apart(three: Encoder, rows: list[tuple[str, str]]) -> None:
    encoder, languages, texts = three, [row[0] for row in rows], [row[1] for row in rows]
    mixed = encoder.encode(texts, languages)
    for language in set(languages):
        own = [row for row, found in enumerate(languages) if found == language]
        np.testing.assert_array_equal(mixed[own], encoder.encode([texts[row] for row in own], language))
    with torch.inference_mode():
        np.testing.assert_allclose(encoder(encoder.tokens(texts, languages)).numpy(), mixed, atol=1e-5)


def test_adding_and_removing_a_pack_leaves_every_other_vector_bit_identical(model: Path) -> None:
    texts, languages = [*ENGLISH, *RUSSIAN, *GREEK], ["en"] * 2 + ["ru"] * 3 + ["el"] * 2
    base = load(model)
    packs.install(model, model.parent / "ru-pack", base)  # type: ignore[arg-type]
    files = {file: file.read_bytes() for file in model.rglob("*") if file.is_file()}
    one = load(model).encode(texts, languages)  # type: ignore[arg-type]
    packs.install(model, model.parent / "el-pack", load(model))  # type: ignore[arg-type]
    two = load(model).encode(texts, languages)  # type: ignore[arg-type]
    np.testing.assert_array_equal(one[:5], two[:5])
    assert np.abs(one[5:] - two[5:]).max() > 0.01
    packs.remove(model, "el")
    np.testing.assert_array_equal(one, load(model).encode(texts, languages))  # type: ignore[arg-type]
    assert files == {file: file.read_bytes() for file in model.rglob("*") if file.is_file()}
    packs.remove(model, "ru")
    np.testing.assert_array_equal(base.encode(texts), load(model).encode(texts))
    assert not (model / "packs").exists()


def test_a_model_with_packs_is_saved_and_loaded_whole(model: Path, tmp_path: Path) -> None:
    packs.install(model, tmp_path / "ru-pack", load(model))  # type: ignore[arg-type]
    encoder = load(model)
    storage.save(encoder, tmp_path / "copy")  # type: ignore[arg-type]
    np.testing.assert_array_equal(load(tmp_path / "copy").encode(RUSSIAN, "ru"), encoder.encode(RUSSIAN, "ru"))
    body_of(encoder).origin = model  # type: ignore[arg-type]
    storage.save(encoder, tmp_path / "linked")  # type: ignore[arg-type]
    assert (tmp_path / "linked" / "weights.safetensors").stat().st_nlink == 2
    assert packs.summary(model / "packs" / "ru").adapters == ("language", "sentence", "alignment")
    np.testing.assert_array_equal(load(tmp_path / "linked").encode(RUSSIAN, "ru"), encoder.encode(RUSSIAN, "ru"))


def test_a_language_of_a_whole_body_and_its_copy_with_fewer_layers(encoder: Encoder, tmp_path: Path) -> None:
    shared = packs.shared(encoder)
    pack = make_pack(encoder, "ru", RUSSIAN)
    pack.body = packs.own_body(encoder)
    nn.init.normal_(next(iter(adapters.linear_maps(pack.body).values())).weight, std=0.3)
    packs.save(pack, tmp_path / "pack", packs.fingerprint(shared))
    body_of(encoder).add(pack)
    again = packs.modular_from(shared)
    body_of(again).add(packs.load(tmp_path / "pack", again, packs.fingerprint(shared)))
    np.testing.assert_array_equal(again.encode(RUSSIAN, "ru"), encoder.encode(RUSSIAN, "ru"))
    np.testing.assert_array_equal(again.encode(ENGLISH, "en"), shared.encode(ENGLISH))
    assert keep_layers(shared, 1).encode(ENGLISH).shape == (2, 12)


def test_routing(model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    packs.install(model, model.parent / "ru-pack", load(model))  # type: ignore[arg-type]
    encoder = load(model)
    monkeypatch.setattr(
        routing,
        "_identified",
        lambda texts: ["ru" if text in RUSSIAN else "el" if text in GREEK else "en" for text in texts],
    )
    texts = [ENGLISH[0], RUSSIAN[0], GREEK[0], RUSSIAN[1]]
    np.testing.assert_array_equal(encoder.encode(texts), encoder.encode(texts, ["eng", "rus", "ell", "ru"]))  # type: ignore[arg-type]
    said = capsys.readouterr().err
    assert "1 texts in Greek (el), for which there is no pack: the shared body encodes them" in said
    assert "English" not in said  # the pivot takes the shared body by right
    with pytest.raises(DataError, match="4 texts and 1 languages"):
        encoder.encode(texts, ["ru"])  # type: ignore[arg-type]
    assert encoder.encode([]).shape == (0, 12)
    assert encoder.describe()["packs"] == ["ru"]


def damage(change: Callable[[dict], object]) -> Callable[[Path], None]:
    def do(pack: Path) -> None:
        card = json.loads((pack / "pack.json").read_text())
        change(card)
        write_card(pack / "pack.json", {key: value for key, value in card.items() if key not in ("files", "checksum")})

    return do


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (damage(lambda card: card.update(base="0" * 32)), "made for another base model"),
        (damage(lambda card: card.update(format=9)), "format 9, this version reads 1 and 2"),
        (damage(lambda card: card.pop("adapters")), "missing required field `adapters`"),
        (damage(lambda card: card.update(language="qqqq")), "not a language code"),
        (damage(lambda card: card["adapters"].pop("sentence")), "sentence.* expected no tensor"),
        (lambda pack: (pack / "pack.json").write_text("{"), "not what it should hold"),
        (lambda pack: (pack / "pack.json").unlink(), "not a language pack"),
        (lambda pack: (pack / "weights.safetensors").write_bytes(b"x"), "is damaged: its checksum"),
        (lambda pack: (pack / "tokenizer.json").unlink(), "is the copy complete"),
    ],
)
def test_packs_that_cannot_be_used_are_refused_and_nothing_is_written(
    model: Path, harm: Callable[[Path], None], message: str
) -> None:
    harm(model.parent / "ru-pack")
    with pytest.raises(ModelFormatError, match=message):
        packs.install(model, model.parent / "ru-pack", load(model))  # type: ignore[arg-type]
    assert not (model / "packs").exists()


def test_two_packs_of_one_language(model: Path) -> None:
    packs.install(model, model.parent / "ru-pack", load(model))  # type: ignore[arg-type]
    damage(lambda card: card.update(language="ru-RU"))(model.parent / "ru-pack")
    with pytest.raises(ConfigError, match="two packs claim ru-RU"):
        packs.install(model, model.parent / "ru-pack", load(model))  # type: ignore[arg-type]
    shutil.copytree(model.parent / "ru-pack", model / "packs" / "ru-RU")
    with pytest.raises(ModelFormatError, match="ru has a pack already"):
        load(model)
    with pytest.raises(ConfigError, match="no pack for de"):
        packs.remove(model, "de")


def test_what_cannot_be_modular(tokenizer: tokenization.Tokenizer) -> None:
    body = static.Body(static.Config(width=16), tokenizer.vocabulary_size, tokenizer.pad)
    with pytest.raises(ConfigError, match="body of layers"):
        packs.modular_from(Encoder(tokenizer=tokenizer, body=body))
    with pytest.raises(ConfigError, match="no plain feed-forward parts"):  # ModernBERT's are gated
        packs.modular_from(plain(tokenizer, "modernbert"))
    with pytest.raises(ConfigError, match="vocabulary of one's own"):
        modular.Pack("de", words=nn.Embedding(3, 16))


def test_the_base_may_have_more_values_than_a_float32_counts(tokenizer: tokenization.Tokenizer) -> None:
    base = plain(tokenizer)
    base.projection.bias = nn.Parameter(torch.ones(1).expand(96_014_208))  # type: ignore[union-attr, assignment]
    assert packs.fingerprint(base) != packs.fingerprint(plain(tokenizer))
