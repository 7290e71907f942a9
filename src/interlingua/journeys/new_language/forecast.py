"""What would more data bring? Errors that fall with data along a power law are drawn on, with the caution that this
deserves.

Hestness et al. 2017, "Deep Learning Scaling is Predictable, Empirically", for the law.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """A law error = scale * pairs ** -exponent through measured points, and what it says."""

    exponent: float
    scale: float
    expected: dict[int, float]
    """Error (%) by number of pairs: at twice and four times the largest measured."""
    spread: float
    """Largest distance (in points of error) of a measured error from the law."""


def forecast(points: Sequence[tuple[int, float]]) -> Forecast | None:
    """The law through (pairs, error in %), by least squares of the logarithms; None where there are too few points
    or no fall.
    """
    usable = [(pairs, error) for pairs, error in points if pairs > 0 and error > 0]
    if len({pairs for pairs, _ in usable}) < 3:
        return None
    pairs, errors = (np.array(column, np.float64) for column in zip(*usable, strict=True))
    slope, intercept = np.polyfit(np.log(pairs), np.log(errors), 1)
    if slope >= 0:
        return None
    law = np.exp(intercept) * pairs**slope
    most = int(pairs.max())
    expected = {most * times: round(float(np.exp(intercept) * (most * times) ** slope), 2) for times in (2, 4)}
    spread = round(float(np.abs(law - errors).max()), 2)
    return Forecast(
        exponent=round(-float(slope), 3), scale=round(float(np.exp(intercept)), 2), expected=expected, spread=spread
    )
