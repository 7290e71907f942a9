"""Vocabularies of LASER's releases that are damaged."""

import io

import pytest
import sentencepiece

from interlingua.errors import ModelFormatError
from interlingua.interchange import laser_vocabulary


def trained(kind):
    model = io.BytesIO()
    texts = ["the cat sleeps on the mat", "a cat and a mat and the rest"]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts), model_writer=model, model_type=kind, vocab_size=50, hard_vocab_limit=False,
        minloglevel=2,
    )  # fmt: skip
    return model.getvalue()


@pytest.mark.parametrize("kind", ["unigram", "bpe"])
def test_a_piece_that_is_no_text(tmp_path, kind):
    """As the fuzzer found it: it is bytes, where the libraries take text."""
    file, ids = tmp_path / "model", {"a": 4}
    content = trained(kind)
    file.write_bytes(content)
    tokenizer, _ = laser_vocabulary.sentencepiece_tokenizer(file, ids, 5, 32, begin=True)
    assert tokenizer.ids(["a cat"])[0][0] == 0
    file.write_bytes(content.replace("▁".encode(), b"\xe2\x96\xff"))
    with pytest.raises(ModelFormatError, match="no vocabulary can be made of this file|no SentencePiece model"):
        laser_vocabulary.sentencepiece_tokenizer(file, ids, 5, 32, begin=True)


def test_codes_of_another_layout(tmp_path):
    file = tmp_path / "codes"
    for content in (b"a\n", b"a b c d\n", b"\xff b\n"):
        file.write_bytes(content)
        with pytest.raises(ModelFormatError):
            laser_vocabulary.bpe_tokenizer(file, {"a": 4}, 5, 32)
