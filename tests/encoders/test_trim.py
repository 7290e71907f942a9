"""A trimmed encoder gives covered texts the very vectors it gave before, whatever kind of vocabulary it has, and
refuses other languages."""

from pathlib import Path

import numpy as np
import pytest
import tokenizers
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoConfig

from interlingua import tokenization
from interlingua.encoders import storage
from interlingua.encoders.bodies import pretrained, static, transformer
from interlingua.encoders.encoder import Encoder
from interlingua.encoders.trim import alphabets, in_alphabets, pieces_of_scripts, pieces_of_texts, trim
from interlingua.engines import engine
from interlingua.errors import ConfigError
from interlingua.export.export import export
from tests.conftest import TEXTS

GERMAN = [
    "Die Katze schläft auf der Matte.",
    "Der Zug fährt um acht Uhr.",
    "Zahlen wie 3,14 und 2.718 stehen hier.",
    "Katzen und Züge",
]
OTHER = [
    "Кошка спит на коврике.",
    "Поезд отправляется в восемь часов.",
    "The cat sleeps on the mat.",
    "The train leaves at eight.",
]


def vocabulary(kind: str) -> tokenization.Tokenizer:
    if kind == "unigram":
        return tokenization.train([*GERMAN, *OTHER, *TEXTS] * 3, 700, max_tokens=32)
    template = tokenizers.processors.TemplateProcessing
    if kind == "wordpiece":
        rules = tokenizers.Tokenizer(tokenizers.models.WordPiece(unk_token="[UNK]"))
        rules.normalizer, rules.pre_tokenizer = (
            tokenizers.normalizers.NFC(),
            tokenizers.pre_tokenizers.BertPreTokenizer(),
        )
        trainer = tokenizers.trainers.WordPieceTrainer(
            vocab_size=300, special_tokens=["[PAD]", "x1", "x2", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        )
        rules.train_from_iterator([*GERMAN, *OTHER], trainer)
        rules.post_processor = template(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 4), ("[SEP]", 5)])
        return tokenization.Tokenizer(rules, 32, 0)
    rules = tokenizers.Tokenizer(tokenizers.models.BPE(unk_token="<unk>"))
    rules.pre_tokenizer = (
        tokenizers.pre_tokenizers.ByteLevel() if kind == "bytes" else tokenizers.pre_tokenizers.Metaspace()
    )
    alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet() if kind == "bytes" else []
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=500, special_tokens=["<s>", "<pad>", "</s>", "<unk>"], initial_alphabet=alphabet
    )
    rules.train_from_iterator([*GERMAN, *OTHER], trainer)
    rules.post_processor = tokenizers.processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), trim_offsets=False, add_prefix_space=False
    )
    return tokenization.Tokenizer(rules, 32, 1)


def build(kind: str, body: str = "transformer") -> Encoder:
    tokenizer = vocabulary(kind)
    torch.manual_seed(0)
    size = tokenizer.vocabulary_size + 3  # published models often have rows to spare
    if body == "pretrained":
        settings = AutoConfig.for_model(
            "xlm-roberta", vocab_size=size, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
            pad_token_id=tokenizer.pad, max_position_embeddings=64,
        )  # fmt: skip
        made = pretrained.Body(pretrained.Config(settings=settings.to_dict()))
    elif body == "static":
        made = static.Body(static.Config(width=16), size, tokenizer.pad)
    else:
        made = transformer.Body(transformer.Config(layers=1, width=16, heads=2, feedforward=32), size, tokenizer.pad)
    return Encoder(tokenizer=tokenizer, body=made).eval()


KINDS = ["unigram", "wordpiece", "bpe", "bytes"]


@pytest.mark.parametrize(
    ("kind", "body"), [*((kind, "transformer") for kind in KINDS), ("unigram", "static"), ("bpe", "pretrained")]
)
def test_covered_texts_keep_every_bit_and_survive_saving(kind: str, body: str, tmp_path: Path) -> None:
    encoder = build(kind, body)
    before = encoder.encode(GERMAN)
    smaller = trim(encoder, pieces_of_texts(encoder.tokenizer, GERMAN, ["de"]), ["de"])
    assert (
        smaller.body.word_embeddings.num_embeddings
        == smaller.tokenizer.vocabulary_size
        < encoder.tokenizer.vocabulary_size
    )
    assert np.array_equal(smaller.encode(GERMAN, "de"), before)
    assert np.array_equal(encoder.encode(GERMAN), before)  # the original is left as it was
    storage.save(smaller, tmp_path / "smaller")
    again = storage.load(tmp_path / "smaller")
    assert np.array_equal(again.encode(GERMAN, "de-AT"), before)
    with pytest.raises(ConfigError, match="trimmed to de and cannot encode ru"):
        again.encode(OTHER[:2], "ru")
    with pytest.raises(ConfigError, match="cannot encode fr"):
        again.tokens(["un", "deux"], ["de", "fr"])


@pytest.mark.parametrize("kind", KINDS)
def test_any_text_of_kept_pieces_is_cut_as_before(kind: str) -> None:
    encoder = build(kind, "static")
    keep = pieces_of_texts(encoder.tokenizer, GERMAN, ["de"])
    smaller = trim(encoder, keep, ["de"])
    letters = sorted(set("".join(GERMAN)))
    whole = {number: piece for piece, number in encoder.tokenizer.vocabulary().items()}
    part = {number: piece for piece, number in smaller.tokenizer.vocabulary().items()}

    @given(text=st.text(st.sampled_from(letters), max_size=30))
    @settings(max_examples=150, deadline=None)
    def check(text: str) -> None:
        (ids,), (fewer,) = encoder.tokenizer.ids([text]), smaller.tokenizer.ids([text])
        if all(whole[int(number)] in smaller.tokenizer.vocabulary() for number in ids):
            assert [whole[int(number)] for number in ids] == [part[int(number)] for number in fewer]
        assert smaller.tokenizer.unknown(fewer) <= encoder.tokenizer.unknown(ids)

    check()


def test_without_text_the_scripts_decide() -> None:
    encoder = build("unigram", "static")
    smaller = trim(encoder, pieces_of_scripts(encoder.tokenizer, ["de"]), ["de"])
    pieces = smaller.tokenizer.vocabulary()
    assert not any("а" <= character <= "я" for piece in pieces for character in piece)
    assert np.array_equal(smaller.encode(GERMAN), encoder.encode(GERMAN))
    assert np.array_equal(smaller.encode(OTHER[2:]), encoder.encode(OTHER[2:]))  # English shares the script
    with pytest.raises(ConfigError, match="--text"):
        pieces_of_scripts(vocabulary("bytes"), ["de"])


def test_alphabets() -> None:
    japanese = alphabets(["ja"])
    assert in_alphabets("▁猫が、カ3", japanese)
    assert not in_alphabets("▁cat", japanese)
    assert in_alphabets("##straße", alphabets(["de", "ru"]))
    assert in_alphabets("한국어", alphabets(["ko"]))
    assert not in_alphabets("한국어", alphabets(["zh"]))
    with pytest.raises(ConfigError, match="give --text"):
        alphabets(["und"])


def test_characters_that_were_trimmed_away_are_reported_once(capsys: pytest.CaptureFixture[str]) -> None:
    encoder = build("wordpiece", "static")
    smaller = trim(encoder, pieces_of_texts(encoder.tokenizer, GERMAN, ["de"]), ["de"])
    smaller.encode(GERMAN)
    assert "outside the vocabulary" not in capsys.readouterr().err
    smaller.encode(OTHER[:2])
    smaller.encode(OTHER[:1])
    assert (
        capsys.readouterr().err.count("2 of 2 texts hold characters outside the vocabulary, which was trimmed to de")
        == 1
    )


@pytest.mark.parametrize("body", ["static", "transformer"])
def test_a_trimmed_encoder_is_trimmed_as_an_engine_too(
    body: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    encoder = build("wordpiece", body)
    smaller = trim(encoder, pieces_of_texts(encoder.tokenizer, GERMAN, ["de"]), ["de"])
    export(smaller, tmp_path / "engine")
    again = engine.load(tmp_path / "engine")
    assert np.abs(again.encode(GERMAN, "de-AT") - smaller.encode(GERMAN, "de")).max() < 1e-5
    assert "outside the vocabulary" not in capsys.readouterr().err
    with pytest.raises(ConfigError, match="trimmed to de and cannot encode ru"):
        again.encode(OTHER[:2], "ru")
    for _ in range(2):
        again.encode(OTHER[:2])
    assert (
        capsys.readouterr().err.count("2 of 2 texts hold characters outside the vocabulary, which was trimmed to de")
        == 1
    )
