import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua.data.sentences import split
from interlingua.errors import DataError


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ["Dr. Smith came at 3.14 p.m. today.", "Was it late?", "No!"]),
        ("de", ["Das ist z. B. ein Satz.", "Am 3. Oktober kam Herr Dr. Weber."]),
        ("ja", ["今日は天気がいいです。", "明日は雨でしょう！", "本当ですか？"]),
        ("zh-Hant", ["你好。", "今天天氣很好！", "真的嗎？"]),
        ("hi", ["यह एक वाक्य है।", "यह दूसरा है।", "क्या यह तीसरा है?"]),
        ("ar", ["هذه جملة.", "وهذه أخرى!", "هل هذه ثالثة؟", "نعم."]),
        ("th", ["วันนี้อากาศดีมาก", "พรุ่งนี้ฝนจะตก", "ฉันชอบแมวของเขา"]),
        ("km", ["នេះជាប្រយោគ។", "នេះជាមួយទៀត។"]),
        ("bo", ["འདི་ཡིན།", "དེ་ཡིན།"]),
        ("und", ["One here.", "یہ ایک جملہ ہے۔", "ይህ አንድ ዓረፍተ ነገር ነው።", "二つ目。"]),
    ],
)
def test_sentences_put_together_come_apart(language: str, sentences: list[str]) -> None:
    assert split(("" if language in ("ja", "zh-Hant") else " ").join(sentences), language) == sentences


def test_a_space_in_thai_beside_a_short_word_or_a_number_is_no_end() -> None:
    assert split("ปี 2563 มีคนมาก และ ดี", "th") == ["ปี 2563 มีคนมาก และ ดี"]


def test_line_ends_end_sentences_and_a_closing_quote_stays() -> None:
    assert split("A heading\r\n\r\nThe text goes on.  Here. ”\n") == ["A heading", "The text goes on.", "Here. ”"]
    assert split("") == split(" \n ") == []


@settings(max_examples=60, deadline=None)
@given(st.text(), st.sampled_from(["und", "en", "th", "ja", "km", "pt-BR", "tlh"]))
def test_only_white_space_is_lost(text: str, language: str) -> None:
    sentences = split(text, language)
    assert "".join("".join(sentences).split()) == "".join(text.split())
    assert all(sentence == sentence.strip() != "" for sentence in sentences)


def test_what_is_no_language_is_an_error() -> None:
    with pytest.raises(DataError, match="not a language code"):
        split("One.", "english please")
