"""Phrases and patterns are found where they stand in the text as it was read."""

import subprocess
import sys

import pytest

from interlingua.errors import ConfigError
from interlingua.memories.words import Pattern, Phrase, words


def found(text, wanted, **options):
    return [text[begin:end] for begin, end in Phrase(wanted, **options).places(text)]


@pytest.mark.parametrize(
    ("wanted", "text", "hits"),
    [
        ("open", "Open, reopen; open_ opened OPEN", ["Open", "open", "OPEN"]),
        ("straße", "STRASSE und Straße, Straßen", ["STRASSE", "Straße"]),
        ("cafe\u0301", "Das CAFÉ", ["CAFÉ"]),
        ("café", "Cafe\u0301s, cafe\u0301!", ["cafe\u0301"]),
        ("cafe", "café cafe\u0301", []),  # no accent is left over
        ("İ", "i̇ İ", ["i̇", "İ"]),
        ("100 %", "zu 100 % da", ["100 %"]),
        ("%s", "a%sb a%s", ["%s"]),
        ("log in", "log in or blog in", ["log in"]),
        ("本", "日本語", ["本"]),
        ("グ", "ブログを", ["グ"]),
        ("ไทย", "ภาษาไทยนี้", ["ไทย"]),
        ("한국", "한국어 한국", ["한국"]),
        ("हिन्दी", "हिन्दी हिन्दीभाषी", ["हिन्दी"]),
        ("हिन्द", "हिन्दी", []),  # the vowel sign belongs to the word
        ("aa", "aa aaaa aa", ["aa", "aa"]),
    ],
)
def test_whole_words_in_any_case(wanted, text, hits):
    assert found(text, wanted) == hits
    assert Phrase(wanted).occurs([text, ""]) == [bool(hits), False]


def test_choices():
    assert found("Resume résumé RÉSUMÉ", "resume", accents=False) == ["Resume", "résumé", "RÉSUMÉ"]
    assert found("Polish polish", "polish", exact_case=True) == ["polish"]
    assert found("\u0301ab", "ab", accents=False) == ["\u0301ab"]
    assert found("reopened", "open", whole_words=False) == ["open"]
    assert found("Straße", "s", whole_words=False) == ["S"]  # half of a letter is no hit
    with pytest.raises(ConfigError, match="empty"):
        Phrase("  ")
    with pytest.raises(ConfigError, match="empty"):
        Phrase("\u0301", accents=False)


def test_patterns():
    pattern = Pattern("o(pe)+n|ü.")
    assert pattern.occurs(["OPEN", "oen", "Über"]) == [True, False, True]
    text = "a\0 Opepen über"
    assert [text[begin:end] for begin, end in pattern.places(text)] == ["Opepen", "üb"]
    assert Pattern("O", exact_case=True).places("oO") == [(1, 2)]
    assert Pattern("x*").places("axxa") == [(1, 3)]
    assert Pattern("^$", exact_case=True).occurs(["", "a"]) == [True, False]


@pytest.mark.parametrize("wrong", ["(a", "(a)\\1", "(?=a)"])
def test_what_is_no_pattern_is_refused(wrong):
    with pytest.raises(ConfigError, match="no regular expression of RE2"):
        Pattern(wrong)


def test_no_pattern_takes_for_ever():
    code = (
        "from interlingua.memories.words import Pattern; assert not any(Pattern('(a+)+$').occurs(['a' * 50_000 + 'b']))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)  # it would take longer than the world is old


def test_words():
    def of(text):
        return [text[begin:end] for begin, end in words(text)]

    assert of("l'imprimante n° 5, e\u0301te\u0301_x") == ["l", "imprimante", "n", "5", "e\u0301te\u0301", "x"]
    assert of("हिन्दी में") == ["हिन्दी", "में"]
