"""What makes no difference between texts is left out, whatever the script."""

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlingua.data.bitext import read
from interlingua.data.doctor import examine, texts_of_tests
from interlingua.data.gathering import gather_each
from interlingua.data.holdout import first_texts, hold_out, without
from interlingua.data.labelled import positives
from interlingua.data.roles import find
from interlingua.folding import canonical, numbers, plain, spaced
from interlingua.formats import open_memory
from interlingua.memories.entries import entries
from interlingua.memories.index import index_of
from interlingua.memories.lookup import Kind, lookup
from interlingua.mining import store
from interlingua.mining.clean import Reason, Thresholds, judge
from interlingua.mining.filters import Filter, reason
from interlingua.mining.mine import mine_texts
from interlingua.types import Embeddings, Example

WRITTEN = {
    "French": "Le café près de l'hôtel était fermé à Noël",
    "Korean": "한국어 문장은 여기에서 끝납니다",
    "Vietnamese": "Tiếng Việt có nhiều dấu thanh phức tạp",
    "Arabic": "آمن الرجل بأن القرآن كتاب مؤثر في حياته",
    "Bengali": "ছোট মেয়েটি গাছের নীচে কোথায় দাঁড়িয়ে",
    "Hindi": "वह लड़का क़लम से पढ़ाई की बातें लिखता है",
    "Tamil": "கோவில் போகும் பொழுது கொடுத்தான் நல்லது",
    "Greek": "Ο άνθρωπος ᾠδήν ᾄδει στην Αθήνα",
}
"""A sentence of each."""
SINGLE = {"\u0915\u093c": "\u0958", "\u0922\u093c": "\u095d", "\u0921\u093c": "\u095c"}
"""Hindi letters with a dot below that are one character, as keyboards give them and NFC never has them."""


def composed(text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    for pair, single in SINGLE.items():
        text = text.replace(pair, single)
    return text


FORMS = [(composed(text), unicodedata.normalize("NFD", text)) for text in WRITTEN.values()]


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


@pytest.mark.parametrize(("one", "other"), FORMS, ids=list(WRITTEN))
def test_canonically_equivalent_texts_are_one(one: str, other: str) -> None:
    assert one != other
    assert canonical(one) == canonical(other)
    assert plain(one) == plain(other) == plain(one.upper()) == plain(other.upper())


@given(st.text(max_size=20))
def test_all_forms_of_any_text_are_one_and_others_are_not(text: str) -> None:
    """Unicode's own definition: two texts are canonically equivalent if their full decompositions are equal."""
    forms = [unicodedata.normalize(form, text) for form in ("NFC", "NFD")]
    assert len({canonical(form) for form in (*forms, text)}) == 1
    assert len({plain(form) for form in (*forms, text)}) == 1
    assert unicodedata.normalize("NFD", canonical(text)) == forms[1]
    assert canonical(text + "\u00c5") != canonical(text + "A")


def encode(texts: Sequence[str], language: str = "und") -> Embeddings:
    """A direction for each sequence of code points: composed and decomposed texts have nothing in common."""
    return np.stack([np.random.default_rng(list(text.encode())).normal(size=16) for text in texts]).astype(np.float32)


@pytest.fixture
def bitext(tmp_path: Path) -> Path:
    """Every pair twice, composed and decomposed, then every text beside itself."""
    file = tmp_path / "pairs.tsv"
    rows = [
        (form, f"sentence number {'abcdefgh'[row]}")
        for forms in zip(*FORMS, strict=True)
        for row, form in enumerate(forms)
    ]
    rows += FORMS
    file.write_text("source\ttarget\n" + "".join(f"{a}\t{b}\n" for a, b in rows), encoding="utf-8")
    return file


def test_cleaning_finds_repeats_and_copies_and_writes_what_it_read(bitext: Path, tmp_path: Path) -> None:
    pairs = read(bitext, "und", "en")
    why, (_, rejected) = judge(pairs, None, Thresholds())
    n = len(FORMS)
    assert [Reason.duplicated in some for some in why] == [False] * n + [True] * n + [False] * n
    assert [Reason.untranslated in some for some in why] == [False] * 2 * n + [True] * n
    pairs.write(tmp_path / "all.tsv", [True] * len(why))
    assert (tmp_path / "all.tsv").read_bytes() == bitext.read_bytes()
    assert {row[2] for row in rejected} >= {other for _, other in FORMS}
    assert [set(some) - {Reason.duplicated} for some in why[n : 2 * n]] == [set(some) for some in why[:n]]


def test_the_doctor_finds_contamination(bitext: Path, tmp_path: Path) -> None:
    test = tmp_path / "test.txt"
    test.write_text("\n".join(one for one, _ in FORMS) + "\n", encoding="utf-8")
    found = {finding.check: finding.lines for finding in examine(find(bitext, None), texts_of_tests([test]))}
    assert found["contamination"] == tuple(range(2, 2 + 3 * len(FORMS)))
    assert found["copies"] == tuple(range(2 + 2 * len(FORMS), 2 + 3 * len(FORMS)))
    assert found["duplicates"] == tuple(range(2 + len(FORMS), 2 + 2 * len(FORMS)))


def test_mining_takes_a_text_once_and_leaves_copies_out(tmp_path: Path) -> None:
    both = [form for forms in FORMS for form in forms]
    texts = store.texts(tmp_path / "texts", iter(both), tmp_path)
    assert texts.at(range(len(texts))) == both[::2]
    assert texts.read == len(both)
    assert {pair.source for pair in mine_texts(both, both, encode, margin="absolute", retrieval="forward")} == set(
        range(0, len(both), 2)
    )
    assert all(reason(*forms, (Filter.copy,), 0.0) is Filter.copy for forms in FORMS)
    assert all(reason(*forms, (Filter.length,), 0.0) is None for forms in FORMS)


@pytest.mark.parametrize("stored", [False, True])
def test_what_is_held_out_is_not_learned_in_another_form(stored: bool, tmp_path: Path) -> None:
    file = tmp_path / "pairs.tsv"
    rows = [f"{form}\tanswer {row} {side}" for row, forms in enumerate(FORMS) for side, form in enumerate(forms)]
    file.write_text("anchor\tpositive\n" + "\n".join(rows) + "\n", encoding="utf-8")
    examples = gather_each(positives, [file], tmp_path / "cache" if stored else None)
    assert first_texts(examples) == len(FORMS)
    train, dev = hold_out(examples, 3)
    assert len(dev) == 6
    assert len(train) == len(rows) - 6
    assert not {canonical(e.texts[0]) for e in train} & {canonical(e.texts[0]) for e in dev}
    assert len(without(examples, [FORMS[0][1]])) == len(without(examples, [FORMS[0][0]])) == len(rows) - 2


@pytest.mark.parametrize("stored", [False, True])
def test_examples_that_are_wanted_once(stored: bool, tmp_path: Path) -> None:
    file = tmp_path / "pairs.tsv"
    rows = [f"{form}\tthe same" for forms in FORMS for form in forms]
    file.write_text("anchor\tpositive\n" + "\n".join(rows) + "\n", encoding="utf-8")
    examples = gather_each(positives, [file], tmp_path / "cache" if stored else None, once=True)
    assert list(examples) == [Example((one, "the same"), ("und", "und")) for one, _ in FORMS]


def test_a_memory_knows_the_text(tmp_path: Path) -> None:
    file = tmp_path / "memory.tsv"
    file.write_text("fr\ten\n" + "".join(f"{text}\tanswer {row}\n" for row, (text, _) in enumerate(FORMS)), "utf-8")
    known = index_of(entries(open_memory(file), "fr", "en"), encode)
    found = lookup([other for _, other in FORMS], known, encode, k=1)
    assert [[(m.kind, m.entry.source.text, m.target.text) for m in some] for some in found] == [
        [(Kind.context, text, f"answer {row}")] for row, (text, _) in enumerate(FORMS)
    ]


def test_white_space_and_the_encoding_of_accents_make_no_difference_to_a_memory() -> None:
    assert spaced(" cafe\u0301\u00a0 au\tlait\n") == "caf\u00e9 au lait"
    assert spaced("Café") != spaced("café")
