"""One vector a subword, whatever stands beside it: the fastest body, blind to word order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from interlingua.encoders.architecture import Static, array
from interlingua.encoders.body import keep_rows, no_layers
from interlingua.tensors import Tokens


@dataclass(frozen=True, kw_only=True)
class Config:
    """Size of a static body."""

    width: int = 512
    """H, the width of a subword's vector."""


class Body(nn.Module):
    """A table of subword vectors."""

    kind: ClassVar[str] = "static"

    def __init__(self, config: Config, vocabulary_size: int, pad: int) -> None:
        super().__init__()
        self.config, self.width = config, config.width
        self.table = nn.Embedding(vocabulary_size, config.width, padding_idx=pad)

    @property
    def word_embeddings(self) -> nn.Embedding:
        return self.table

    @property
    def depth(self) -> int:
        return 0

    def keep_layers(self, places: Sequence[int]) -> None:
        raise no_layers(self.kind)

    def keep_words(self, rows: Sequence[int]) -> None:
        keep_rows(self.table, rows)

    def architecture(self) -> Static:
        return Static(array(self.table.weight))

    def forward(self, tokens: Tokens) -> Float[Tensor, "B T H"]:
        """The vector of every token."""
        return self.table(tokens.ids)
