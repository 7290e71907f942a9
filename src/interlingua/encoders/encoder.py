"""Tokenizer, body, pooling, projection: everything between a text and its embedding."""

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar, Protocol, runtime_checkable

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Float32, Int64
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from interlingua import encoding
from interlingua.encoders.pooling import Pooling, pool
from interlingua.tensors import Tokens
from interlingua.tokenization import Tokenizer
from interlingua.types import Embeddings


@runtime_checkable
class Body(Protocol):
    """What turns tokens into states. Each file in bodies/ holds a Config and a Body; its name is the `kind` in saved encoders."""

    kind: ClassVar[str]
    config: Any
    width: int

    @property
    def word_embeddings(self) -> nn.Embedding: ...

    def __call__(self, tokens: Tokens) -> Float[Tensor, "B T H"]: ...


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
        """While training, compute this many texts at a time and again for their gradient, so that memory holds one chunk's states (Gao et
        al. 2021, "Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup"); 0 computes a batch at once."""
        self.trained_pooling: Pooling | None = None
        """How the body was trained to be pooled, where that is known and `pooling` may be another."""
        assert isinstance(body, nn.Module)
        self.body: Body = body
        self.projection = projection

    @property
    def width(self) -> int:
        """D, the width of an embedding."""
        return self.body.width if self.projection is None else self.projection.out_features

    def tokens(self, texts: Sequence[str], languages: Sequence[str]) -> Tokens:
        """Padded tokens of `texts` and the language of each. Raises DataError for half a character."""
        ids, mask = encoding.pad(self._ids(texts), self.tokenizer.pad)
        return Tokens(torch.from_numpy(ids), torch.from_numpy(mask), tuple(languages))

    def joint_tokens(self, pairs: Sequence[tuple[str, str]], languages: Sequence[str]) -> Tokens:
        """Padded tokens of two texts that are read as one. Raises DataError for half a character."""
        ids, types = zip(*self.tokenizer.pair_ids(pairs), strict=True)
        padded, mask = encoding.pad(ids, self.tokenizer.pad)
        return Tokens(torch.from_numpy(padded), torch.from_numpy(mask), tuple(languages), torch.from_numpy(encoding.pad(types, 0)[0]))

    def forward(self, tokens: Tokens, normalize: bool | None = None) -> Float[Tensor, "B D"]:
        """One embedding a text; `normalize` overrides the encoder's own setting."""
        if not self.chunk or not torch.is_grad_enabled() or len(tokens.ids) <= self.chunk:
            return self._forward(tokens, normalize)
        chunks = [tokens.rows(slice(start, start + self.chunk)) for start in range(0, len(tokens.ids), self.chunk)]
        return torch.cat([checkpoint(self._forward, chunk, normalize, use_reentrant=False) for chunk in chunks])  # same dropout again

    def _forward(self, tokens: Tokens, normalize: bool | None) -> Float[Tensor, "B D"]:
        vectors = pool(self.body(tokens), tokens.mask, self.pooling)
        if self.projection is not None:
            vectors = self.projection(vectors)
        return F.normalize(vectors, dim=-1) if (self.normalize if normalize is None else normalize) else vectors

    def encode(self, texts: Sequence[str], language: str = "und", *, normalize: bool | None = None) -> Embeddings:
        """Embed `texts` in the order given: (N, D) float32, dropout off; an embedding does not depend on its batch mates (to about 1e-6).

        Raises DataError for half a character.
        """
        training = self.training
        self.eval()
        try:
            embed = partial(self._embed, language=language, normalize=normalize)
            return encoding.encode(texts, self._ids, embed, width=self.width, padding=self.tokenizer.pad)
        finally:
            self.train(training)

    def describe(self) -> dict[str, Any]:
        """What results should name: kind, width, pooling (and the one it was trained with), normalisation, length limit, arithmetic."""
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
        }

    def _ids(self, texts: Sequence[str]) -> list[encoding.Ids]:
        return self.tokenizer.ids([self.prompt + text for text in texts] if self.prompt else texts)

    @torch.inference_mode()
    def _embed(
        self, ids: Int64[np.ndarray, "B T"], mask: Bool[np.ndarray, "B T"], language: str, normalize: bool | None
    ) -> Float32[np.ndarray, "B D"]:
        tokens = Tokens(torch.from_numpy(ids), torch.from_numpy(mask), (language,) * len(ids))
        return self(tokens, normalize).float().numpy()
