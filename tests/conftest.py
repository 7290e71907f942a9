"""Small encoders and texts that every test may use."""

import pytest
import torch

from interlingua import tokenization
from interlingua.encoders.bodies import static, transformer
from interlingua.encoders.encoder import Encoder

torch.set_num_threads(1)  # tests are small: threads would only wait for each other

TEXTS = [
    "The cat sleeps on the mat.", "Die Katze schläft auf der Matte.", "Кошка спит на коврике.", "猫在垫子上睡觉。", "القطة تنام على السجادة.",
    "A", "", "Numbers such as 3.14 and 2,718 stand here; they are as good as words, and this text is longer than its fellows.",
]  # fmt: skip


@pytest.fixture(scope="session")
def tokenizer() -> tokenization.Tokenizer:
    return tokenization.train(TEXTS * 3, 600, max_tokens=32)


@pytest.fixture(params=["transformer", "static"])
def encoder(request: pytest.FixtureRequest, tokenizer: tokenization.Tokenizer) -> Encoder:
    torch.manual_seed(7)
    if request.param == "static":
        body = static.Body(static.Config(width=16), tokenizer.vocabulary_size, tokenizer.pad)
    else:
        config = transformer.Config(layers=2, width=16, heads=2, feedforward=32)
        body = transformer.Body(config, tokenizer.vocabulary_size, tokenizer.pad)
    return Encoder(tokenizer=tokenizer, body=body, projection=torch.nn.Linear(16, 12), normalize=True).eval()
