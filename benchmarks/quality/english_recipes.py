"""Every English recipe, trained small and judged side by side: STS-B, SICK-R, STS12-16, and SentEval's classification
sets.

    python benchmarks/quality/english_recipes.py DATA WORK MINILM [--only NAME ...] [--seeds 0 1 2] [--out
    benchmarks/results/english-recipes.json]

DATA is a folder with train/nli_en, train/mono, eval/stsb_multi, eval/sick, eval/sts12-16, eval/cls_en, eval/mrpc;
MINILM is the folder of all-MiniLM-L6-v2; WORK keeps the models, and vectors.txt there holds word vectors (GloVe 6B, 50
wide, here). No masked-language model is at hand, so one of 3 layers is pretrained first, on the monolingual text: the
start of all that is trained. Everything is small enough for one thread. What is in OUT already is not done again, but
for models in WORK that others start from.
"""

import argparse
import csv
import json
import platform
import random
import shlex
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zstandard

from interlingua import cli, load, load_cross_encoder, printing
from interlingua.encoding import cache as memory
from interlingua.evaluation.tasks import classification, cross_encoder, sts
from interlingua.files import write_whole

HERE = Path(__file__).resolve().parents[2]
NLI = ("snli_counterfactual.train", "sick.train")
"""Pairs of everyday sentences: on those of other kinds (MIXED) the small start learns nothing that helps STS."""
MIXED = ("ling_in_loop.train", "semi_automatic_nli.train", "snli_counterfactual.train")
FEATURES = {
    "(u, v)": "u v",
    "|u-v|": "difference",
    "u*v": "product",
    "(u, v, |u-v|)": "u v difference",
    "four": "u v difference product",
}
BEST = "sbert, nli (u, v, |u-v|)"
SENTEVAL = ("cls_en/mr", "cls_en/cr", "cls_en/subj", "cls_en/mpqa", "cls_en/sst2", "cls_en/trec", "mrpc")
SIZES = {
    "mono.txt": 1_100_000,
    "sentences.txt": 24_000,
    "nli.tsv": 24_000,
    "nli-mixed.tsv": 24_000,
    "nli-test.tsv": 2_000,
    "sick.tsv": 5_000,
    "triplets.tsv": 18_000,
}
"""Rows at most of what is written into WORK."""


@dataclass(frozen=True)
class Recipe:
    """One line of the table."""

    arguments: str
    """Of `interlingua train`, without output and seed. {seed} stands for the seed."""
    start: str = ""
    """The line it is compared with."""
    random: bool = True
    """Whether a seed makes a difference."""
    measured: tuple[str, ...] = ("STS-B", "SICK-R", "STS12-16", "SentEval")
    """SentEval is for the first seed."""


def rows(file: Path) -> Iterator[dict[str, str]]:
    with zstandard.open(file, "rt", encoding="utf-8", newline="\n") as stream:
        yield from csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)


def prepare(data: Path, work: Path) -> None:
    """Write the training text into WORK: sentences of 5 to 32 words, and pairs and triplets of texts of at most 40."""
    tables: dict[str, list[str]] = {}
    for name, header, files in (
        ("nli.tsv", ("premise", "hypothesis", "label"), NLI),
        ("nli-mixed.tsv", ("premise", "hypothesis", "label"), MIXED),
        ("nli-test.tsv", ("premise", "hypothesis", "label"), ("snli_counterfactual.test",)),
        ("sick.tsv", ("premise", "hypothesis", "label"), ("sick.train",)),
        ("triplets.tsv", ("anchor", "positive", "hard_negative"), ("triplets",)),
    ):
        read = [row for file in files for row in rows(data / f"train/nli_en/{file}.tsv.zst")]
        short = [
            "\t".join(row[key] for key in header) for row in read if all(len(row[key].split()) <= 40 for key in header)
        ]
        random.Random(0).shuffle(short)
        tables[name] = ["\t".join(header), *short[: SIZES[name]]]
    with zstandard.open(data / "train/mono/en.txt.zst", "rt", encoding="utf-8", newline="\n") as stream:
        text = [line for line in stream.read().splitlines() if 5 <= len(line.split()) <= 32 and line[0].isalpha()]
    random.Random(0).shuffle(text)
    tables |= {name: text[: SIZES[name]] for name in ("mono.txt", "sentences.txt")}
    work.mkdir(parents=True, exist_ok=True)
    for name, lines in tables.items():
        with write_whole(work / name) as file:
            file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def plan(data: Path, work: Path, minilm: Path) -> dict[str, Recipe]:
    sts, dev = data / "eval/stsb_multi/en.train.tsv", data / "eval/stsb_multi/en.dev.tsv"
    start, watched = work / "masked-language/seed-0", f"--dev-sts {dev} --evaluate-every 200 --max-tokens 40"
    nli, triplets, some = work / "nli.tsv", work / "triplets.tsv", work / "sentences.txt"
    tuned = f"--learning-rate 5e-4 --batch-size 32 {watched}"
    vectors, best = f"averaging --vectors {work}/vectors.txt", work / folder(BEST) / "seed-{seed}"
    gently = f"--learning-rate 1e-4 --batch-size 32 {watched}"
    judge = work / folder("MiniLM, cross-encoder, nli") / "seed-{seed}"
    scored = f"--sts {sts} --sts-epochs 5"
    pools = {"mean": "mean", "cls": "cls", "max": "max"}
    deeper = {"first-last": "mean --layers first-last", "last-2": "mean --layers last-2", "cls, pooler": "cls --pooler"}
    runs = {
        "word vectors": Recipe(vectors, random=False),
        "word vectors, idf": Recipe(f"{vectors} --weights idf --texts {some}", random=False),
        "word vectors, sif": Recipe(f"{vectors} --weights sif --texts {some}", random=False),
        "masked-language": Recipe(
            f"masked-language --start tiny --texts {work}/mono.txt --vocabulary-size 8000 --max-tokens 32 --max-steps "
            "8000 "
            "--learning-rate 1e-3 --no-dropout --evaluate-every 1000",
            random=False,
        ),
        **{
            f"masked-language, {p}": Recipe(f"averaging --model {start} --pooling {p}", "masked-language", False)
            for p in ("cls", "max")
        },
        BEST: Recipe(f"sbert --student {start} --nli {nli} --epochs 3 {tuned}", "masked-language"),
        "sbert, sts alone": Recipe(f"sbert --student {start} {scored} {tuned}", "masked-language"),
        "sbert, nli then sts": Recipe(f"sbert --student {best} {scored} {tuned}", "sbert, sts alone"),
        "cross-encoder, sts": Recipe(
            f"cross-encoder --start {start} --sts {sts} --epochs 5 {tuned}", "sbert, sts alone", True, ("STS-B",)
        ),
        "simcse, unsupervised": Recipe(
            f"simcse --student {start} --texts {some} --learning-rate 1e-4 --pooling mean {watched}", "masked-language"
        ),
        "simcse, supervised": Recipe(
            f"simcse --student {start} --pairs {triplets} --learning-rate 5e-4 {watched}", "masked-language"
        ),
        "sbert, triplets": Recipe(f"sbert --student {start} --triplets {triplets} {tuned}", "masked-language"),
        "infersent": Recipe(
            f"infersent --vectors {work}/vectors.txt --nli {nli} --hidden 128 --epochs 6", "word vectors"
        ),
        "cross-encoder, nli": Recipe(
            f"cross-encoder --start {start} --nli {nli} --epochs 3 --learning-rate 5e-4 --max-tokens 80",
            "",
            True,
            ("NLI",),
        ),
        "MiniLM, sbert, sts": Recipe(
            f"sbert --student {minilm} --sts {sts} --sts-epochs 3 {gently}", "MiniLM, mean", True, ("STS-B",)
        ),
        "MiniLM, cross-encoder, sts": Recipe(
            f"cross-encoder --start {minilm} --sts {sts} --epochs 3 {gently}", "MiniLM, sbert, sts", True, ("STS-B",)
        ),
        "MiniLM, cross-encoder, nli": Recipe(
            f"cross-encoder --start {minilm} --nli {nli} --epochs 3 --learning-rate 1e-4 --batch-size 32 --max-tokens "
            "80",
            "",
            True,
            ("NLI",),
        ),
        "MiniLM, cross-encoder, nli then sts": Recipe(
            f"cross-encoder --start {judge} --sts {sts} --epochs 3 {gently}",
            "MiniLM, cross-encoder, sts",
            True,
            ("STS-B",),
        ),
        **{
            f"MiniLM, {n}": Recipe(f"averaging --model {minilm} --pooling {p}", "", False, ("STS-B",))
            for n, p in (pools | deeper).items()
        },
        **{
            f"sbert, nli {n}": Recipe(f"sbert --student {start} --nli {nli} --epochs 3 --features {f} {tuned}", BEST)
            for n, f in FEATURES.items()
        },
        "sbert, nli of mixed sources": Recipe(
            f"sbert --student {start} --nli {work}/nli-mixed.tsv --learning-rate 5e-4 --batch-size 32 --max-tokens 40",
            "masked-language",
        ),
    }
    return runs | hinton(work, start, minilm)


def hinton(work: Path, start: Path, minilm: Path) -> dict[str, Recipe]:
    """A small judge of SICK's inference pairs with and without the probabilities of a larger one."""
    learn = f"--nli {work}/sick.tsv --learning-rate 5e-4 --batch-size 32 --max-tokens 60"
    teacher, alone = "MiniLM, cross-encoder, sick", f"cross-encoder --start {start} --epochs 5 {learn}"
    taught = f"{alone} --teacher {work}/{folder(teacher)}/seed-0 --alpha 0.7 --temperature 2"
    return {
        teacher: Recipe(
            f"cross-encoder --start {minilm} --epochs 3 {learn.replace('5e-4', '1e-4')}", "", False, ("SICK-E",)
        ),
        "cross-encoder, sick": Recipe(alone, "", True, ("SICK-E",)),
        "cross-encoder, sick, taught": Recipe(taught, "cross-encoder, sick", True, ("SICK-E",)),
    }


def folder(name: str) -> str:
    return "".join(letter for letter in name.replace(" ", "-") if letter.isalnum() or letter in "-,")


def train(arguments: str, output: Path, seed: int) -> float:
    """Train one recipe unless its model is there; seconds of CPU it took."""
    began = time.process_time()
    if not (output / "model").exists() or not (output / "done").exists():
        resume = ["--resume"] if (output / "config.json").exists() and not arguments.startswith("averaging") else []
        if cli.run(["train", *shlex.split(arguments), "--output", str(output), "--seed", str(seed), *resume]):
            raise SystemExit(f"{arguments} failed")
    return round(time.process_time() - began, 1)


def sick(data: Path, work: Path) -> Path:
    """SICK's test split as labelled pairs."""
    with (data / "eval/sick/test.tsv").open(encoding="utf-8", newline="") as stream:
        table = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    lines = ["\t".join(row[key] for key in ("sentence1", "sentence2", "entailment")) for row in table]
    (work / "sick-test.tsv").write_text("\n".join(["premise\thypothesis\tlabel", *lines]) + "\n", encoding="utf-8")
    return work / "sick-test.tsv"


def measure(model: Path, data: Path, work: Path, measured: tuple[str, ...]) -> dict[str, float]:
    if measured in (("NLI",), ("SICK-E",)):
        test = work / "nli-test.tsv" if measured == ("NLI",) else sick(data, work)
        return {measured[0]: cross_encoder.evaluate(load_cross_encoder(model), test).rows[0]["accuracy"]}
    stsb = data / "eval/stsb_multi/en.test.tsv"
    if (model / "model/encoder.json").exists() and json.loads(
        (model / "model/encoder.json").read_text(encoding="utf-8")
    ).get("labels"):
        return {"STS-B": cross_encoder.evaluate(load_cross_encoder(model), stsb).rows[0]["spearman"]}
    encode = memory.remembering(load(model).encode)
    paths = {"STS-B": stsb, "SICK-R": data / "eval/sick/test.tsv", "STS12-16": data / "eval/sts12-16"}
    found: dict[str, float] = {}
    for task in measured:
        if task == "SentEval":
            report = classification.evaluate(encode, *(data / "eval" / name for name in SENTEVAL), folds=2)
            found |= {row["name"]: row["accuracy"] for row in report.rows}
        elif task == "STS12-16":
            averages = sts.evaluate(encode, paths[task]).averages
            found[task] = next(value for label, value in averages.items() if label.startswith("STS12-16, all"))
        else:
            found[task] = sts.evaluate(encode, paths[task]).rows[0]["spearman"]
    return found


def summary(seeds: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """Mean and standard deviation of every task over the seeds that have it."""
    tasks = dict.fromkeys(task for found in seeds.values() for task in found if task != "cpu_seconds")
    values = {task: [found[task] for found in seeds.values() if task in found] for task in tasks}
    return {
        task: {
            "mean": round(statistics.fmean(v), 2),
            "sd": round(statistics.stdev(v), 2) if len(v) > 1 else 0.0,
            "seeds": len(v),
        }
        for task, v in values.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("minilm", type=Path)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--tasks", nargs="+", default=["STS-B", "SICK-R", "STS12-16", "SentEval", "NLI", "SICK-E"])
    parser.add_argument("--out", type=Path, default=HERE / "benchmarks/results/english-recipes.json")
    asked = parser.parse_args()
    if any(not (asked.work / name).exists() for name in SIZES):
        prepare(asked.data, asked.work)
    known: dict[str, Any] = json.loads(asked.out.read_text(encoding="utf-8")) if asked.out.exists() else {"recipes": {}}
    places = {str(asked.data): "DATA", str(asked.work): "WORK", str(asked.minilm): "MINILM"}
    recipes = plan(asked.data, asked.work, asked.minilm)
    for name, recipe in recipes.items():
        if asked.only and name not in asked.only:
            continue
        shown = recipe.arguments
        for path, place in places.items():
            shown = shown.replace(path, place)
        entry = known["recipes"].setdefault(
            name, {"arguments": shown, "start": recipe.start, "random": recipe.random, "seeds": {}}
        )
        for seed in asked.seeds if recipe.random else [0]:
            done = entry["seeds"].setdefault(str(seed), {})
            known_tasks = {*done, *(["SentEval"] if seed or "mrpc" in done else [])}
            missing = tuple(task for task in recipe.measured if task in asked.tasks and task not in known_tasks)
            output = asked.work / folder(name) / f"seed-{seed}"
            started_from = any(f"{asked.work / folder(name)}/" in other.arguments for other in recipes.values())
            if not missing and (not started_from or (output / "done").exists()):
                continue
            seconds = train(recipe.arguments.replace("{seed}", str(seed)), output, seed)
            (output / "done").touch()
            if seconds > 1:
                done["cpu_seconds"] = seconds
            if missing:
                done |= measure(output, asked.data, asked.work, missing)
            print(time.strftime("%H:%M:%S"), name, seed, done, file=sys.stderr, flush=True)
            entry["summary"] = summary(entry["seeds"])
            known |= {
                "command": "python benchmarks/quality/english_recipes.py DATA WORK MINILM",
                "versions": printing.versions(),
            }
            known["machine"] = {"processor": platform.processor() or platform.machine(), "threads": 1}
            known["lines"] = {name: sum(1 for _ in (asked.work / name).open(encoding="utf-8")) for name in SIZES}
            with write_whole(asked.out) as file:
                file.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
