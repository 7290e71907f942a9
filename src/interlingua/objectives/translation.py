"""Translate a text from its embedding alone: what the translation needs, the embedding must hold.

Artetxe & Schwenk 2019, "Massively Multilingual Sentence Embeddings for Zero-Shot Cross-Lingual Transfer and Beyond"
(LASER), section 3.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from interlingua.encoders import storage
from interlingua.encoders.encoder import Encoder
from interlingua.encoders.tensor_file import write_tensors
from interlingua.errors import ConfigError, ModelFormatError
from interlingua.loading import locate
from interlingua.machine import AUTO
from interlingua.outputs import write_whole_folder
from interlingua.placement import device, send
from interlingua.progress import track
from interlingua.tensors import Batch, Tokens, precise
from interlingua.training.objective import Objective
from interlingua.training.processes import share_of


class Decoder(nn.Module):
    """An LSTM that reads, at every step, the token before, the embedding of the text, and the language to write."""

    def __init__(
        self,
        vocabulary_size: int,
        width: int,
        languages: Sequence[str],
        *,
        hidden: int = 2048,
        token: int = 320,
        language: int = 32,
    ) -> None:
        super().__init__()
        self.languages = tuple(languages)
        self.words = nn.Embedding(vocabulary_size, token)
        self.of_language = nn.Embedding(len(self.languages), language)
        self.start = nn.Linear(width, 2 * hidden)
        self.lstm = nn.LSTM(token + width + language, hidden, batch_first=True)
        self.output = nn.Linear(hidden, vocabulary_size)

    def number(self, language: str) -> int:
        """The place of a language. Raises ConfigError for one the decoder does not write."""
        if language not in self.languages:
            raise ConfigError(f"the decoder writes {', '.join(self.languages)}, not {language}")
        return self.languages.index(language)

    def begin(self, vectors: Float[Tensor, "B D"]) -> tuple[Float[Tensor, "1 B S"], Float[Tensor, "1 B S"]]:
        """The state before the first token: a linear map of the embedding."""
        state, cell = self.start(vectors).unsqueeze(0).chunk(2, dim=-1)
        return state.contiguous(), cell.contiguous()

    def forward(
        self,
        vectors: Float[Tensor, "B D"],
        languages: Int[Tensor, " B"],
        before: Int[Tensor, "B T"],
        state: tuple[Float[Tensor, "1 B S"], Float[Tensor, "1 B S"]] | None = None,
    ) -> tuple[Float[Tensor, "B T S"], tuple[Float[Tensor, "1 B S"], Float[Tensor, "1 B S"]]]:
        """The states after each of the tokens `before`, and the last one. `output` turns states into scores of the
        next token.
        """
        constant = (
            torch.cat([vectors, self.of_language(languages)], dim=-1).unsqueeze(1).expand(-1, before.shape[1], -1)
        )
        return self.lstm(
            torch.cat([self.words(before), constant], dim=-1), self.begin(vectors) if state is None else state
        )

    def save(self, folder: Path) -> None:
        """Write the decoder beside `folder`, then rename."""
        sizes = {
            "hidden": self.lstm.hidden_size,
            "token": self.words.embedding_dim,
            "language": self.of_language.embedding_dim,
        }
        card = {
            "vocabulary_size": self.words.num_embeddings,
            "width": self.start.in_features,
            "languages": self.languages,
            **sizes,
        }
        with write_whole_folder(folder) as temporary:
            (temporary / "decoder.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
            write_tensors(self.state_dict(), temporary / "weights.safetensors")

    @classmethod
    def load(cls, folder: Path) -> "Decoder":
        """Read what `save` wrote. Raises ModelFormatError where it is missing or damaged."""
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            card = json.loads((folder / "decoder.json").read_text(encoding="utf-8"))
            decoder = cls(card.pop("vocabulary_size"), card.pop("width"), card.pop("languages"), **card)
            decoder.load_state_dict(load_file(folder / "weights.safetensors"))
        except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
            raise ModelFormatError(
                f"no decoder can be read here ({error}); `interlingua train laser` writes one", folder
            ) from error
        return decoder.eval()


@torch.inference_mode()
def translate(
    decoder: Decoder,
    vectors: Float[Tensor, "B D"],
    language: str,
    begin: int,
    end: int,
    *,
    beam: int = 5,
    most: int = 128,
) -> list[list[int]]:
    """The likeliest token ids for each embedding, without begin and end, by beam search; a beam of 1 is greedy.

    Scores are log probabilities divided by the number of tokens. Raises ConfigError for a language the decoder does not
    write.
    """
    number = torch.tensor([decoder.number(language)], device=vectors.device)
    return [_beam_search(decoder, vector, number, begin, end, beam, most) for vector in vectors.split(1)]


def _beam_search(
    decoder: Decoder,
    vector: Float[Tensor, "1 D"],
    language: Int[Tensor, "1"],
    begin: int,
    end: int,
    beam: int,
    most: int,
) -> list[int]:
    ids, scores = torch.full((1, 1), begin, device=vector.device), torch.zeros(1, device=vector.device)
    state = decoder.begin(vector)
    finished: list[tuple[float, list[int]]] = []
    for length in range(1, most + 1):
        n = len(ids)
        states, state = decoder(vector.expand(n, -1), language.expand(n), ids[:, -1:], state)
        shares = scores[:, None] + decoder.output(states[:, -1]).log_softmax(-1)
        best, places = shares.flatten().topk(min(beam, shares.numel()))
        parents, tokens = places // shares.shape[1], places % shares.shape[1]
        ids = torch.cat([ids[parents], tokens[:, None]], dim=1)
        over = tokens == end
        finished += [
            (score / length, row[1:-1]) for score, row in zip(best[over].tolist(), ids[over].tolist(), strict=True)
        ]
        ids, scores = ids[~over], best[~over]
        state = (state[0][:, parents[~over]], state[1][:, parents[~over]])
        if not len(ids) or len(finished) >= beam:
            break
    finished += (
        [(score / most, row[1:]) for score, row in zip(scores.tolist(), ids.tolist(), strict=True)]
        if not finished
        else []
    )
    return max(finished, key=lambda scored: scored[0])[1]


class Translator:
    """An encoder and its decoder, put to use."""

    def __init__(self, encoder: Encoder, decoder: Decoder) -> None:
        self.encoder, self.decoder, self.languages = encoder, decoder, decoder.languages

    def translate(self, texts: Sequence[str], language: str, beam: int = 5) -> list[str]:
        """Each text in `language`, written from its embedding alone. Raises ConfigError for a language the decoder
        does not write.
        """
        begin, end = self.encoder.tokenizer.edges
        vectors = send(torch.from_numpy(self.encoder.encode(texts)), self.encoder.device)
        translations: list[str] = []
        with track(len(texts), "translating", "texts") as bar:
            for vector in vectors.split(1):
                (ids,) = translate(self.decoder, vector, language, begin, end, beam=beam)
                translations.append(self.encoder.tokenizer.text(ids))
                bar.advance(1)
        return translations


class Translation(Objective):
    """Cross-entropy of the target's tokens, each given those before it and the embedding of the source; the mean over
    tokens.

    Columns: source and target. The target's first token is what decoding starts from.
    """

    def __init__(self, encoder: Encoder, languages: Sequence[str], hidden: int = 2048, token: int = 320) -> None:
        super().__init__()
        self.decoder = Decoder(encoder.tokenizer.vocabulary_size, encoder.width, languages, hidden=hidden, token=token)

    def forward(self, encoder: Encoder, batch: Batch) -> Float[Tensor, ""]:
        """The loss of one batch. Raises ConfigError for a target language the decoder does not write."""
        source, target = batch.columns[0], batch.columns[1].to(encoder.device)
        vectors, languages, real = encoder(source), self._languages(target), target.mask[:, 1:]

        def part(rows: slice) -> Float[Tensor, ""]:
            states, _ = self.decoder(vectors[rows], languages[rows], target.ids[rows, :-1])
            scores, wanted = self.decoder.output(states[real[rows]]), target.ids[rows, 1:][real[rows]]
            return F.cross_entropy(precise(scores), wanted, reduction="sum")

        count = int(batch.columns[1].mask[:, 1:].sum())
        loss = encoder.computation.in_parts(part, len(target.ids)) / count
        return loss * share_of(count, encoder.device)

    def keep(self, folder: Path) -> None:
        """The decoder, in `folder`/decoder."""
        self.decoder.save(folder / "decoder")

    def _languages(self, target: Tokens) -> Int[Tensor, " B"]:
        numbers = torch.tensor([self.decoder.number(language) for language in target.languages])
        return send(numbers, target.ids.device)


def load(model: str | Path, on: str = AUTO) -> Translator:
    """Load the encoder and the decoder of a LASER run, to the device of this name. Raises ModelFormatError for anything
    else.
    """
    where = device(on)
    decoder = Decoder.load(Path(model) / "decoder")
    encoder = storage.load(locate(str(model)))
    if encoder.width != decoder.start.in_features:
        raise ModelFormatError("the decoder belongs to another encoder", model)
    return Translator(encoder.to(where), decoder.to(where))
