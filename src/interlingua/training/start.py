"""The encoder a recipe starts from: from scratch by the name of a size, or any model that can be trained."""

from collections.abc import Callable, Iterable
from pathlib import Path

from interlingua import tokenization
from interlingua.encoders.encoder import Encoder
from interlingua.encoders.from_scratch import SIZES, from_scratch
from interlingua.encoders.pooling import Pooling
from interlingua.errors import ConfigError
from interlingua.loading import judges_pairs, load, load_cross_encoder
from interlingua.tokenization import Tokenizer


def start(
    name: str,
    texts: Callable[[], Iterable[str]],
    *,
    vocabulary_size: int,
    max_tokens: int,
    pooling: Pooling | None = None,
    joint: bool = False,
    run: Path | None = None,
) -> Encoder:
    """An encoder to train. One from scratch gets a vocabulary of `texts`, as `vocabulary` does, and the weights torch's
    random state gives.

    `pooling` overrules the model's own. With `joint` it may be that of a cross-encoder. Raises ConfigError for an
    exported engine, which cannot be trained.
    """
    if is_from_scratch(name):
        encoder = from_scratch(name, vocabulary(texts, vocabulary_size, max_tokens, run))
    else:
        encoder = load_cross_encoder(name, "cpu").encoder if joint and judges_pairs(name) else trainable(name)
        encoder.tokenizer.truncate(min(max_tokens, encoder.tokenizer.max_tokens))
    if pooling is not None:
        encoder.change(pooling=pooling)
    return encoder


def is_from_scratch(name: str) -> bool:
    """Whether a model of this name starts from scratch, as the size that the name stands for."""
    return name in SIZES and not Path(name).exists()


def vocabulary(texts: Callable[[], Iterable[str]], size: int, max_tokens: int, run: Path | None) -> Tokenizer:
    """A vocabulary of at most `size` pieces of these texts; or that of the model in the folder `run`, where that
    continues one.
    """
    kept = run / "model" / "tokenizer.json" if run else None
    if kept and kept.exists():
        return Tokenizer.load(kept, max_tokens)
    return tokenization.train(sorted(set(texts())), size, max_tokens)


def trainable(name: str, device: str = "cpu") -> Encoder:
    """A model by name, on a device. Raises ConfigError for an exported engine, which cannot be trained."""
    encoder = load(name, device)
    if not isinstance(encoder, Encoder):
        raise ConfigError(
            f"{name} is an exported engine, which cannot be trained; give the encoder it was exported from"
        )
    return encoder
