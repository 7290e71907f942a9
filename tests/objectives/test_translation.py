from itertools import pairwise, product
from pathlib import Path

import pytest
import torch

from interlingua.encoders.encoder import Encoder
from interlingua.errors import ConfigError, ModelFormatError
from interlingua.objectives.translation import Decoder, Translation, translate
from interlingua.tensors import Batch
from tests.conftest import TEXTS


def batch(encoder: Encoder) -> Batch:
    return Batch(
        (encoder.tokens(TEXTS[:4], ["de", "ru", "zh", "ar"]), encoder.tokens(TEXTS[1:5], ["en", "fr", "en", "en"]))
    )


def objective(encoder: Encoder) -> Translation:
    torch.manual_seed(4)
    return Translation(encoder, ("en", "fr"), hidden=7, token=5).double()


def test_equals_decoding_token_by_token(encoder: Encoder) -> None:
    """The loss by the equations of an LSTM cell, one text and one token at a time."""
    both, ours = batch(encoder.double()), objective(encoder)
    decoder = ours.decoder
    wi, wh, bi, bh = (p for _, p in decoder.lstm.named_parameters())
    total, count = 0.0, 0
    with torch.no_grad():
        vectors = encoder(both.columns[0])
        for row, vector in enumerate(vectors):
            ids = both.columns[1].ids[row][both.columns[1].mask[row]]
            h, c = decoder.start(vector).chunk(2)
            language = decoder.of_language.weight[("en", "fr").index(both.columns[1].languages[row])]
            for before, token in pairwise(ids):
                gates = wi @ torch.cat([decoder.words.weight[before], vector, language]) + bi + wh @ h + bh
                i, f, g, o = gates.chunk(4)
                c = f.sigmoid() * c + i.sigmoid() * g.tanh()
                h = o.sigmoid() * c.tanh()
                total -= decoder.output(h).log_softmax(-1)[token].item()
                count += 1
    assert ours(encoder, both).item() == pytest.approx(total / count, rel=1e-10)


def test_a_language_that_is_not_written_is_named(encoder: Encoder) -> None:
    columns = batch(encoder).columns
    with pytest.raises(ConfigError, match="writes en, fr, not ar"):
        objective(encoder)(encoder.double(), Batch((columns[1], columns[0].rows(slice(3, 4)))))


@pytest.mark.parametrize("beam", [1, 4])
def test_search_finds_what_trying_everything_finds(beam: int) -> None:
    """With a beam as wide as all prefixes, the best of all sequences; with a beam of one, the greedy one."""
    torch.manual_seed(2)
    decoder, vector = Decoder(4, 3, ["en"], hidden=6, token=3, language=2), torch.randn(1, 3)
    begin, end, most = 0, 1, 3

    def score(row: list[int]) -> float:
        states, _ = decoder(vector, torch.tensor([0]), torch.tensor([[begin, *row[:-1]]]))
        return sum(decoder.output(states[0]).log_softmax(-1)[range(len(row)), row].tolist()) / len(row)

    with torch.no_grad():
        if beam == 1:
            row: list[int] = []
            while len(row) < most and end not in row:
                row.append(max(range(4), key=lambda token: score([*row, token]) * (len(row) + 1)))
            expected = [token for token in row if token != end]
        else:
            complete = [[*row, end] for n in range(most) for row in product([0, 2, 3], repeat=n)]
            expected = max(complete, key=score)[:-1]
    assert translate(decoder, vector, "en", begin, end, beam=1 if beam == 1 else 40, most=most) == [expected]


def test_a_decoder_comes_back_as_it_was(encoder: Encoder, tmp_path: Path) -> None:
    ours = Translation(encoder, ("en", "fr"), hidden=7, token=5)
    ours.keep(tmp_path)
    again = Decoder.load(tmp_path / "decoder")
    assert again.languages == ("en", "fr")
    assert all(
        torch.equal(one, other)
        for one, other in zip(ours.decoder.state_dict().values(), again.state_dict().values(), strict=True)
    )
    (tmp_path / "decoder" / "decoder.json").write_text("{}")
    with pytest.raises(ModelFormatError, match="no decoder can be read"):
        Decoder.load(tmp_path / "decoder")
