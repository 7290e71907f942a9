"""Encoders that start from nothing but a vocabulary: random weights."""

from torch import nn

from interlingua.encoders.bodies import static, transformer
from interlingua.encoders.encoder import Encoder
from interlingua.encoders.pooling import Pooling
from interlingua.tokenization import Tokenizer

SIZES: dict[str, static.Config | transformer.Config] = {
    "static": static.Config(width=512),
    "tiny": transformer.Config(layers=3, width=192, heads=3, feedforward=768),
    "small": transformer.Config(layers=3, width=256, heads=4, feedforward=1024),
    "medium": transformer.Config(layers=6, width=384, heads=6, feedforward=1536),
}
"""The sizes by the name a user gives."""


def from_scratch(size: str, tokenizer: Tokenizer, width: int | None = None) -> Encoder:
    """An encoder of one of the SIZES, and a projection to `width` where that is given. Weights are drawn from torch's
    random state.
    """
    config = SIZES[size]
    if isinstance(config, transformer.Config):
        return transformer_encoder(config, tokenizer, width)
    body = static.Body(config, tokenizer.vocabulary_size, tokenizer.pad)
    return Encoder(
        tokenizer=tokenizer, body=body, projection=None if width is None else _projection(config.width, width)
    )


def transformer_encoder(
    config: transformer.Config,
    tokenizer: Tokenizer,
    width: int | None = None,
    pooling: Pooling = Pooling.mean,
) -> Encoder:
    """A transformer of any size, and a projection to `width` where that is given."""
    body = transformer.Body(config, tokenizer.vocabulary_size, tokenizer.pad)
    return Encoder(
        tokenizer=tokenizer,
        body=body,
        pooling=pooling,
        projection=None if width is None else _projection(config.width, width),
    )


def _projection(width: int, out: int) -> nn.Linear:
    projection = nn.Linear(width, out)
    nn.init.normal_(
        projection.weight, std=(width * out) ** -0.5
    )  # vectors start at about unit length, as teachers' are
    nn.init.zeros_(projection.bias)
    return projection
