"""Encoding speed of a LASER2-sized encoder: this package, nano-laser (LASER without fairseq), and one sentence at a
time.

    python benchmarks/speed/laser_speed.py TEXTS [--texts 192] [--rounds 3] [--out benchmarks/results/laser-speed.json]

A checkpoint in LASER2's layout (5 layers of 512, both ways, 50,000 symbols) with random weights is written, converted,
and read by both. TEXTS is a text file (.zst too). All encode the same sentences on one thread, in turn, round after
round; ratios are of median times. Each may tokenise as it does; the largest difference of the vectors is part of the
result.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch

from interlingua import load
from interlingua.cli import run
from interlingua.data.examples import texts as read_texts
from interlingua.progress import log

sys.path.append(str(Path(__file__).parents[1]))
from measuring import RESULTS, about, in_turns, medians, timed, write


def checkpoint(folder: Path, texts: list[str]) -> tuple[Path, Path]:
    """A checkpoint of LASER2's sizes and its SentencePiece model, trained on `texts`; rows beyond its pieces are
    never used."""
    import io

    import sentencepiece

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(text.lower() for text in texts), model_writer=model, vocab_size=8000,
        hard_vocab_limit=False,
        unk_id=0, bos_id=1, eos_id=2, pad_id=-1, minloglevel=2,
    )  # fmt: skip
    (folder / "laser2.spm").write_bytes(model.getvalue())
    pieces = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    symbols = ["<s>", "<pad>", "</s>", "<unk>", *(pieces.id_to_piece(k) for k in range(3, pieces.get_piece_size()))]
    symbols += [f"unused{k}" for k in range(50_000 - len(symbols))]
    torch.manual_seed(0)
    lstm = torch.nn.LSTM(320, 512, 5, bidirectional=True)
    weights = {f"lstm.{name}": tensor for name, tensor in lstm.state_dict().items()}
    weights["embed_tokens.weight"] = torch.randn(50_000, 320) / 10
    sizes = {
        "num_embeddings": 50_000,
        "padding_idx": 1,
        "embed_dim": 320,
        "hidden_size": 512,
        "num_layers": 5,
        "bidirectional": True,
    }
    file = folder / "laser2.pt"
    torch.save({"params": sizes, "model": weights, "dictionary": {symbol: k for k, symbol in enumerate(symbols)}}, file)
    return file, folder / "laser2.spm"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--texts", type=int, default=192)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=RESULTS / "laser-speed.json")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    everything = [text for text in read_texts(arguments.file) if text]
    some = everything[: arguments.texts]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file, spm = checkpoint(folder, everything[:20_000])
        assert not run(["convert", str(file), str(folder / "model")])
        ours = load(folder / "model")
        from nano_laser import SentenceEncoder

        peer = SentenceEncoder(file, max_tokens=12_000, spm_model=spm, cpu=True)
        single = SentenceEncoder(file, max_sentences=1, spm_model=spm, cpu=True)
    ways: dict[str, Callable[[list[str]], np.ndarray]] = {
        "interlingua": ours.encode,
        "nano-laser, batches of 12,000 tokens": peer,
        "nano-laser, its default of one sentence": single,
        "interlingua, one sentence at a time": lambda lines: np.concatenate([ours.encode([line]) for line in lines]),
    }
    vectors = {name: way(some[:24]) for name, way in ways.items()}  # and warm up
    found = in_turns(
        {name: partial(timed, partial(way, some)) for name, way in ways.items()},
        arguments.rounds,
        after=lambda runs: log(", ".join(f"{name} {times[-1]['cpu']:.1f} s" for name, times in runs.items())),
    )
    median = {name: medians(runs)["cpu"] for name, runs in found.items()}
    result = about("speed/laser_speed.py TEXTS", threads=1, note="CPU time, rounds interleaved")
    result["versions"]["nano-laser"] = version("nano-laser")
    result |= {
        "texts": len(some),
        "mean_characters": round(statistics.fmean(map(len, some)), 1),
        "cpu_seconds": {name: [round(run["cpu"], 2) for run in runs] for name, runs in found.items()},
        "texts_per_cpu_second": {name: round(len(some) / value, 1) for name, value in median.items()},
        "times_as_fast_as": {
            name: round(value / median["interlingua"], 2) for name, value in median.items() if name != "interlingua"
        },
        "largest_difference": float(max(np.abs(found - vectors["interlingua"]).max() for found in vectors.values())),
    }
    write(arguments.out, result)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
