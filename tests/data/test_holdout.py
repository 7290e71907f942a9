import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlingua.data.holdout import hold_out
from interlingua.errors import DataError
from interlingua.types import Example


def examples(pairs: list[tuple[int, int]]) -> list[Example]:
    return [Example((f"source {s}", f"target {t}"), ("en", "de")) for s, t in pairs]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 60)), max_size=80))
def test_no_text_of_dev_is_in_train(pairs: list[tuple[int, int]]) -> None:
    train, dev = hold_out(examples([*pairs, *((k, k) for k in range(8))]), 3)
    assert len({example.texts[0] for example in dev}) == 3
    for side in (0, 1):
        assert not {example.texts[side] for example in train} & {example.texts[side] for example in dev}


def test_order_does_not_matter() -> None:
    rows = examples([(k, k) for k in range(50)])
    assert set(hold_out(rows, 5)[1]) == set(hold_out(rows[::-1], 5)[1])


def test_too_few_source_texts() -> None:
    with pytest.raises(DataError, match=r"5 different source texts are too few .* --dev-texts"):
        hold_out(examples([(k % 5, k) for k in range(50)]), 4)


def test_one_text_in_every_example() -> None:
    with pytest.raises(DataError, match="every example shares a text"):
        hold_out([Example((f"a {k}", "the same"), ("en", "en")) for k in range(20)], 4)
