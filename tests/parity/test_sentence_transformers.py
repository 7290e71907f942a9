"""The same folder, the same batches, the same start: the same numbers as sentence-transformers."""

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import SequentialSampler

from interlingua import load
from interlingua.errors import ModelFormatError
from interlingua.interchange.sentence_transformers import from_sentence_transformers
from interlingua.objectives.classification import Feature, PairClassification
from interlingua.objectives.contrastive import Contrastive
from interlingua.objectives.distillation import Distance, EmbeddingDistillation
from interlingua.objectives.regression import CosineRegression
from interlingua.objectives.triplet import Triplet
from interlingua.placement import Precision
from interlingua.tensors import Batch
from interlingua.training.loop import Optimization, Schedule, start, steps
from interlingua.training.objective import Objective
from tests.conftest import TEXTS, peer

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    peer("sentence_transformers")
    from datasets import Dataset
    from sentence_transformers import (
        SentenceTransformer,
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
        losses,
    )
    from sentence_transformers.base.sampler import DefaultBatchSampler
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


WORDS = [
    "The",
    "cat",
    "sleeps",
    "on",
    "a",
    "mat",
    "Die",
    "Katze",
    "schläft",
    "auf",
    "der",
    "Matte",
    "Кошка",
    "спит",
    "на",
    "коврике",
    "猫在垫子上睡觉",
    "القطة",
    "تنام",
    "على",
    "السجادة",
    "3.14",
    "🙂",
    "naïve",
]


def of_all_kinds(number: int) -> list[str]:
    """Different texts of 0 to 80 words from several scripts; the long ones are cut by the model."""
    random = np.random.default_rng(0)
    return [" ".join(random.choice(WORDS, size=size)) for size in random.integers(0, 81, number)]


def test_five_hundred_texts_of_mixed_length_and_script(folder: Path) -> None:
    peer, ours, texts = SentenceTransformer(str(folder), device="cpu"), load(folder), of_all_kinds(500)
    vectors = ours.encode(texts)
    assert np.abs(vectors - peer.encode(texts)).max() < 1e-5
    some = [0, 1, 250, 499]
    assert (
        np.abs(np.concatenate([ours.encode([texts[k]]) for k in some]) - vectors[some]).max() < 1e-5
    )  # batch mates do not matter


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


def softmax_loss(peer: SentenceTransformer) -> tuple[torch.nn.Module, Objective]:
    theirs = losses.SoftmaxLoss(peer, 32, 3)
    ours = PairClassification(32, 3, (Feature.u, Feature.v, Feature.difference))
    ours.classifier[0].load_state_dict(theirs.classifier.state_dict())
    return theirs, ours


def both_directions(peer: SentenceTransformer) -> torch.nn.Module:
    return losses.MultipleNegativesRankingLoss(
        peer, scale=20.0, directions=("query_to_doc", "doc_to_query"), partition_mode="per_direction"
    )


OBJECTIVES: dict[str, tuple[int, str | None, Callable[[SentenceTransformer], tuple[torch.nn.Module, Objective]]]] = {
    "distillation": (2, "vector", lambda peer: (losses.MSELoss(peer), EmbeddingDistillation(Distance.mse))),
    "softmax": (2, "class", softmax_loss),
    "cosine": (2, "score", lambda peer: (losses.CosineSimilarityLoss(peer), CosineRegression())),
    "triplet": (3, None, lambda peer: (losses.TripletLoss(peer, triplet_margin=1.0), Triplet(1.0))),
    "multiple negatives": (
        2,
        None,
        lambda peer: (losses.MultipleNegativesRankingLoss(peer, scale=20.0), Contrastive(1 / 20)),
    ),
    "hard negatives": (
        3,
        None,
        lambda peer: (losses.MultipleNegativesRankingLoss(peer, scale=20.0), Contrastive(1 / 20)),
    ),
    "symmetric": (
        2,
        None,
        lambda peer: (both_directions(peer), Contrastive(1 / 20, symmetric=True)),
    ),
}
"""By name: columns, kind of target, and the same objective of theirs and ours."""


def in_order(dataset: Any, batch_size: int, drop_last: bool, **_: Any) -> DefaultBatchSampler:
    """Batches as the rows stand; their trainer would shuffle."""
    return DefaultBatchSampler(SequentialSampler(dataset), batch_size=batch_size, drop_last=drop_last)


def train_with_their_trainer(
    peer: SentenceTransformer,
    loss: torch.nn.Module,
    columns: dict[str, list[Any]],
    rate: float,
    warm: int,
    clip: float,
    output: Path,
) -> list[float]:
    """The loss of every step, to the last digit: what their trainer logs is rounded."""
    found: list[float] = []
    loss.register_forward_hook(lambda _module, _inputs, value: found.append(value.item()))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        arguments = SentenceTransformerTrainingArguments(
            output_dir=str(output), num_train_epochs=1, per_device_train_batch_size=16, learning_rate=rate, warmup_steps=warm,
            lr_scheduler_type="linear", weight_decay=0.01, max_grad_norm=clip, batch_sampler=in_order, use_cpu=True, bf16=False, fp16=False,
            save_strategy="no", logging_strategy="no", report_to=[], disable_tqdm=True, seed=5,
        )  # fmt: skip
        SentenceTransformerTrainer(
            model=peer, args=arguments, train_dataset=Dataset.from_dict(columns), loss=loss
        ).train()
    return found


@pytest.mark.parametrize("name", OBJECTIVES)
def test_training_goes_down_the_same_way(folder: Path, tmp_path: Path, name: str) -> None:
    """Twelve fp32 steps (of distillation, fifty) of their trainer and of our loop: AdamW, linear warm-up and decay, clipping. Losses agree to
    1e-4, step by step."""
    width, kind, make = OBJECTIVES[name]
    random = np.random.default_rng(0)
    unique = [
        text for text in dict.fromkeys(" ".join(text.split()) for text in MIXED) if len(text) < 45
    ]  # cut, longer ones are the same
    rows = [
        [f"{unique[k]} {column}" for column, k in enumerate(random.permutation(len(unique))[:width])]
        for _ in range(400)
    ]
    total, warm = (50, 5) if name == "distillation" else (12, 2)
    batches = [random.permutation(400)[:16] for _ in range(total)]
    if kind is None:  # in-batch negatives: no text twice in a batch, which the peer does not look for
        rows = [[f"{number} {text}" for text in row] for number, row in enumerate(rows)]
    targets = {
        "vector": random.normal(size=(400, 32)).astype(np.float32) / 32**0.5,
        "class": random.integers(0, 3, 400),
        "score": random.uniform(size=400).astype(np.float32),
    }.get(str(kind))
    rate = 5e-4
    clip = (
        0.0 if name == "softmax" else 1.0
    )  # their trainer's norm leaves out the parameters of the loss, here the classifier's

    peer = SentenceTransformer(str(folder), device="cpu")
    torch.manual_seed(5)
    loss, objective = make(peer)
    ordered = np.concatenate(batches)
    columns = {f"column{column}": [rows[r][column] for r in ordered] for column in range(width)}
    if targets is not None:
        columns["label"] = targets[ordered].tolist()
    theirs = train_with_their_trainer(peer, loss, columns, rate, warm, clip, tmp_path / "run")
    assert len(theirs) == total

    encoder = from_sentence_transformers(folder)
    optimization = Optimization(
        warmup=warm / total, schedule=Schedule.linear, gradient_clip=clip, precision=Precision.fp32
    )
    state = start(encoder, objective, rate, optimization)

    def batch_at(step: int) -> Batch:
        batch = batches[step]
        columns = [encoder.tokens([rows[r][column] for r in batch], ["und"] * len(batch)) for column in range(width)]
        return Batch(tuple(columns), None if targets is None else torch.from_numpy(targets[batch]))

    ours = [step.loss for step in steps(state, batch_at, total, optimization)]
    assert ours[0] != ours[-1]
    assert np.allclose(ours, theirs, rtol=1e-4)


def test_lower_case(folder: Path) -> None:
    settings = json.loads((folder / "sentence_bert_config.json").read_text())
    (folder / "sentence_bert_config.json").write_text(json.dumps(settings | {"do_lower_case": True}))
    texts = [*MIXED, "ΟΔΟΣ ΣΟΦΙΑΣ", "İSTANBUL ÇOK GÜZEL", "STRASSE", "ǅ"]
    peer, ours = SentenceTransformer(str(folder), device="cpu"), load(folder)
    assert np.abs(ours.encode(texts) - peer.encode(texts)).max() < 1e-5
