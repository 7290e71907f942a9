"""Tokenizer, body, pooling, projection: everything between a text and its embedding."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Float32, Int64
from torch import Tensor, nn

from interlingua.coverage import Coverage
from interlingua.encoders.body import Body
from interlingua.encoders.computation import Computation
from interlingua.encoders.inference import Inference, survive_forks
from interlingua.encoders.modular import body as modular
from interlingua.encoders.modular import routing
from interlingua.encoders.pooling import Pooling, pool
from interlingua.encoding import batches
from interlingua.languages import require
from interlingua.placement import OutOfMemory, Precision, arithmetic
from interlingua.tensors import Tokens, join
from interlingua.texts import texts_of
from interlingua.tokenization import Tokenizer
from interlingua.types import Embeddings

BATCH_TOKENS, LARGE_BATCH_TOKENS = 4096, 32_768
"""Encoded together, padding included: on a processor, and on a GPU, which wants more to do at a time."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an encoder does around its body. Saved with it, and copied whole where one encoder is made of another."""

    pooling: Pooling = Pooling.mean
    trained_pooling: Pooling | None = None
    """How the body was trained to be pooled, where that is known and `pooling` may be another."""
    normalize: bool = False
    prompt: str = ""
    """Stands before every text."""
    labels: tuple[str, ...] = ()
    """What the outputs of a cross-encoder mean; an encoder of single texts has none."""
    languages: tuple[str, ...] = ()
    """The languages that a trimmed vocabulary still serves; an encoder with its whole vocabulary names none."""


class Encoder(nn.Module):
    """Text to embeddings. Final: it is varied by its parts, never subclassed."""

    def __init__(
        self,
        *,
        tokenizer: Tokenizer,
        body: Body,
        projection: nn.Linear | None = None,
        settings: Settings | None = None,
        pooling: Pooling = Pooling.mean,
        normalize: bool = False,
        prompt: str = "",
        labels: tuple[str, ...] = (),
    ) -> None:
        """`settings` stand for the four behind them."""
        super().__init__()
        assert isinstance(body, nn.Module)
        self.tokenizer = tokenizer
        self.body: Body = body
        self.projection = projection
        self.computation = Computation()
        self.precision = Precision.fp32
        """The arithmetic of `encode`. Training chooses its own."""
        self.settings = settings or Settings(pooling=pooling, normalize=normalize, prompt=prompt, labels=labels)
        self.coverage = Coverage(self.settings.languages)
        self.inference = Inference()
        survive_forks()

    def change(self, **settings: Any) -> "Encoder":
        """Change some settings, by their names; returns the encoder itself."""
        self.settings = replace(self.settings, **settings)
        self.coverage = Coverage(self.settings.languages)
        return self

    def around(self, body: Body) -> "Encoder":
        """Another encoder with the same parts and settings around another body."""
        made = Encoder(tokenizer=self.tokenizer, body=body, projection=self.projection, settings=self.settings)
        made.precision = self.precision
        return made.train(self.training)

    @property
    def pooling(self) -> Pooling:
        """How hidden states become one vector."""
        return self.settings.pooling

    @property
    def normalize(self) -> bool:
        """Whether embeddings have length 1."""
        return self.settings.normalize

    @property
    def prompt(self) -> str:
        """What stands before every text."""
        return self.settings.prompt

    @property
    def labels(self) -> tuple[str, ...]:
        """What the outputs of a cross-encoder mean."""
        return self.settings.labels

    @property
    def device(self) -> torch.device:
        """Where the encoder's weights lie, and it computes."""
        return self.body.word_embeddings.weight.device

    @property
    def width(self) -> int:
        """D, the width of an embedding."""
        return self.body.width if self.projection is None else self.projection.out_features

    def tokens(self, texts: Sequence[str], languages: Sequence[str]) -> Tokens:
        """Padded tokens of `texts` and the language of each, on the processor.

        Raises InputTypeError for what is no text, DataError for half a character and where languages and texts are not
        equally many, ConfigError for a language that was trimmed away.
        """
        texts, languages = texts_of(texts), texts_of(languages, "languages")
        routing.require_as_many(texts, languages)
        self._require(languages)
        ids, mask = batches.pad(routing.each(texts, languages, self._ids), self.tokenizer.pad)
        return Tokens(torch.from_numpy(ids), torch.from_numpy(mask), tuple(languages))

    def tokenizer_of(self, language: str) -> Tokenizer:
        """What cuts texts in a language: a modular encoder may have one for it, every other has but one."""
        own = self.body.tokenizer(language) if isinstance(self.body, modular.Body) else None
        return own or self.tokenizer

    def words_of(self, language: str) -> nn.Embedding:
        """The word embeddings of the tokens that `tokenizer_of` gives."""
        return self.body.words(language) if isinstance(self.body, modular.Body) else self.body.word_embeddings

    def joint_tokens(self, pairs: Sequence[tuple[str, str]], languages: Sequence[str]) -> Tokens:
        """Padded tokens of two texts that are read as one. Raises DataError for half a character."""
        ids, types = zip(*self.tokenizer.pair_ids(pairs), strict=True)
        padded, mask = batches.pad(ids, self.tokenizer.pad)
        return Tokens(
            torch.from_numpy(padded),
            torch.from_numpy(mask),
            tuple(languages),
            torch.from_numpy(batches.pad(types, 0)[0]),
        )

    def forward(self, tokens: Tokens, normalize: bool | None = None) -> Float[Tensor, "B D"]:
        """One embedding a text; `normalize` overrides the encoder's own setting.

        Where gradients are computed and dropout is off, a text that occurs several times is computed once.
        """
        if not torch.is_grad_enabled() or torch.compiler.is_compiling():
            return self._forward(tokens, normalize)
        return self.computation(partial(self._forward, normalize=normalize), tokens, self.training)

    def each(self, columns: Sequence[Tokens], normalize: bool | None = None) -> tuple[Float[Tensor, "B D"], ...]:
        """The embeddings of the texts of several columns, all computed together: larger products, and repeated texts
        once.
        """
        return self(join(columns), normalize).split([len(tokens.ids) for tokens in columns])

    def _forward(self, tokens: Tokens, normalize: bool | None) -> Float[Tensor, "B D"]:
        tokens = tokens.to(self.device)
        states = self.body(tokens)
        if not torch.compiler.is_compiling():
            self.computation.count(tokens, self.body)
        vectors = pool(states, tokens.mask, self.pooling)
        if self.projection is not None:
            vectors = self.projection(vectors)
        return F.normalize(vectors, dim=-1) if (self.normalize if normalize is None else normalize) else vectors

    def encode(
        self, texts: Iterable[str], language: str | Sequence[str] = "und", *, normalize: bool | None = None
    ) -> Embeddings:
        """Embed `texts` in the order given: (N, D) float32, dropout off; an embedding does not depend on its batch
        mates (to about 1e-6).

        `language` is one for all texts, or one a text. A modular encoder identifies the language of texts that are
        "und", and says so where a language has no pack. Raises InputTypeError for what is no text; DataError for half a
        character, for an embedding that is not finite, for what is no language, and where languages and texts are not
        equally many; ConfigError for a language that was trimmed away.
        """
        texts = texts_of(texts)
        languages = language if isinstance(language, str) else texts_of(language, "language")
        self._require((languages,) if isinstance(languages, str) else languages)
        groups = routing.groups(routing.languages_of(texts, languages, self.body))
        embeddings = np.empty((len(texts), self.width), np.float32)
        with self.inference.of(self, self.device):
            for one, rows in groups.items():  # apart: a language's vectors are the same bits whoever else is there
                embeddings[rows] = batches.encode(
                    [texts[row] for row in rows],
                    partial(self._ids, language=one),
                    partial(self._embed, language=one, normalize=normalize),
                    width=self.width,
                    padding=self.tokenizer.pad,
                    max_tokens=BATCH_TOKENS if self.device.type == "cpu" else LARGE_BATCH_TOKENS,
                )
        return embeddings

    def describe(self) -> dict[str, Any]:
        """What results should name: kind, width, pooling (and the one it was trained with), normalisation, length
        limit, arithmetic.
        """
        trained, languages = self.settings.trained_pooling, self.settings.languages
        return {
            "kind": self.body.kind,
            "width": self.width,
            "pooling": str(self.pooling),
            **({"trained_pooling": str(trained)} if trained not in (None, self.pooling) else {}),
            "normalize": self.normalize,
            "max_tokens": self.tokenizer.max_tokens,
            "prompt": self.prompt,
            "dtype": "float32",
            **({"precision": str(self.precision)} if self.precision != Precision.fp32 else {}),
            **({"packs": self.body.languages} if isinstance(self.body, modular.Body) else {}),
            **({"languages": languages} if languages else {}),
        }

    def _ids(self, texts: Sequence[str], language: str) -> list[batches.Ids]:
        tokenizer = self.tokenizer_of(language)
        ids = tokenizer.ids([self.prompt + text for text in texts] if self.prompt else texts)
        if tokenizer is self.tokenizer:
            self.coverage.look(tokenizer, ids)
        return ids

    def _require(self, languages: Sequence[str]) -> None:
        """Raise ConfigError for a language that was trimmed away and has no pack."""
        packs = self.body.languages if isinstance(self.body, modular.Body) else []
        require(languages, [*self.settings.languages, *packs] if self.settings.languages else ())

    @torch.inference_mode()
    def _embed(
        self, ids: Int64[np.ndarray, "B T"], mask: Bool[np.ndarray, "B T"], language: str, normalize: bool | None
    ) -> Float32[np.ndarray, "B D"]:
        tokens = Tokens(torch.from_numpy(ids), torch.from_numpy(mask), (language,) * len(ids))
        try:
            with arithmetic(self.precision, self.device):
                return self._forward(tokens, normalize).float().cpu().numpy()
        except torch.OutOfMemoryError as error:
            if len(ids) == 1:
                remedy = "shorten the text, or compute with --device cpu"
                raise OutOfMemory(f"{self.device} has no memory for one text of {ids.size} tokens; {remedy}") from error
        half = len(ids) // 2  # outside of the handler, which would keep what was computed in memory
        parts = (self._embed(ids[some], mask[some], language, normalize) for some in (slice(half), slice(half, None)))
        return np.concatenate(list(parts))
