"""The same folder, the same batches, the same start: the same numbers as sentence-transformers."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

from conftest import TEXTS
from interlingua import load
from interlingua.encoders.interchange import from_sentence_transformers
from interlingua.errors import ModelFormatError
from interlingua.objectives.distillation import Distance, EmbeddingDistillation
from interlingua.tensors import Batch
from interlingua.training.loop import Optimization, Precision, Schedule, start, steps

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from sentence_transformers import SentenceTransformer, losses
    from sentence_transformers.sentence_transformer import modules
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

MIXED = [*TEXTS[:6], *(f"{text} {' and more of it' * (k % 9)}" for k, text in enumerate(TEXTS * 8) if text)]


@pytest.fixture
def folder(tmp_path: Path, tokenizer) -> Path:
    """A small random BERT as sentence-transformers saves it."""
    torch.manual_seed(11)
    tokenizer.save(tmp_path / "tokenizer.json")
    fast = PreTrainedTokenizerFast(
        tokenizer_file=str(tmp_path / "tokenizer.json"), pad_token="<pad>", unk_token="<unk>", cls_token="<s>", sep_token="</s>",
        mask_token="<mask>", model_max_length=64,
    )  # fmt: skip
    config = BertConfig(
        vocab_size=tokenizer.vocabulary_size, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
        max_position_embeddings=64, pad_token_id=0, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    BertModel(config).save_pretrained(tmp_path / "bert")
    fast.save_pretrained(tmp_path / "bert")
    transformer = modules.Transformer(str(tmp_path / "bert"), max_seq_length=48)
    SentenceTransformer(modules=[transformer, modules.Pooling(32, "mean")], device="cpu").save(str(tmp_path / "st"))
    return tmp_path / "st"


@pytest.mark.parametrize("pooling", ["mean", "cls", "max"])
@pytest.mark.parametrize("normalize", [False, True])
def test_vectors(folder: Path, tmp_path: Path, pooling: str, normalize: bool) -> None:
    parts = [
        modules.Transformer(str(folder), max_seq_length=48),
        modules.Pooling(32, pooling),
        modules.Dense(32, 20, activation_function=None),
    ]
    peer = SentenceTransformer(modules=[*parts, *([modules.Normalize()] if normalize else [])], device="cpu")
    peer.save(str(tmp_path / "variant"))
    ours = load(tmp_path / "variant")
    assert ours.describe()["pooling"] == pooling
    assert np.abs(ours.encode(MIXED) - peer.encode(MIXED)).max() < 1e-5


def test_other_modules_are_named(folder: Path, tmp_path: Path) -> None:
    parts = [modules.Transformer(str(folder), max_seq_length=48), modules.Pooling(32, "mean"), modules.LayerNorm(32)]
    SentenceTransformer(modules=parts, device="cpu").save(str(tmp_path / "variant"))
    with pytest.raises(ModelFormatError, match="LayerNorm is not supported"):
        load(tmp_path / "variant")


def test_a_folder_without_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelFormatError, match="no weights here"):
        load(folder)


def test_distillation_goes_down_the_same_way(folder: Path) -> None:
    """Fifty fp32 steps of AdamW, linear warm-up and decay, clipping: the losses agree to 1e-4, step by step."""
    random = np.random.default_rng(0)
    rows = [(MIXED[a], MIXED[b]) for a, b in random.integers(0, len(MIXED), (400, 2))]
    targets = random.normal(size=(400, 32)).astype(np.float32)
    targets /= np.linalg.norm(targets, axis=1, keepdims=True)
    batches = [random.permutation(400)[:16] for _ in range(50)]
    rate, total, warm = 5e-4, 50, 5

    peer = SentenceTransformer(str(folder), device="cpu")
    loss = losses.MSELoss(peer)
    decayed = [p for p in peer.parameters() if p.ndim > 1]
    spared = [p for p in peer.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.01}, {"params": spared, "weight_decay": 0.0}], lr=rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda s: s / warm if s < warm else max(0.0, (total - s) / (total - warm)))
    theirs: list[float] = []
    peer.train()
    for batch in batches:
        columns = [peer.preprocess([rows[r][side] for r in batch]) for side in (0, 1)]
        value = loss(columns, torch.from_numpy(targets[batch]))
        optimizer.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(peer.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        theirs.append(value.item())

    encoder = from_sentence_transformers(folder)
    optimization = Optimization(warmup=warm / total, schedule=Schedule.linear, precision=Precision.fp32)
    state = start(encoder, EmbeddingDistillation(Distance.mse), rate, optimization)

    def batch_at(step: int) -> Batch:
        batch = batches[step]
        columns = [encoder.tokens([rows[r][side] for r in batch], ["und"] * len(batch)) for side in (0, 1)]
        return Batch(tuple(columns), torch.from_numpy(targets[batch]))

    ours = [step.loss for step in steps(state, batch_at, total, optimization)]
    assert ours[-1] < 0.9 * ours[0]
    assert np.allclose(ours, theirs, rtol=1e-4)
