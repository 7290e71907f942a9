"""One shared body and small parts per language, of which a text passes through those of its own language.

Huang et al. 2025, "Modular Sentence Encoders: Separating Language Specialization from Cross-Lingual Alignment" (ACL).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from interlingua.encoders.modular import adapters
from interlingua.encoders.modular.view import Adapted, view
from interlingua.encoding import batches
from interlingua.errors import ConfigError
from interlingua.languages import UNKNOWN, same, standard
from interlingua.placement import send
from interlingua.tensors import Tokens
from interlingua.tokenization import Tokenizer


class Pack(nn.Module):
    """What one language has of its own: perhaps a vocabulary with its embeddings, adapters, or (the form of 2024) a
    whole body.
    """

    def __init__(
        self, language: str, *, pivot: str = "en", tokenizer: Tokenizer | None = None, words: nn.Embedding | None = None
    ) -> None:
        super().__init__()
        if (tokenizer is None) != (words is None):
            raise ConfigError("a vocabulary of one's own needs embeddings of its own, and the other way round")
        self.language, self.pivot = standard(language), standard(pivot)
        """Its own language, and the one whose vectors it was aligned with: that one takes the shared body by right."""
        self.tokenizer, self.words = tokenizer, words
        self.max_tokens = 0 if tokenizer is None else tokenizer.max_tokens
        """Longer texts are cut at use; training may cut them shorter."""
        self.adapters = nn.ModuleDict()
        """Of the stages by name: low-rank updates or bottlenecks, by the name of the map to whose output they add."""
        self.body: nn.Module | None = None


class Body(nn.Module):
    """The shared body, and the packs by language. A language without a pack takes the shared body as it is."""

    kind: ClassVar[str] = "modular"
    computed: int = 0
    """Tokens of the latest call, padding included."""

    def __init__(self, shared: Any, packs: Sequence[Pack] = ()) -> None:
        super().__init__()
        self.shared = shared
        self.config, self.width = shared.config, int(shared.width)
        self.packs = nn.ModuleDict()
        self.told = set[str]()
        """Languages without a pack of which the user has been told."""
        self.origin: Path | None = None
        """The folder that holds the shared body as it is here: it is linked to, not written again."""
        self._firsts = adapters.feed_forward_parts(shared, self.width)
        for pack in packs:
            self.add(pack)

    @property
    def word_embeddings(self) -> nn.Embedding:
        return self.shared.word_embeddings

    @property
    def depth(self) -> int:
        return self.shared.depth

    @property
    def languages(self) -> list[str]:
        """The languages that have a pack."""
        return sorted(self.packs)

    def keep_layers(self, places: Sequence[int]) -> None:
        raise ConfigError("a model with language packs keeps its layers: the packs were made for all of them")

    def keep_words(self, rows: Sequence[int]) -> None:
        raise ConfigError("a model with language packs keeps its vocabulary: the packs were made for it")

    def architecture(self) -> None:
        return None

    def add(self, pack: Pack) -> None:
        """Take a pack in. Raises ConfigError where its language has one already."""
        if claimed := self.pack(pack.language):
            raise ConfigError(
                f"{claimed.language} has a pack already, and {pack.language} is the same language; remove that one "
                "first"
            )
        self.packs[pack.language] = pack

    def pack(self, language: str) -> Pack | None:
        """The pack of a language; of zh for zh-CN, too. None where there is none."""
        if language in self.packs:
            return self._as_pack(self.packs[language])
        if language == UNKNOWN:
            return None
        return next((self._as_pack(self.packs[name]) for name in self.packs if same(name, language)), None)

    @staticmethod
    def _as_pack(module: nn.Module) -> Pack:
        assert isinstance(module, Pack)
        return module

    def tokenizer(self, language: str) -> Tokenizer | None:
        """The tokenizer of a language's own vocabulary; None where it has the shared one."""
        pack = self.pack(language)
        return None if pack is None else pack.tokenizer

    def words(self, language: str) -> nn.Embedding:
        """The word embeddings that texts in a language take."""
        pack = self.pack(language)
        if pack is None or (pack.words is None and pack.body is None):
            return self.word_embeddings
        own: Any = pack.body
        return pack.words if pack.words is not None else own.word_embeddings

    def forward(self, tokens: Tokens) -> Float[Tensor, "B T H"]:
        """The states of every token; those of padding mean nothing.

        Texts of different languages never meet in one product, so a language's states are the same whatever other packs
        there are.
        """
        self.computed, rows = 0, dict[str, list[int]]()
        for row, language in enumerate(tokens.languages):
            rows.setdefault(language, []).append(row)
        if len(rows) <= 1 or len(tokens.languages) != len(tokens.ids):
            return self._states(next(iter(rows), UNKNOWN), tokens)
        length = tokens.ids.shape[1]
        states: list[Tensor] = []
        for language, some in rows.items():
            own = self._states(language, _trimmed(tokens, some))
            states.append(F.pad(own, (0, 0, 0, length - own.shape[1])))
        order = np.argsort([row for some in rows.values() for row in some])
        return torch.cat(states).index_select(0, send(torch.from_numpy(order), tokens.ids.device))

    def _states(self, language: str, tokens: Tokens) -> Float[Tensor, "B T H"]:
        pack = self.pack(language)
        body: Any = self.shared if pack is None or pack.body is None else pack.body
        adapted: list[Adapted] = []
        if pack is not None:
            body, adapted = view(body, pack.adapters, pack.words, self._firsts)
        states = body(tokens)
        if missed := sum(not map.called for map in adapted):
            raise RuntimeError(
                f"{missed} of the {len(adapted)} maps with adapters of {language} had no turn: the body passes them by"
            )
        self.computed += getattr(body, "computed", tokens.mask.numel())
        return states


def embeddings_name(body: Any) -> str:
    """What a body calls its word embeddings."""
    return next(name for name, parameter in body.named_parameters() if parameter is body.word_embeddings.weight)


def _trimmed(tokens: Tokens, rows: Sequence[int]) -> Tokens:
    """Some of the texts, no wider than they need: what they become does not depend on how long the others are."""
    some, real = send(torch.tensor(rows), tokens.ids.device), tokens.real[rows]
    longest = max(1, int(real.sum(1).max()))
    width = -(-longest // batches.COLUMNS) * batches.COLUMNS
    types = None if tokens.types is None else tokens.types[some, :width]
    languages = tuple(tokens.languages[row] for row in rows)
    return Tokens(tokens.ids[some, :width], tokens.mask[some, :width], languages, types, real[:, :width])
