import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interlingua.encoding import batches


@given(st.lists(st.integers(0, 50), max_size=60), st.integers(1, 200))
def test_every_text_is_in_one_group_and_groups_fit(lengths: list[int], most: int) -> None:
    equal = batches.by_length(lengths, most, equal=True)
    assert all(len({lengths[row] for row in group}) == 1 for group in equal)
    assert (
        np.concatenate(equal).tolist() == np.argsort(-np.array(lengths), kind="stable").tolist()
        if lengths
        else equal == []
    )
    groups = batches.by_length(lengths, most)
    assert sorted(np.concatenate(groups).tolist() if groups else []) == list(range(len(lengths)))
    for group in groups:
        assert len(group) == 1 or len(group) * max(lengths[row] for row in group) <= most


@given(st.lists(st.text("abc", max_size=6), max_size=40), st.integers(1, 30))
def test_order_is_kept_and_repeated_texts_are_embedded_once(texts: list[str], most: int) -> None:
    asked: list[int] = []

    def embed(ids, mask):
        asked.append(len(ids))
        assert ids.shape[1] % batches.COLUMNS == 0
        return np.array([[mask[row].sum(), ids[row][mask[row]].sum()] for row in range(len(ids))], np.float32)

    def tokenize(parts):
        return [np.array([ord(character) for character in part], np.int32) for part in parts]

    found = batches.encode(texts, tokenize, embed, width=2, padding=0, max_tokens=most)
    assert found.tolist() == [[len(text), sum(map(ord, text))] for text in texts]
    assert sum(asked) == len(set(texts))


@settings(deadline=None)  # threads
@given(st.lists(st.text("abc", max_size=6), max_size=40), st.integers(1, 30))
def test_without_padding_and_by_several_threads(texts: list[str], most: int) -> None:
    def embed(ids, mask):
        assert mask.all() or ids.shape[1] == 1
        return np.array([[mask[row].sum(), ids[row][mask[row]].sum()] for row in range(len(ids))], np.float32)

    def tokenize(parts):
        return [np.array([ord(character) for character in part], np.int32) for part in parts]

    found = batches.encode(texts, tokenize, embed, width=2, padding=0, max_tokens=most, equal=True, workers=3)
    assert found.tolist() == [[len(text), sum(map(ord, text))] for text in texts]


def test_many_texts_are_tokenised_ahead(monkeypatch) -> None:
    monkeypatch.setattr(batches, "CHUNK", 10)
    texts = [str(number) for number in range(95)]
    found = batches.encode(
        texts,
        lambda parts: [np.array([int(part)], np.int32) for part in parts],
        lambda ids, mask: ids[:, :1].astype(np.float32),
        width=1,
        padding=0,
        max_tokens=64,
        workers=2,
    )
    assert found[:, 0].tolist() == list(range(95))


def test_an_error_in_a_thread_is_raised() -> None:
    def embed(ids, mask):
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        batches.encode(
            ["a", "b"],
            lambda parts: [np.ones(1, np.int32) for _ in parts],
            embed,
            width=1,
            padding=0,
            max_tokens=64,
            workers=2,
        )


def test_a_chunk_ends_with_its_tokens(monkeypatch) -> None:
    monkeypatch.setattr(batches, "PIECE", 2)
    monkeypatch.setattr(batches, "CHUNK", 6)
    monkeypatch.setattr(batches, "CHUNK_TOKENS", 100)
    lengths = [1, 1, 1, 1, 1, 1, 1, 1, 90, 20, 1]
    chunks = batches._tokenised([str(n) for n in lengths], lambda some: [np.zeros(int(n), np.int32) for n in some])
    assert [(start, [len(ids) for ids in chunk]) for start, chunk in chunks] == [
        (0, [1] * 6), (6, [1, 1, 90, 20]), (10, [1]),
    ]  # fmt: skip
