"""Every English recipe, trained and judged side by side: STS-B, SICK-R, STS12-16, and SentEval's classification sets.

    python benchmarks/english_recipes.py DATA WORK [--only NAME ...] [--seeds 0 1 2] [--out benchmarks/results/english-recipes.json]

DATA is a folder with train/nli_en, train/mono, eval/stsb_multi, eval/sick, eval/sts12-16, eval/cls_en, eval/mrpc; WORK keeps the models,
vectors.txt there holds word vectors and sentences.txt plain sentences. No masked-language model is at hand, so one is pretrained first, on
the monolingual text: the start of all that is trained. What is in OUT already is not done again.
"""

import argparse
import json
import shlex
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from interlingua import printing
from interlingua.files import write_whole

HERE = Path(__file__).resolve().parent.parent
NLI = ("ling_in_loop.train", "semi_automatic_nli.train", "snli_counterfactual.train")
FEATURES = {"(u, v)": "u v", "|u-v|": "difference", "u*v": "product", "(u, v, |u-v|)": "u v difference", "four": "u v difference product"}


def plan(data: Path, work: Path) -> dict[str, tuple[str, str]]:
    """By name: the recipe's arguments, without output and seed, and the start it is compared with."""
    nli = " ".join(str(data / f"train/nli_en/{name}.tsv.zst") for name in NLI)
    sts = data / "eval/stsb_multi/en.train.tsv"
    watched = f"--dev-sts {data}/eval/stsb_multi/en.dev.tsv"
    start, mono = work / "masked-language" / "seed-0", data / "train/mono/en.txt.zst"
    some = work / "sentences.txt"
    runs = {
        "word vectors": (f"averaging --vectors {work}/vectors.txt", ""),
        "word vectors, idf": (f"averaging --vectors {work}/vectors.txt --weights idf --texts {some}", ""),
        "word vectors, sif": (f"averaging --vectors {work}/vectors.txt --weights sif --texts {some}", ""),
        "masked-language": (f"masked-language --texts {mono} --evaluate-every 2000", ""),
        "infersent": (f"infersent --vectors {work}/vectors.txt --nli {nli} --hidden 512 --epochs 8", ""),
        "sbert, sts alone": (f"sbert --student {start} --sts {sts} --learning-rate 2e-4 {watched}", "masked-language"),
        "sbert, nli then sts": (f"sbert --student {start} --nli {nli} --sts {sts} --learning-rate 2e-4 {watched}", "masked-language"),
        "sbert, triplets": (
            f"sbert --student {start} --triplets {data}/train/nli_en/triplets.tsv.zst --learning-rate 2e-4 {watched}",
            "masked-language",
        ),
        "simcse, unsupervised": (f"simcse --student {start} --texts {some} --learning-rate 1e-4 {watched}", "masked-language"),
        "simcse, supervised": (
            f"simcse --student {start} --pairs {data}/train/nli_en/triplets.tsv.zst --learning-rate 2e-4 {watched}",
            "masked-language",
        ),
        "cross-encoder, sts": (f"cross-encoder --start {start} --sts {sts} --learning-rate 2e-4 --epochs 8 {watched}", "masked-language"),
    }
    ablation = {
        f"sbert, nli {name}": (f"sbert --student {start} --nli {nli} --features {chosen} --learning-rate 2e-4 {watched}", "masked-language")
        for name, chosen in FEATURES.items()
    }
    return runs | ablation


def run(arguments: str, output: Path, seed: int) -> float:
    """Train one recipe unless its model is there; seconds it took."""
    began = time.monotonic()
    if not (output / "model").exists():
        resume = ["--resume"] if (output / "config.json").exists() else []
        command = ["train", *shlex.split(arguments), "--output", str(output), "--seed", str(seed), *resume]
        subprocess.run([sys.executable, "-c", "from interlingua.cli import main; main()", *command], check=True)
    return round(time.monotonic() - began)


def evaluate(task: str, model: Path, *paths: Path, options: tuple[str, ...] = ()) -> dict[str, Any]:
    command = ["evaluate", task, *map(str, paths), "--model", str(model), *options, "--json"]
    done = subprocess.run(
        [sys.executable, "-c", "from interlingua.cli import main; main()", *command], check=True, stdout=subprocess.PIPE, text=True
    )
    return json.loads(done.stdout)


def measure(name: str, model: Path, data: Path) -> dict[str, float]:
    stsb = data / "eval/stsb_multi/en.test.tsv"
    if name.startswith("cross-encoder"):
        return {"STS-B": evaluate("cross-encoder", model, stsb)["rows"][0]["spearman"]}
    sts = evaluate("sts", model, stsb, data / "eval/sick/test.tsv", data / "eval/sts12-16")
    found = {"STS-B": sts["rows"][0]["spearman"], "SICK-R": sts["rows"][1]["spearman"]}
    found["STS12-16"] = next(value for label, value in sts["averages"].items() if label.startswith("STS12-16, all"))
    transfer = evaluate("classification", model, data / "eval/cls_en", data / "eval/mrpc", options=("--folds", "5"))
    return found | {row["name"]: row["accuracy"] for row in transfer["rows"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--out", type=Path, default=HERE / "benchmarks/results/english-recipes.json")
    arguments = parser.parse_args()
    known: dict[str, Any] = json.loads(arguments.out.read_text(encoding="utf-8")) if arguments.out.exists() else {"recipes": {}}
    for name, (options, start) in plan(arguments.data, arguments.work).items():
        if arguments.only and name not in arguments.only:
            continue
        entry = known["recipes"].setdefault(name, {"arguments": options.replace(str(arguments.data), "DATA"), "start": start, "seeds": {}})
        random = not options.startswith(("averaging", "masked-language"))
        for seed in arguments.seeds if random else [0]:
            if str(seed) in entry["seeds"]:
                continue
            output = arguments.work / name.replace(" ", "-") / f"seed-{seed}"
            seconds = run(options, output, seed)
            entry["seeds"][str(seed)] = {"seconds": seconds, **measure(name, output, arguments.data)}
            print(name, seed, entry["seeds"][str(seed)], file=sys.stderr, flush=True)
            tasks = [task for task in entry["seeds"][str(seed)] if task != "seconds"]
            for task in tasks:
                values = [one[task] for one in entry["seeds"].values()]
                sd = statistics.stdev(values) if len(values) > 1 else 0.0
                entry.setdefault("summary", {})[task] = {"mean": round(statistics.fmean(values), 2), "sd": round(sd, 2)}
            known |= {"command": "python benchmarks/english_recipes.py DATA WORK", "versions": printing.versions()}
            with write_whole(arguments.out) as file:
                file.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
