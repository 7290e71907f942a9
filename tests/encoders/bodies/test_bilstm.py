"""Sizes of a BiLSTM."""

import pytest

from interlingua.encoders.bodies import bilstm
from interlingua.errors import ConfigError


@pytest.mark.parametrize("size", ["embedding", "hidden", "layers"])
def test_sizes_of_nothing(size: str) -> None:
    with pytest.raises(ConfigError, match="at least 1"):
        bilstm.Config(**{size: 0})
