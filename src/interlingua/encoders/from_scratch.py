"""Encoders that start from nothing but your text: a vocabulary trained on it, and random weights."""

from collections.abc import Sequence

from torch import nn

from interlingua import tokenization
from interlingua.encoders.bodies import static, transformer
from interlingua.encoders.encoder import Encoder

SIZES: dict[str, static.Config | transformer.Config] = {
    "static": static.Config(width=512),
    "tiny": transformer.Config(layers=3, width=192, heads=3, feedforward=768),
    "small": transformer.Config(layers=3, width=256, heads=4, feedforward=1024),
    "medium": transformer.Config(layers=6, width=384, heads=6, feedforward=1536),
}
"""The sizes by the name a user gives."""


def from_scratch(size: str, texts: Sequence[str], vocabulary_size: int, max_tokens: int, width: int | None = None) -> Encoder:
    """An encoder of one of the SIZES with a vocabulary of `texts`, and a projection to `width` where that is given.

    The vocabulary has at most `vocabulary_size` pieces. Weights are drawn from torch's random state.
    """
    config = SIZES[size]
    tokenizer = tokenization.train(texts, vocabulary_size, max_tokens)
    if isinstance(config, static.Config):
        body = static.Body(config, tokenizer.vocabulary_size, tokenizer.pad)
    else:
        body = transformer.Body(config, tokenizer.vocabulary_size, tokenizer.pad)
    if width is None:
        return Encoder(tokenizer=tokenizer, body=body)
    projection = nn.Linear(config.width, width)
    nn.init.normal_(projection.weight, std=(config.width * width) ** -0.5)  # vectors start at about unit length, as teachers' are
    nn.init.zeros_(projection.bias)
    return Encoder(tokenizer=tokenizer, body=body, projection=projection)
