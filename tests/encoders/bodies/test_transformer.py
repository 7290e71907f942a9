"""Sizes that no transformer can have."""

import pytest

from interlingua.encoders.bodies.transformer import Config
from interlingua.errors import ConfigError


@pytest.mark.parametrize("heads", [0, -2, 3])
def test_heads_that_cannot_share_the_width(heads):
    """As the fuzzer found it in a saved model's description: no heads were a division by zero."""
    with pytest.raises(ConfigError, match=f"cannot be shared by {heads} heads"):
        Config(width=8, heads=heads)


@pytest.mark.parametrize("dropout", [1.1, -0.1, float("nan")])
def test_a_dropout_that_is_no_share(dropout):
    with pytest.raises(ConfigError, match="give 0 to 1"):
        Config(dropout=dropout)
