import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlingua import tokenization
from interlingua.errors import ConfigError, DataError, ModelFormatError
from tests.conftest import TEXTS

SMALL = tokenization.train(TEXTS * 3, 600, max_tokens=100_000)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_no_character_is_unknown(text: str) -> None:
    assert tokenization.SPECIAL.index("<unk>") not in SMALL.ids([text])[0]


@pytest.mark.parametrize("text", ["never seen: ꙮ ⵣ", "한국어 텍스트", "ไทย"])
def test_unseen_scripts_are_spelled_in_bytes(text: str) -> None:
    assert SMALL._rules.decode(SMALL.ids([text])[0].tolist()) == text


def test_the_same_texts_give_the_same_vocabulary(tmp_path: Path) -> None:
    for name in ("one", "other"):
        tokenization.train(TEXTS * 3, 500).save(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_saved_and_loaded(tmp_path: Path) -> None:
    SMALL.save(tmp_path / "tokenizer.json")
    loaded = tokenization.Tokenizer.load(tmp_path / "tokenizer.json", max_tokens=7)
    assert loaded.pad == SMALL.pad
    assert [len(ids) <= 7 for ids in loaded.ids(TEXTS)] == [True] * len(TEXTS)
    assert loaded.ids(["A"])[0].tolist() == SMALL.ids(["A"])[0].tolist()


def test_a_larger_vocabulary_than_the_text_supports_is_a_smaller_one() -> None:
    assert tokenization.train(["one two three"] * 5, 5000).vocabulary_size < 600


def test_more_characters_than_pieces() -> None:
    texts = [chr(0x4E00 + number) * 3 for number in range(3000)]
    assert tokenization.train(texts, 500).vocabulary_size <= 500


def test_unusable_input(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no text"):
        tokenization.train(["", " "], 1000)
    with pytest.raises(ModelFormatError, match="not a readable tokenizer"):
        tokenization.Tokenizer.load(tmp_path / "missing.json", 10)


def _broken(tmp_path: Path, model: dict[str, object], added: list[object] | None = None) -> tokenization.Tokenizer:
    rules = {"version": "1.0", "added_tokens": added or [], "normalizer": None, "pre_tokenizer": None, "decoder": None}
    (tmp_path / "tokenizer.json").write_text(json.dumps({**rules, "post_processor": None, "model": model}))
    return tokenization.Tokenizer.load(tmp_path / "tokenizer.json", 8)


def test_rules_that_cannot_spell_a_text(tmp_path: Path) -> None:
    """As the fuzzer found it: the library raises a bare Exception."""
    tokenizer = _broken(tmp_path, {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "[UNK]"})
    assert tokenizer.ids(["a"])[0].tolist() == [0]
    with pytest.raises(ConfigError, match="mend tokenizer.json"):
        tokenizer.ids(["b"])
    with pytest.raises(ConfigError, match="mend tokenizer.json"):
        tokenizer.pair_ids([("a", "b")])


def test_an_id_beyond_any_vocabulary(tmp_path: Path) -> None:
    """`pieces` would make a list of 32 GB."""
    with pytest.raises(ModelFormatError, match="4294967295"):
        _broken(tmp_path, {"type": "WordLevel", "vocab": {"a": 0, "b": 2**32 - 1}, "unk_token": "a"})


def test_pieces_that_share_an_id_are_told_alike_every_time(tmp_path: Path) -> None:
    model = {"type": "WordLevel", "vocab": {"a": 0} | {f"b{number}": 1 for number in range(9)}, "unk_token": "a"}
    assert {tuple(_broken(tmp_path, model).pieces()) for _ in range(20)} == {("a", "b8")}


def test_the_same_text_gets_the_same_ids_in_spite_of_dropout(tmp_path: Path) -> None:
    model = {
        "type": "BPE", "vocab": {"a": 0, "aa": 1, "aaaa": 2}, "merges": [["a", "a"], ["aa", "aa"]], "dropout": 0.5,
        "unk_token": "a", "fuse_unk": False, "byte_fallback": False,
    }  # fmt: skip
    tokenizer = _broken(tmp_path, model)
    assert {tuple(ids.tolist()) for ids in tokenizer.ids(["aaaa"] * 50)} == {(2,)}


SHORT = tokenization.train(TEXTS * 3, 600, max_tokens=7)
LONG = st.builds(
    lambda words, spaces, times: "".join(map(str.__add__, words, spaces)) * times,
    st.lists(st.text(min_size=1, max_size=9), min_size=20, max_size=20),
    st.lists(st.sampled_from(["", " ", "\n", "   ", "\u3000"]), min_size=20, max_size=20),
    st.integers(1, 100),
)


@given(LONG)
def test_a_long_text_has_the_ids_of_the_whole(text: str) -> None:
    assert SHORT.ids([text])[0].tolist() == SHORT._rules.encode(text).ids


def test_blanks_are_looked_through_to_a_limit(monkeypatch, capsys) -> None:
    blank = " " * 100_000 + "A"
    assert SHORT.ids([blank, "A"])[0].tolist() == SHORT.ids(["A"])[0].tolist()
    monkeypatch.setattr(tokenization, "MOST_CHARACTERS", 0)
    assert len(SHORT.ids([blank])[0]) < len(SHORT.ids(["A"])[0])
    assert "the rest is not looked at" in capsys.readouterr().err


@pytest.mark.parametrize("nested", [False, True])
def test_a_table_of_characters_that_is_not_as_large_as_it_says_is_refused(tmp_path: Path, nested: bool) -> None:
    """The library would allocate what it says, and abort where that fails."""
    rules = SMALL.rules()
    table = {"type": "Precompiled", "precompiled_charsmap": "//////////8="}
    rules["normalizer"] = {"type": "Sequence", "normalizers": [table]} if nested else table
    (tmp_path / "tokenizer.json").write_text(json.dumps(rules), encoding="utf-8")
    with pytest.raises(ModelFormatError, match="larger than it is"):
        tokenization.Tokenizer.load(tmp_path / "tokenizer.json", 8)


@pytest.mark.parametrize("size", [0, 399, 10**12])
def test_a_vocabulary_of_no_possible_size(size: int) -> None:
    with pytest.raises(ConfigError, match="from 400 .* to 16,777,216"):
        tokenization.train(TEXTS, size)
