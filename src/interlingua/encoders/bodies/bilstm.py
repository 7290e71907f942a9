"""A bidirectional LSTM over word vectors: the body of InferSent (Conneau et al. 2017) and LASER (Artetxe & Schwenk 2019)."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from interlingua.tensors import Tokens


@dataclass(frozen=True, kw_only=True)
class Config:
    """Size of a BiLSTM body."""

    embedding: int = 320
    """Width of a token's vector, what the LSTM reads."""
    hidden: int = 512
    """Width of one direction's state; the body's width is twice this."""
    layers: int = 5
    dropout: float = 0.0
    """Between two layers."""


class Body(nn.Module):
    """States of both directions side by side. Padding is never read, so a text's states do not depend on its batch mates."""

    kind: ClassVar[str] = "bilstm"

    def __init__(self, config: Config, vocabulary_size: int, pad: int) -> None:
        super().__init__()
        self.config, self.width = config, 2 * config.hidden
        self.words = nn.Embedding(vocabulary_size, config.embedding, padding_idx=pad)
        self.lstm = nn.LSTM(
            config.embedding,
            config.hidden,
            config.layers,
            batch_first=True,
            bidirectional=True,
            dropout=config.dropout if config.layers > 1 else 0.0,
        )
        nn.init.uniform_(self.words.weight, -0.1, 0.1)

    @property
    def word_embeddings(self) -> nn.Embedding:
        return self.words

    def forward(self, tokens: Tokens) -> Float[Tensor, "B T H"]:
        """The states of every token; zeros on padding."""
        lengths = tokens.mask.sum(1).clamp(min=1)  # a text without tokens is read as one piece of padding, which pooling leaves out
        packed = pack_padded_sequence(self.words(tokens.ids), lengths, batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True, total_length=tokens.ids.shape[1])
        return states
