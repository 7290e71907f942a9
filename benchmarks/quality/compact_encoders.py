"""How small an encoder can get: size, speed and quality of students with fewer layers and narrower embeddings, beside
their teacher.

    python benchmarks/quality/compact_encoders.py DATA WORK TEACHER [--texts 16000] [--out
        benchmarks/results/compact.json]

DATA holds eval/stsb_multi and eval/sick; WORK/sentences.txt (english_recipes.py writes it) is learned from; TEACHER is
the folder of all-MiniLM-L6-v2. Speed is texts a second of one thread's CPU time over 1,000 sentences of STS-B in fp32,
the median of rounds in which all models take turns. What is in OUT already is not done again.
"""

import argparse
import csv
import json
import shlex
import statistics
import time
from pathlib import Path
from typing import Any

import torch

from interlingua import cli, load, printing
from interlingua.encoding import cache as memory
from interlingua.evaluation.tasks import sts
from interlingua.files import write_whole

HERE = Path(__file__).resolve().parents[2]
STUDENTS = {
    "3 layers": "--layers 3",
    "3 layers, 128 wide": "--layers 3 --width 128",
    "1 layer": "--layers 1",
}
ROUNDS = 5


def measure(model: Path, data: Path) -> dict[str, float]:
    encode = memory.remembering(load(model).encode)
    found = sts.evaluate(encode, data / "eval/stsb_multi/en.test.tsv", data / "eval/sick/test.tsv").rows
    return {"STS-B": found[0]["spearman"], "SICK-R": found[1]["spearman"]}


def size(model: Path) -> dict[str, float]:
    encoder = load(model)
    parameters = sum(p.numel() for p in encoder.parameters())  # pyright: ignore
    words = encoder.body.word_embeddings.weight.numel()  # pyright: ignore
    return {
        "parameters_million": round(parameters / 1e6, 2),
        "without_words_million": round((parameters - words) / 1e6, 2),
        "width": encoder.width,
    }


def speeds(models: dict[str, Path], texts: list[str]) -> dict[str, float]:
    """Texts a second of CPU time; the models take turns in every round."""
    torch.set_num_threads(1)
    loaded = {name: load(model) for name, model in models.items()}
    seconds: dict[str, list[float]] = {name: [] for name in models}
    for _ in range(ROUNDS):
        for name, encoder in loaded.items():
            began = time.process_time()
            encoder.encode(texts)
            seconds[name].append(time.process_time() - began)
    return {name: round(len(texts) / statistics.median(times), 1) for name, times in seconds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("teacher", type=Path)
    parser.add_argument("--texts", type=int, default=16_000)
    parser.add_argument("--out", type=Path, default=HERE / "benchmarks/results/compact.json")
    asked = parser.parse_args()
    known: dict[str, Any] = json.loads(asked.out.read_text(encoding="utf-8")) if asked.out.exists() else {"models": {}}
    learned = asked.work / "compact.txt"
    sentences = (asked.work / "sentences.txt").read_text(encoding="utf-8").splitlines()[: asked.texts]
    learned.write_text("\n".join(sentences) + "\n", encoding="utf-8")
    models = {"teacher": asked.teacher} | {name: asked.work / "compact" / name.replace(" ", "-") for name in STUDENTS}

    def keep() -> None:
        known.update(
            command="python benchmarks/quality/compact_encoders.py DATA WORK TEACHER",
            versions=printing.versions(),
            texts=len(sentences),
        )
        with write_whole(asked.out) as file:
            file.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")

    for name, model in models.items():
        if name in known["models"]:
            continue
        began = time.process_time()
        if name != "teacher":
            options = shlex.split(
                f"--texts {learned} {STUDENTS[name]} --max-tokens 48 --epochs 2 --batch-size 32 --evaluate-every 100"
            )
            resume = ["--resume"] if (model / "config.json").exists() else []
            cached = ["--teacher-cache", str(asked.work / "compact/teacher")]
            if cli.run(
                [
                    "train",
                    "compact",
                    "--teacher",
                    str(asked.teacher),
                    *options,
                    *cached,
                    "--output",
                    str(model),
                    *resume,
                ]
            ):
                raise SystemExit(1)
        seconds = round(time.process_time() - began, 1)
        known["models"][name] = (
            {"options": STUDENTS.get(name, ""), "cpu_seconds": seconds} | size(model) | measure(model, asked.data)
        )
        keep()
    with (asked.data / "eval/stsb_multi/en.test.tsv").open(encoding="utf-8", newline="") as stream:
        texts = [row["sentence1"] for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)][:1000]
    for name, speed in speeds(models, texts).items():
        known["models"][name]["texts_per_cpu_second"] = speed
    keep()


if __name__ == "__main__":
    main()
