"""Guess the tokens that were hidden: how a body learns a language from plain text. Devlin et al. 2019 (BERT),
section 3.1.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from interlingua.encoders.encoder import Encoder
from interlingua.languages import UNKNOWN
from interlingua.placement import send
from interlingua.tensors import Batch, Tokens, precise
from interlingua.training.objective import Objective
from interlingua.training.processes import share_of


def hide(
    ids: Int[Tensor, "B T"],
    maskable: Bool[Tensor, "B T"],
    share: float,
    mask_id: int,
    vocabulary_size: int,
    always: bool = False,
) -> tuple[Int[Tensor, "B T"], Bool[Tensor, "B T"]]:
    """The ids with a random `share` of the maskable ones hidden, and where: 80 % become the mask, 10 % any other id, 10
    % stay.

    With `always` all of them become the mask.
    """
    chosen = maskable & (torch.rand(ids.shape) < share)
    if always:
        return torch.where(chosen, mask_id, ids), chosen
    fate = torch.rand(ids.shape)
    anything = torch.randint(vocabulary_size, ids.shape)
    hidden = torch.where(fate < 0.8, mask_id, torch.where(fate < 0.9, anything, ids))
    return torch.where(chosen, hidden, ids), chosen


class MaskedLanguage(Objective):
    """Cross-entropy of the hidden tokens of the first column, averaged over them. Output weights are the word
    embeddings themselves.

    `always` hides them all behind the mask, as LASER3 does; else a fifth stay visible or change, as in BERT. `language`
    is the one of all texts, where the encoder has a vocabulary for it. From `counts`, how often each token occurs,
    guesses begin at its frequency (one more each): a trained body need not be bent, all vectors towards one, before
    that is learned.
    """

    def __init__(
        self,
        encoder: Encoder,
        share: float = 0.15,
        always: bool = False,
        language: str = UNKNOWN,
        counts: Int[Tensor, " V"] | None = None,
    ) -> None:
        super().__init__()
        self.language, tokenizer = language, encoder.tokenizer_of(language)
        vocabulary_size, width = encoder.words_of(language).weight.shape
        self.share, self.mask_id, self.always = share, tokenizer.mask, always
        self.special = torch.tensor(sorted(tokenizer.special))
        self.transform = nn.Sequential(nn.Linear(encoder.body.width, width), nn.GELU(), nn.LayerNorm(width))
        self.bias = nn.Parameter(
            torch.zeros(vocabulary_size) if counts is None else F.log_softmax((counts + 1.0).log(), 0)
        )

    def forward(self, encoder: Encoder, batch: Batch) -> Float[Tensor, ""]:
        """The loss of one batch; 0 where chance hid nothing."""
        tokens = batch.columns[0]
        maskable = tokens.mask & ~torch.isin(tokens.ids, self.special)
        ids, chosen = hide(tokens.ids, maskable, self.share, self.mask_id, len(self.bias), self.always)
        seen = Tokens(ids, tokens.mask, tokens.languages)

        def part(rows: slice) -> Float[Tensor, ""]:
            some = seen.rows(rows)
            states = encoder.body(some.to(encoder.device)).flatten(0, 1)
            encoder.computation.count(some, encoder.body)
            states = states[send(chosen[rows].flatten().nonzero().squeeze(1), encoder.device)]
            logits = F.linear(self.transform(states), encoder.words_of(self.language).weight, self.bias)
            hidden = send(tokens.ids[rows][chosen[rows]], encoder.device)
            return F.cross_entropy(precise(logits), hidden, reduction="sum")

        count = int(chosen.sum())
        loss = encoder.computation.in_parts(part, len(ids)) / max(1, count)
        return loss * share_of(count, encoder.device)
