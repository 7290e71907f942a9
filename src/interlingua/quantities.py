"""The numbers of options: finite, whole where they count something, and never negative there."""

from collections.abc import Iterable
from dataclasses import fields
from math import isfinite
from numbers import Integral, Real
from typing import Any, get_args

from interlingua.errors import ConfigError, InputTypeError

LARGEST = 2**63 - 1
"""No count is larger; what computes with it has 64 bits."""


def kinds_of(annotation: Any) -> set[Any]:
    """The types of the numbers in an annotation: int and float of `int | None` and `tuple[float, ...]`."""
    return {annotation, *get_args(annotation)} & {int, float}


def require(name: str, number: int | float, kinds: Iterable[Any]) -> None:
    """Raise ConfigError, which names the option, for a number that is not of the kinds it may be."""
    if isinstance(number, int) and abs(number) > LARGEST:  # no float may be so large
        problem = "this is too large"
    elif not isfinite(number):
        problem = "a finite number is needed"
    elif float in kinds:
        return
    elif number != int(number):
        problem = "a whole number is needed"
    elif number < 0:
        problem = "it must not be negative"
    elif number > LARGEST:
        problem = "this is too large"
    else:
        return
    raise ConfigError(f"{name} {number}: {problem}")


def given(name: str, number: Any, kind: type[int] | type[float]) -> Any:
    """A number that a caller hands over, of that kind. Raises InputTypeError for what is none, ConfigError as `require`
    does.
    """
    if isinstance(number, bool) or not isinstance(number, Real):
        raise InputTypeError(f"{name}: a number is needed, not {number!r:.40}, a {type(number).__name__}")
    plain = int(number) if isinstance(number, Integral) else float(number)  # of numpy's, too
    require(name, plain, {kind})
    return kind(plain)


def require_fields(options: Any) -> None:
    """Raise ConfigError for a number in a dataclass of options that is not of its field's type, or not finite."""
    for field in fields(options):
        value = getattr(options, field.name)
        for number in value if isinstance(value, tuple) else (value,):
            if kinds_of(field.type) and isinstance(number, int | float):
                require(field.name.replace("_", "-"), number, kinds_of(field.type))
