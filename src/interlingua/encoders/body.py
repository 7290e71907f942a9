"""What every body of an encoder can do; each file in bodies/ holds a Config and a Body."""

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol, runtime_checkable

from jaxtyping import Float
from torch import Tensor, nn

from interlingua.encoders.architecture import Recurrent, Static, Transformer
from interlingua.errors import ConfigError
from interlingua.tensors import Tokens


@runtime_checkable
class Body(Protocol):
    """What turns tokens into hidden states. The name of its file is the `kind` in saved encoders.

    It calls the modules that it shows, and does not read their weights past them: in a modular encoder others stand in
    for some while a text passes. Tokens come to it where its weights lie; it makes no tensor elsewhere.
    """

    kind: ClassVar[str]
    config: Any
    width: int

    @property
    def word_embeddings(self) -> nn.Embedding: ...

    @property
    def depth(self) -> int:
        """How many layers stand one behind another; 0 for a body without any."""
        ...

    def __call__(self, tokens: Tokens) -> Float[Tensor, "B T H"]: ...

    def keep_layers(self, places: Sequence[int]) -> None:
        """Keep the layers at these places alone. Raises ConfigError for a body without layers."""
        ...

    def keep_words(self, rows: Sequence[int]) -> None:
        """Keep these rows of the word embeddings alone, in this order. Raises ConfigError where that cannot be done."""
        ...

    def architecture(self) -> Transformer | Recurrent | Static | None:
        """The body in numpy, for export; None where only torch's own exporter can express it."""
        ...


def no_layers(kind: str) -> ConfigError:
    """What a body without layers raises where it should leave some out."""
    return ConfigError(f"a {kind} body has no layers to leave out")


def keep_rows(words: nn.Embedding, rows: Sequence[int]) -> None:
    """Keep some rows of an embedding, in place; its padding moves along."""
    import torch

    padding = words.padding_idx
    words.weight = nn.Parameter(
        words.weight.detach()[torch.tensor(rows)].clone(),
        requires_grad=words.weight.requires_grad,
    )
    words.num_embeddings = len(rows)
    words.padding_idx = list(rows).index(padding) if padding is not None and padding in rows else None
