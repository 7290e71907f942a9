"""Baselines without training: averaged word vectors, or the pooled hidden states of a pretrained model.

Paper: Arora et al. 2017, A Simple but Tough-to-Beat Baseline for Sentence Embeddings; Reimers & Gurevych 2019,
  arXiv:1908.10084, table 1
Command: interlingua train averaging --vectors glove.txt --weights sif --texts sentences.txt --output DIR
Measured: STS-B 38.8 in 3 s (word vectors); STS-B 60.2 in 3 s (word vectors, sif); docs/recipes/english.md

Averages do not see word order: "the dog bit the man" and "the man bit the dog" have the same embedding. The run prints
the cosine of both.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interlingua.data.examples import texts
from interlingua.encoders.pooling import Pooling
from interlingua.errors import ConfigError
from interlingua.interchange.word_vectors import Weights
from interlingua.quantities import require_fields
from interlingua.training.options import only
from interlingua.training.session import Outcome

ORDER = ("the dog bit the man", "the man bit the dog")
"""The same words."""
LAYERS = {"last": (-1,), "first-last": (1, -1), "last-2": (-1, -2)}
"""The layers whose hidden states are averaged; "first" is the first layer after the embeddings, as in SimCSE's
comparison."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """An encoder without training. Give vectors or model."""

    output: Path
    """The folder of the encoder, with a model/ inside as every run has."""
    vectors: Path | None = None
    """Word vectors in the layout of GloVe, word2vec and fastText, plain, .gz or .zst."""
    most_words: int = 400_000
    """Read only this many words, the most frequent ones."""
    weights: Weights = Weights.plain
    """How much a word counts: plain, idf, or sif."""
    texts: tuple[Path, ...] = ()
    """Plain sentences in which words are counted, for idf and sif."""
    model: str | None = None
    """A pretrained transformer to pool, or an encoder of this package."""
    pooling: Pooling = Pooling.mean
    """How its hidden states become one embedding."""
    layers: str = "last"
    """The layers whose hidden states are used: last, first-last or last-2."""
    pooler: bool = False
    """Send the hidden state of the first token through the model's own pooler (with --pooling cls)."""
    max_tokens: int = 128
    """Longer texts are cut."""
    seed: int = 0
    """Has no effect, because nothing here is random; `--seeds` needs it."""

    def __post_init__(self) -> None:
        require_fields(self)
        if (self.vectors is None) == (self.model is None):
            raise ConfigError("give either --vectors or --model")
        if self.layers not in LAYERS:
            raise ConfigError(f"there is no choice of layers {self.layers!r}; choices: {', '.join(LAYERS)}")
        if self.pooler and self.pooling != Pooling.cls:
            raise ConfigError("the pooler reads the first token: use --pooling cls with it")
        only(self.vectors is not None, "with --vectors", self, "most_words", "weights", "texts")
        only(self.model is not None, "with --model", self, "pooling", "layers", "pooler")
        only(self.weights != Weights.plain, "with --weights idf or sif", self, "texts")


def run(config: Config) -> Outcome:
    """Write the encoder to `config.output`/model. Raises DataError, ConfigError or ModelFormatError where input is
    unusable.
    """
    from interlingua.encoders import storage
    from interlingua.interchange import word_vectors
    from interlingua.progress import log
    from interlingua.training import run_folder
    from interlingua.vectors import unit

    if config.vectors is not None:
        words, vectors = word_vectors.read(config.vectors, config.most_words)
        counted = [text for path in config.texts for text in texts(path)]
        encoder = word_vectors.averaged(words, vectors, config.weights, counted, config.max_tokens)
    else:
        encoder = _pooled(config)
    run_folder.claim(config.output, "averaging", config, {"width": encoder.width}, resume=None)
    storage.save(encoder, config.output / "model")
    one, other = unit(encoder.encode(ORDER))
    log(f"cosine of {ORDER[0]!r} and {ORDER[1]!r}: {one @ other:.4f}")
    return Outcome(0, 0, 0.0, {}, 0.0, stopped_early=False)


def _pooled(config: Config) -> Any:
    """The encoder whose body is pooled in another way, over several layers, or through the pooler."""
    from interlingua.encoders.bodies import pretrained
    from interlingua.encoders.encoder import Encoder
    from interlingua.interchange import sentence_transformers as interchange
    from interlingua.loading import locate
    from interlingua.training.start import trainable

    assert config.model is not None
    folder = locate(config.model)
    if (folder / "encoder.json").exists():
        if config.pooler or config.layers != "last":
            raise ConfigError(
                f"{config.model} is an encoder of this package; other layers and the pooler are of transformers folders"
            )
        trained = trainable(config.model)
        tokenizer, body, pooling = trained.tokenizer, trained.body, trained.pooling
    else:
        tokenizer, pooling = interchange.from_transformers(folder).tokenizer, interchange.named_pooling(folder)
        body = pretrained.from_folder(folder, LAYERS[config.layers], config.pooler)
    tokenizer.truncate(min(config.max_tokens, tokenizer.max_tokens))
    encoder = Encoder(tokenizer=tokenizer, body=body, pooling=config.pooling)
    return encoder.change(trained_pooling=pooling).eval()
