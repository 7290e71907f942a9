"""What makes no difference between texts is left out, whatever the script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlingua.folding import numbers, plain


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("Hello, World!", "helloworld"),
        ("STRASSE straße", "strassestrasse"),
        ("İstanbul ISPARTA ısparta", "istanbulispartaisparta"),
        ("हिन्दी!", "हिन्दी"),  # vowel signs and the virama are part of the word
        ("שָׁלוֹם", "שָׁלוֹם"),
        ("C3-PO", "c3po"),
        ("?!", "?!"),  # punctuation alone is all there is
        ("", ""),
    ],
)
def test_letters_and_digits(text: str, letters: str) -> None:
    assert plain(text) == letters


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1,234,567 and 1.234.567 and 1 234 567 and 1\u202f234\u00a0567 and 1'234'567", ["1234567"] * 5),
        ("3.14", ["3", "14"]),
        ("12,5 %", ["12", "5"]),
        ("007; 0; 000", ["7", "0", "0"]),
        ("١٢٣; १२३; 123; １２３", ["123"] * 4),
        ("1,2345", ["1", "2345"]),  # four digits are no group
        ("none", []),
    ],
)
def test_numbers_by_their_digits(text: str, found: list[str]) -> None:
    assert numbers(text) == found


@given(st.text(max_size=30))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert plain(plain(text)) == plain(text)
    assert all(number.isascii() and number.isdigit() for number in numbers(text))
