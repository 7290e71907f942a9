"""Encoding by several threads and in forked processes, and what it leaves as it was."""

import copy
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch import nn

from interlingua.coverage import Coverage
from interlingua.encoders.bodies import transformer
from interlingua.encoders.cross_encoder import CrossEncoder
from interlingua.encoders.encoder import Encoder
from interlingua.encoders.inference import Inference
from interlingua.errors import ConfigError, DataError, InputTypeError
from interlingua.tokenization import Tokenizer
from tests.conftest import TEXTS

CPU = torch.device("cpu")


def dropping(tokenizer: Tokenizer) -> Encoder:
    """An encoder whose dropout shows."""
    torch.manual_seed(0)
    config = transformer.Config(layers=2, width=16, heads=2, feedforward=32, dropout=0.5)
    return Encoder(tokenizer=tokenizer, body=transformer.Body(config, tokenizer.vocabulary_size, tokenizer.pad))


def test_eight_threads_encode_without_dropout_whatever_the_mode(tokenizer: Tokenizer) -> None:
    encoder = dropping(tokenizer).eval()
    alone = encoder.encode(TEXTS)
    encoder.train()
    next(iter(encoder.modules())).training = False  # a part that is frozen, say
    modes = [part.training for part in encoder.modules()]
    before = torch.get_rng_state()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(encoder.encode, [TEXTS] * 100))
    assert all(np.array_equal(one, alone) for one in found)
    assert [part.training for part in encoder.modules()] == modes
    assert torch.equal(torch.get_rng_state(), before)


def test_dropout_stays_off_until_the_last_has_left() -> None:
    module, inference = nn.Sequential(nn.Dropout(), nn.Dropout().eval()), Inference()
    with inference.of(module, CPU):
        with inference.of(module, CPU):
            assert not any(part.training for part in module.modules())
        assert not module.training
        module.train()  # by another thread, meanwhile
        with pytest.raises(KeyError), inference.of(module, CPU):
            assert not any(part.training for part in module.modules())
            raise KeyError
        assert not module.training
    assert all(part.training for part in module.modules())


def test_an_encoder_travels_to_other_processes(tokenizer: Tokenizer) -> None:
    encoder = dropping(tokenizer)
    expected = encoder.encode(TEXTS)
    for other in (pickle.loads(pickle.dumps(encoder)), copy.deepcopy(encoder)):
        np.testing.assert_array_equal(other.encode(TEXTS), expected)


def test_a_gpu_of_the_parent_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "_is_in_bad_fork", lambda: True)
    inference = Inference().of(nn.Dropout(), torch.device("cuda"))
    with pytest.raises(ConfigError, match="cuda cannot be used in a process that was forked"), inference:
        pass


def test_surroundings_make_no_difference_and_are_left_alone(encoder: Encoder) -> None:
    expected = encoder.encode(TEXTS)
    state = torch.get_num_threads(), torch.is_grad_enabled()
    torch.set_default_dtype(torch.float64)
    try:
        with torch.inference_mode():
            np.testing.assert_array_equal(encoder.encode(TEXTS), expected)
        assert torch.get_default_dtype() == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)
    assert (torch.get_num_threads(), torch.is_grad_enabled()) == state


FORKED = """
import os, signal, sys
import numpy as np, torch
from interlingua import tokenization
from interlingua.encoders.bodies import transformer
from interlingua.encoders.encoder import Encoder

torch.set_num_threads(2)
texts = [f"the {number} red houses stand here" for number in range(300)]
tokenizer = tokenization.train(texts, 400)
config = transformer.Config(layers=2, width=256, heads=4, feedforward=512)
encoder = Encoder(tokenizer=tokenizer, body=transformer.Body(config, tokenizer.vocabulary_size, tokenizer.pad))
expected = encoder.encode(texts)
for depth in range(2):  # a child, and a child of it
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        assert torch.get_num_threads() == 2 - depth
        os._exit(os.waitstatus_to_exitcode(status) % 256)
    signal.alarm(60)
    assert np.allclose(encoder.encode(texts), expected, atol=1e-6)
os._exit(7)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
def test_forked_processes_encode() -> None:
    environment = os.environ | {"OMP_NUM_THREADS": "2"}
    command = [sys.executable, "-W", "ignore", "-c", FORKED]
    done = subprocess.run(command, env=environment, timeout=200, capture_output=True, text=True, check=False)
    assert done.returncode == 7, done.stderr


def test_a_warning_is_said_once_by_all_threads(tokenizer: Tokenizer, capsys: pytest.CaptureFixture[str]) -> None:
    class Lost(Tokenizer):
        def __init__(self) -> None:
            pass

        def unknown(self, ids: Any) -> int:
            return 1

    coverage, ids = Coverage(("de",)), [np.zeros(1, np.int32)] * 1000
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: coverage.look(Lost(), ids), range(64)))
    assert capsys.readouterr().err.count("outside the vocabulary") == 1


def broken() -> Iterator[str]:
    yield from ("a", None)  # pyright: ignore[reportReturnType]


def test_texts_are_taken_for_what_they_are(encoder: Encoder) -> None:
    expected = encoder.encode(TEXTS)
    for given in (tuple(TEXTS), iter(TEXTS), np.array(TEXTS), pa.array(TEXTS)):
        np.testing.assert_array_equal(encoder.encode(given), expected)
    with pytest.raises(InputTypeError, match="one text as"):
        encoder.encode("abc")
    with pytest.raises(InputTypeError, match="text 2 is no str but a NoneType"):
        encoder.encode(broken())
    with pytest.raises(DataError, match="8 texts and 1 languages"):
        encoder.encode(TEXTS, ["und"])
    with pytest.raises(DataError, match="8 texts and 1 languages"):
        encoder.tokens(TEXTS, ["und"])


def test_pairs_are_taken_for_what_they_are(encoder: Encoder) -> None:
    judge = CrossEncoder(encoder.change(labels=tuple("abcdefghijkl")))
    pairs = [("a", "b"), ("c", "d")]
    np.testing.assert_array_equal(judge.outputs(iter(pairs)), judge.outputs(pairs))
    with pytest.raises(InputTypeError, match="pair 1 has 3 texts, not two"):
        judge.outputs(iter([("a", "b", "c")]))  # pyright: ignore[reportArgumentType]
    with pytest.raises(InputTypeError, match="one text as"):
        judge.rerank("a", "bc")
    with torch.no_grad():
        assert encoder.projection is not None
        encoder.projection.bias[0] = torch.nan
    with pytest.raises(DataError, match="embedding of 'a / b' is not finite"):
        judge.outputs(pairs)
