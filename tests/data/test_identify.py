import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua.data.identify import SURE, are_kin, guesses, identify, probabilities, recognised
from interlingua.languages import standard

TEXTS = {
    "en": "The children were playing in the garden all day.", "de": "Die Kinder spielten den ganzen Tag im Garten.",
    "fr": "Les enfants ont joué dans le jardin toute la journée.", "ru": "Дети весь день играли в саду.", "el": "Τα παιδιά έπαιζαν στον κήπο.",
    "ja": "子供たちは一日中庭で遊んでいた。", "zh": "孩子们整天在花园里玩耍，他们很高兴。", "ar": "كان الأطفال يلعبون في الحديقة طوال اليوم.",
    "hi": "बच्चे पूरे दिन बगीचे में खेल रहे थे।", "th": "เด็กๆ เล่นในสวนทั้งวัน", "sw": "Watoto walikuwa wakicheza bustanini siku nzima.",
    "ko": "아이들은 하루 종일 정원에서 놀고 있었다.",
}  # fmt: skip


def test_plain_sentences_are_recognised() -> None:
    assert identify(list(TEXTS.values())) == list(TEXTS)
    assert identify(["THE CHILDREN WERE PLAYING IN THE GARDEN ALL DAY."]) == ["en"]


@pytest.mark.parametrize("text", ["", " ", "123 456", "😀", "-- ? --", "OK", "www.example.org/a/b?c=1"])
def test_what_cannot_be_told_is_unknown(text: str) -> None:
    assert identify([text]) == ["und"]


def test_kin_count_together() -> None:
    croatian = "Djeca su se cijeli dan igrala u vrtu."  # which may be Bosnian as well
    assert guesses([croatian])[0].confidence > probabilities([croatian]).max() + 0.01
    assert are_kin("sr-Latn", "hr")
    assert are_kin("pt", "pt-BR")
    assert not are_kin("de", "nl")


def test_nothing_is_sure_of_nothing() -> None:
    assert guesses(["1234"]) == [("und", 0.0)]
    assert identify([]) == []
    assert probabilities([]).shape == (0, len(recognised()))


def test_every_language_has_its_standard_code_once() -> None:
    assert all(standard(language) == language for language in recognised())
    assert len(set(recognised())) == len(recognised())


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=30), max_size=3))
def test_a_text_is_judged_on_its_own(texts: list[str]) -> None:
    together = probabilities(texts)
    assert np.array_equal(together, np.concatenate([probabilities([]), *(probabilities([text]) for text in texts)]))
    assert ((together >= 0) & (together <= 1)).all()
    for text, guess, name in zip(texts, guesses(texts), identify(texts), strict=True):
        assert name == (guess.language if guess.confidence >= SURE else "und"), text
