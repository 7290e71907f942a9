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
import random
import shlex
import sys
import time
from pathlib import Path

from english_plan import folder, plan

from interlingua import cli, load, load_cross_encoder
from interlingua.data.examples import each_text
from interlingua.encoding import cache as memory
from interlingua.evaluation.tasks import classification, cross_encoder, sts
from interlingua.formats import read_rows
from interlingua.outputs import write_whole

sys.path.append(str(Path(__file__).parents[1]))
from measuring import RESULTS, about, known, spread, write

NLI = ("snli_counterfactual.train", "sick.train")
"""Pairs of everyday sentences: on those of other kinds (MIXED) the small start learns nothing that helps STS."""
MIXED = ("ling_in_loop.train", "semi_automatic_nli.train", "snli_counterfactual.train")
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
        read = [row.columns for file in files for row in read_rows(data / f"train/nli_en/{file}.tsv.zst")]
        short = [
            "\t".join(row[key] for key in header) for row in read if all(len(row[key].split()) <= 40 for key in header)
        ]
        random.Random(0).shuffle(short)
        tables[name] = ["\t".join(header), *short[: SIZES[name]]]
    lines = each_text(data / "train/mono/en.txt.zst")
    text = [line for line in lines if 5 <= len(line.split()) <= 32 and line[0].isalpha()]
    random.Random(0).shuffle(text)
    tables |= {name: text[: SIZES[name]] for name in ("mono.txt", "sentences.txt")}
    work.mkdir(parents=True, exist_ok=True)
    for name, lines in tables.items():
        with write_whole(work / name) as file:
            file.write_text("\n".join(lines) + "\n", encoding="utf-8")


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
    table = [row.columns for row in read_rows(data / "eval/sick/test.tsv")]
    lines = ["\t".join(row[key] for key in ("sentence1", "sentence2", "entailment")) for row in table]
    (work / "sick-test.tsv").write_text("\n".join(["premise\thypothesis\tlabel", *lines]) + "\n", encoding="utf-8")
    return work / "sick-test.tsv"


def measure(model: Path, data: Path, work: Path, measured: tuple[str, ...]) -> dict[str, float]:
    if measured in (("NLI",), ("SICK-E",)):
        test = work / "nli-test.tsv" if measured == ("NLI",) else sick(data, work)
        return {measured[0]: cross_encoder.evaluate(load_cross_encoder(model), test).rows[0]["accuracy"]}
    stsb = data / "eval/stsb_multi/en.test.tsv"
    if known(model / "model/encoder.json").get("labels"):
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
    return {task: spread(each) | {"seeds": len(each)} for task, each in values.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("minilm", type=Path)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--tasks", nargs="+", default=["STS-B", "SICK-R", "STS12-16", "SentEval", "NLI", "SICK-E"])
    parser.add_argument("--out", type=Path, default=RESULTS / "english-recipes.json")
    asked = parser.parse_args()
    if any(not (asked.work / name).exists() for name in SIZES):
        prepare(asked.data, asked.work)
    result = known(asked.out, recipes={})
    places = {str(asked.data): "DATA", str(asked.work): "WORK", str(asked.minilm): "MINILM"}
    recipes = plan(asked.data, asked.work, asked.minilm)
    for name, recipe in recipes.items():
        if asked.only and name not in asked.only:
            continue
        shown = recipe.arguments
        for path, place in places.items():
            shown = shown.replace(path, place)
        entry = result["recipes"].setdefault(
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
            result |= about("quality/english_recipes.py DATA WORK MINILM", threads=1)
            result["lines"] = {name: sum(1 for _ in (asked.work / name).open(encoding="utf-8")) for name in SIZES}
            write(asked.out, result)


if __name__ == "__main__":
    main()
