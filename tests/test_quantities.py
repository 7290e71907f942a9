"""Numbers that options cannot be."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from interlingua.errors import ConfigError, InputTypeError
from interlingua.mining.clean import Thresholds
from interlingua.quantities import given, kinds_of, require, require_fields


@pytest.mark.parametrize(
    ("number", "kinds", "problem"),
    [
        (float("nan"), {float}, "finite"), (float("-inf"), {float}, "finite"), (float("inf"), {int}, "finite"),
        (1.5, {int}, "whole"), (-1, {int}, "negative"), (10**20, {int}, "too large"), (1e300, {int}, "too large"), (10**400, {float}, "too large"),
    ],
)  # fmt: skip
def test_what_is_refused(number: float, kinds: set[type], problem: str) -> None:
    with pytest.raises(ConfigError, match=f"--k {number}.*{problem}".replace("+", r"\+")):
        require("--k", number, kinds)


def test_what_is_not() -> None:
    for number, kinds in ((0, {int}), (2.0, {int}), (2**63 - 1, {int}), (-1.5, {float}), (1.5, {int, float})):
        require("--k", number, kinds)
    assert kinds_of(int | None) == {int}
    assert kinds_of(tuple[float, ...]) == {float}
    assert kinds_of(bool) == kinds_of(str | None) == set()


@pytest.mark.parametrize("number", [True, np.True_, "4", None, [4], 4j])
def test_what_a_caller_hands_over_and_is_no_number(number: Any) -> None:
    with pytest.raises(InputTypeError, match="k: a number is needed, not "):
        given("k", number, int)


def test_what_a_caller_hands_over() -> None:
    for number in (4, 4.0, np.int64(4), np.float32(4)):
        assert [type(given("k", number, kind)) for kind in (int, float)] == [int, float]
    for number, kind in ((1.5, int), (float("nan"), float), (np.float32("inf"), float), (-1, int)):
        with pytest.raises(ConfigError, match="k "):
            given("k", number, kind)


@dataclass(kw_only=True)
class Options:
    some_count: int = 1
    shares: tuple[float, ...] = ()
    most: int | None = None
    flag: bool = False
    name: str = "nan"


def test_fields() -> None:
    require_fields(Options(shares=(0.5, -1), most=3, flag=True))
    with pytest.raises(ConfigError, match="some-count 1.5: a whole number"):
        require_fields(Options(some_count=1.5))  # pyright: ignore[reportArgumentType]
    with pytest.raises(ConfigError, match="shares nan"):
        require_fields(Options(shares=(1, float("nan"))))
    with pytest.raises(ConfigError, match="most -1"):
        require_fields(Options(most=-1))
    with pytest.raises(ConfigError, match="length inf"):
        Thresholds(length=float("inf"))
