"""Tokenizer, body, pooling, projection: everything between a text and its embedding."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Float32, Int64
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from interlingua.encoders.modular import body as modular
from interlingua.encoders.modular import routing
from interlingua.encoders.pooling import Pooling, pool
from interlingua.encoding import batches
from interlingua.languages import require
from interlingua.tensors import Tokens, distinct, join
from interlingua.tokenization import Tokenizer
from interlingua.types import Embeddings


@runtime_checkable
class Body(Protocol):
    """What turns tokens into states. Each file in bodies/ holds a Config and a Body; its name is the `kind` in saved
    encoders.
    """

    kind: ClassVar[str]
    config: Any
    width: int

    @property
    def word_embeddings(self) -> nn.Embedding: ...

    def __call__(self, tokens: Tokens) -> Float[Tensor, "B T H"]: ...


@dataclass
class Work:
    """Tokens so far: what an encoder computed, what of that was not padding, and what it was spared because a text
    was repeated.
    """

    computed: int = 0
    read: int = 0
    spared: int = 0

    def since(self, before: "Work") -> "Work":
        """What has been added."""
        return Work(self.computed - before.computed, self.read - before.read, self.spared - before.spared)


class Encoder(nn.Module):
    """Text to embeddings. Final: it is varied by its parts, never subclassed."""

    def __init__(
        self,
        *,
        tokenizer: Tokenizer,
        body: Body,
        pooling: Pooling = Pooling.mean,
        projection: nn.Linear | None = None,
        normalize: bool = False,
        prompt: str = "",
        labels: tuple[str, ...] = (),
    ) -> None:
        super().__init__()
        self.tokenizer, self.pooling, self.normalize, self.prompt = tokenizer, pooling, normalize, prompt
        self.labels = labels
        """What the outputs of a cross-encoder mean; an encoder of single texts has none."""
        self.chunk = 0
        """While training, compute this many texts at a time and again for their gradient, so that memory holds one
        chunk's states (Gao et al. 2021, "Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup");
        0 computes a batch at once."""
        self.work = Work()
        self.trained_pooling: Pooling | None = None
        """How the body was trained to be pooled, where that is known and `pooling` may be another."""
        self.languages: tuple[str, ...] = ()
        """The languages a trimmed vocabulary still serves; an encoder with its whole vocabulary names none."""
        self.told_unknown = False
        """Whether texts that a trimmed vocabulary cannot spell were warned of: once is enough."""
        assert isinstance(body, nn.Module)
        self.body: Body = body
        self.projection = projection

    @property
    def width(self) -> int:
        """D, the width of an embedding."""
        return self.body.width if self.projection is None else self.projection.out_features

    def tokens(self, texts: Sequence[str], languages: Sequence[str]) -> Tokens:
        """Padded tokens of `texts` and the language of each.

        Raises DataError for half a character, ConfigError for a language that was trimmed away.
        """
        require(languages, self.languages)
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
        once, places = (tokens, None) if self.training else distinct(tokens)
        rows = len(once.ids)
        self.work.spared += int(tokens.mask.sum() - once.mask.sum()) if rows < len(tokens.ids) else 0
        if self.chunk and rows > self.chunk:
            chunks = [once.rows(slice(start, start + self.chunk)) for start in range(0, rows, self.chunk)]
            # checkpointing draws the same dropout again
            vectors = torch.cat([checkpoint(self._forward, chunk, normalize, use_reentrant=False) for chunk in chunks])
        else:
            vectors = self._forward(once, normalize)
        return vectors if places is None or rows == len(tokens.ids) else vectors.index_select(0, places)

    def each(self, columns: Sequence[Tokens], normalize: bool | None = None) -> tuple[Float[Tensor, "B D"], ...]:
        """The embeddings of the texts of several columns, all computed together: larger products, and repeated texts
        once.
        """
        return self(join(columns), normalize).split([len(tokens.ids) for tokens in columns])

    def _forward(self, tokens: Tokens, normalize: bool | None) -> Float[Tensor, "B D"]:
        states = self.body(tokens)
        if not torch.compiler.is_compiling():
            self.work.read += int(tokens.mask.sum())
            self.work.computed += getattr(self.body, "computed", tokens.mask.numel())
        vectors = pool(states, tokens.mask, self.pooling)
        if self.projection is not None:
            vectors = self.projection(vectors)
        return F.normalize(vectors, dim=-1) if (self.normalize if normalize is None else normalize) else vectors

    def encode(
        self, texts: Sequence[str], language: str | Sequence[str] = "und", *, normalize: bool | None = None
    ) -> Embeddings:
        """Embed `texts` in the order given: (N, D) float32, dropout off; an embedding does not depend on its batch
        mates (to about 1e-6).

        `language` is one for all texts, or one a text. A modular encoder identifies the language of texts that are
        "und", and says so where a language has no pack. Raises DataError for half a character, and where languages and
        texts are not equally many; ConfigError for a language that was trimmed away.
        """
        require((language,) if isinstance(language, str) else language, self.languages)
        training = self.training
        self.eval()
        try:
            if isinstance(language, str) and not routing.has_packs(self.body):
                return self._encode(texts, language, normalize)
            languages = routing.languages_of(texts, language, self.body)
            found = np.empty((len(texts), self.width), np.float32)
            for one, rows in routing.groups(
                languages
            ).items():  # apart: a language's vectors are the same bits whoever else is there
                found[rows] = self._encode([texts[row] for row in rows], one, normalize)
            return found
        finally:
            self.train(training)

    def _encode(self, texts: Sequence[str], language: str, normalize: bool | None) -> Embeddings:
        embed = partial(self._embed, language=language, normalize=normalize)
        return batches.encode(
            texts, lambda some: self._ids(some, language), embed, width=self.width, padding=self.tokenizer.pad
        )

    def describe(self) -> dict[str, Any]:
        """What results should name: kind, width, pooling (and the one it was trained with), normalisation, length
        limit, arithmetic.
        """
        other = self.trained_pooling not in (None, self.pooling)
        return {
            "kind": self.body.kind,
            "width": self.width,
            "pooling": str(self.pooling),
            **({"trained_pooling": str(self.trained_pooling)} if other else {}),
            "normalize": self.normalize,
            "max_tokens": self.tokenizer.max_tokens,
            "prompt": self.prompt,
            "dtype": "float32",
            **({"packs": sorted(self.body.packs)} if isinstance(self.body, modular.Body) else {}),
            **({"languages": self.languages} if self.languages else {}),
        }

    def _ids(self, texts: Sequence[str], language: str) -> list[batches.Ids]:
        found = self.tokenizer_of(language).ids([self.prompt + text for text in texts] if self.prompt else texts)
        if self.languages and not self.told_unknown:
            self.told_unknown = self.tokenizer.tell_unknown(found, self.languages)
        return found

    @torch.inference_mode()
    def _embed(
        self, ids: Int64[np.ndarray, "B T"], mask: Bool[np.ndarray, "B T"], language: str, normalize: bool | None
    ) -> Float32[np.ndarray, "B D"]:
        tokens = Tokens(torch.from_numpy(ids), torch.from_numpy(mask), (language,) * len(ids))
        return self(tokens, normalize).float().numpy()
