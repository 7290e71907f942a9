"""Encoding and training on one device, ours beside sentence-transformers: texts a second, as ratios.

    python benchmarks/gpu/speed.py DATA OUT.json [--device cuda] [--size base] [--batch 256] [--steps 60]
        [--texts 40000] [--rounds 3]

DATA is what cut.py leaves: en-LANGUAGE.tsv.zst. Both load the same folder: an XLM-R of the size that is asked for, with
random weights and a vocabulary of the text, as speed depends on neither. Encoding is in bf16, the peer at the best of
several batch sizes; training is autocast to bf16, distillation (given vectors, mean squared error) and contrastive
(in-batch negatives), in windows that take turns, batches of the same texts. On a processor, a dry run, all is in fp32.
The share of the peak is that of the products with real tokens, against the fastest matrix product measured here.
"""

import argparse
import json
import random
import shlex
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import torch
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
    losses,
)
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from torch.utils.data import BatchSampler, SequentialSampler
from transformers import PreTrainedTokenizerFast, TrainerCallback, XLMRobertaConfig, XLMRobertaModel

from interlingua import load, tokenization
from interlingua.encoders.encoder import Encoder
from interlingua.formats import read_rows
from interlingua.objectives.contrastive import Contrastive
from interlingua.objectives.distillation import EmbeddingDistillation
from interlingua.placement import Precision, device
from interlingua.tensors import Batch
from interlingua.training import loop
from interlingua.training.start import trainable
from interlingua.training.throughput import operations_per_token, peak

sys.path.append(str(Path(__file__).parents[1]))
from measuring import Figures, about, in_turns, medians, rounded, write

SIZES = {"tiny": (2, 64, 2), "small": (12, 384, 12), "base": (12, 768, 12), "large": (24, 1024, 16)}
"""Layers, width, heads."""
MOST = 128
BATCHES = (64, 128, 256, 512, 1024)
"""Of the peer's encoding."""
WARM = 10
"""Steps before a window's clock starts."""
OURS, PEER = "interlingua", "sentence-transformers"
Pairs = list[tuple[str, str]]


def pairs_of(data: Path) -> Pairs:
    found = [
        (row.columns["source"], row.columns["target"])
        for file in sorted(data.glob("en-*.tsv.zst"))
        for row in read_rows(file)
    ]
    random.Random(0).shuffle(found)
    return found


def make_model(folder: Path, pairs: Pairs, size: str) -> None:
    layers, width, heads = SIZES[size]
    tokenizer = tokenization.train([text for pair in pairs[:20_000] for text in pair], 16_000, MOST)
    tokenizer.save(folder / "mine.json")
    fast = PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "mine.json"), bos_token="<s>", eos_token="</s>", unk_token="<unk>",
        pad_token="<pad>", model_max_length=MOST,
    )  # fmt: skip
    torch.manual_seed(0)
    config = XLMRobertaConfig(
        vocab_size=len(fast), hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads,
        intermediate_size=4 * width, max_position_embeddings=MOST + 2, type_vocab_size=1,
        pad_token_id=fast.pad_token_id, bos_token_id=fast.bos_token_id, eos_token_id=fast.eos_token_id,
    )  # fmt: skip
    XLMRobertaModel(config).save_pretrained(folder / "bare")
    fast.save_pretrained(folder / "bare")
    transformer = Transformer(str(folder / "bare"), max_seq_length=MOST)
    SentenceTransformer(modules=[transformer, Pooling(width, "mean")], device="cpu").save(str(folder / "model"))


def ratio(found: dict[str, Any]) -> float:
    return round(found[OURS]["texts_per_second"] / found[PEER]["texts_per_second"], 2)


def precision(where: torch.device) -> Precision:
    """bf16; on a processor, in a dry run, fp32."""
    return Precision.bf16 if where.type == "cuda" else Precision.fp32


def settle(where: torch.device) -> None:
    if where.type == "cuda":
        torch.cuda.synchronize()


def encoding(model: Path, texts: list[str], where: torch.device, rounds: int) -> dict[str, Any]:
    """Texts a second, rounds in turns."""
    mine = load(str(model), str(where), precision=precision(where))
    theirs = SentenceTransformer(str(model), device=str(where))
    if where.type == "cuda":
        theirs.to(torch.bfloat16)

    def once(encode: Callable[[list[str]], Any], some: list[str]) -> Figures:
        settle(where)
        began = time.perf_counter()
        encode(some)
        settle(where)
        return {"texts_per_second": len(some) / (time.perf_counter() - began)}

    few = texts[: len(texts) // 4]
    once(mine.encode, few)  # what the first call prepares
    speeds: dict[int, float] = {}
    for batch in BATCHES:
        encode = partial(theirs.encode, batch_size=batch, convert_to_numpy=True)
        once(encode, few)
        speeds[batch] = once(encode, few)["texts_per_second"]
    best = max(speeds, key=lambda batch: speeds[batch])
    ways = {
        OURS: lambda: once(mine.encode, texts),
        PEER: lambda: once(partial(theirs.encode, batch_size=best, convert_to_numpy=True), texts),
    }
    found = {name: rounded(medians(runs), 1) for name, runs in in_turns(ways, rounds).items()}
    return found | {"peer's batch size": best, "ratio": ratio(found)}


def ours(task: str, model: Path, pairs: Pairs, batch: int, where: torch.device) -> Callable[[int], Figures]:
    """Our loop; a window of steps with its figures."""
    encoder = trainable(str(model), str(where))
    vectors = taught(len(pairs), encoder.width)
    objective = Contrastive() if task == "contrastive" else EmbeddingDistillation()
    options = loop.Optimization(precision=precision(where), warmup=0.0)
    state = loop.start(encoder, objective, 1e-5, options, where)

    def batch_at(step: int) -> Batch:
        rows = [(step * batch + n) % len(pairs) for n in range(batch)]
        columns = tuple(encoder.tokens([pairs[row][side] for row in rows], ["und"] * batch) for side in (0, 1))
        return Batch(columns, torch.from_numpy(vectors[rows]) if task == "distillation" else None)

    def window(steps: int) -> Figures:
        began, tokens, waited = 0.0, 0, 0.0
        for number, step in enumerate(loop.steps(state, batch_at, state.step + WARM + steps, options), 1):
            if number > WARM:
                tokens, waited = tokens + step.real_tokens, waited + step.waited
            if number == WARM:
                settle(where)
                began = time.perf_counter()
        settle(where)
        seconds = time.perf_counter() - began
        return {
            "texts_per_second": 2 * batch * steps / seconds,
            "tokens_per_second": tokens / seconds,
            "share_waiting_for_batches": waited / seconds,
        }

    return window


def theirs(task: str, model: Path, pairs: Pairs, batch: int, where: torch.device) -> Callable[[int], Figures]:
    """Their trainer, with as many processes that tokenise as help; a window of steps with its figures."""
    encoder = SentenceTransformer(str(model), device=str(where))
    columns: dict[str, Any] = {str(side): [pair[side] for pair in pairs] for side in (0, 1)}
    if task == "distillation":
        columns["label"] = taught(len(pairs), encoder.encode([""]).shape[1]).tolist()
    data = datasets.Dataset.from_dict(columns)
    loss = losses.MSELoss(encoder) if task == "distillation" else losses.MultipleNegativesRankingLoss(encoder)
    at = [0.0]

    class Clock(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if state.global_step == WARM:
                settle(where)
                at[0] = time.perf_counter()
            if state.global_step == state.max_steps:
                settle(where)
                at[0] = time.perf_counter() - at[0]

    def window(steps: int) -> Figures:
        with tempfile.TemporaryDirectory() as scratch:
            arguments = SentenceTransformerTrainingArguments(
                output_dir=scratch, per_device_train_batch_size=batch, max_steps=WARM + steps,
                bf16=where.type == "cuda", learning_rate=1e-5, use_cpu=where.type == "cpu",
                report_to="none", logging_strategy="no",
                save_strategy="no", disable_tqdm=True, dataloader_num_workers=4 if where.type == "cuda" else 0,
                optim="adamw_torch_fused",
                batch_sampler=lambda dataset, **_: BatchSampler(SequentialSampler(dataset), batch, drop_last=True),
            )  # fmt: skip
            SentenceTransformerTrainer(encoder, arguments, data, loss=loss, callbacks=[Clock()]).train()
        return {"texts_per_second": 2 * batch * steps / at[0]}

    return window


def taught(rows: int, width: int) -> np.ndarray:
    """Vectors to imitate."""
    return np.random.default_rng(0).standard_normal((rows, width), np.float32) / width**0.5


def training(task: str, model: Path, pairs: Pairs, batch: int, steps: int, where: torch.device, rounds: int) -> Any:
    used = pairs[: batch * (WARM + steps)]
    ways = {OURS: ours(task, model, used, batch, where), PEER: theirs(task, model, used, batch, where)}
    runs = in_turns({name: partial(window, steps) for name, window in ways.items()}, rounds)
    found: dict[str, Any] = {name: rounded(medians(some)) for name, some in runs.items()}
    probe = trainable(str(model), "cpu")
    highest = peak(precision(where), where)
    tokens_per_text = found[OURS]["tokens_per_second"] / found[OURS]["texts_per_second"]
    for name in found:
        rate = found[name]["texts_per_second"] * tokens_per_text * operations_per_token(probe)
        found[name]["share_of_peak"] = round(rate / highest, 4)
    return found | {"ratio": ratio(found)}


def share_of_encoding(model: Path, texts: list[str], rate: float, where: torch.device) -> float:
    """Of the peak: a forward pass is a third of training's operations."""
    probe = trainable(str(model), "cpu")
    assert isinstance(probe, Encoder)
    tokens = sum(len(ids) for ids in probe.tokenizer.ids(texts)) / len(texts)
    return round(rate * tokens * operations_per_token(probe) / 3 / peak(precision(where), where), 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--size", choices=SIZES, default="base")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--texts", type=int, default=40_000)
    parser.add_argument("--rounds", type=int, default=3)
    config = parser.parse_args()
    where, pairs = device(config.device), pairs_of(config.data)
    name = torch.cuda.get_device_name(where) if where.type == "cuda" else "none: dry run on a processor"
    result: dict[str, Any] = {"gpu": name, "size": config.size, "batch": config.batch}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        make_model(folder, pairs, config.size)
        model, texts = folder / "model", [text for pair in pairs for text in pair][: config.texts]

        def keep(**more: Any) -> None:
            result.update(more)
            print(json.dumps(more), file=sys.stderr, flush=True)
            write(config.out, about(f"gpu/speed.py {shlex.join(sys.argv[1:])}") | result)

        found = encoding(model, texts, where, config.rounds)
        for name in (OURS, PEER):
            rate = found[name]["texts_per_second"]
            found[name]["share_of_peak"] = share_of_encoding(model, texts[:2000], rate, where)
        keep(encoding=found)
        for task in ("distillation", "contrastive"):
            keep(**{task: training(task, model, pairs, config.batch, config.steps, where, config.rounds)})


if __name__ == "__main__":
    main()
