"""What starts from scratch in a test of a recipe is small."""

import pytest

from interlingua.encoders import from_scratch
from interlingua.encoders.bodies import transformer


@pytest.fixture(autouse=True)
def small_is_very_small(monkeypatch: pytest.MonkeyPatch) -> None:
    size = transformer.Config(layers=2, width=32, heads=2, feedforward=64)
    monkeypatch.setitem(from_scratch.SIZES, "small", size)
