"""A memory on disk."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from interlingua.formats import open_memory
from interlingua.memories import index
from interlingua.memories.entries import Entry, entries
from interlingua.types import Embeddings
from interlingua.units.unit import Variant
from interlingua.vectors import unit


class Letters:
    """Texts by how often they use each letter, and what was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts: Sequence[str], language: str = "und") -> Embeddings:
        self.asked += texts
        return np.array([[1 + text.lower().count(chr(97 + k)) for k in range(26)] for text in texts], np.float32)


def entry(source: str, target: str, date: str = "", markup: str = "") -> Entry:
    facts = f'{{"date": "{date}"}}' if date else "{}"
    return Entry(Variant("en", source, markup, "tmx" if markup else ""), Variant("de", target), facts=facts)


def pairs(known: index.Index) -> list[list[tuple[str, str]]]:
    every = [known.of_text(row) for row in range(len(known.vectors))]
    return sorted([(one.source.text, one.target.text) for one in some] for some in every)


def open_index(folder: Path, memory: Path, encode: Letters, **about: str) -> index.Index:
    return index.opened(folder, memory, entries(open_memory(memory, "en", "de")), encode, "en", dict(about))


def test_entries_by_text_the_latest_first() -> None:
    known = index.index_of(
        [entry("a", "alt", "2020"), entry("b", "B"), entry("a", "neu", "2021"), entry("a", "alt", "2019")], Letters()
    )
    assert pairs(known) == [[("a", "neu"), ("a", "alt")], [("b", "B")]]
    assert [one.date for one in known.same(" a ")] == ["2021", "2020"]
    assert known.same("c") == []
    assert len(known) == 3
    rows = [known.text(row) for row in range(2)]
    np.testing.assert_array_equal(known.vectors, unit(Letters()(rows)))


def test_all_of_an_entry_comes_back() -> None:
    whole = Entry(
        Variant("en", "a b", "a <ph/>b", "tmx"), Variant("de", "c"), "before", "after", "menu", '{"tuid": "menu"}', 12
    )
    assert index.index_of([whole], Letters()).same("a b") == [whole]


def test_more_entries_than_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "BLOCK", 7)
    known = index.index_of([entry(f"text {n % 23}", f"Text {n}") for n in range(100)], Letters())
    assert sum(map(len, pairs(known))) == len(known) == 100
    for n in range(23):
        assert {one.target.text for one in known.same(f"text {n}")} == {f"Text {k}" for k in range(n, 100, 23)}
    rows = [known.text(row) for row in range(23)]
    np.testing.assert_array_equal(known.vectors, unit(Letters()(rows)))


def test_an_index_is_opened_without_reading_and_brought_up_to_date(tmp_path: Path) -> None:
    file, folder, encode = tmp_path / "a.tsv", tmp_path / "kept", Letters()
    file.write_text("en\tde\none\teins\ntwo\tzwei\n")
    open_index(folder, file, encode)
    assert {"one", "two"} <= set(encode.asked)
    encode.asked.clear()
    again = open_index(folder, file, encode)
    assert pairs(again) == [[("one", "eins")], [("two", "zwei")]]
    assert encode.asked == []
    file.write_text("en\tde\none\teins\nthree\tdrei\n")
    changed = open_index(folder, file, encode)
    assert pairs(changed) == [[("one", "eins")], [("three", "drei")]]
    assert {"one", "two", "three"} & set(encode.asked) == {"three"}
    np.testing.assert_array_equal(changed.vectors, unit(Letters()([changed.text(row) for row in range(2)])))
    assert pairs(again) == [[("one", "eins")], [("two", "zwei")]]  # who has it open keeps what it was
    open_index(folder, file, encode, model="another")
    assert {"one", "three"} <= set(encode.asked)


@pytest.mark.parametrize("name", ["state.json", "entries.arrow", "vectors.npy", "starts.npy"])
def test_a_damaged_index_is_made_anew(name: str, tmp_path: Path) -> None:
    file, folder = tmp_path / "a.tsv", tmp_path / "kept"
    file.write_text("en\tde\none\teins\ntwo\tzwei\n")
    open_index(folder, file, Letters())
    whole = (folder / name).read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"[1]"):
        (folder / name).write_bytes(damaged)
        assert pairs(open_index(folder, file, Letters())) == [[("one", "eins")], [("two", "zwei")]]


def test_a_stopped_run_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "BLOCK", 5)
    file, folder = tmp_path / "a.tsv", tmp_path / "kept"
    file.write_text("en\tde\n" + "".join(f"{chr(97 + n)} text\tText {n}\n" for n in range(20)))

    class Stopping(Letters):
        def __call__(self, texts: Sequence[str], language: str = "und") -> Embeddings:
            if len(self.asked) > 100:
                raise KeyboardInterrupt
            return super().__call__(texts, language)

    stopped = Stopping()
    with pytest.raises(KeyboardInterrupt):
        open_index(folder, file, stopped)
    assert not folder.exists()
    encode = Letters()
    known = open_index(folder, file, encode)
    assert len(known) == 20
    assert len({text for text in encode.asked if text.endswith(" text")}) < 20
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []
