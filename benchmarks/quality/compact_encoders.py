"""How small an encoder can get: size, speed and quality of students with fewer layers and narrower embeddings, beside
their teacher.

    python benchmarks/quality/compact_encoders.py DATA WORK TEACHER [--texts 16000] [--out
        benchmarks/results/compact.json]

DATA holds eval/stsb_multi and eval/sick; WORK/sentences.txt (english_recipes.py writes it) is learned from; TEACHER is
the folder of all-MiniLM-L6-v2. Speed is texts a second of one thread's CPU time over 1,000 sentences of STS-B in fp32,
the median of rounds in which all models take turns. What is in OUT already is not done again.
"""

import argparse
import shlex
import sys
import time
from functools import partial
from pathlib import Path

import torch

from interlingua import cli, load
from interlingua.encoding import cache as memory
from interlingua.evaluation.tasks import sts
from interlingua.formats import read_rows

sys.path.append(str(Path(__file__).parents[1]))
from measuring import RESULTS, about, in_turns, known, medians, timed, write

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
    found = in_turns({name: partial(timed, partial(one.encode, texts)) for name, one in loaded.items()}, ROUNDS)
    return {name: round(len(texts) / medians(runs)["cpu"], 1) for name, runs in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("teacher", type=Path)
    parser.add_argument("--texts", type=int, default=16_000)
    parser.add_argument("--out", type=Path, default=RESULTS / "compact.json")
    asked = parser.parse_args()
    found = known(asked.out, models={})
    learned = asked.work / "compact.txt"
    sentences = (asked.work / "sentences.txt").read_text(encoding="utf-8").splitlines()[: asked.texts]
    learned.write_text("\n".join(sentences) + "\n", encoding="utf-8")
    models = {"teacher": asked.teacher} | {name: asked.work / "compact" / name.replace(" ", "-") for name in STUDENTS}

    def keep() -> None:
        found.update(about("quality/compact_encoders.py DATA WORK TEACHER"), texts=len(sentences))
        write(asked.out, found)

    for name, model in models.items():
        if name in found["models"]:
            continue
        began = time.process_time()
        if name != "teacher":
            options = shlex.split(
                f"--texts {learned} {STUDENTS[name]} --max-tokens 48 --epochs 2 --batch-size 32 --evaluate-every 100"
            )
            resume = ["--resume"] if (model / "config.json").exists() else []
            teacher = ["--teacher", str(asked.teacher), "--teacher-cache", str(asked.work / "compact/teacher")]
            if cli.run(["train", "compact", *teacher, *options, "--output", str(model), *resume]):
                raise SystemExit(1)
        seconds = round(time.process_time() - began, 1)
        found["models"][name] = (
            {"options": STUDENTS.get(name, ""), "cpu_seconds": seconds} | size(model) | measure(model, asked.data)
        )
        keep()
    texts = [row.columns["sentence1"] for row in read_rows(asked.data / "eval/stsb_multi/en.test.tsv")]
    for name, speed in speeds(models, texts[:1000]).items():
        found["models"][name]["texts_per_cpu_second"] = speed
    keep()


if __name__ == "__main__":
    main()
